// The panel about one node: the steps that it takes part in, and its paths to the root.

import { bracketed, digits } from "./arithmetic.js";
import { element } from "./elements.js";

const PATHS = 12; // that are written out
const STEPS = 40; // that are listed

export class Panel {
  constructor(stepper) {
    this.stepper = stepper;
    this.root = element("section", { class: "panel", hidden: true, "aria-label": "about a node" });
  }

  // While a number is to be predicted, paths are shown without theirs.
  show(frames, id, hidden) {
    this.root.hidden = id === null;
    if (id === null) return;
    const { stepper } = this;
    const jump = (i) =>
      element("button", { type: "button", onclick: () => stepper.go(i) }, `${i + 1}: ${frames.frame(i).title}`);
    const act = () => stepper.pick(id);
    const close = element("button", { type: "button", class: "close", "aria-label": "close", onclick: act }, "×");
    this.root.replaceChildren(
      close,
      element("h3", {}, `${frames.name(id)}: its steps`),
      element("p", {}, ...steps(frames, id).slice(0, STEPS).map(jump)),
      element("h3", {}, `its paths to ${frames.name(frames.root)}`),
      ...paths(frames, id, hidden === null).map((line) => element("p", {}, line)),
    );
  }
}

// The numbers of the frames that a node takes part in.
function steps(frames, id) {
  const isPart = (e) => (e.type !== "leaf" && e.node === id) || e.from === id || e.to === id;
  return frames.list.flatMap(([, first, last], i) => (frames.events.slice(first, last + 1).some(isPart) ? [i] : []));
}

// Every path from a node to the root, with the product of its local derivatives if there are to be numbers.
function paths(frames, id, withNumbers) {
  if (id === frames.root) return ["It is the root: its gradient is 1."];
  const users = new Map();
  for (const event of frames.events) {
    if (event.type !== "edge" || event.product === null) continue;
    if (!users.has(event.to)) users.set(event.to, []);
    users.get(event.to).push(event);
  }
  const lines = [];
  const stack = [[id, []]];
  while (stack.length && lines.length <= PATHS) {
    const [at, edges] = stack.pop();
    if (at === frames.root) {
      const names = [id, ...edges.map((e) => e.from)].map((i) => frames.name(i)).join(" → ");
      const total = edges.reduce((p, e) => p * e.local, 1);
      const factors = edges.map((e) => bracketed(e.local)).join(" × ");
      lines.push(withNumbers ? `${names}: ${factors} = ${digits(total)}` : names);
    } else for (const event of [...(users.get(at) ?? [])].reverse()) stack.push([event.from, [...edges, event]]);
  }
  if (lines.length > PATHS) return [...lines.slice(0, PATHS), "…"];
  return lines.length ? lines : ["None: no gradient reaches it."];
}
