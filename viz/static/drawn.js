// A drawn graph in a cell of a notebook: it zooms and pans, and what the pointer is on says all that is known of it.

import { element } from "./elements.js";
import { actOf } from "./keys.js";
import { followTheme } from "./surroundings.js";
import { Viewport } from "./viewport.js";

const READABLE_DRAWN = { page: 9 }; // CSS pixels: the whole is to be seen first
const HINT = "point at a node or an arrow for its details; drag to move, Ctrl and wheel to zoom";

// Takes over a root that has an SVG in it.
export function showDrawn(root) {
  const svg = root.querySelector("svg");
  const viewport = new Viewport(READABLE_DRAWN);
  viewport.follow.remove(); // there is no step to follow
  const details = element("output", { class: "details" }, HINT);
  const say = (group, text) => {
    svg.querySelector(".pointed")?.classList.remove("pointed");
    group.classList.add("pointed");
    details.textContent = text;
  };
  const boxes = [];
  for (const title of svg.querySelectorAll("g > title")) {
    const group = title.parentNode;
    const text = title.textContent;
    title.remove(); // the browser would show it a second time
    group.setAttribute("role", "img");
    group.setAttribute("aria-label", text);
    const isBox = group.id.startsWith("n");
    if (isBox) group.setAttribute("tabindex", "0");
    if (isBox) boxes.push({ group });
    const label = isBox ? null : svg.querySelector(`#l${group.id.slice(1)}`);
    for (const part of label ? [group, label] : [group]) part.addEventListener("pointerenter", () => say(group, text));
    group.addEventListener("focus", () => say(group, text));
  }
  root.replaceChildren(element("div", { class: "head" }, details, viewport.tools), viewport.root);
  followTheme(root);
  viewport.load({ svg, boxes });
  new ResizeObserver(() => viewport.resize()).observe(root);
  document.addEventListener("keydown", (event) => {
    if (viewport.act(actOf(event))) event.preventDefault();
  });
}
