// The number travels: along its edge, times the local derivative, into the sum of the node that it comes to.

import { bracketed, digits } from "./arithmetic.js";
import { svgElement } from "./elements.js";

const DURATION = 400; // milliseconds

export class Motion {
  constructor() {
    this.bubble = null;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
  }

  // Of a step along one edge. The step itself has been shown already.
  begin(graph, frames, frame) {
    this.cancel();
    const event = frames.events[frame.first];
    if (this.still.matches || frame.kind !== "edge" || event.product === null) return;
    const arrow = graph.arrows.find(({ edges }) => edges.some(([from, slot]) => from === event.from && slot === event.slot));
    const target = graph.boxes.find(({ key }) => key === event.to);
    const length = arrow?.path.getTotalLength();
    if (!length || !target) return;
    this.bubble = svgElement("g", { class: "traveller", "aria-hidden": "true" });
    this.bubble.append(svgElement("rect", { rx: 6 }), svgElement("text", { "text-anchor": "middle" }));
    graph.svg.append(this.bubble);
    const { x, y, width } = target.rows[2].getBBox();
    const goal = { x: x + width / 2, y };
    const words = stations(event);
    const along = (part) => arrow.path.getPointAtLength(length * (1 - part)); // a path is drawn from operand to result
    this.run(words, (part) => (part <= 0.75 ? along(part / 0.75) : between(along(1), goal, (part - 0.75) / 0.25)));
  }

  run(words, at) {
    const { bubble } = this;
    const start = performance.now();
    const move = (now) => {
      if (bubble !== this.bubble) return;
      const part = Math.max(0, (now - start) / DURATION);
      if (part >= 1) return this.cancel();
      say(bubble, words[Math.floor(part * words.length)]);
      const { x, y } = at(part);
      bubble.setAttribute("transform", `translate(${x},${y})`);
      requestAnimationFrame(move);
    };
    move(start);
  }

  cancel() {
    this.bubble?.remove();
    this.bubble = null;
  }
}

// What is to be read on the way.
function stations({ upstream, local, product, before }) {
  const times = `${digits(upstream)} × ${bracketed(local)}`;
  return [digits(upstream), times, digits(product), before === null ? digits(product) : `+ ${bracketed(product)}`];
}

function between(a, b, part) {
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };
}

function say(bubble, words) {
  const [outline, text] = bubble.children;
  if (text.textContent === words) return;
  text.textContent = words;
  const { x, y, width, height } = text.getBBox();
  for (const [key, value] of Object.entries({ x: x - 6, y: y - 2, width: width + 12, height: height + 4 })) outline.setAttribute(key, value);
}
