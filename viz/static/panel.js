// The panel about one node: the steps that it takes part in, and its paths to the root.

import { element } from "./elements.js";
import { mathLine, rich } from "./mathematics.js";

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
    const written = [frames, id, hidden === null];
    if (id === null || written.every((each, i) => each === this.written?.[i])) return; // what has the focus stays
    this.written = written;
    const { stepper } = this;
    const jump = (i) => {
      const [said, shown] = ["text", "latex"].map((form) => `${i + 1}: ${frames.frame(i, form).title}`);
      return element("button", { type: "button", "aria-label": said, onclick: () => stepper.go(i) }, ...rich(shown));
    };
    const name = (at) => mathLine(frames.pens.latex.name(at), frames.name(at));
    const act = () => {
      stepper.pick(id);
      stepper.graph.boxes.find(({ key }) => key === id)?.group.focus({ preventScroll: true }); // what opens it again
    };
    const close = element("button", { type: "button", class: "close", "aria-label": "close", onclick: act }, "×");
    this.root.replaceChildren(
      close,
      element("h3", {}, name(id), ": its steps"),
      element("p", {}, ...steps(frames, id).slice(0, STEPS).map(jump)),
      ...(stepper.record.nodes[id].op === null ? [stepper.nudge.tool] : []),
      element("h3", {}, "its paths to ", name(frames.root)),
      ...paths(frames, id, hidden === null).map((path) => element("p", {}, path)),
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
  const found = [];
  const stack = [[id, []]];
  while (stack.length && found.length <= PATHS) {
    const [at, edges] = stack.pop();
    if (at === frames.root) found.push(path(frames, id, edges, withNumbers));
    else for (const event of [...(users.get(at) ?? [])].reverse()) stack.push([event.from, [...edges, event]]);
  }
  if (found.length > PATHS) return [...found.slice(0, PATHS), "…"];
  return found.length ? found : ["None: no gradient reaches it."];
}

function path(frames, id, edges, withNumbers) {
  const written = (pen) => {
    const nodes = [id, ...edges.map((e) => e.from)].map((i) => pen.name(i)).join(pen.line("to"));
    if (!withNumbers) return nodes;
    const factors = edges.map((e) => pen.bracketed(e.local)).join(pen.line("times"));
    const total = pen.number(edges.reduce((product, e) => product * e.local, 1));
    return pen.line("path", { nodes, product: pen.equal(factors, total) });
  };
  return mathLine(written(frames.pens.latex), written(frames.pens.text));
}
