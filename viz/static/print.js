// On paper: the graph as it stands, and all steps under each other.

import { element } from "./elements.js";
import { mathLine, rich } from "./mathematics.js";

const MOST_PRINTED = 500; // steps

export function preparePrinting(stepper, signal) {
  let sheet = null;
  const make = () => {
    sheet?.remove();
    sheet = element("section", { class: "sheet" }, stepper.graph.svg.cloneNode(true), ...printedSteps(stepper.frames));
    stepper.root.append(sheet);
  };
  addEventListener("beforeprint", make, { signal });
  addEventListener("afterprint", () => sheet?.remove(), { signal });
}

function printedSteps(frames) {
  const many = Math.min(frames.length, MOST_PRINTED);
  const printed = Array.from({ length: many }, (_, i) => {
    const [said, shown] = ["text", "latex"].map((form) => frames.frame(i, form));
    const title = element("h2", {}, `${i + 1}. `, ...rich(shown.title));
    const lines = shown.lines.map((latex, at) => element("div", { class: "line" }, mathLine(latex, said.lines[at])));
    const notes = shown.notes.map((note) => element("p", {}, ...rich(note)));
    return element("article", {}, title, ...lines, element("p", {}, ...rich(shown.sentence)), ...notes);
  });
  if (many < frames.length) printed.push(element("p", {}, `The first ${many} of ${frames.length} steps.`));
  return printed;
}
