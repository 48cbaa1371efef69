// The network whose loss is stepped through, as lectures draw it: its numbers are those of the step. A click on a unit
// or on the line of a weight leads to its steps.

import { digits } from "./arithmetic.js";
import { pressable, svgElement, svgOf, writeInto } from "./elements.js";
import { COLOURS } from "./python.js";

export class Network {
  // `onVisit` is told the node that a unit or a line stands for, when it is clicked.
  constructor(view, onVisit) {
    this.svg = svgOf(view.svg, "network");
    this.svg.classList.add("network");
    this.boxes = Object.entries(view.units).map(([name, { node, rows }]) => {
      const group = this.opener(name, node, onVisit);
      group.setAttribute("tabindex", "0"); // of the lines there are too many: the keyboard comes to them in the graph
      const texts = group.querySelectorAll(".row");
      const numbers = rows.map(({ row, ...numbers }) => ({ text: texts[row], ...numbers }));
      return { key: node, group, rows: texts, numbers, title: group.querySelector("title"), outline: group.querySelector("ellipse, rect") };
    });
    this.arrows = []; // no edge of the graph has a line of its own: a weight meets z only in a sum of products
    this.lines = Object.entries(view.lines).map(([name, node]) => {
      const group = this.opener(name, node, onVisit);
      const path = group.querySelector("path");
      path.style.setProperty("--width", path.getAttribute("stroke-width"));
      const near = svgElement("path", { class: "near", d: path.getAttribute("d") }); // a thin line is hard to hit
      group.append(near);
      return { node, group, path, title: group.querySelector("title"), label: this.svg.querySelector(`#l${name.slice(1)}`) };
    });
  }

  opener(name, node, onVisit) {
    const group = this.svg.querySelector(`#${name}`);
    pressable(group, () => onVisit(node));
    return group;
  }

  // Shows the state after a frame. `hidden` is a node whose number is to be predicted.
  show(frames, frame, { hidden }) {
    const { scope } = frames.nodes[frame.node];
    const events = frames.events.slice(frame.first, frame.last + 1);
    const receiving = new Set(events.filter((event) => event.type === "edge").map((event) => event.to));
    const asked = frame.kind === "forward" ? "data" : "grad";
    const said = (id, of) => (id === hidden && of === asked ? "?" : numberOf(frames, frame, id, of));
    for (const box of this.boxes) {
      for (const { text, word, nodes, of } of box.numbers) {
        this.write(box, text, `${word} ${nodes.map((id) => said(id, of)).join(", ")}`.trim());
      }
      const nodes = [...new Set([box.key, ...box.numbers.flatMap((row) => row.nodes)])];
      this.tell(box, nodes.map((id) => this.sentence(frames, id, said)).join(", "));
      const isOwn = frames.nodes[box.key].op !== null && scope !== "" && frames.nodes[box.key].scope === scope;
      box.group.classList.toggle("current", frame.kind !== "start" && (isOwn || frame.node === box.key));
    }
    for (const line of this.lines) {
      const weight = frames.data[line.node];
      line.path.setAttribute("stroke", weight > 0 ? COLOURS.positive : weight < 0 ? COLOURS.negative : COLOURS.neutral);
      line.path.setAttribute("stroke-dasharray", weight < 0 ? "5 4" : "none");
      const grad = said(line.node, "grad");
      if (line.label) line.label.textContent = digits(weight) + (grad === "—" ? "" : ` (∂ ${grad})`);
      this.tell(line, this.sentence(frames, line.node, said));
      line.group.classList.toggle("current", receiving.has(line.node));
    }
  }

  sentence(frames, id, said) {
    return `${frames.name(id)} = ${said(id, "data")}, ∂${frames.name(frames.root)}/∂${frames.name(id)} = ${said(id, "grad")}`;
  }

  tell({ title, group }, words) {
    title.textContent = words;
    group.setAttribute("aria-label", words);
  }

  // Not every box has as many rows as a node's.
  write({ outline }, text, words) {
    if (text && text.textContent !== words) writeInto(text, words, 0.86 * outline.getBBox().width);
  }
}

function numberOf(frames, frame, id, of) {
  if (of === "data") return frames.isKnown(id, frame.last) ? digits(frames.data[id]) : "—";
  const { value } = frames.gradientAt(id, frame.last);
  return value === null ? "—" : digits(value);
}

// The view with the most scopes around a node opened.
export function viewOf(views, node) {
  const names = Object.keys(views).filter((name) => !views[name].units && `${node.scope}/`.startsWith(name && `${name}/`));
  const inmost = names.reduce((best, name) => (name.length > best.length ? name : best), "");
  return inmost || (["", "*"].find((name) => name in views) ?? Object.keys(views)[0]);
}

// The step that computes a node, or brings a leaf the first of its gradient; the first step if none does.
export function stepOf(frames, id) {
  const at = frames.computedAt.get(id) ?? frames.arrivals.get(id)?.[0] ?? 0;
  return frames.list.findIndex(([, , last]) => last >= at);
}
