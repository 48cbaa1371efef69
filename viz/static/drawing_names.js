// Names as mathematics has them, and how large everything is: viz/picture/scripts.py and sizes.py once more.

import { labelFields, textWidth } from "./drawing_text.js";
import { DRAWING } from "./python.js";

const COMBINING = { "": "", hat: "\u0302", bar: "\u0304", tilde: "\u0303" };
const ofText = (text) => ({ text, superscript: "", subscript: "" });
export const bothScripts = (piece) => piece.superscript + piece.subscript;
const isFunction = (name) => name.includes("(") && DRAWING.functions.includes(name.slice(0, name.indexOf("(")));
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

// The name and the number of a constant's row "k = 3"; a number alone has no name.
function parted(row) {
  const at = row.lastIndexOf(" = ");
  return at < 0 ? ["", "", row] : [row.slice(0, at), " = ", row.slice(at + 3)];
}

export class TypesetNames {
  constructor(boxes) {
    const names = boxes.filter((box) => box.named).map((box) => box.rows[0]);
    for (const box of boxes) if (box.kind === "constant") names.push(parted(box.rows[0])[0]);
    const alike = new Map();
    for (const name of new Set(names)) {
      const key = JSON.stringify(labelFields(name));
      alike.set(key, [...(alike.get(key) ?? []), name]);
    }
    this.verbatim = new Set([...alike.values()].filter((group) => group.length > 1).flat());
    const isPlain = (name) => Object.entries(this.whole(name)).every(([key, part]) => part === (key === "text" ? name : ""));
    const known = [...new Set(names)].filter((name) => !isPlain(name)).sort((a, b) => [...b].length - [...a].length);
    this.known = known.length > 0 ? new RegExp(`(?<![\\p{L}\\p{N}_\\])⁾])(${known.map(escaped).join("|")})(?![\\p{L}\\p{N}_[⁽])`, "u") : null;
  }

  fields(name) {
    return isFunction(name) || this.verbatim.has(name) ? null : labelFields(name);
  }

  whole(name) {
    const fields = this.fields(name);
    if (fields === null) return ofText(name);
    const [base, accent, superscript, subscript] = fields;
    return { text: (base + COMBINING[accent]).normalize("NFC"), superscript, subscript };
  }

  // A name; of one that is not written as names are, b·w1, the names of other nodes that stand in it.
  name(name) {
    if (this.fields(name) !== null || this.known === null) return [this.whole(name)];
    const pieces = [];
    let before = "";
    name.split(this.known).forEach((text, at) => {
      const piece = at % 2 === 1 ? this.whole(text) : ofText(text);
      if (bothScripts(piece)) {
        pieces.push({ ...piece, text: before + piece.text });
        before = "";
      } else before += piece.text;
    });
    return before || pieces.length === 0 ? [...pieces, ofText(before)] : pieces;
  }

  // The lines of a box.
  rows(box) {
    const [first, ...others] = box.rows;
    const [name, equals, number] = parted(first);
    const isNamed = box.kind === "constant" && equals;
    const typeset = box.named ? this.name(first) : isNamed ? [...this.name(name), ofText(equals + number)] : [ofText(first)];
    return [typeset, ...others.map((row) => [ofText(row)])];
  }

  // The label ∂J/∂a = 3 of an arrow as a fraction and what is behind it; null where it has another form.
  quotient(arrow, boxes) {
    const [of, by] = [boxes[arrow.head].rows[0], boxes[arrow.tail].rows[0]];
    const begin = `∂${of}/∂${by} = `;
    if (!arrow.label.startsWith(begin)) return null;
    const derivative = ([first, ...rest]) => [{ ...first, text: `∂${first.text}` }, ...rest];
    return { above: derivative(this.name(of)), below: derivative(this.name(by)), rest: `= ${arrow.label.slice(begin.length)}` };
  }
}

// An upper bound for the width of a line, its scripts one behind the other.
const lineWidth = (line, size) => line.reduce((sum, piece) => sum + (textWidth(piece.text, size) + textWidth(bothScripts(piece), DRAWING.script * size)), 0);

// The room of scripts that stand above each other.
export const scriptsWidth = (piece, size) => Math.max(textWidth(piece.superscript, DRAWING.script * size), textWidth(piece.subscript, DRAWING.script * size));

export const rowSizes = (box) => box.rows.map((_, i) => (box.named && i === 0 ? DRAWING.labelSize : DRAWING.textSize));
export const symbolSize = (box) => ([...box.symbol].length <= 2 ? DRAWING.symbolSize : DRAWING.labelSize);
export const symbolWidth = (box) => (box.symbol ? Math.max(30, Math.ceil(textWidth(box.symbol, symbolSize(box)) + 14)) : 0);

// Width and height in which its rows, typeset, find room, in the shape of the box's kind.
export function boxSize(box, rows) {
  const sizes = rowSizes(box);
  const wide = Math.max(...rows.map((row, i) => lineWidth(row, sizes[i])));
  const high = DRAWING.row * box.rows.length;
  if (box.kind === "result") return [Math.ceil(symbolWidth(box) + wide + 16), high + 10];
  const height = high + (box.rows.length > 1 ? 16 : 8);
  const corner = (high - 8) / height;
  const inside = box.kind === "parameter" ? 0.96 - corner / 2 : Math.sqrt(1 - corner * corner);
  const flat = box.rows.length > 1 ? 1.4 : 1.1;
  return [Math.ceil(Math.max(wide / inside + 8, flat * height)), height];
}

// The room of an arrow's label, with a gap to the line; of one that is a fraction, if it is given.
export function labelSize(label, quotient) {
  if (quotient === null) return [Math.ceil(textWidth(label, DRAWING.edgeSize) + 6), DRAWING.edgeRow];
  return [Math.ceil(barWidth(quotient) + DRAWING.beforeRest + textWidth(quotient.rest, DRAWING.edgeSize) + 6), 2 * partHeight(quotient) + 3];
}

// The height of a fraction's numerator, and of its denominator.
export const partHeight = ({ above, below }) => ([...above, ...below].some(bothScripts) ? DRAWING.partWithScripts : DRAWING.part);

// The length of a fraction's bar.
export const barWidth = ({ above, below }) => Math.max(lineWidth(above, DRAWING.edgeSize), lineWidth(below, DRAWING.edgeSize)) + 2;

