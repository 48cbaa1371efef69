// How the nodes of a formula are called and written: autograd/steps/called.py and written.py, from the pieces that Python
// wrote (viz/steps/formula_pieces.py).

import { digits } from "./arithmetic.js";
import { latexOfNames } from "./formula_spelling.js";
import { refused } from "./formula_words.js";
import { latexNumber } from "./pens.js";
import { FORMULAS, OPS } from "./python.js";

const PRECEDENCE = { product: 2, unary: 3, atom: 5 };
const LONGEST_LINE = 120; // characters of a formula
const LONGEST_FORMULA = 14; // characters of one that a node is called by
const PIECE_MARK = /⟦([mst]?)([0-9]+|y)(?::([0-9])([01]))?⟧/g;
const SMALL = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((small, digit) => [digit, small])) };

const lengthOf = (text) => [...text].length; // as Python counts it
const cut = (text) => (lengthOf(text) <= LONGEST_LINE ? text : `${[...text].slice(0, LONGEST_LINE - 1).join("")}…`);
const small = (whole) => BigInt(whole).toString().replace(/[-0-9]/g, (c) => SMALL[c]);
const isNumber = (operand) => typeof operand === "number";

// --- pieces -------------------------------------------------------------------------------------------------------

// The piece of an operation on these operands: names, and numbers.
function pieceOf(op, operands) {
  const pieces = FORMULAS.pieces[op];
  const { lists } = OPS[op];
  const nLists = lists.filter(Boolean).length;
  if (!nLists) {
    const letters = operands.map((operand, slot) => (isNumber(operand) ? letterOf(operand, op === "**" && slot === 1) : "x"));
    return pieces[letters.join("")] ?? pieces[letters.map((letter) => (letter === "i" || letter === "2" ? "c" : letter)).join("")] ?? pieces["x".repeat(letters.length)];
  }
  const size = operands.length - (lists.length - nLists);
  const index = operands.slice(size);
  if (!index.every(isNumber)) throw refused("an index that is no number");
  if (op === "prod" && operands.includes(1)) throw refused("a product with a factor 1");
  const rest = "x".repeat(size - 1) + index.join("");
  const piece = pieces[(isNumber(operands[0]) ? "c" : "x") + rest] ?? pieces[`x${rest}`];
  if (!piece) throw refused("a long list");
  return piece;
}

function letterOf(number, isExponent) {
  if (number === 0) return "0";
  if (!isExponent) return "c";
  if (!Number.isInteger(number) && Number.isInteger(number - 1)) throw refused("an exponent that is lost beside 1");
  return number === 2 ? "2" : Number.isInteger(number) ? "i" : "c";
}

// A number as it is written, and how tightly it holds together.
function writtenNumber(x, isLatex) {
  const text = isLatex ? latexNumber(x) : digits(x);
  const loose = isLatex && text.includes("^") ? PRECEDENCE.product : PRECEDENCE.atom;
  return { text, precedence: "−-".includes(text[0]) ? PRECEDENCE.unary : loose };
}

// A piece's words with its operands in the places of the marks; `place` says what stands for a name: {text, precedence}.
function filledPiece(words, operands, own, isLatex, place) {
  return words.replace(PIECE_MARK, (_, kind, at, least, leads) => {
    const operand = at === "y" ? own : operands[at];
    if (kind === "s") return small(operand);
    if (kind === "t") return small(operand - 1);
    const { text, precedence, marks } = isNumber(operand) ? writtenNumber(kind === "m" ? operand - 1 : operand, isLatex) : place(operand, at);
    const isLoose = precedence < Number(least ?? 0) || (precedence === PRECEDENCE.unary && leads === "0");
    const [opening, closing] = isLoose ? marks ?? "()" : ["", ""];
    return opening + text + closing;
  });
}

