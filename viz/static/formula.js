// A formula steps without Python: its text and the numbers of its leaves become the record that Python writes for
// trace(parse(text, **leaves)) (autograd/steps/trace.py).

import { atomOf } from "./called.js";
import { graphOf } from "./formula_graph.js";
import { Phrases, calledNodes, operandsOf } from "./formula_phrases.js";
import { revalued } from "./replay.js";

const FORMAT = "chainrule-trace";
const VERSION = 2;
const POINTS = 3; // at which a gradient is compared with a residual

// The record of the trace. Throws Unreadable for what only Python reads, and for what is wrong.
export function recordOf(text, leaves) {
  const nodes = graphOf(text, leaves);
  const root = nodes.at(-1);
  const ids = new Map(nodes.map((node, id) => [node, id]));
  const phrases = new Phrases();
  const names = calledNodes(nodes, root, phrases);
  const records = nodes.map((node) => nodeRecord(node, ids, names, phrases));
  const bare = { format: FORMAT, version: VERSION, root: ids.get(root), nodes: records, forms: phrases.latex };
  for (const [z, residual] of residualsOf(bare)) records[z].residual = residual;
  const record = revalued(bare, new Map());
  return { ...record, nodes: record.nodes.map((node) => ({ ...node, data: plainNumber(node.data) })), events: record.events.map((event) => withRule(event, records)) };
}

function nodeRecord(node, ids, names, phrases) {
  const { text, latex, isCompound } = names.get(node);
  return {
    kind: node.kind,
    op: node.op,
    inputs: node.inputs.map((input) => ids.get(input)),
    data: node.data,
    label: node.label,
    name: text,
    latex,
    scope: "",
    ...(isCompound ? { compound: true } : {}),
    ...(node.op === null ? {} : phrases.written(node.op, names.get(node), operandsOf(node, names))),
  };
}

// A number as JSON has it.
const plainNumber = (x) => (x === null || Number.isFinite(x) ? x : String(x));

// The events as Python writes them, also in the order of their parts: the page compares both as text.
function withRule(event, nodes) {
  if (event.type !== "edge") return event;
  const { type, from, to, slot } = event;
  const rule = `∂${atomOf(nodes[from])}/∂${atomOf(nodes[to])} = ${nodes[from].partials[slot][0]}`;
  const [local, upstream, product, before, after] = ["local", "upstream", "product", "before", "after"].map((word) => plainNumber(event[word]));
  return { type, from, to, slot, rule, local, upstream, product, before, after };
}

// Where a gradient is a residual, (a − y)/m: [z, [a, y, m]], found by its numbers (autograd/steps/residual.py).
function residualsOf(record) {
  const { nodes } = record;
  const sigmoids = new Map(nodes.flatMap(({ op, inputs }, a) => (op === "sigmoid" ? [[inputs[0], a]] : [])));
  if (!sigmoids.size) return [];
  const targets = nodes.flatMap(({ kind }, id) => (kind === "input" || kind === "constant" ? [id] : []));
  const points = Array.from({ length: POINTS }, (_, k) => passAt(record, k));
  return [...sigmoids].flatMap(([z, a]) => {
    for (const y of targets) {
      const differences = points.map(({ data }) => data[a] - data[y]);
      const gradients = points.map(({ grads }) => grads.get(z) ?? NaN);
      const share = gradients[0] && Number.isFinite(gradients[0]) ? Math.round(differences[0] / gradients[0]) : 0;
      if (share >= 1 && differences.every((d, k) => isClose(d, gradients[k] * share))) return [[z, [a, y, share]]];
    }
    return [];
  });
}

const isClose = (x, y) => x === y || Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y));

// The numbers of all nodes at a point between 0.1 and 0.9, the same each time; and the gradients.
function passAt(record, k) {
  const between = (id) => 0.1 + 0.8 * ((((id + 1) * 0.6180339887498949 + (k + 1) * 0.7548776662466927) % 1));
  const leaves = record.nodes.flatMap(({ kind }, id) => (kind === "input" || kind === "parameter" ? [[id, between(id)]] : []));
  const { nodes, events } = revalued(record, new Map(leaves));
  const grads = new Map([[record.root, 1]]);
  for (const event of events) if (event.type === "edge" && event.after !== null) grads.set(event.to, event.after);
  return { data: nodes.map(({ data }) => data), grads };
}
