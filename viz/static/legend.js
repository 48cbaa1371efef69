// What shapes, colours and marks of the graph mean.

import { element, svgElement } from "./elements.js";
import { COLOURS } from "./python.js";

const WIDE = 44; // of a drawing, in CSS pixels; 24 high

// The drawings are those of a graph, so that they are as dark as it is.
const SHAPES = {
  input: (look) => svgElement("ellipse", { cx: 22, cy: 12, rx: 19, ry: 9, ...look }),
  parameter: (look) => svgElement("polygon", { points: "3,12 12,3 32,3 41,12 32,21 12,21", ...look }),
  constant: (look) => svgElement("ellipse", { cx: 22, cy: 12, rx: 11, ry: 8, ...look }),
  result: (look) => svgElement("rect", { x: 3, y: 3, width: 38, height: 18, rx: 6, ...look }),
  group: (look) => svgElement("rect", { x: 3, y: 3, width: 38, height: 18, ...look, "stroke-width": 2 }),
};

const KINDS = [
  ["input", "input"],
  ["parameter", "parameter: what is learnt"],
  ["constant", "constant: no gradient"],
  ["result", "result; on its left the operation"],
  ["group", "group: a click opens it"],
];

const ARROWS = [
  [{ colour: "positive", width: 2 }, "the gradient that flows back is positive"],
  [{ colour: "negative", width: 2, isHollow: true }, "negative: hollow head"],
  [{ colour: "neutral", width: 1.4 }, "nothing has flowed yet, or zero"],
  [{ colour: "neutral", width: 1.4, isDashed: true }, "dashed: this edge is masked, nothing flows"],
  [{ colour: "positive", width: 4 }, "thick: this step"],
];

export class Legend {
  constructor() {
    const act = () => this.toggle();
    this.button = element("button", { type: "button", "aria-expanded": "false", title: "what shapes and colours mean", onclick: act }, "legend");
    const rows = [
      ...KINDS.map(([kind, words]) => row(SHAPES[kind](outline(kind)), words)),
      ...ARROWS.map(([look, words]) => row(arrow(look), words)),
      row(mark("current"), "the node of this step"),
      row(mark("source"), "where its gradient comes from"),
      row(badge(), "k of n arrived: of the n edges to its users, k have sent their gradient; it is the sum of all"),
    ];
    this.root = element("section", { class: "legend", hidden: true, "aria-label": "legend" }, ...rows);
  }

  toggle() {
    this.root.hidden = !this.root.hidden;
    this.button.setAttribute("aria-expanded", !this.root.hidden);
  }
}

function row(drawn, words) {
  const drawing = svgElement("svg", { viewBox: `0 0 ${WIDE} 24`, width: WIDE, height: 24, "aria-hidden": "true" });
  drawing.append(drawn);
  return element("p", {}, drawing, element("span", {}, words));
}

function outline(kind) {
  const [fill, stroke] = COLOURS.kinds[kind];
  return { fill, stroke };
}

function arrow({ colour, width, isHollow, isDashed }) {
  const stroke = COLOURS[colour];
  const drawn = svgElement("g", {});
  const dashes = isDashed ? { "stroke-dasharray": "5 4" } : {};
  drawn.append(svgElement("path", { d: "M2 12H32", fill: "none", stroke, "stroke-width": width, ...dashes }));
  drawn.append(svgElement("polygon", { points: "42,12 31,7 31,17", stroke, fill: isHollow ? COLOURS.paper : stroke }));
  return drawn;
}

function mark(name) {
  const drawn = svgElement("g", { class: `sample ${name}` });
  drawn.append(SHAPES.result(outline("result")));
  return drawn;
}

function badge() {
  const drawn = svgElement("g", { class: "badge partial" });
  drawn.append(svgElement("rect", { x: 2, y: 4, width: 40, height: 16, rx: 8 }));
  const words = svgElement("text", { x: 22, y: 16, "text-anchor": "middle", "font-size": 11 });
  words.textContent = "1 of 2";
  drawn.append(words);
  return drawn;
}
