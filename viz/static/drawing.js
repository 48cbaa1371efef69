// The view of a record, without Python: viz/steps/views.py once more, for graphs without scopes. The files drawing_*.js lay
// it out and draw it; the SVG is that of Python, byte for byte.

import { digits } from "./arithmetic.js";
import { atomOf } from "./called.js";
import { arranged } from "./drawing_columns.js";
import { labelPlaces } from "./drawing_labels.js";
import { boxSize, labelSize, TypesetNames } from "./drawing_names.js";
import { ArrowRouter } from "./drawing_routes.js";
import { svgText } from "./drawing_svg.js";
import { clean, fit, labelFields, textWidth } from "./drawing_text.js";
import { DRAWING } from "./python.js";

const ROOM = "−0.0000"; // every number has at least this room

// The lines of a node's box.
function rowsOf(node, data, grad) {
  const isConstant = node.kind === "constant";
  const name = fit(isConstant ? node.label : node.name, DRAWING.labelSize, DRAWING.maxLabel);
  if (isConstant) return [name ? `${name} = ${digits(node.data)}` : digits(node.data)];
  return [...(name ? [name] : []), `data ${data}`, `grad ${grad}`];
}

// The box with the widest texts that it will hold, `widest`, and with those from before the first step.
function boxOf(node, isRoot) {
  const what = node.op ? `${node.name} = ${node.formula}` : `${node.kind} ${node.name}`;
  const isConstant = node.kind === "constant";
  const box = { kind: node.kind, named: Boolean(node.name) && !isConstant, tooltip: clean(what), symbol: node.op ? DRAWING.symbols[node.op] : "", isRoot };
  const now = digits(Number(node.data));
  const data = textWidth(`data ${now}`, DRAWING.textSize) >= textWidth(`data ${ROOM}`, DRAWING.textSize) ? now : ROOM;
  return { widest: { ...box, rows: rowsOf(node, data, ROOM) }, first: { ...box, rows: rowsOf(node, "—", "—") } };
}

// ∂J/∂a = 3, where both have short labels of their own, else ∂ 3.
function edgeLabel(user, input, number) {
  const isShort = user.label && input.label && Math.max(letters(user.label), letters(input.label)) <= 3;
  return isShort ? `∂${atomOf(user)}/∂${atomOf(input)} = ${number}` : `∂ ${number}`;
}

// How many letters wide a label is; those of its scripts are half as wide.
function letters(label) {
  const fields = labelFields(label);
  if (fields === null) return [...label].length;
  const [base, , superscript, subscript] = fields;
  return [...base].length + Math.max([...superscript].length, [...subscript].length) / 2;
}

// The arrow of an edge, with the room of its label and with the label.
function arrowOf(user, slot, head, nodes, locals) {
  const tail = user.inputs[slot];
  const input = nodes[tail];
  const partial = user.partials[slot];
  if (partial === null) {
    const made = { tail, head, style: "constant", tooltip: `${input.name} is a constant: no gradient`, label: "" };
    return { widest: made, first: made };
  }
  const made = { tail, head, style: "flows", tooltip: clean(`∂${atomOf(user)}/∂${atomOf(input)} = ${partial[0]}`) };
  const local = locals.get(`${head},${slot}`);
  const label = local === undefined ? "" : edgeLabel(user, input, digits(Number(local ?? 0)));
  return { widest: { ...made, label: edgeLabel(user, input, ROOM) }, first: { ...made, label } };
}

// The places of everything: {width, height, centres, sizes, curves, labels}, y upwards.
function layoutOf(boxes, arrows) {
  const names = new TypesetNames(boxes);
  const sizes = boxes.map((box) => boxSize(box, names.rows(box)));
  const labelSizes = arrows.map((arrow) => labelSize(arrow.label, names.quotient(arrow, boxes)));
  const block = arranged(arrows, sizes, labelSizes);
  const centres = block.centres.map(([x, y]) => [x, y + block.down]);
  const router = new ArrowRouter(boxes, arrows, centres, sizes);
  const curves = router.curves();
  const labels = labelPlaces(curves, labelSizes, router.rooms, router.lanes, router.labelAt);
  const corners = router.rooms.flatMap(([left, bottom, right, top]) => [[left, bottom], [right, top]]);
  const all = [[0, 0], [block.width, block.up + block.down], ...curves.flat(), ...corners];
  const [left, bottom] = [0, 1].map((k) => Math.floor(Math.min(...all.map((at) => at[k]))));
  const [right, top] = [0, 1].map((k) => Math.ceil(Math.max(...all.map((at) => at[k]))));
  const move = ([x, y]) => [x - left, y - bottom];
  return { width: right - left, height: top - bottom, centres: centres.map(move), sizes, curves: curves.map((curve) => curve.map(move)), labels: labels.map(move) };
}

// What a stepper needs besides the record of a graph without scopes: {views, first, summary}.
export function viewsOfRecord({ nodes, root, events }) {
  const edges = events.filter(({ type }) => type === "edge");
  const locals = new Map(edges.map((event) => [`${event.from},${event.slot}`, event.local]));
  const boxes = nodes.map((node, i) => boxOf(node, i === root));
  const ends = nodes.flatMap((node, head) => node.inputs.map((_, slot) => [head, slot]));
  const arrows = ends.map(([head, slot]) => arrowOf(nodes[head], slot, head, nodes, locals));
  const layout = layoutOf(boxes.map(({ widest }) => widest), arrows.map(({ widest }) => widest));
  const picture = { boxes: boxes.map(({ first }) => first), arrows: arrows.map(({ first }) => first) };
  const svg = svgText(picture, new TypesetNames(picture.boxes), layout);
  const view = { svg, boxes: [...nodes.keys()], arrows: ends.map((end) => [end]), members: {}, opens: {}, note: "" };
  const count = `${nodes.length} node${nodes.length === 1 ? "" : "s"}`;
  return { views: { "*": view }, first: "*", summary: `Steps of backprop through the graph of ${nodes[root].name}: ${count}` };
}
