// A picture and its layout as the text of an SVG: viz/picture/svg.py once more, as far as steps need it.

import { A } from "./arithmetic.js";
import { barWidth, labelSize, partHeight, rowSizes, bothScripts, scriptsWidth, symbolSize, symbolWidth } from "./drawing_names.js";
import { isMeasured, textWidth } from "./drawing_text.js";
import { COLOURS, DRAWING } from "./python.js";

const { margin: MARGIN_OF_SVG, halo: HALO, raised: RAISED, lowered: LOWERED, font: FONT, outlines: OUTLINES } = DRAWING.svg;
const HALF_HEAD = DRAWING.routes.halfHead;

const escapedText = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const escapedAttribute = (text) => escapedText(text).replaceAll('"', "&quot;");

// An element of an SVG, as text is made of it.
class Tag {
  constructor(name, attributes = {}, text = "") {
    Object.assign(this, { name, attributes, text, inside: [] });
  }

  add(name, attributes, text) {
    const made = new Tag(name, attributes, text);
    this.inside.push(made);
    return made;
  }

  toString() {
    const attributes = Object.entries(this.attributes).map(([key, value]) => ` ${key}="${escapedAttribute(value)}"`);
    const begin = `<${this.name}${attributes.join("")}`;
    return this.text || this.inside.length > 0 ? `${begin}>${escapedText(this.text)}${this.inside.join("")}</${this.name}>` : `${begin} />`;
  }
}

// A coordinate, to a tenth of a point; half way between two tenths, the even one.
function tenths(x) {
  const scaled = x * 10;
  const isTie = Number.isInteger(4 * x) && Math.abs(scaled % 1) === 0.5;
  const rounded = isTie ? A.round(scaled) : Math.round(Number(x.toFixed(1)) * 10);
  return (rounded === 0 ? 0 : rounded / 10).toFixed(1).replace(/\.0$/, "");
}

const fitted = (words, size) => (isMeasured(words) ? {} : { textLength: tenths(textWidth(words, size)), lengthAdjust: "spacingAndGlyphs" });

function writtenText(parent, words, x, y, size, more = {}) {
  const look = { x: tenths(x), y: tenths(y), "font-size": tenths(size), fill: COLOURS.ink, "text-anchor": "middle", ...more };
  return parent.add("text", { ...look, ...fitted(words, size) }, words);
}

// A line with its scripts, around x. Each text ends where its scripts begin.
function typesetLine(parent, line, x, y, size, more = {}) {
  if (!line.some(bothScripts)) {
    writtenText(parent, line.map(({ text }) => text).join(""), x, y, size, more);
    return;
  }
  const whole = parent.add("text", { fill: COLOURS.ink, "font-size": tenths(size), ...more });
  const wide = line.reduce((sum, piece) => sum + (textWidth(piece.text, size) + scriptsWidth(piece, size)), 0);
  let at = x - wide * 0.5;
  for (const piece of line) {
    const end = at + textWidth(piece.text, size);
    const side = bothScripts(piece) ? { x: tenths(end), "text-anchor": "end" } : { x: tenths(at), "text-anchor": "start" };
    whole.add("tspan", { y: tenths(y), ...side, ...fitted(piece.text, size) }, piece.text);
    for (const [script, rise] of [[piece.superscript, RAISED], [piece.subscript, -LOWERED]]) {
      if (!script) continue;
      const look = { x: tenths(end), y: tenths(y - rise * size), "font-size": tenths(DRAWING.script * size), "text-anchor": "start" };
      whole.add("tspan", { ...look, ...fitted(script, DRAWING.script * size) }, script);
    }
    at = end + scriptsWidth(piece, size);
  }
}

class SvgDrawer {
  // `layout` has width, height, centres, sizes, curves and labels (places, by arrow).
  constructor(layout) {
    this.layout = layout;
    const [wide, high] = [layout.width + 2 * MARGIN_OF_SVG, layout.height + 2 * MARGIN_OF_SVG].map(tenths);
    const size = { viewBox: `0 0 ${wide} ${high}`, width: wide, height: high };
    this.root = new Tag("svg", { xmlns: "http://www.w3.org/2000/svg", class: "chainrule", ...size, "font-family": FONT });
    this.root.add("rect", { width: wide, height: high, fill: COLOURS.paper });
  }

  at([x, y]) {
    return [x + MARGIN_OF_SVG, this.layout.height - y + MARGIN_OF_SVG];
  }

  point(at) {
    return this.at(at).map(tenths).join(",");
  }

  arrow(i, { style, tooltip }, curve) {
    const group = this.root.add("g", { id: `e${i}` });
    group.add("title", {}, tooltip);
    const colour = style === "constant" ? OUTLINES.constant[1] : COLOURS.neutral;
    const [start, ...rest] = curve.slice(0, -1).map((at) => this.point(at));
    group.add("path", { fill: "none", stroke: colour, "stroke-width": "1", d: `M${start} C${rest.join(" ")}` });
    const points = headOf(curve).map((at) => this.point(at)).join(" ");
    group.add("polygon", { fill: colour, stroke: colour, "stroke-linejoin": "round", points });
  }

