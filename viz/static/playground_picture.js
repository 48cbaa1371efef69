// The pictures of a playground: the network with a map in each unit, the output with the examples, the losses.

import { digits } from "./arithmetic.js";
import { element, pressable, svgElement } from "./elements.js";
import { toPixels } from "./playground_map.js";
import { COLOURS } from "./python.js";

const SIDE = 640; // pixels of the output's picture
const NEAR = 12; // pixels around a line that is hit
const SHOWN = 400; // epochs of a curve; of more every second, fourth, ... is drawn

// Places in the network are in percent of its width and height.
const columnAt = (l, count) => 9 + (l * 84) / count;
const rowAt = (j, count) => 14 + ((j + 0.5) * 84) / Math.max(count, 5) + (42 * Math.max(0, 5 - count)) / 5;

// A weight or a bias as text.
const told = (name, value) => `${name} = ${digits(value)}`;

export class NetworkPicture {
  // `onWeight(l, j, k)` opens the steps of a weight, of the bias where k is null; `onFeature(name)` takes or drops a feature;
  // `onNeurons(l, by)` adds to a hidden layer, or takes away; `onLook(unit)` is told [l, j] of a unit that is looked at, or null.
  constructor({ onWeight, onFeature, onNeurons, onLook }) {
    Object.assign(this, { onWeight, onFeature, onNeurons, onLook });
    this.svg = svgElement("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-label": "weights", role: "group" });
    this.units = element("div", { class: "units" });
    this.root = element("div", { class: "network", role: "group", "aria-label": "network" }, this.svg, this.units);
  }

  // Boxes and lines for a network's layers.
  build(run, names, most) {
    const { layers } = run.model;
    this.run = run;
    this.lines = [];
    this.canvases = [];
    this.biases = [];
    this.features = new Map();
    this.svg.replaceChildren();
    this.units.replaceChildren(element("span", { class: "caption", style: "left: 9%; top: 1%" }, "features"));
    names.forEach((name, k) => this.units.append(this.feature(name, [columnAt(0, layers.length), rowAt(k, names.length)])));
    const chosen = names.flatMap((name, k) => (run.settings.features.includes(name) ? [rowAt(k, names.length)] : []));
    let before = chosen.map((y) => [columnAt(0, layers.length), y]);
    layers.forEach((layer, l) => {
      const places = layer.b.map((_, j) => [columnAt(l + 1, layers.length), rowAt(j, layer.b.length)]);
      this.canvases.push(places.map((place, j) => this.unit(layer, l, j, place)));
      for (const [j, to] of places.entries()) before.forEach((from, k) => this.line(l, j, k, from, to));
      if (l + 1 < layers.length) this.units.append(this.counter(l, layer.b.length, most, places[0][0]));
      else this.units.append(element("span", { class: "caption", style: `left: ${places[0][0]}%; top: 1%` }, "output"));
      before = places;
    });
  }

  feature(name, [x, y]) {
    const canvas = element("canvas");
    const isOn = this.run.settings.features.includes(name);
    const act = () => this.onFeature(name);
    this.features.set(name, canvas);
    const attributes = { type: "button", class: "unit feature", "aria-pressed": String(isOn), "data-feature": name, "aria-label": `feature ${written(name)}`, style: placed(x, y), onclick: act };
    return element("button", attributes, canvas, element("span", { class: "name" }, written(name)));
  }

  unit({ b }, l, j, [x, y]) {
    const canvas = element("canvas");
    const act = () => this.onWeight(l, j, null);
    const bias = element("button", { type: "button", class: "bias", onclick: act });
    this.biases.push({ bias, name: `b[${l + 1}]_${j + 1}`, read: () => b[j] });
    const [look, leave] = [() => this.onLook([l, j]), () => this.onLook(null)];
    const name = `a[${l + 1}]_${j + 1}`;
    const attributes = { class: "unit", style: placed(x, y), title: name, onpointerenter: look, onpointerleave: leave, onfocusin: look, onfocusout: leave };
    this.units.append(element("div", attributes, canvas, bias));
    return canvas;
  }

  line(l, j, k, [x1, y1], [x2, y2]) {
    const middle = (x1 + x2) / 2;
    const d = `M${x1},${y1} C${middle},${y1} ${middle},${y2} ${x2},${y2}`;
    const path = svgElement("path", { d, fill: "none", "vector-effect": "non-scaling-stroke" });
    const near = svgElement("path", { d, fill: "none", stroke: "transparent", "stroke-width": NEAR, "vector-effect": "non-scaling-stroke" });
    const title = svgElement("title", {});
    const group = svgElement("g", { class: "weight", tabindex: 0 });
    group.append(title, path, near);
    pressable(group, () => this.onWeight(l, j, k));
    this.svg.append(group);
    this.lines.push({ path, title, group, name: `w[${l + 1}]_${j + 1},${k + 1}`, read: () => this.run.model.layers[l].W[j][k] });
  }

  counter(l, count, most, x) {
    const change = (by) => () => this.onNeurons(l, by);
    const fewer = element("button", { type: "button", "aria-label": `a neuron less in layer ${l + 1}`, onclick: change(-1), disabled: count === 1 }, "−");
    const more = element("button", { type: "button", "aria-label": `a neuron more in layer ${l + 1}`, onclick: change(1), disabled: count === most }, "+");
    return element("span", { class: "caption", style: `left: ${x}%; top: 1%` }, fewer, ` ${count} `, more);
  }

  // While it is trained, fast, no words are written: they are there when it pauses.
  show(maps, isPlaying) {
    if (this.painted !== maps.palette) for (const [name, canvas] of this.features) maps.paintFeature(canvas, name);
    this.painted = maps.palette; // the features stay what they are
    this.canvases.forEach((layer, l) => {
      const isOutput = l === this.canvases.length - 1;
      layer.forEach((canvas, j) => (isOutput ? maps.paintOutput(canvas, 2) : maps.paintUnit(canvas, l, j, 2)));
    });
    for (const { path, title, group, name, read } of this.lines) {
      const w = read();
      path.setAttribute("stroke", colourOf(w));
      path.setAttribute("stroke-width", widthOf(w));
      path.setAttribute("stroke-dasharray", w < 0 ? "6 4" : "none");
      if (isPlaying) continue;
      title.textContent = told(name, w);
      group.setAttribute("aria-label", told(name, w));
    }
    for (const { bias, name, read } of this.biases) {
      const b = read();
      bias.classList.toggle("negative", b < 0);
      bias.classList.toggle("positive", b > 0);
      if (isPlaying) continue;
      bias.title = told(name, b);
      bias.setAttribute("aria-label", told(name, b));
    }
  }
}

