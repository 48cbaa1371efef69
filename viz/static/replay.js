// One forward and one backward pass over a record with other numbers in its leaves: Trace.revalued once more.

import { OPS } from "./python.js";

export const number = (x) => (x === null ? null : Number(x)); // what is not finite is text in a record

// The value and the local derivatives of an operation at a node's flat inputs; null where nothing flows.
export function forward(op, kernel, flat) {
  const lists = OPS[op].lists;
  const size = (flat.length - lists.filter((is) => !is).length) / Math.max(1, lists.filter((is) => is).length);
  let at = 0;
  const parts = lists.map((is) => (is ? flat.slice(at, (at += size)) : flat[at++]));
  const [y, partials] = OPS[op][kernel](...parts);
  return [y, partials.flat()];
}

// The textbook's local derivatives, which rounding may have spoilt.
export function textbookPartials(op, flat) {
  return OPS[op].textbook ? forward(op, "textbook", flat)[1] : null;
}

export function revalued(record, leaves) {
  const data = [];
  const locals = [];
  const nodes = record.nodes.map((node, id) => {
    if (node.op === null) {
      data.push(leaves.has(id) ? leaves.get(id) : Number(node.data));
      locals.push([]);
    } else {
      const [y, partials] = forward(node.op, "computed", node.inputs.map((i) => data[i]));
      data.push(y);
      locals.push(partials.map((d, slot) => (record.nodes[node.inputs[slot]].kind === "constant" ? null : d)));
    }
    return { ...node, data: data[id] };
  });
  return { ...record, nodes, events: passes(nodes, locals, record.root) };
}

// The events of both passes: autograd/steps/trace.py, _events.
function passes(nodes, locals, root) {
  const events = [];
  nodes.forEach((node, id) => node.op === null && events.push({ type: "leaf", node: id }));
  nodes.forEach((node, id) => node.op !== null && events.push({ type: "forward", node: id }));
  events.push({ type: "seed", node: root, grad: 1 });
  const grads = new Map([[root, 1]]);
  for (const from of handingOn(nodes, locals, root)) {
    const upstream = grads.get(from);
    nodes[from].inputs.forEach((to, slot) => {
      if (nodes[to].kind === "constant") return;
      const local = locals[from][slot];
      const before = grads.get(to) ?? null;
      const product = local === null ? null : local * upstream;
      if (product !== null) grads.set(to, (before ?? 0) + product);
      const after = grads.get(to) ?? null;
      events.push({ type: "edge", from, to, slot, local, upstream, product, before, after });
    });
  }
  return [...events, { type: "done" }];
}

// The results that a gradient reaches, each after all of its users, in backward()'s own order.
function handingOn(nodes, locals, root) {
  const order = [];
  const found = new Set();
  const stack = [root];
  while (stack.length) {
    const id = stack.pop();
    if (id === null) {
      order.push(stack.pop());
    } else if (!found.has(id) && nodes[id].op !== null) {
      found.add(id);
      stack.push(id, null, ...nodes[id].inputs.filter((_, slot) => locals[id][slot] !== null));
    }
  }
  return order.reverse();
}
