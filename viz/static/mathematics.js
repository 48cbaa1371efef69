// LaTeX as our printers write it, as MathML that browsers show: autograd/table/mathml.py once more, by its SYMBOLS.

import { element } from "./elements.js";
import { MATHEMATICS, SYMBOLS } from "./python.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";
export const LATEX_TOKEN = /\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|./gsu;

function mathElement(name, children = [], attributes = {}) {
  const made = document.createElementNS(MATHML, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Some items as one element: where MathML wants exactly one.
const one = (items) => (items.length === 1 ? items[0] : mathElement("mrow", items));

// The elements that go into <math>.
export function mathml(latex) {
  return new LatexReader(latex).items();
}

const FUNCTION_WORDS = new Set(Object.entries(SYMBOLS.mi).flatMap(([command, word]) => (command === `\\${word}` ? [word] : [])));

const space = (width) => mathElement("mspace", [], { width });

// What a minus behind it is a sign after: any operator or parenthesis but one that closes.
const isOperator = (item) => item.localName === "mo" && !/[)\]|‖⌋⌉}]/.test(item.textContent);

class LatexReader {
  constructor(latex) {
    this.tokens = latex.match(LATEX_TOKEN)?.reverse() ?? [];
  }

  // The next token that is no space, which is not taken; "" at the end.
  next() {
    while (this.tokens.length && !this.tokens.at(-1).trim()) this.tokens.pop();
    return this.tokens.at(-1) ?? "";
  }

  take() {
    if (!this.next()) throw new Error("LaTeX ends too early");
    return this.tokens.pop();
  }

  items(...ends) {
    const items = [];
    for (let token = this.next(); token && !ends.includes(token); token = this.next()) {
      const isSign = token === "-" && items.length && isOperator(items.at(-1));
      items.push(this.item());
      if (isSign) items.at(-1).setAttribute("form", "prefix");
      if (FUNCTION_WORDS.has(token.slice(1)) && this.beginsOperand(this.next(), ends)) items.push(space("0.17em"));
    }
    return items;
  }

  // Whether a function needs room before it: tanh x, but not tanh(x).
  beginsOperand(token, ends) {
    return !["", ...ends, "(", "\\left"].includes(token) && !(token in SYMBOLS.mo);
  }

  closed(end) {
    const items = this.items(end);
    this.take();
    return items;
  }

  // A thing, with what is raised and lowered behind it.
  item() {
    const base = this.thing();
    const scripts = {};
    while (["^", "_"].includes(this.next())) scripts[this.tokens.pop()] = this.thing();
    const { _: lower, "^": upper } = scripts;
    if (!lower && !upper) return base;
    return mathElement(lower && upper ? "msubsup" : lower ? "msub" : "msup", [base, lower, upper].filter(Boolean));
  }

  thing() {
    const token = this.take();
    switch (token) {
      case "{":
        return one(this.closed("}"));
      case "\\frac":
        return mathElement("mfrac", [this.thing(), this.thing()]);
      case "\\sqrt": {
        if (this.next() !== "[") return mathElement("msqrt", [this.thing()]);
        this.tokens.pop();
        const index = one(this.closed("]"));
        return mathElement("mroot", [this.thing(), index]);
      }
      case "\\left": {
        const opening = this.fence();
        const inside = this.closed("\\right");
        return mathElement("mrow", [opening, ...inside, this.fence()]);
      }
      case "\\begin":
        return this.cases();
      case "\\mathrm":
      case "\\operatorname":
        return mathElement("mi", [this.text()]);
      case "\\text":
        return mathElement("mtext", [this.text()]);
    }
    if (token in SYMBOLS.accent) return mathElement("mover", [this.thing(), mathElement("mo", [SYMBOLS.accent[token]])]);
    return this.sign(token);
  }

  fence() {
    const token = this.take();
    return mathElement("mo", [SYMBOLS.fence[token] ?? token]);
  }

  // What is between \begin{cases} and \end{cases}.
  cases() {
    this.text();
    const rows = [];
    while (this.next() && this.next() !== "\\end") {
      const cells = [this.closed("&"), this.items("\\\\", "\\end")];
      rows.push(mathElement("mtr", cells.map((cell) => mathElement("mtd", cell))));
      if (this.next() === "\\\\") this.tokens.pop();
    }
    this.take();
    this.text();
    return mathElement("mrow", [mathElement("mo", ["{"]), mathElement("mtable", rows)]);
  }

  // The text in braces, as it is; spaces at its ends stay spaces.
  text() {
    let [text, depth] = ["", 0];
    for (let token = this.take(); ; token = this.tokens.pop() ?? "}") {
      depth += { "{": 1, "}": -1 }[token] ?? 0;
      if (depth === 0) break;
      if (token === "{" || token === "}") continue;
      text += SYMBOLS.text[token] ?? (token[0] === "\\" ? token.slice(1) : token);
      if (token in SYMBOLS.text && this.tokens.at(-1) === " ") this.tokens.pop(); // it ended the command
    }
    return text.replaceAll(" ", "\xa0");
  }

  sign(token) {
    if (token in SYMBOLS.mspace) return space(SYMBOLS.mspace[token]);
    if (token in SYMBOLS.mi) return mathElement("mi", [SYMBOLS.mi[token]]);
    if ("()[]|".includes(token)) return mathElement("mo", [token], { stretchy: "false" });
    if (token in SYMBOLS.mo) return mathElement("mo", [SYMBOLS.mo[token]]);
    return mathElement(/^\d/.test(token) ? "mn" : "mi", [token]);
  }
}

// -- mathematics in a page --------------------------------------------------------------------------------

const BREAKS = "=⇒→+−·×:"; // a long line may be broken before these

// How many more parentheses a text opens than it closes; they may stand in words, (via x), and have scripts, (x, y)₁.
const opened = (text) => text.split("(").length - text.split(")").length;

// LaTeX as parts that the page puts side by side, or below each other where there is no room.
export function typeset(latex) {
  const parts = [[]];
  let depth = 0;
  for (const item of mathml(latex)) {
    const sign = item.localName === "mo" ? item.textContent : "";
    const isInfix = depth === 0 && parts.at(-1).length && item.getAttribute("form") !== "prefix";
    if (isInfix && sign && BREAKS.includes(sign)) {
      parts.push([]);
      item.setAttribute("form", "infix");
    }
    depth += opened(item.textContent);
    parts.at(-1).push(item);
    if (depth === 0 && sign === ",") parts.push([]);
  }
  const maths = parts.filter((part) => part.length).map((part) => mathElement("math", part, { displaystyle: "true" }));
  return maths.flatMap((math, i) => (i ? [element("wbr"), math] : [math]));
}

// A line of LaTeX, which a screen reader reads as text.
export function mathLine(latex, text) {
  return element("span", { role: "math", "aria-label": text }, ...typeset(latex));
}

// A sentence whose names and numbers are LaTeX between two marks.
export function rich(sentence) {
  const [begin, end] = MATHEMATICS;
  return sentence.split(begin).flatMap((part, i) => {
    if (i === 0) return [part];
    const [latex, text] = part.split(end);
    return [mathElement("math", mathml(latex)), text];
  });
}
