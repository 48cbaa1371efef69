// The frames of a record: what a reader sees at each step. autograd/steps/frames.py once more; tests compare the two.

import { bracketed, digits, fill } from "./arithmetic.js";
import { WORDS } from "./python.js";
import { number, textbookPartials } from "./replay.js";

const TERMS = 4; // of a sum over the users of a node, written out
const LEAVES = 12; // named in the first frame

const words = (key, values) => WORDS[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

// "u = b·c = 3 × 2 = 6"; what two neighbours have in common is said once.
const chain = (...sides) => sides.filter((side, i) => i === 0 || side !== sides[i - 1]).join(" = ");

export class Frames {
  constructor(record, by, notation) {
    this.nodes = record.nodes;
    this.root = record.root;
    this.notation = notation;
    this.data = record.nodes.map((node) => Number(node.data));
    this.events = record.events.map((event) =>
      event.type === "edge"
        ? { ...event, ...Object.fromEntries(EDGE_NUMBERS.map((key) => [key, number(event[key])])) }
        : event,
    );
    this.arrivals = new Map(); // node -> the events that bring it a part of its gradient
    this.computedAt = new Map(); // result -> the event that computes it
    this.events.forEach((event, at) => {
      if (event.type === "forward") this.computedAt.set(event.node, at);
      if (event.type !== "edge" || event.product === null) return;
      if (!this.arrivals.has(event.to)) this.arrivals.set(event.to, []);
      this.arrivals.get(event.to).push(at);
    });
    this.list = this.steps(by);
  }

  // Which events make a frame: [kind, first, last].
  steps(by) {
    const leaves = this.events.filter((event) => event.type === "leaf").length;
    const steps = [["start", 0, leaves - 1]];
    for (let at = leaves; at < this.events.length - 1; at++) {
      const first = at;
      const { type, from } = this.events[at];
      if (type === "edge" && by === "op") while (this.events[at + 1].from === from) at++;
      steps.push([type === "edge" ? by : type, first, at]);
    }
    return steps;
  }

  get length() {
    return this.list.length;
  }

  // One frame; written when it is looked at, for there may be many.
  frame(index) {
    const [kind, first, last] = this.list[index];
    const frame = { kind, first, last, lines: [], notes: [], ...this[kind](first, last) };
    if (index === this.length - 1) frame.notes = [...frame.notes, ...this.unreached()];
    return frame;
  }

  // -- one frame each ------------------------------------------------------------------------------

  start() {
    const leaves = this.leaves();
    const said = leaves.slice(0, LEAVES).map((id) => `${this.name(id)} = ${digits(this.data[id])}`);
    if (leaves.length > LEAVES) said.push("…");
    return { title: "start", node: this.root, lines: [said.join(", ")], sentence: WORDS.start };
  }

  forward(at) {
    const y = this.events[at].node;
    const node = this.nodes[y];
    const numbers = fill(node.numbers, node.inputs.map((id) => this.data[id]));
    const lines = [chain(node.name, node.formula, numbers, digits(this.data[y]))];
    if (node.definition) lines.push(`${node.formula} = ${node.definition}`);
    return { title: `forward: ${node.name}`, node: y, lines, sentence: words("forward", { y: node.name }) };
  }

  seed() {
    const sentence = words("seed", { J: this.name(this.root) });
    return { title: "seed", node: this.root, lines: [`${this.gradient(this.root)} = 1`], sentence };
  }

  edge(at) {
    const event = this.events[at];
    const names = this.names(event);
    const title = `backward: ${names.y} → ${names.x}`;
    const notes = [
      ...this.order(at),
      ...this.twice(event),
      ...this.digits(event),
      ...this.progress(at),
      ...this.dz(at),
    ];
    const local = words("local", names);
    if (event.product === null) {
      return { title, node: event.to, lines: [local], sentence: words("cut", names), notes };
    }
    const lines = [this.rule(at), local, product(event), ...this.update(at)];
    const sentence = words(event.from === this.root ? "last edge" : "edge", names);
    return { title, node: event.to, lines, sentence, notes };
  }

  op(first, last) {
    const y = this.events[first].from;
    const name = this.name(y);
    const lines = [];
    const notes = this.order(first);
    for (let at = first; at <= last; at++) {
      const event = this.events[at];
      if (event.product === null) lines.push(words("local", this.names(event)));
      else lines.push(`${this.gradient(event.to)}: ${product(event)}`, ...this.update(at).slice(1));
      notes.push(...this.twice(event), ...this.digits(event), ...this.progress(at), ...this.dz(at));
    }
    return { title: `backward: ${name}`, node: y, lines, sentence: words("op", { y: name }), notes };
  }

  // -- names ---------------------------------------------------------------------------------------

  leaves() {
    return this.nodes.flatMap((node, id) => (node.op === null && node.kind !== "constant" ? [id] : []));
  }

  name(id) {
    return this.nodes[id].name;
  }

  gradient(id) {
    return words(`gradient ${this.notation}`, { x: this.name(id), J: this.name(this.root) });
  }

  // The operand of an edge; with its number where it stands in the operation more than once.
  place({ from, to, slot }) {
    const inputs = this.nodes[from].inputs;
    if (uses(inputs, to) === 1) return this.name(to);
    const subscript = [...String(uses(inputs.slice(0, slot + 1), to))].map((d) => "₀₁₂₃₄₅₆₇₈₉"[d]);
    return this.name(to) + subscript.join("");
  }

  // What the sentences of an edge speak of.
  names(event) {
    const y = this.nodes[event.from];
    const [text, numbers] = y.partials[event.slot];
    const partial = [text];
    if (numbers && !this.digits(event).length) {
      partial.push(fill(numbers, { ...y.inputs.map((id) => this.data[id]), y: this.data[event.from] }));
    }
    return {
      x: this.name(event.to),
      y: y.name,
      J: this.name(this.root),
      formula: y.formula,
      place: this.place(event),
      partial: chain(...partial, digits(event.local ?? 0)),
      local: bracketed(event.local ?? 0),
      upstream: bracketed(event.upstream),
      product: bracketed(event.product ?? 0),
    };
  }

  // -- lines ---------------------------------------------------------------------------------------

  rule(at) {
    const { to } = this.events[at];
    const arrivals = this.arrivals.get(to);
    const terms = arrivals.length <= TERMS ? arrivals.map((i) => this.term(i)) : ["…", this.term(at), "…"];
    return `${this.gradient(to)} = ${terms.join(" + ")}`;
  }

  term(at) {
    const event = this.events[at];
    const names = { J: this.name(this.root), y: this.name(event.from), place: this.place(event) };
    return words(`term ${this.notation}`, names);
  }

  update(at) {
    const { to, before, product, after } = this.events[at];
    const name = this.name(to);
    const lines = [`${name}.grad: ${digits(before ?? 0)} + ${bracketed(product)} → ${digits(after)}`];
    const soFar = this.arrivals.get(to).filter((i) => i <= at);
    if (soFar.length > 1 && soFar.length <= TERMS) {
      const parts = soFar.map((i) => `${bracketed(this.events[i].product)} (via ${this.name(this.events[i].from)})`);
      lines.push(`${name}.grad = ${parts.join(" + ")} = ${digits(after)}`);
    }
    return lines;
  }

  // -- notes ---------------------------------------------------------------------------------------

  progress(at) {
    const { to, product } = this.events[at];
    const arrivals = this.arrivals.get(to) ?? [];
    if (product === null || arrivals.length < 2) return [];
    const arrived = arrivals.indexOf(at) + 1;
    const key = arrived === arrivals.length ? "complete" : "arrived";
    return [words(key, { x: this.name(to), arrived, expected: arrivals.length })];
  }

  order(at) {
    const y = this.events[at].from;
    const arrivals = this.arrivals.get(y) ?? [];
    if (arrivals.length < 2 || this.events[at - 1].from === y) return [];
    let users = [...new Set(arrivals.map((i) => this.name(this.events[i].from)))];
    if (users.length > TERMS) users = [...users.slice(0, TERMS - 1), `${users.length - TERMS + 1} more`];
    return [words("order", { y: this.name(y), users: users.join(", ") })];
  }

  twice({ from, to }) {
    if (uses(this.nodes[from].inputs, to) === 1) return [];
    return [words("twice", { x: this.name(to), y: this.name(from) })];
  }

  digits({ from, slot, local }) {
    const node = this.nodes[from];
    const partials = local === null ? null : textbookPartials(node.op, node.inputs.map((id) => this.data[id]));
    if (partials === null) return [];
    const textbook = partials[slot] ?? 0;
    if (Math.abs(textbook - local) <= 1e-3 * Math.abs(local) || (Number.isNaN(textbook) && Number.isNaN(local))) return [];
    return [words("digits", { textbook: digits(textbook) })];
  }

  dz(at) {
    const { to, after } = this.events[at];
    const { residual } = this.nodes[to];
    if (!residual || at !== (this.arrivals.get(to) ?? []).at(-1)) return [];
    const [a, y, share] = residual;
    const expected = (this.data[a] - this.data[y]) / share;
    if (!(Math.abs(after - expected) <= 1e-3 * Math.abs(expected))) return [];
    let numbers = `${digits(this.data[a])} − ${bracketed(this.data[y])}`;
    let names = `${this.name(a)} − ${this.name(y)}`;
    if (share !== 1) [names, numbers] = [`(${names})/${share}`, `(${numbers})/${share}`];
    return [words("dz", { gradient: this.gradient(to), names, numbers, after: digits(after) })];
  }

  unreached() {
    const names = this.leaves()
      .filter((id) => !this.arrivals.has(id) && id !== this.root)
      .map((id) => this.name(id));
    if (!names.length) return [];
    const listed = names.slice(0, LEAVES).join(", ") + (names.length > LEAVES ? ", …" : "");
    return [words("unreached", { names: listed, J: this.name(this.root) })];
  }

  // -- the state after an event ----------------------------------------------------------------------

  isKnown(id, last) {
    return this.nodes[id].op === null || this.computedAt.get(id) <= last;
  }

  // The gradient of a node after event `last`: null if none has arrived; how many of how many have.
  gradientAt(id, last) {
    const arrivals = this.arrivals.get(id) ?? [];
    if (id === this.root) {
      const seeded = this.events[last].type === "edge" || this.events[last].type === "seed";
      return { value: seeded ? 1 : null, arrived: Number(seeded), expected: 1 };
    }
    let arrived = 0;
    while (arrived < arrivals.length && arrivals[arrived] <= last) arrived++;
    const value = arrived ? this.events[arrivals[arrived - 1]].after : null;
    return { value, arrived, expected: arrivals.length };
  }
}

const EDGE_NUMBERS = ["local", "upstream", "product", "before", "after"];

const uses = (inputs, id) => inputs.filter((input) => input === id).length;

const product = ({ upstream, local, product }) => `${digits(upstream)} × ${bracketed(local)} = ${digits(product)}`;
