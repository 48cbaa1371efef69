// The trace of a network's loss for one example: put together from pieces that Python wrote (viz/play/pieces.py).

import { revalued } from "./replay.js";

// Names as text and in LaTeX: w[1]_2,3 and v3.
const indexed = (letter, l, j) => ({ text: `${letter}[${l}]_${j}`, latex: `${letter}^{[${l}]}_{${j}}` });
const numbered = (letter, k) => ({ text: `${letter}${k}`, latex: `${letter}_{${k}}` });
const plainly = (name) => ({ text: name, latex: name });

// A mark may have room for indices.
const markOf = (label) => label.replace("[0]_0", "");

class Composition {
  constructor(settings, point, target) {
    this.nodes = [];
    this.forms = [];
    this.sums = 0; // that are called v1, v2, ...
    this.leaves = {};
    ["x1", "x2"].forEach((name, k) => {
      const isRead = settings.features.some((feature) => feature.includes(name));
      if (isRead) this.leaves[name] = this.leaf("input", numbered("x", k + 1), point[k]);
    });
    this.y = this.leaf("input", plainly("y"), target);
  }

  leaf(kind, { text, latex }, data, scope = "") {
    this.nodes.push({ kind, op: null, inputs: [], data, label: text, name: text, latex, scope });
    return this.nodes.length - 1;
  }

  get sum() {
    this.sums++;
    return numbered("v", this.sums);
  }

  // Adds a piece: `known` are the nodes that its leaves stand for, `names` the names of its results. Returns where its nodes are.
  add(piece, known, names, scope = "") {
    const first = this.forms.length;
    const called = { ...names };
    for (const [mark, id] of Object.entries(known)) called[mark] = { text: this.nodes[id].name, latex: this.nodes[id].latex };
    const text = (words) => words.replace(/(Q\w+?Q)(\[0\]_0)?/g, (_, mark) => called[mark].text);
    const latex = (words) => words.replace(/\\mathrm\{(Q\w+?Q)\}(\^\{\[0\]\}_\{0\})?/g, (_, mark) => called[mark].latex);
    const places = [];
    for (const node of piece.nodes) {
      const found = node.op === null ? known[markOf(node.label)] : undefined;
      places.push(found ?? this.nodes.length);
      if (found !== undefined) continue;
      const inputs = node.inputs.map((i) => places[i]);
      const copy = { ...node, inputs, label: text(node.label), name: text(node.name), latex: latex(node.latex), scope };
      if (node.op !== null) {
        copy.form = first + node.form;
        copy.formula = text(node.formula);
        copy.definition = text(node.definition);
        copy.partials = node.partials.map((partial) => partial && [text(partial[0]), partial[1]]);
      }
      this.nodes.push(copy);
    }
    this.forms.push(...piece.forms);
    piece.nodes.forEach(({ residual }, i) => {
      if (residual) this.nodes[places[i]].residual = [places[residual[0]], places[residual[1]], residual[2]];
    });
    return places;
  }

  feature(piece, k) {
    const places = this.add(piece, this.leaves, { QfQ: indexed("a", 0, k + 1) });
    return places[piece.root];
  }

  // Unit j of layer l, which reads the nodes `inputs`.
  unit(layer, l, j, inputs, pieces) {
    const scope = `neuron ${j} of layer ${l}`;
    const w = layer.W[j - 1].map((weight, k) => this.leaf("parameter", indexed("w", l, `${j},${k + 1}`), weight, scope));
    const b = this.leaf("parameter", indexed("b", l, j), layer.b[j - 1], scope);
    const known = { QbQ: b };
    const letters = "abcdefghijklmnopqrstuvwxyz"; // of marks, which count by them
    w.forEach((id, k) => (known[`Qw${letters[k]}Q`] = id));
    inputs.forEach((id, k) => (known[`Qa${letters[k]}Q`] = id));
    const weighted = pieces.weighted[inputs.length - 1];
    const places = this.add(weighted, known, { QvQ: this.sum, QzQ: indexed("z", l, j) }, scope);
    const z = places[weighted.root];
    const { activation } = layer;
    const marks = { ...known, QvQ: places[weighted.nodes.findIndex(({ label }) => markOf(label) === "QvQ")], QzQ: z };
    if (activation === "linear") return { w, b, z, a: z, activation, marks };
    const piece = pieces.activated[activation];
    const a = this.add(piece, { QzQ: z }, { QaQ: indexed("a", l, j) }, scope)[piece.root];
    return { w, b, z, a, activation, marks: { ...marks, QaQ: a } };
  }
}

// The trace of a run's loss for an example: {record, inputs, units, loss}. `inputs` are the nodes of the features; `units` by
// layer the nodes of each unit, also by their marks; `loss` those of the loss, by place in the piece of this name and by mark.
export function traceOf(run, point, target, pieces) {
  const { settings, model } = run;
  const made = new Composition(settings, point, target);
  const inputs = settings.features.map((name, k) => made.feature(pieces.features[name], k));
  let read = inputs;
  const units = model.layers.map((layer, i) => {
    const ofLayer = layer.W.map((_, j) => made.unit(layer, i + 1, j + 1, read, pieces));
    read = ofLayer.map(({ a }) => a);
    return ofLayer;
  });
  const p = 1 / (1 + Math.exp(-model.output(run.inputs(point))));
  const name = p === 0 || p === 1 ? "stableLoss" : "loss";
  const piece = pieces[name];
  const names = { QpQ: plainly("p"), QLQ: plainly("L"), QmQ: made.sum, QsQ: made.sum };
  const known = { QzQ: read[0], QyQ: made.y };
  const places = made.add(piece, known, names, "loss");
  const root = places[piece.root];
  const marks = { ...known };
  piece.nodes.forEach(({ label }, i) => markOf(label) in names && (marks[markOf(label)] = places[i]));
  const { format, version } = piece;
  const record = revalued({ format, version, root, nodes: made.nodes, forms: made.forms }, new Map());
  return { record, inputs, units, loss: { name, places, marks } };
}
