// The map of a graph that is larger than its frame: its boxes, and what is in view. A press or a drag in it moves there.

import { svgElement } from "./elements.js";

const MOST = [220, 130]; // CSS pixels
const LEAST = 14; // CSS pixels: a strip can still be hit
const CORNERS = ["right bottom", "left bottom", "right top", "left top"];

export class Minimap {
  // `onMove` is told a point, in the units of the graph.
  constructor(onMove) {
    this.boxes = svgElement("g", {});
    this.window = svgElement("rect", { class: "window" });
    this.root = svgElement("svg", { class: "minimap", "data-corner": CORNERS[0], "aria-hidden": "true", preserveAspectRatio: "none" });
    this.root.append(this.boxes, this.window);
    const move = (event) => {
      if (!(event.buttons & 1)) return;
      const { left, top, width, height } = this.root.getBoundingClientRect();
      this.root.setPointerCapture(event.pointerId);
      onMove(((event.clientX - left) / width) * this.size.width, ((event.clientY - top) / height) * this.size.height);
    };
    this.root.addEventListener("pointerdown", move);
    this.root.addEventListener("pointermove", move);
  }

  show(isShown, size, frame) {
    this.root.classList.toggle("shown", isShown);
    this.size = size;
    const scale = Math.min(Math.min(MOST[0], frame.clientWidth / 3) / size.width, Math.min(MOST[1], frame.clientHeight / 3) / size.height);
    this.root.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    this.root.style.width = `${Math.max(LEAST, scale * size.width)}px`;
    this.root.style.height = `${Math.max(LEAST, scale * size.height)}px`;
  }

  draw(areas, boxes) {
    this.marks = areas.map(({ x, y, width, height }) => svgElement("rect", { x, y, width, height }));
    this.boxes.replaceChildren(...this.marks);
    this.activate(boxes);
  }

  // Colours the boxes of the step.
  activate(boxes) {
    boxes.forEach((box, i) => this.marks?.[i]?.classList.toggle("current", box.group.classList.contains("current")));
  }

  // Stands in a corner of the frame where it covers none of the active rectangles and no heading. It moves only if it
  // must, or if the choice is free: then to where it covers fewest of the others.
  avoid(active, headings, others, isFree) {
    const covered = (corner, rectangles) => {
      this.root.dataset.corner = corner;
      const own = this.root.getBoundingClientRect();
      const meets = (r) => r.left < own.right && r.right > own.left && r.top < own.bottom && r.bottom > own.top;
      return rectangles.filter(meets).length;
    };
    const now = this.root.dataset.corner;
    if (!isFree && !covered(now, [...active, ...headings])) return;
    const cost = (corner) => 1e6 * covered(corner, active) + 1e3 * covered(corner, headings) + covered(corner, others);
    const costs = CORNERS.map((corner) => [cost(corner), corner]);
    this.root.dataset.corner = costs.reduce((best, each) => (each[0] < best[0] ? each : best))[1];
  }

  mark(x, y, width, height) {
    for (const [name, value] of Object.entries({ x, y, width, height })) this.window.setAttribute(name, value);
  }
}
