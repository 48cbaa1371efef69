// The frames of a record: what a reader sees at each step. autograd/steps/frames.py once more; tests compare the two.

import { LatexPen, Pen } from "./pens.js";
import { forward, number, textbookPartials } from "./replay.js";

const TERMS = 4; // of a sum over the users of a node, written out
const LEAVES = 12; // named in the first frame

export class Frames {
  constructor(record, by, notation) {
    this.nodes = record.nodes;
    this.root = record.root;
    this.notation = notation;
    this.pens = { text: new Pen(record), latex: new LatexPen(record) };
    this.pen = this.pens.text; // what writes the frame that is asked for
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
      if (type === "edge") while (this.events[at + 1].from === from && (by === "op" || this.joins(at + 1))) at++;
      steps.push([type === "edge" ? by : type, first, at]);
    }
    return steps;
  }

  // Whether an edge that is cut off belongs to the step of the one before it: of the same node, cut off as well.
  joins(at) {
    const [before, event] = [this.events[at - 1], this.events[at]];
    const areCut = before.type === "edge" && before.product === null && event.product === null;
    return event.type === "edge" && areCut && event.from === before.from;
  }

  get length() {
    return this.list.length;
  }

  // One frame, as text or in LaTeX; written when it is looked at, for there may be many.
  frame(index, form = "text") {
    this.pen = this.pens[form];
    const [kind, first, last] = this.list[index];
    const frame = { kind, first, last, lines: [], notes: [], ...this[kind](first, last) };
    if (index === this.length - 1) frame.notes = [...frame.notes, ...this.unreached()];
    return frame;
  }

  // What is written with a pen.
  with(pen, write) {
    this.pen = pen;
    return write();
  }

  // -- one frame each ------------------------------------------------------------------------------

  start() {
    const { pen } = this;
    const leaves = this.leaves();
    const said = leaves.slice(0, LEAVES).map((id) => pen.equal(pen.name(id), pen.number(this.data[id])));
    if (leaves.length > LEAVES) said.push(pen.line("dots"));
    return { title: pen.say("title start"), node: this.root, lines: [said.join(pen.line("comma"))], sentence: pen.say("start") };
  }

  forward(at) {
    const { pen } = this;
    const y = this.events[at].node;
    const [name, formula, definition] = [pen.name(y), pen.formula(y), pen.formula(y, "definition")];
    const numbers = pen.fill(pen.numbers(y), this.values(y));
    const lines = [pen.equal(name, formula, numbers, pen.number(this.data[y]))];
    if (definition) lines.push(pen.equal(formula, definition));
    return { title: pen.say("title forward", { y: name }), node: y, lines, sentence: pen.say("forward", { y: name }) };
  }

  seed() {
    const { pen, root } = this;
    const sentence = pen.say("seed", { J: pen.name(root) });
    return { title: pen.say("title seed"), node: root, lines: [pen.equal(this.gradient(root), "1")], sentence };
  }

  edge(at, last) {
    const { pen } = this;
    const events = this.events.slice(at, last + 1);
    const [{ from, to, product }] = events;
    const title = pen.say("title edge", { x: pen.name(to), y: pen.name(from) });
    const notes = [...this.order(at), ...events.flatMap((_, i) => this.about(at + i))];
    if (product === null) {
      const names = [...new Set(events.map((event) => pen.name(event.to)))];
      const sentence = pen.say(names.length === 1 ? "cut" : "cuts", { y: pen.name(from), names });
      return { title, node: to, lines: events.map((event) => this.local(event)), sentence, notes };
    }
    const lines = [this.rule(at), this.local(events[0]), this.product(events[0]), ...this.update(at)];
    return { title, node: to, lines, sentence: this.change(events[0]), notes };
  }

  op(first, last) {
    const { pen } = this;
    const y = this.events[first].from;
    const lines = [];
    const notes = this.order(first);
    for (let at = first; at <= last; at++) {
      const event = this.events[at];
      lines.push(this.local(event));
      if (event.product !== null) {
        const both = [this.rule(at), this.product(event)];
        const isWhole = this.arrivals.get(event.to).length === 1;
        lines.push(...(isWhole ? [pen.equal(...both)] : [...both, ...this.update(at).slice(1)]));
      }
      notes.push(...this.about(at));
    }
    const name = pen.name(y);
    return { title: pen.say("title op", { y: name }), node: y, lines, sentence: pen.say("op", { y: name }), notes };
  }

  // What is to be said of an edge.
  about(at) {
    const event = this.events[at];
    return [...this.twice(event), ...this.softmax(event), ...this.digits(event), ...this.progress(at), ...this.dz(at)];
  }

  // -- names ---------------------------------------------------------------------------------------

  leaves() {
    return this.nodes.flatMap((node, id) => (node.op === null && node.kind !== "constant" ? [id] : []));
  }

  name(id) {
    return this.nodes[id].name;
  }

  gradient(id) {
    return this.pen.line(`gradient ${this.notation}`, { x: this.pen.atom(id), J: this.pen.atom(this.root) });
  }

  // The operand of an edge; with its number where it stands in the operation more than once.
  place({ from, to, slot }) {
    const { inputs } = this.nodes[from];
    const x = this.pen.atom(to);
    if (uses(inputs, to) === 1) return x;
    return this.pen.line("place", { x, subscript: this.pen.subscript(uses(inputs.slice(0, slot + 1), to)) });
  }

  // The numbers of a node's templates.
  values(y) {
    return { ...this.nodes[y].inputs.map((id) => this.data[id]), y: this.data[y] };
  }

  // -- lines ---------------------------------------------------------------------------------------

  // "u = b·c  ⇒  ∂u/∂b = c = 2"; of a node that is called by its formula only what follows.
  local(event) {
    const { pen } = this;
    const y = event.from;
    const [text, template] = pen.partial(event);
    const sides = [pen.line("local", { y: pen.atom(y), place: this.place(event) }), text];
    if (template && !this.digits(event).length) {
      sides.push(pen.fill(template, { ...this.values(y), ...this.probability(event) }));
    }
    const derivative = pen.equal(...sides, pen.number(event.local));
    const [name, formula] = [pen.name(y), pen.formula(y)];
    return name === formula ? derivative : pen.line("implies", { a: pen.equal(name, formula), b: derivative });
  }

  // The softmax at the operand of an edge, where its rule speaks of it.
  probability(event) {
    if (!this.isOfSoftmax(event)) return {};
    const xs = this.nodes[event.from].inputs.slice(0, -1).map((id) => this.data[id]);
    return { p: forward("softmax", "computed", [...xs, event.slot])[0] };
  }

  isOfSoftmax({ from, slot }) {
    return this.nodes[from].partials[slot][1].includes("{p}");
  }

  product({ upstream, local, product }) {
    const { pen } = this;
    const numbers = { upstream: pen.number(upstream), local: pen.bracketed(local), product: pen.number(product) };
    return pen.line("product", numbers);
  }

  // The chain rule for the node that this edge leads to: a sum over all of its users.
  rule(at) {
    const { to } = this.events[at];
    const arrivals = this.arrivals.get(to);
    const dots = this.pen.line("dots");
    const terms = arrivals.length <= TERMS ? arrivals.map((i) => this.term(i)) : [dots, this.term(at), dots];
    return this.pen.equal(this.gradient(to), terms.join(this.pen.line("plus")));
  }

  term(at) {
    const event = this.events[at];
    const names = { J: this.pen.atom(this.root), y: this.pen.atom(event.from), place: this.place(event) };
    return this.pen.line(`term ${this.notation}`, names);
  }

  update(at) {
    const { pen } = this;
    const event = this.events[at];
    const [x, after] = [pen.atom(event.to), pen.number(event.after)];
    const [before, product] = [pen.number(event.before), pen.bracketed(event.product)];
    const lines = [pen.line("update", { x, before, product, after })];
    const soFar = this.arrivals.get(event.to).filter((i) => i <= at);
    if (soFar.length > 1 && soFar.length <= TERMS) {
      const arrived = soFar.map((i) => this.events[i]);
      const parts = arrived.map((e) => pen.line("via", { product: pen.bracketed(e.product), y: pen.name(e.from) }));
      lines.push(pen.line("total", { x, sum: parts.join(pen.line("plus")), after }));
    }
    return lines;
  }

  // What a small change of the operand comes to.
  change(event) {
    const { pen } = this;
    const numbers = Object.fromEntries(["local", "upstream", "product"].map((key) => [key, pen.bracketed(event[key])]));
    const names = { x: pen.name(event.to), y: pen.name(event.from), J: pen.name(this.root) };
    return pen.say(event.from === this.root ? "last edge" : "edge", { ...numbers, ...names });
  }

  // -- notes ---------------------------------------------------------------------------------------

  progress(at) {
    const { to, product } = this.events[at];
    const arrivals = this.arrivals.get(to) ?? [];
    if (product === null || arrivals.length < 2) return [];
    const arrived = arrivals.indexOf(at) + 1;
    const key = arrived === arrivals.length ? "complete" : "arrived";
    return [this.pen.say(key, { x: this.pen.name(to), arrived, expected: arrivals.length })];
  }

  order(at) {
    const y = this.events[at].from;
    const arrivals = this.arrivals.get(y) ?? [];
    if (arrivals.length < 2 || this.events[at - 1].from === y) return [];
    let users = [...new Set(arrivals.map((i) => this.pen.name(this.events[i].from)))];
    if (users.length > TERMS) users = [...users.slice(0, TERMS - 1), users.length - TERMS + 1];
    return [this.pen.say("order", { y: this.pen.name(y), users })];
  }

  twice({ from, to }) {
    if (uses(this.nodes[from].inputs, to) === 1) return [];
    return [this.pen.say("twice", { x: this.pen.name(to), y: this.pen.name(from) })];
  }

  // What the letters of the softmax's rule are.
  softmax(event) {
    if (!this.isOfSoftmax(event)) return [];
    return [this.pen.say("softmax", { p: this.pen.line("p"), delta: this.pen.line("delta") })];
  }

  digits({ from, slot, local }) {
    const node = this.nodes[from];
    const partials = local === null ? null : textbookPartials(node.op, node.inputs.map((id) => this.data[id]));
    if (partials === null) return [];
    const textbook = partials[slot] ?? 0;
    if (Math.abs(textbook - local) <= 1e-3 * Math.abs(local) || (Number.isNaN(textbook) && Number.isNaN(local))) return [];
    return [this.pen.say("digits", { textbook: this.pen.number(textbook) })];
  }

  dz(at) {
    const { pen } = this;
    const { to, after } = this.events[at];
    const { residual } = this.nodes[to];
    if (!residual || at !== (this.arrivals.get(to) ?? []).at(-1)) return [];
    const [a, y, m] = residual;
    const expected = (this.data[a] - this.data[y]) / m;
    if (!(Math.abs(after - expected) <= 1e-3 * Math.abs(expected))) return [];
    let sides = [
      pen.line("minus", { a: pen.name(a), b: pen.name(y) }),
      pen.line("minus", { a: pen.number(this.data[a]), b: pen.bracketed(this.data[y]) }),
    ];
    if (m !== 1) sides = sides.map((difference) => pen.line("share", { a: difference, m }));
    return [pen.say("dz", { equation: pen.equal(this.gradient(to), ...sides, pen.number(after)) })];
  }

  unreached() {
    const names = this.leaves()
      .filter((id) => !this.arrivals.has(id) && id !== this.root)
      .map((id) => this.pen.name(id));
    if (!names.length) return [];
    const listed = names.length > LEAVES ? [...names.slice(0, LEAVES), this.pen.line("dots")] : names;
    return [this.pen.say("unreached", { names: listed, J: this.pen.name(this.root) })];
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
