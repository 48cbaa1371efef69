// All steps as one align of LaTeX: autograd/steps/derivation.py once more.

import { Frames } from "./frames.js";
import { LATEX_TOKEN } from "./mathematics.js";

export function align(record, notation) {
  const frames = new Frames(record, "op", notation);
  const lines = frames.list.flatMap((_, i) => frames.frame(i, "latex").lines);
  return `\\begin{align*}\n${lines.map((line) => `  ${aligned(line)}`).join(" \\\\\n")}\n\\end{align*}\n`;
}

// A line with the mark of its place before its first "=" that nothing encloses, or else at its end.
function aligned(line) {
  let [text, depth] = ["", 0];
  for (const token of line.match(LATEX_TOKEN)) {
    if (token === "=" && depth === 0) return `${text}&${line.slice(text.length)}`;
    depth += { "{": 1, "}": -1 }[token] ?? 0;
    text += token;
  }
  return `${line} &`;
}
