// A multilayer perceptron and its training, layer by layer: nn.MLP and nn.fit once more, in plain numbers; tests compare the
// two. The functions and their derivatives are those of the table of operations.

import { examplesOf } from "./playground_data.js";
import { gauss, permutation, Twister } from "./playground_random.js";
import { OPS } from "./python.js";
import { forward } from "./replay.js";

const PENALTIES = { L1: ["abs", 1], L2: ["square", 1 / 2] }; // of a regulariser: what is summed over the weights, and its factor

// a = g(z) and its derivative: [a, [∂a/∂z]].
const activated = (name, z) => (name === "linear" ? [z, [1]] : OPS[name].computed(z));

class Layer {
  // `initial` says how large its weights are at the start: see viz/play/settings.py.
  constructor(nIn, nOut, activation, { distribution, sizes }, rng) {
    const size = sizes[nIn - 1][nOut - 1];
    const draw = () => (distribution === "normal" ? size * gauss(rng) : size * (2 * rng.random() - 1));
    this.activation = activation;
    this.W = Array.from({ length: nOut }, () => Array.from({ length: nIn }, draw));
    this.b = Array(nOut).fill(0);
    this.forget();
  }

  forget() {
    this.dW = this.W.map((row) => row.map(() => 0));
    this.db = this.b.map(() => 0);
  }

  // a = g(W x + b), of one example.
  forward(x) {
    this.x = x;
    this.slopes = [];
    return this.W.map((row, j) => {
      const z = row.reduce((sum, w, k) => sum + w * x[k], 0) + this.b[j];
      const [a, [slope]] = activated(this.activation, z);
      this.slopes.push(slope ?? 0); // null: nothing flows
      return a;
    });
  }

  // Given ∂L/∂a, adds this example's ∂L/∂W and ∂L/∂b, and returns ∂L/∂x: the chain rule.
  backward(da) {
    const dx = this.x.map(() => 0);
    da.forEach((upstream, j) => {
      const dz = upstream * this.slopes[j];
      this.db[j] += dz;
      this.x.forEach((x, k) => {
        this.dW[j][k] += dz * x;
        dx[k] += this.W[j][k] * dz;
      });
    });
    return dx;
  }

  // One step of gradient descent, with the mean over the examples of a batch.
  update(rate, count, term) {
    this.W.forEach((row, j) => {
      row.forEach((w, k) => (row[k] -= rate * (this.dW[j][k] / count + term(w))));
      this.b[j] -= rate * (this.db[j] / count);
    });
    this.forget();
  }
}

export class Mlp {
  constructor(nIn, { hidden, activation, seed }, initial) {
    const rng = new Twister(seed);
    const sizes = [nIn, ...hidden, 1];
    this.layers = sizes.slice(1).map((nOut, l) => {
      const name = l === hidden.length ? "linear" : activation;
      return new Layer(sizes[l], nOut, name, initial[name], rng);
    });
  }

  // The activations of each layer; the last is the output z.
  forward(x) {
    return this.layers.map((layer) => (x = layer.forward(x)));
  }

  output(x) {
    return this.forward(x).at(-1)[0];
  }

  backward(dz) {
    this.layers.reduceRight((da, layer) => layer.backward(da), [dz]);
  }
}

// Binary cross-entropy of p = σ(z), and its derivative by z: nn.bce_with_logits.
function crossEntropy(z, y) {
  const [logarithm, [slope]] = OPS.log_sigmoid.computed(y === 1 ? z : -z);
  return [-logarithm, y === 1 ? -slope : slope];
}

// What is trained on what, and how it went.
export class Run {
  constructor(settings, { features, initial }) {
    this.settings = settings;
    this.recipes = settings.features.map((name) => features[name]);
    const { train, test } = examplesOf(settings);
    this.points = { train, test };
    const prepared = ({ X, y }) => ({ X: X.map((x) => this.inputs(x)), y });
    this.train = prepared(train);
    this.test = prepared(test);
    this.model = new Mlp(settings.features.length, settings, initial);
    this.epochs = 0;
    this.isMixed = false; // whether a setting was changed on the way
    this.losses = { train: [], test: [] };
    this.note();
  }

  // Another learning rate, batch size or regulariser from now on.
  change(settings) {
    this.settings = settings;
    this.isMixed = this.epochs > 0;
  }

  // The features of a point (x1, x2).
  inputs(x) {
    return this.recipes.map((recipe) => featureOf(recipe, x));
  }

  // Each example once, in batches; shuffled anew in each epoch, if there is more than one batch.
  epoch() {
    const { train, settings } = this;
    const m = train.y.length;
    const size = Math.min(m, settings.batch);
    const all = train.y.map((_, i) => i);
    const order = size < m ? permutation(m, new Twister(`${settings.seed} ${this.epochs}`)) : all;
    for (let start = 0; start < m; start += size) this.step(order.slice(start, start + size));
    this.epochs++;
    this.note();
  }

  step(batch) {
    const { model, train, settings } = this;
    for (const i of batch) model.backward(crossEntropy(model.output(train.X[i]), train.y[i])[1]);
    for (const layer of model.layers) layer.update(settings.rate, batch.length, (w) => this.pull(w));
  }

  // The regulariser's part of ∂J/∂w.
  pull(w) {
    const { regulariser, strength } = this.settings;
    if (regulariser === "none") return 0;
    const [op, factor] = PENALTIES[regulariser];
    return (strength / this.train.y.length) * factor * (OPS[op].computed(w)[1][0] ?? 0);
  }

  // The cost J of some examples, and the share that is right.
  judged({ X, y }) {
    const outputs = X.map((x) => this.model.output(x));
    const right = outputs.filter((z, i) => z > 0 === (y[i] === 1)).length;
    return { J: outputs.reduce((sum, z, i) => sum + crossEntropy(z, y[i])[0], 0) / y.length, right: right / y.length };
  }

  note() {
    this.now = { train: this.judged(this.train), test: this.judged(this.test) };
    for (const part of ["train", "test"]) this.losses[part].push(this.now[part].J);
  }

  get isLost() {
    return !Number.isFinite(this.now.train.J);
  }
}

// A feature of a point: its record, a small graph with leaves x1 and x2, computed anew.
export function featureOf({ nodes, root }, [x1, x2]) {
  const data = [];
  for (const node of nodes) {
    if (node.op !== null) data.push(forward(node.op, "computed", node.inputs.map((i) => data[i]))[0]);
    else data.push(node.label === "x1" ? x1 : node.label === "x2" ? x2 : Number(node.data));
  }
  return data[root];
}