// All words of a piece in one form; `symbol` stands for a name, and its number is a place.
function formOf(piece, operands, own, isLatex, symbol) {
  const [opening, closing] = isLatex ? "⟨⟩" : "{}";
  const number = (_, at) => ({ text: opening + at + closing, precedence: PRECEDENCE.unary, marks: "‹›" });
  const symbols = (words) => filledPiece(words, operands, own, isLatex, symbol);
  const numbers = (words) => filledPiece(words, operands, own, isLatex, number);
  const template = (words) => (/[{⟨]/.test(numbers(words)) ? numbers(words) : "");
  return {
    formula: symbols(piece.formula),
    numbers: numbers(piece.numbers),
    definition: symbols(piece.definition),
    partials: piece.partials.map((partial, slot) => (isNumber(operands[slot]) ? null : [symbols(partial[0]), template(partial[1])])),
  };
}

// The formulas of many nodes; `latex` are the forms in LaTeX, each once.
export class Phrases {
  latex = [];
  forms = new Map();

  // The formula of a node as its name.
  name(op, operands) {
    const piece = pieceOf(op, operands);
    const text = filledPiece(piece.formula, operands, null, false, (name) => ({ text: name.text, precedence: name.precedence[0] }));
    const latex = filledPiece(piece.latex.formula, operands, null, true, (name) => ({ text: name.latex, precedence: name.precedence[1] }));
    const precedence = piece.precedence.map((p, form) => (p < 0 ? this.precedenceOf(operands[0], form) : p));
    return { text, latex, precedence, isCompound: precedence[0] < PRECEDENCE.atom };
  }

  precedenceOf(operand, form) {
    return isNumber(operand) ? writtenNumber(operand, form === 1).precedence : operand.precedence[form];
  }

  // What a record says of a node.
  written(op, own, operands) {
    const piece = pieceOf(op, operands);
    const first = operands.map((operand) => (isNumber(operand) ? operand : operands.findIndex((other) => other.text === operand.text)));
    const spelled = operands.map((operand, i) => (isNumber(operand) ? `number ${Object.is(operand, -0) ? "-0" : operand}` : [first[i], ...operand.precedence]));
    const key = JSON.stringify([op, own.precedence, spelled]);
    if (!this.forms.has(key)) {
      const latex = (name, at) => ({ text: `⟦${at === "y" ? at : first[at]}⟧`, precedence: name.precedence[1] });
      this.forms.set(key, this.latex.length);
      this.latex.push(formOf(piece.latex, operands, own, true, latex));
    }
    const text = formOf(piece, operands, own, false, (name) => ({ text: name.text, precedence: name.precedence[0] }));
    const partials = text.partials.map((partial) => partial && [cut(partial[0]), partial[1]]);
    return { formula: cut(text.formula), numbers: text.numbers, definition: cut(text.definition), partials, form: this.forms.get(key) };
  }
}

// --- names --------------------------------------------------------------------------------------------------------

export const operandsOf = (node, names) => node.inputs.map((input) => (input.kind === "constant" && !input.label ? input.data : names.get(input)));

// The names of all nodes: {text, latex, precedence, isCompound} by node.
export function calledNodes(nodes, root, phrases) {
  const labels = nodes.filter(({ label }) => label).map(({ label }) => label);
  const spare = spareNames(nodes, root, new Set(labels));
  const latex = latexOfNames([...labels, ...(root.label ? [] : [spare.get(root)])]);
  const known = new Map();
  const plain = (text) => ({ text, latex: latex.get(text), precedence: [PRECEDENCE.atom, PRECEDENCE.atom], isCompound: false });
  for (const node of nodes) {
    if (node.label) known.set(node, plain(node.label));
    else if (node === root) known.set(node, plain(spare.get(root)));
    else if (node.kind === "constant") {
      const p = node.data < 0 ? PRECEDENCE.unary : PRECEDENCE.atom;
      known.set(node, { text: digits(node.data), latex: latexNumber(node.data), precedence: [p, p], isCompound: false });
    }
  }
  const taken = new Map();
  const called = [...latex.keys(), ...[...byFormula(nodes, known, new Set(), phrases).values()].map(({ text }) => text)];
  for (const text of called) taken.set(text, (taken.get(text) ?? 0) + 1);
  const twice = new Set([...taken.keys()].filter((text) => taken.get(text) > 1));
  for (const [node, name] of byFormula(nodes, known, twice, phrases)) known.set(node, name);
  for (const node of nodes) if (!known.has(node)) known.set(node, { ...plain(spare.get(node)), latex: `v_{${spare.get(node).slice(1)}}` });
  return known;
}

// v1, v2, ... for the results without a label; f for the root, if nothing else is called so.
function spareNames(nodes, root, taken) {
  const spare = new Map();
  const isF = !root.label && !taken.has("f");
  if (isF) spare.set(root, "f");
  let last = 0;
  for (const node of nodes) {
    if (node.label || spare.has(node) || (node.kind === "constant" && node !== root)) continue;
    do last++;
    while (taken.has(`v${last}`));
    spare.set(node, `v${last}`);
  }
  return spare;
}

// The results without a name that a short formula can name, none of those that are taken.
function byFormula(nodes, known, taken, phrases) {
  const names = new Map(known);
  const found = new Map();
  for (const node of nodes) {
    if (node.op === null || known.has(node) || !node.inputs.every((input) => names.has(input))) continue;
    const name = phrases.name(node.op, operandsOf(node, names));
    if (lengthOf(name.text) > LONGEST_FORMULA || taken.has(name.text)) continue;
    names.set(node, name);
    found.set(node, name);
  }
  return found;
}