  label(i, { label }, fraction, at) {
    const [x, y] = this.at(at);
    const mark = { id: `l${i}` };
    if (fraction === null) {
      const made = writtenText(this.root, label, x, y + 0.36 * DRAWING.edgeSize, DRAWING.edgeSize, { ...mark, stroke: COLOURS.paper, ...HALO });
      markNumber(made);
      return;
    }
    const group = this.root.add("g", { ...mark, class: "fraction" });
    const [w, h] = labelSize(label, fraction);
    const place = { x: tenths(x - w / 2), y: tenths(y - h / 2), width: tenths(w), height: tenths(h) };
    group.add("rect", { ...place, rx: "4", fill: COLOURS.paper, "pointer-events": "all" });
    const [bar, rest] = [barWidth(fraction), textWidth(fraction.rest, DRAWING.edgeSize)];
    const left = x - (bar + DRAWING.beforeRest + rest) / 2;
    const half = partHeight(fraction) / 2;
    for (const [part, middle] of [[fraction.above, y - half - 0.5], [fraction.below, y + half + 0.5]]) {
      typesetLine(group, part, left + bar / 2, middle + 0.36 * DRAWING.edgeSize, DRAWING.edgeSize);
    }
    group.add("path", { d: `M${tenths(left)},${tenths(y)} h${tenths(bar)}`, stroke: COLOURS.ink, "stroke-width": "0.8" });
    const begin = left + bar + DRAWING.beforeRest;
    markNumber(writtenText(group, fraction.rest, begin, y + 0.36 * DRAWING.edgeSize, DRAWING.edgeSize, { "text-anchor": "start" }));
  }

  box(i, box, rows, [cx, cy], [w, h]) {
    const [x, y] = this.at([cx, cy]);
    const group = this.root.add("g", { id: `n${i}` });
    group.add("title", {}, box.tooltip);
    const [fill, stroke] = OUTLINES[box.kind];
    const look = { fill, stroke, "stroke-width": "1.2" };
    if (box.isRoot) outlined(group, box.kind, x, y, w + 8, h + 8, look);
    outlined(group, box.kind, x, y, w, h, look);
    const [column, size] = [symbolWidth(box), symbolSize(box)];
    if (column) {
      const bar = tenths(x - w / 2 + column);
      group.add("path", { d: `M${bar},${tenths(y - h / 2)} V${tenths(y + h / 2)}`, stroke, fill: "none" });
      writtenText(group, box.symbol, x - w / 2 + column / 2, y + 0.36 * size, size);
    }
    const top = y - (DRAWING.row * rows.length) / 2;
    const sizes = rowSizes(box);
    rows.forEach((words, row) => {
      typesetLine(group, words, x + column / 2, top + DRAWING.row * (row + 0.5) + 0.36 * sizes[row], sizes[row], { class: "row" });
    });
  }
}

// Makes the number of "∂ 3" and of "= 3" a part of its own.
function markNumber(tag) {
  const at = tag.text.indexOf(" ");
  if (at < 0 || !["∂", "="].includes(tag.text.slice(0, at))) return;
  const number = tag.text.slice(at + 1);
  tag.text = tag.text.slice(0, at + 1);
  tag.add("tspan", { class: "number" }, number);
}

// The corners of an arrow's head, the tip first.
function headOf(curve) {
  const [[x0, y0], [x1, y1]] = curve.slice(-2);
  const [dx, dy] = [-HALF_HEAD * (y1 - y0), HALF_HEAD * (x1 - x0)];
  return [[x1, y1], [x0 - dx, y0 - dy], [x0 + dx, y0 + dy]];
}

// The shape of a kind in a box of w times h around (x, y).
function outlined(parent, kind, x, y, w, h, look) {
  if (DRAWING.shapes[kind] === "ellipse") {
    parent.add("ellipse", { ...look, cx: tenths(x), cy: tenths(y), rx: tenths(w / 2), ry: tenths(h / 2) });
  } else if (kind === "parameter") {
    const corners = [[-w / 2, 0], [-w / 4, -h / 2], [w / 4, -h / 2], [w / 2, 0], [w / 4, h / 2], [-w / 4, h / 2]];
    parent.add("polygon", { ...look, points: corners.map(([dx, dy]) => `${tenths(x + dx)},${tenths(y + dy)}`).join(" ") });
  } else {
    const rounded = kind === "result" ? { rx: "9" } : {};
    parent.add("rect", { x: tenths(x - w / 2), y: tenths(y - h / 2), width: tenths(w), height: tenths(h), ...rounded, ...look });
  }
}

// The SVG of a picture {boxes, arrows}, before anything has happened.
export function svgText({ boxes, arrows }, names, layout) {
  const drawer = new SvgDrawer(layout);
  arrows.forEach((arrow, i) => drawer.arrow(i, arrow, layout.curves[i]));
  boxes.forEach((box, i) => drawer.box(i, box, names.rows(box), layout.centres[i], layout.sizes[i]));
  arrows.forEach((arrow, i) => arrow.label && drawer.label(i, arrow, names.quotient(arrow, boxes), layout.labels[i]));
  return String(drawer.root);
}
