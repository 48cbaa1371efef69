// Which of the known names is meant, and how names are typeset: autograd/formulas/typeset.py and reading/spelling.py.

import { labelFields } from "./drawing_text.js";
import { isCalled, refused } from "./formula_words.js";
import { DRAWING } from "./python.js";

const COMMANDS_OF_LETTERS = new Map(Object.entries(DRAWING.greek).map(([word, letter]) => [letter, `\\${word}`]));
export const EXAMPLES = ["i", "j", "k"]; // a_i, and a^(i), is a number of the example i
const CLOSE = 0.6; // of a likeness
const LONGEST_MISTYPED = 40; // letters of a word that others are likened to
const LONGEST_SPLIT = 60; // letters of a word that is looked through for names side by side

// The LaTeX of each of these names; those that would be typeset alike are written as they are.
export function latexOfNames(names) {
  const alike = new Map();
  const keys = names.map((name) => JSON.stringify(labelFields(name)));
  for (const key of keys) alike.set(key, (alike.get(key) ?? 0) + 1);
  return new Map(names.map((name, i) => [name, latexOfName(name, alike.get(keys[i]) > 1 ? null : labelFields(name))]));
}

function latexOfName(name, fields) {
  if (fields === null) return `\\mathrm{${name.replaceAll("_", "\\_")}}`;
  const word = (text) => COMMANDS_OF_LETTERS.get(text) ?? ([...text].length === 1 || /^[0-9]+$/.test(text) ? text : `\\mathrm{${text}}`);
  const [base, accent, , below] = fields;
  const isDifferential = [...base].length === 2 && base[0] === "d";
  const letter = isDifferential ? base : word(base);
  return (accent ? `\\${accent}{${letter}}` : letter) + (below ? `_{${below.split(",").map(word).join(",")}}` : "");
}

// The base, the accent and the indices of a name, where y_hat has its accent too; null if it has none.
function spelledFields(name) {
  const fields = labelFields(name);
  if (!fields) return null;
  const [base, accent, , below] = fields;
  const indices = below.split(",").filter(Boolean);
  if (!accent && ["hat", "bar", "tilde"].includes(indices[0])) return [base, indices[0], indices.slice(1)];
  return [base, accent, indices.map((index) => (Object.hasOwn(DRAWING.greek, index) ? DRAWING.greek[index] : index))];
}

const keyOf = (base, accent, indices, joined = false) => JSON.stringify([base, accent, indices, joined]);

// The names that a formula may speak of.
export class KnownNames {
  constructor(names) {
    this.names = new Set([...names, "pi", "π"]);
    this.pieces = new Set(this.names);
    this.tables = new Map(); // the names by their letter and their indices, and by these side by side
    for (const name of this.names) {
      const [base, accent, below] = spelledFields(name) ?? [];
      const keys = base ? [keyOf(base, accent, below), keyOf(base, accent, [below.join("")], true)] : [];
      for (const key of keys) this.tables.set(key, [...(this.tables.get(key) ?? []), name]);
      const numbered = /^(\p{L}+)_?([0-9]+)$/u.exec(name);
      if (numbered) this.pieces.add(`${numbered[1]}${numbered[2]}`).add(`${numbered[1]}_${numbered[2]}`);
      const letters = /^\p{L}+/u.exec(name)?.[0];
      if (letters && Object.hasOwn(DRAWING.greek, letters)) this.pieces.add(DRAWING.greek[letters] + name.slice(letters.length));
    }
  }

  // The known name that is meant; "" if there is none. Throws Unreadable where it may be two.
  // `literally` is whether it is typed so: x₁ may be x1 and x_1.
  find(typed, literally = true) {
    if (literally && this.names.has(typed)) return typed;
    const fields = spelledFields(typed);
    if (!fields) return "";
    const [base, accent, below] = fields;
    const withoutExamples = below.filter((index) => !EXAMPLES.includes(index));
    const alike = [keyOf(base, accent, below), keyOf(base, accent, withoutExamples), keyOf(base, accent, [below.join("")], true)];
    const found = alike.map((key) => this.tables.get(key) ?? []).find((names) => names.length) ?? [];
    if (found.length > 1 && base !== "π") throw refused(`${typed}, which may be ${found[0]} or ${found[1]}`);
    return found[0] ?? "";
  }

