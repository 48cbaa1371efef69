// The two pens that write frames, as text or in LaTeX: autograd/steps/pens.py once more.

import { digits } from "./arithmetic.js";
import { LINES, MATHEMATICS, WORDS } from "./python.js";

// A template with what stands in its places; braces of LaTeX's own stay.
const filled = (template, parts) => template.replace(/\{(\w+)\}/g, (place, key) => (Object.hasOwn(parts, key) ? parts[key] : place));

// The four digits of a number in LaTeX.
export function latexNumber(x) {
  const [mantissa, exponent] = digits(x).replaceAll("−", "-").split("e");
  if (/(inf|nan)$/.test(mantissa)) return mantissa.replace("inf", "\\infty").replace("nan", "\\mathrm{nan}");
  return exponent === undefined ? mantissa : `${mantissa} \\cdot 10^{${exponent}}`;
}

export class Pen {
  form = "text";
  places = /(‹?)\{(\w+)\}›?/g; // of numbers in a template

  constructor({ nodes, forms }) {
    this.nodes = nodes;
    this.forms = forms;
  }

  line(key, parts = {}) {
    return filled(LINES[this.form][key], parts);
  }

  // A sentence; of its parts, a list is names, and after them how many more there are.
  say(key, parts = {}) {
    return filled(WORDS[key], Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, this.inline(part)])));
  }

  inline(part) {
    if (typeof part === "number") return String(part);
    if (typeof part === "string") return this.mathematics(part);
    return part.map((x) => (typeof x === "number" ? this.say("more", { n: x }) : this.mathematics(x))).join(", ");
  }

  fill(template, numbers) {
    const number = (_, bracket, key) => (bracket ? this.bracketed(numbers[key]) : this.number(numbers[key]));
    return template.replace(this.places, number);
  }

  // "u = b·c = 3 × 2 = 6"; what two neighbours have in common is said once.
  equal(...sides) {
    return sides.filter((side, i) => i === 0 || side !== sides[i - 1]).join(this.line("equals"));
  }

  // The name of a node where something stands in front of it or behind it.
  atom(id) {
    return this.nodes[id].compound ? this.line("atom", { x: this.name(id) }) : this.name(id);
  }

  bracketed(x) {
    const text = this.number(x);
    return /^[−-]/.test(text) ? `(${text})` : text;
  }

  mathematics(written) {
    return written;
  }

  name(id) {
    return this.nodes[id].name;
  }

  number(x) {
    return digits(x ?? 0);
  }

  subscript(n) {
    return [...String(n)].map((d) => "₀₁₂₃₄₅₆₇₈₉"[d]).join("");
  }

  formula(y, key = "formula") {
    return this.nodes[y][key];
  }

  numbers(y) {
    return this.nodes[y].numbers;
  }

  partial({ from, slot }) {
    return this.nodes[from].partials[slot];
  }
}

export class LatexPen extends Pen {
  form = "latex";
  places = /(‹?)⟨(\w+)⟩›?/g;

  mathematics(written) {
    return MATHEMATICS[0] + written + MATHEMATICS[1];
  }

  name(id) {
    return this.nodes[id].latex;
  }

  number(x) {
    return latexNumber(x ?? 0);
  }

  subscript(n) {
    return String(n);
  }

  formula(y, key = "formula") {
    return this.named(y, this.forms[this.nodes[y].form][key]);
  }

  numbers(y) {
    return this.forms[this.nodes[y].form].numbers;
  }

  partial({ from, slot }) {
    const [text, template] = this.forms[this.nodes[from].form].partials[slot];
    return [this.named(from, text), template];
  }

  named(y, template) {
    const { inputs } = this.nodes[y];
    return template.replace(/⟦(\d+|y)⟧/g, (_, at) => this.name(at === "y" ? y : inputs[at]));
  }
}
