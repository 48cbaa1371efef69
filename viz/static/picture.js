// The graph of a step: writes its numbers, colours and marks into the SVG of a view. Nothing in it moves.

import { digits } from "./arithmetic.js";
import { pressable, svgElement, svgOf, writeInto } from "./elements.js";
import { COLOURS } from "./python.js";

export class Graph {
  // `onPick` is told a node's id or a group's name when its box is clicked.
  constructor(view, nodes, onPick) {
    this.view = view;
    this.svg = svgOf(view.svg, "computation graph");
    this.svg.removeAttribute("aria-labelledby");
    this.boxes = view.boxes.map((key, i) => this.box(key, this.svg.querySelector(`#n${i}`), nodes, onPick));
    this.arrows = view.arrows.map((edges, i) => {
      const group = this.svg.querySelector(`#e${i}`);
      const label = this.svg.querySelector(`#l${i}`);
      const [path, head] = [group.querySelector("path"), group.querySelector("polygon")];
      return { edges, group, path, head, label, words: [...(label?.childNodes ?? [])], numberText: label?.querySelector(".number") };
    });
  }

  box(key, group, nodes, onPick) {
    const isGroup = typeof key === "string";
    const isConstant = !isGroup && nodes[key].kind === "constant";
    const outline = [...group.querySelectorAll("ellipse, polygon, rect")].at(-1);
    if (!isConstant) {
      group.setAttribute("tabindex", "0");
      pressable(group, () => onPick(key));
    }
    const bar = group.querySelector("path"); // between the symbol and the rows
    return { key, group, outline, bar, isGroup, isConstant, rows: [...group.querySelectorAll(".row")] };
  }

  // Shows the state after a frame. `hidden` is a node whose number is to be predicted.
  show(frames, frame, { hidden, picked }) {
    const events = frames.events.slice(frame.first, frame.last + 1);
    const edges = events.filter((event) => event.type === "edge");
    const targets = new Set(edges.map((event) => event.to));
    const sources = new Set(edges.map((event) => event.from));
    if (frame.kind !== "start" && !edges.length) targets.add(frame.node);
    for (const box of this.boxes) {
      if (!box.isGroup) this.showNode(box, frames, frame, hidden);
      const members = new Set(this.view.members[box.key] ?? [box.key]);
      const has = (ids) => [...ids].some((id) => members.has(id));
      box.group.classList.toggle("current", has(targets));
      box.group.classList.toggle("source", has(sources) && !has(targets));
      box.group.classList.toggle("picked", box.key === picked);
    }
    this.edgeAt ??= this.edgeEvents(frames);
    for (const arrow of this.arrows) this.showArrow(arrow, frames, frame, hidden);
  }

  edgeEvents(frames) {
    const found = new Map();
    frames.events.forEach((event, at) => event.type === "edge" && found.set(`${event.from}:${event.slot}`, at));
    return found;
  }

  showNode(box, frames, frame, hidden) {
    if (box.isConstant) return;
    const id = box.key;
    const isKnown = frames.isKnown(id, frame.last);
    const { value, arrived, expected } = frames.gradientAt(id, frame.last);
    const isHidden = id === hidden;
    const data = isHidden && frame.kind === "forward" ? "?" : isKnown ? digits(frames.data[id]) : "—";
    const grad = isHidden && frame.kind === "edge" ? "?" : value === null ? "—" : digits(value);
    const [, dataText, gradText] = box.rows;
    this.write(box, dataText, `data ${data}`);
    this.write(box, gradText, `grad ${grad}`);
    const isPartial = arrived > 0 && arrived < expected;
    box.group.classList.toggle("unknown", !isKnown);
    box.group.classList.toggle("partial", isPartial);
    this.badge(box, expected > 1 && arrived > 0 ? `${arrived} of ${expected} arrived` : "", isPartial);
    const state = `${frames.name(id)}, data ${data}, gradient ${grad}${isPartial ? `, ${arrived} of ${expected} arrived` : ""}`;
    box.group.setAttribute("aria-label", state);
  }

  write(box, text, words) {
    if (text.textContent === words) return;
    box.room ??= roomIn(box);
    writeInto(text, words, box.room);
  }

  badge(box, words, isPartial) {
    if (!words) return box.badge?.remove(), (box.badge = null);
    if (!box.badge) {
      const { x, y, width } = box.outline.getBBox();
      box.badge = svgElement("g", { class: "badge", transform: `translate(${x + width / 2},${y - 3})` });
      box.badge.append(svgElement("rect", { y: -8, height: 15, rx: 7 }));
      box.badge.append(svgElement("text", { y: 3.5, "text-anchor": "middle" }));
      this.svg.append(box.badge);
    }
    const [outline, text] = box.badge.children;
    if (text.textContent !== words) {
      text.textContent = words;
      const width = text.getComputedTextLength() + 14;
      outline.setAttribute("x", -width / 2);
      outline.setAttribute("width", width);
    }
    box.badge.classList.toggle("partial", isPartial);
  }

  showArrow({ edges, group, path, head, label, words, numberText }, frames, frame, hidden) {
    const at = edges.map(([from, slot]) => this.edgeAt.get(`${from}:${slot}`)).filter((i) => i !== undefined);
    const isCurrent = at.some((i) => i >= frame.first && i <= frame.last);
    const past = at.filter((i) => i <= frame.last);
    const flow = flowOf(past.map((i) => frames.events[i]));
    const shown = isCurrent && hidden !== null ? 0 : (flow ?? 0);
    const colour = shown > 0 ? COLOURS.positive : shown < 0 ? COLOURS.negative : COLOURS.neutral;
    path.setAttribute("stroke", colour);
    head.setAttribute("stroke", colour);
    head.setAttribute("fill", shown < 0 ? COLOURS.paper : colour);
    const isCut = edges.length === 1 && at.length === 1 && frames.events[at[0]].product === null;
    path.setAttribute("stroke-dasharray", isCut ? "5 4" : "none");
    group.classList.toggle("current", isCurrent);
    group.classList.toggle("done", past.length > 0 && !isCurrent);
    if (!label || edges.length > 1) return;
    const isToBeSaid = isCurrent && hidden !== null;
    const isKnown = past.length > 0 && !isToBeSaid;
    if (isKnown) numberText.textContent = digits(frames.events[at[0]].local ?? 0);
    label.replaceChildren(...(isKnown ? words : []));
  }
}

// How wide a row of a box may be.
function roomIn({ outline, bar }) {
  const { x, width } = outline.getBBox();
  return bar ? x + width - bar.getBBox().x - 10 : width - 24;
}

// What has flowed back along an arrow; null where nothing has, or where it goes to several nodes.
function flowOf(events) {
  const [first, ...others] = events.filter(({ product }) => product !== null);
  if (first === undefined || others.some(({ to }) => to !== first.to)) return null;
  return others.reduce((sum, { product }) => sum + product, first.product);
}