// x1^2 as x₁².
const written = (name) => name.replace("1", "₁").replace("x2", "x₂").replace("^2", "²").replace("pi*", "π").replace("*", "·");

const placed = (x, y) => `left: ${x}%; top: ${y}%`;
const widthOf = (x) => (Number.isFinite(x) ? Math.min(9, 0.6 + 2.2 * Math.abs(x)).toFixed(2) : 0);
const colourOf = (x) => (x > 0 ? COLOURS.positive : x < 0 ? COLOURS.negative : COLOURS.neutral);

// The output with its boundary and the examples: orange dots are of class 0, blue squares of class 1; hollow: for the test.
export class OutputPicture {
  // `onExample(i)` chooses a training example.
  constructor(onExample) {
    this.map = element("canvas", { "aria-hidden": "true" });
    this.line = svgElement("path", { fill: "none" });
    this.boundary = svgElement("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true" });
    this.boundary.append(this.line);
    this.marks = element("canvas", { width: SIDE, height: SIDE, role: "img" });
    this.marks.addEventListener("click", ({ offsetX, offsetY }) => onExample(this.nearest(offsetX, offsetY)));
    this.name = element("output", { class: "shown" });
    this.root = element("div", { class: "output" }, this.map, this.boundary, this.marks, this.name);
  }

  nearest(x, y) {
    const side = this.marks.clientWidth;
    const distances = this.run.points.train.X.map((point) => {
      const [px, py] = toPixels(point, side);
      return Math.hypot(px - x, py - y);
    });
    return distances.indexOf(Math.min(...distances));
  }

  // `unit`, [l, j], is looked at: its map is shown in place of the output's, if there is one.
  show(run, maps, example, colours, unit) {
    this.run = run;
    const isOutput = unit === null || unit[0] === run.model.layers.length - 1;
    if (isOutput) maps.paintOutput(this.map);
    else maps.paintUnit(this.map, ...unit);
    this.name.textContent = isOutput ? "output p" : `neuron a[${unit[0] + 1}]_${unit[1] + 1}`;
    const lines = isOutput ? maps.boundary() : [];
    this.line.setAttribute("d", lines.map((ends) => `M${ends.map((end) => toPixels(end, SIDE).map((x) => x.toFixed(1))).join(" L")}`).join(""));
    const state = [run, example, colours];
    if (this.drawn?.every((each, i) => each === state[i])) return;
    this.drawn = state;
    this.drawData(run.points, example, colours);
  }

  drawData(points, example, colours) {
    const pen = this.marks.getContext("2d");
    pen.clearRect(0, 0, SIDE, SIDE);
    for (const part of ["test", "train"]) points[part].X.forEach((x, i) => drawExample(pen, x, points[part].y[i], part, colours));
    pen.strokeStyle = colours.ink;
    pen.lineWidth = 3;
    pen.beginPath();
    pen.arc(...toPixels(points.train.X[example], SIDE), 15, 0, 7);
    pen.stroke();
    this.marks.setAttribute("aria-label", `the plane with ${points.train.y.length} examples of training and ${points.test.y.length} of the test`);
  }
}