  // The names with the same letter, whatever their indices.
  withLetterOf(typed) {
    const fields = labelFields(typed);
    return fields ? [...this.names].filter((name) => labelFields(name)?.[0] === fields[0]) : [];
  }

  // How a word falls into known names side by side, and functions before them; null if it does not.
  split(typed, beforeGroup, beforePower) {
    const letters = [...typed];
    const n = letters.length;
    if (n < 2 || n > LONGEST_SPLIT) return null;
    const ways = [...letters.map(() => []), [[]]];
    for (let start = n - 1; start >= 0; start--) {
      for (let end = start + 1; end <= n; end++) {
        if (end - start === n) continue;
        const piece = letters.slice(start, end).join("");
        const isLast = end === n;
        if (this.isPiece(piece, beforeGroup || !isLast) || (beforePower && isLast && piece === "e")) {
          ways[start].push(...ways[end].map((rest) => [piece, ...rest]));
        }
      }
      ways[start].length = Math.min(2, ways[start].length);
    }
    if (ways[0].length > 1) throw refused(`${typed}, which has two readings`);
    return ways[0][0] ?? null;
  }

  // Whether a word begins with names side by side, and ends in letters. Throws Unreadable where Python would, too.
  begins(word) {
    const letters = [...word].slice(0, LONGEST_SPLIT);
    const places = letters.flatMap((letter, i) => (i > 0 && /\p{L}/u.test(letter) ? [i] : []));
    const found = places.filter((i) => this.find(word.slice(0, i)) || this.split(word.slice(0, i), false, false));
    found.forEach((i) => this.find(word.slice(i)));
    return found.length > 0;
  }

  isPiece(piece, isFollowed) {
    if (this.pieces.has(piece)) return true;
    return isFollowed && (piece.length > 1 || piece > "\u007f") && isCalled(piece);
  }
}

// --- mistyped names -------------------------------------------------------------------------------------------------

// The question that ends an error about an unknown word: did_you_mean in autograd/formulas/grammar.py.
export function didYouMean(word, known) {
  const digits = (name) => name.replace(/[^0-9]/g, "");
  const alike = known.filter((name) => [...word].length < 4 || digits(name) === digits(word));
  const close = alike.map((name) => [likeness(name, word), name]).filter(([score]) => score >= CLOSE);
  close.sort(([a, x], [b, y]) => b - a || (x < y ? 1 : -1));
  const names = close.slice(0, 3).map(([, name]) => name);
  const sorted = (name) => [...name].sort().join("");
  const nearest = names.find((name) => sorted(name) === sorted(word)) ?? names[0]; // letters in a wrong order
  return nearest && [...word].length < LONGEST_MISTYPED ? `did you mean ${nearest}?` : "";
}

// How much of two words is the same, from 0 to 1, as difflib counts it: blocks of letters, the longest first.
function likeness(a, b) {
  const [x, y] = [[...a], [...b]];
  return (2 * sameLetters(x, y)) / (x.length + y.length);
}

function sameLetters(x, y) {
  let [longest, fromX, fromY] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < y.length; j++) {
      let size = 0;
      while (i + size < x.length && j + size < y.length && x[i + size] === y[j + size]) size++;
      if (size > longest) [longest, fromX, fromY] = [size, i, j];
    }
  }
  if (!longest) return 0;
  const before = sameLetters(x.slice(0, fromX), y.slice(0, fromY));
  return before + longest + sameLetters(x.slice(fromX + longest), y.slice(fromY + longest));
}
