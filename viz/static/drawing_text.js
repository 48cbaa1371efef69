// Text as pictures show it, cleaned, measured, cut; and how labels are read: viz/picture/text.py, and label_fields of
// autograd/formulas/typeset.py, once more.

import { DRAWING } from "./python.js";

const SCRIPT_SIGNS = { "⁻": "-", "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8", "⁹": "9" };
const LABEL = /^([\p{L}\p{Nl}\p{No}]+)(\p{Nd}*)((?:\[[\p{L}\p{N}]+\]|\([\p{L}\p{N}]+\))*)(?:_([\p{L}\p{N}_,]+))?_?$/u;
const ACCENTS = { "\u0302": "hat", "\u0304": "bar", "\u0303": "tilde" };

// The text, cut to `limit` characters with "…". What cannot be shown is no part of a formula that JavaScript reads.
export function clean(text, limit = 200) {
  const characters = [...text];
  return characters.length > limit ? `${characters.slice(0, limit - 1).join("")}…` : text;
}

const withoutAccent = (character) => [...character.normalize("NFD")][0];

// An upper bound for the width of `text`, in the unit of the font's `size`.
export function textWidth(text, size) {
  let total = 0;
  for (const character of text) total += DRAWING.widths[withoutAccent(character)] ?? DRAWING.unknown;
  return (size * total) / 100;
}

// Whether all characters are in the table of widths.
export function isMeasured(text) {
  return [...text].every((character) => withoutAccent(character) in DRAWING.widths);
}

// A name without its number, and the number in parentheses; "" if it has none.
export function withoutNumber(name) {
  const at = name.lastIndexOf("⁽");
  const digits = at >= 0 && name.endsWith("⁾") ? [...name.slice(at + 1, -1)] : [];
  if (digits.length === 0 || !digits.every((sign) => sign in SCRIPT_SIGNS && sign !== "⁻")) return [name, ""];
  return [name.slice(0, at), `(${digits.map((sign) => SCRIPT_SIGNS[sign]).join("")})`];
}

// The text, cut with "…" to at most `room`; the number of a name, z⁽¹⁾, stays behind it.
export function fit(text, size, room) {
  const cut = clean(text);
  let [stem] = withoutNumber(cut);
  if (textWidth(stem, size) <= room) return cut;
  const number = cut.slice(stem.length);
  while (stem && textWidth(`${stem}…`, size) > room) stem = [...stem].slice(0, -1).join("");
  return `${stem}…${number}`;
}

// A name's base, accent, superscript and subscript; null if it is not written as the field writes names.
export function labelFields(label) {
  const [stem, number] = withoutNumber(label);
  const decomposed = [...stem.normalize("NFD")];
  const sign = decomposed.find((each) => each in ACCENTS);
  let accent = sign === undefined ? "" : ACCENTS[sign];
  const match = LABEL.exec(decomposed.filter((each) => !(each in ACCENTS)).join(""));
  if (match === null) return null;
  let [, base, digits, superscript, subscript = ""] = match;
  for (const word of Object.values(ACCENTS)) {
    const rest = base.endsWith(word) ? base.slice(0, -word.length) : base;
    if (rest !== base && ([...rest].length === 1 || Object.hasOwn(DRAWING.greek, rest))) [base, accent] = [rest, word];
  }
  subscript = [digits, ...subscript.replaceAll("_", ",").split(",")].filter(Boolean).join(",");
  return [Object.hasOwn(DRAWING.greek, base) ? DRAWING.greek[base] : base, accent, superscript + number, subscript];
}