function drawExample(pen, point, y, part, { negative, paper, positive }) {
  const [px, py] = toPixels(point, SIDE);
  const colour = y === 1 ? positive : negative;
  pen.beginPath();
  if (y === 0) pen.arc(px, py, 8, 0, 7);
  else pen.rect(px - 7, py - 7, 14, 14);
  pen.fillStyle = part === "train" ? colour : paper;
  pen.strokeStyle = part === "train" ? paper : colour;
  pen.lineWidth = part === "train" ? 2 : 4;
  pen.fill();
  pen.stroke();
}

// The losses over the epochs: of training a line, of the test a dashed one.
export class LossPicture {
  constructor() {
    this.svg = svgElement("svg", { viewBox: "0 0 300 90", role: "img", preserveAspectRatio: "none" });
    this.paths = Object.fromEntries(["train", "test"].map((part) => [part, svgElement("path", { class: part, fill: "none", "vector-effect": "non-scaling-stroke" })]));
    this.svg.append(svgElement("path", { class: "axis", d: "M0,0 V90 H300", fill: "none", "vector-effect": "non-scaling-stroke" }), ...Object.values(this.paths));
    this.numbers = Object.fromEntries(["train", "test"].map((part) => [part, element("output")]));
    const line = (part, name, dash) => element("p", { class: part }, `${dash} ${name} `, this.numbers[part]);
    this.root = element("div", { class: "losses" }, element("p", {}, "loss J over the epochs"), this.svg, line("train", "training", "──"), line("test", "test", "╌╌"));
  }

  show({ losses, now, epochs }) {
    const stride = Math.max(1, 2 ** Math.ceil(Math.log2((epochs + 1) / SHOWN)));
    const most = Math.max(...losses.train.slice(0, 1), ...thinned(losses.test, stride), ...thinned(losses.train, stride));
    for (const part of ["train", "test"]) {
      const curve = thinned(losses[part], stride);
      const point = (J, i) => `${((300 * i * stride) / Math.max(epochs, 1)).toFixed(1)},${(90 - (86 * J) / most).toFixed(1)}`;
      this.paths[part].setAttribute("d", `M${curve.map(point).join(" L")}`);
      this.numbers[part].textContent = `J = ${digits(now[part].J)}, ${Math.round(100 * now[part].right)} % right`;
    }
    this.svg.setAttribute("aria-label", `loss after ${epochs} epochs: training ${digits(now.train.J)}, test ${digits(now.test.J)}`);
  }
}

// What is no number comes last, if at all.
const thinned = (list, stride) => list.filter((J, i) => i % stride === 0 && Number.isFinite(J));
