// The trace of a network's loss for one example: put together from pieces that Python wrote (viz/play/pieces.py).

import { revalued } from "./replay.js";

// Names as text and in LaTeX: w[1]_2,3 and v3.
const indexed = (letter, l, j) => ({ text: `${letter}[${l}]_${j}`, latex: `${letter}^{[${l}]}_{${j}}` });
const numbered = (letter, k) => ({ text: `${letter}${k}`, latex: `${letter}_{${k}}` });
const plainly = (name) => ({ text: name, latex: name });

class Composition {
  constructor(settings, point, target) {
    this.nodes = [];
    this.forms = [];
    this.units = []; // per layer, per unit: the nodes w, b, z, a
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
      const found = node.op === null ? known[node.label.replace("[0]_0", "")] : undefined;
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
    const scope = `layer${l}/neuron${j}`;
    const w = layer.W[j - 1].map((weight, k) => this.leaf("parameter", indexed("w", l, `${j},${k + 1}`), weight, scope));
    const b = this.leaf("parameter", indexed("b", l, j), layer.b[j - 1], scope);
    const known = { QbQ: b };
    w.forEach((id, k) => (known[`Qw${k}Q`] = id));
    inputs.forEach((id, k) => (known[`Qa${k}Q`] = id));
    const weighted = pieces.weighted[inputs.length - 1];
    const z = this.add(weighted, known, { QvQ: this.sum, QzQ: indexed("z", l, j) }, scope)[weighted.root];
    if (layer.activation === "linear") return { w, b, z, a: z };
    const piece = pieces.activated[layer.activation];
    return { w, b, z, a: this.add(piece, { QzQ: z }, { QaQ: indexed("a", l, j) }, scope)[piece.root] };
  }
}

// The trace of a run's loss for an example: {record, inputs, units}, the nodes of the features, and of the units by layer.
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
  const piece = p === 0 || p === 1 ? pieces.stableLoss : pieces.loss;
  const names = { QpQ: plainly("p"), QLQ: plainly("L"), QmQ: made.sum, QsQ: made.sum };
  const root = made.add(piece, { QzQ: read[0], QyQ: made.y }, names)[piece.root];
  const { format, version } = piece;
  const record = revalued({ format, version, root, nodes: made.nodes, forms: made.forms }, new Map());
  return { record, inputs, units };
}
