// The window on the graph: how large it is drawn, and which part of it is in view. Its frame scrolls; the page does not.

import { element } from "./elements.js";
import { Minimap } from "./minimap.js";

const READABLE = { page: 14, lecture: 18 }; // CSS pixels: what the smallest text of a graph has at least
const WHOLE = { width: 1200, text: 10 }; // CSS pixels: in a narrower place, a cell or a column, a graph may be so small to be seen whole
const LARGEST = 2; // times its size: a small graph is not blown up further when it is fitted
const BY_HAND = [0.1, 8]; // times its size
const ZOOM = 1.25; // of a key or a button
const PAN = 80; // CSS pixels of a key
const PAD = 12; // CSS pixels around the graph: badges stand out above their boxes
const DRAG = 5; // CSS pixels: what moves less is a click

export class Viewport {
  constructor(readable = READABLE) {
    this.sizes = readable;
    this.graph = null;
    this.note = null; // what stands above the graph for a while
    this.scale = 1;
    this.isFitted = true; // until it is zoomed by hand
    this.follows = true; // until it is moved by hand
    this.isLecture = false;
    this.goal = null; // where a smooth scroll is on its way to
    this.pointers = new Map();
    this.frame = element("div", { class: "graph" });
    this.minimap = new Minimap((x, y) => this.moveTo(x, y));
    this.root = element("div", { class: "view" }, this.frame, this.minimap.root);
    this.percent = element("output", { class: "percent", "aria-label": "size of the graph" });
    this.follow = tool("follow", "keep the active node in view", () => this.keepFollowing());
    this.tools = element(
      "span",
      { class: "tools", role: "group", "aria-label": "view" },
      this.follow,
      tool("−", "smaller", () => this.zoom(1 / ZOOM)),
      this.percent,
      tool("+", "larger", () => this.zoom(ZOOM)),
      tool("fit", "as large as it fits, and readable", () => this.fit()),
    );
    this.listen();
  }

  listen() {
    const { frame } = this;
    frame.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    frame.addEventListener("scroll", () => this.mark());
    frame.addEventListener("scrollend", () => (this.goal = null));
    frame.addEventListener("pointerdown", (event) => this.press(event));
    frame.addEventListener("pointermove", (event) => this.drag(event));
    for (const type of ["pointerup", "pointercancel"]) {
      frame.addEventListener(type, (event) => this.pointers.delete(event.pointerId));
    }
    // The end of a drag is no click on a box.
    frame.addEventListener("click", (event) => this.isDragging && event.stopPropagation(), { capture: true });
  }

  // Another graph: it is fitted, and followed.
  load(graph) {
    this.graph = graph;
    this.bounds = new Map();
    const isHeading = (text) => !text.closest("g[id]"); // it belongs to no box and no edge
    this.headings = [...graph.svg.querySelectorAll("text")].filter(isHeading).map((text) => ({ group: text }));
    const { width, height } = graph.svg.viewBox.baseVal;
    this.size = { width, height };
    const sizes = [...graph.svg.querySelectorAll("text[font-size]")].map((text) => Number(text.getAttribute("font-size")));
    this.smallest = Math.min(...sizes, Infinity);
    graph.svg.style.setProperty("--smallest", `${this.smallest}px`); // of badges, too
    this.frame.replaceChildren(graph.svg);
    this.follows = true;
    this.fit();
    this.frame.scrollTo(0, 0);
  }

  // -- how large ---------------------------------------------------------------------------------------

  // The scale at which it is readable, and the one at which it fills the frame.
  get readable() {
    return this.sizes[this.isLecture ? "lecture" : "page"] / this.smallest;
  }

  get filling() {
    const { offsetWidth, offsetHeight } = this.frame;
    const room = (length) => Math.floor(length) - 2 * PAD - 1; // 1: sizes are rounded up
    return Math.min(room(offsetWidth) / this.size.width, room(offsetHeight) / this.size.height);
  }

  // As large as it fits, if it is readable then.
  get fitting() {
    const { filling, readable } = this;
    const isCell = !this.isLecture && this.frame.closest(".chainrule-stepper").offsetWidth < WHOLE.width;
    const least = isCell ? Math.min(readable, WHOLE.text / this.smallest) : readable;
    return filling < least ? readable : Math.min(filling, Math.max(LARGEST, readable));
  }

  // How much of the graph is in view when it is fitted, and how large: the more, the better the frame.
  get worth() {
    const { fitting, frame, size } = this;
    const part = (room, length) => Math.min(1, (room - 2 * PAD) / (fitting * length));
    return [part(frame.offsetWidth, size.width) * part(frame.offsetHeight, size.height), fitting];
  }

  fit() {
    this.isFitted = true;
    this.draw(this.fitting);
    this.keepFollowing();
  }

  zoom(factor, at = null) {
    this.isFitted = false;
    const { left, top, width, height } = this.frame.getBoundingClientRect();
    const { x, y } = at ?? { x: left + width / 2, y: top + height / 2 };
    const before = this.graph.svg.getBoundingClientRect();
    this.draw(Math.min(Math.max(this.scale * factor, BY_HAND[0]), BY_HAND[1]));
    const after = this.graph.svg.getBoundingClientRect();
    const stay = (point, from, low, length) => after[low] + ((point - from) / before[length]) * after[length] - point;
    this.scrollBy(stay(x, before.left, "left", "width"), stay(y, before.top, "top", "height"));
  }

  draw(scale) {
    if (!(scale > 0)) return; // not in view yet
    this.scale = scale;
    this.goal = null;
    const { width, height } = this.size;
    this.graph.svg.setAttribute("width", Math.ceil(width * scale));
    this.graph.svg.setAttribute("height", Math.ceil(height * scale));
    this.percent.textContent = `${Math.round(100 * scale)}%`;
    const { frame } = this;
    this.isLarger = frame.scrollWidth > frame.clientWidth || frame.scrollHeight > frame.clientHeight;
    frame.classList.toggle("roams", this.isLarger);
    this.follow.hidden = !this.isLarger;
    this.minimap.show(this.isLarger, this.size, frame);
    if (this.isLarger) this.drawMap();
    this.mark();
  }

  drawMap() {
    const { boxes } = this.graph;
    this.minimap.draw(boxes.map((box) => this.boundsOf(box)), boxes);
    this.clearMap(true);
  }

  // The frame, or what is to be read in it, has changed.
  resize() {
    if (!this.graph) return;
    this.draw(this.isFitted ? this.fitting : this.scale);
    if (this.follows) this.reveal(this.active(), "instant");
  }

  // -- which part --------------------------------------------------------------------------------------

  // After a step. Its boxes come into view, unless the reader looks elsewhere.
  step() {
    const { minimap, graph } = this;
    if (this.follows) this.reveal(this.active());
    if (!this.isLarger) return;
    minimap.activate(graph.boxes);
    this.clearMap(false);
  }

  keepFollowing() {
    this.setFollows(true);
    this.reveal(this.active());
  }

  setFollows(follows) {
    this.follows = follows;
    this.follow.setAttribute("aria-pressed", follows);
  }

  // The boxes of the step; its node alone where its inputs are far off.
  active() {
    const has = (name) => this.graph.boxes.filter((box) => box.group.classList.contains(name));
    const [current, sources] = [has("current"), has("source")];
    const { left, right, top, bottom } = hull([...current, ...sources].map((box) => this.placeOf(box)));
    const { clientWidth, clientHeight } = this.frame;
    return right - left <= clientWidth && bottom - top <= clientHeight ? [...current, ...sources] : current;
  }

  // Scrolls boxes into the middle of the frame, if one of them is outside.
  reveal(boxes, behavior = "smooth") {
    if (!boxes.length || !this.isLarger) return;
    const place = hull(boxes.map((box) => this.placeOf(box)));
    const { frame, size, scale, at } = this;
    const most = (length, room) => Math.max(0, length * scale + 2 * PAD - room);
    const goal = {
      left: along(place.left, place.right, at.left, frame.clientWidth, most(size.width, frame.clientWidth)),
      top: along(place.top, place.bottom, at.top, frame.clientHeight, most(size.height, frame.clientHeight)),
    };
    if (goal.left === at.left && goal.top === at.top) return;
    const isStill = behavior === "instant" || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.goal = isStill ? null : goal;
    frame.scrollTo({ ...goal, behavior: isStill ? "instant" : "smooth" });
  }

  // Where the frame is scrolled to, or will be in a moment.
  get at() {
    return this.goal ?? { left: this.frame.scrollLeft, top: this.frame.scrollTop };
  }

  // Where a box is in what the frame scrolls, in CSS pixels.
  placeOf(box) {
    const { frame, scale, size } = this;
    const { x, y, width, height } = this.boundsOf(box);
    const left = x * scale + Math.max(PAD, (frame.clientWidth - size.width * scale) / 2);
    const top = y * scale + Math.max(PAD, (frame.clientHeight - size.height * scale) / 2);
    return { left, top, right: left + width * scale, bottom: top + height * scale };
  }

  // The map makes room for the boxes of the step, for headings and a note, and where it may stand anywhere, for others.
  clearMap(isFree) {
    const { left, top } = this.frame.getBoundingClientRect();
    const [dx, dy] = [left - this.at.left, top - this.at.top];
    const onScreen = (box) => {
      const place = this.placeOf(box);
      return { left: place.left + dx, right: place.right + dx, top: place.top + dy, bottom: place.bottom + dy };
    };
    const note = this.note?.getBoundingClientRect();
    const active = [...this.active().map(onScreen), ...(note?.width ? [note] : [])];
    this.minimap.avoid(active, this.headings.map(onScreen), isFree ? this.graph.boxes.map(onScreen) : [], isFree);
  }

  // Where a box is, in the units of the graph.
  boundsOf(box) {
    let found = this.bounds.get(box);
    if (!found) {
      found = box.group.getBBox();
      if (found.width > 0) this.bounds.set(box, found); // else it is not in view yet
    }
    return found;
  }

  scrollBy(dx, dy) {
    this.goal = null;
    this.frame.scrollBy({ left: dx, top: dy, behavior: "instant" });
  }

  pan(dx, dy) {
    if (!this.isLarger) return;
    this.setFollows(false);
    this.scrollBy(dx, dy);
  }

  // A point of the graph, in its units, comes into the middle.
  moveTo(x, y) {
    const { frame, scale } = this;
    this.pan(x * scale + PAD - frame.clientWidth / 2 - frame.scrollLeft, y * scale + PAD - frame.clientHeight / 2 - frame.scrollTop);
  }

  // Shows on the map what is in view.
  mark() {
    const { frame, scale } = this;
    const [x, y] = [frame.scrollLeft - PAD, frame.scrollTop - PAD];
    this.minimap.mark(x / scale, y / scale, frame.clientWidth / scale, frame.clientHeight / scale);
  }

  // -- by hand -----------------------------------------------------------------------------------------

  // A wheel pans, as it scrolls elsewhere; with Ctrl, as a pinch on a trackpad comes, it zooms where it points.
  wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const { clientX: x, clientY: y, deltaY } = event;
      return this.zoom(Math.exp(-Math.min(Math.max(deltaY, -25), 25) / 100), { x, y });
    }
    if (!this.isLarger) return;
    const { frame } = this;
    this.setFollows(false);
    this.goal = null;
    if (event.deltaX || frame.scrollHeight > frame.clientHeight) return; // the browser scrolls
    const before = frame.scrollLeft;
    this.scrollBy(event.deltaY, 0); // a graph that is only wide is scrolled sidewards
    if (frame.scrollLeft !== before) event.preventDefault();
  }

  press(event) {
    if (event.button > 0) return;
    const { left, top } = this.frame.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    if (x - left > this.frame.clientWidth || y - top > this.frame.clientHeight) return this.setFollows(false); // a scrollbar
    if (!this.pointers.size) this.isDragging = false;
    this.pointers.set(event.pointerId, { x, y });
  }

  // One pointer drags the graph, two pinch it.
  drag(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const now = { x: event.clientX, y: event.clientY };
    if (!this.isDragging && Math.hypot(now.x - last.x, now.y - last.y) < DRAG) return;
    if (!this.isDragging) this.frame.setPointerCapture(event.pointerId);
    this.isDragging = true;
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (!other) return this.pan(last.x - now.x, last.y - now.y);
    const apart = ({ x, y }) => Math.hypot(x - other.x, y - other.y);
    this.zoom(apart(now) / Math.max(apart(last), 1), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    this.pan((last.x - now.x) / 2, (last.y - now.y) / 2);
  }

  // Does what a key says; whether it says something here.
  act(name) {
    const pans = { "pan left": [-PAN, 0], "pan right": [PAN, 0], "pan up": [0, -PAN], "pan down": [0, PAN] };
    if (name in pans) return this.pan(...pans[name]), true;
    const acts = { larger: () => this.zoom(ZOOM), smaller: () => this.zoom(1 / ZOOM), fit: () => this.fit() };
    if (!(name in acts)) return false;
    acts[name]();
    return true;
  }
}

// A button whose text is a word is called so; what it does is then its description.
function tool(text, what, act) {
  return element("button", { type: "button", title: what, "aria-label": /^\w/.test(text) ? null : what, onclick: act }, text);
}

// The smallest rectangle around others.
function hull(places) {
  return {
    left: Math.min(...places.map((place) => place.left)),
    top: Math.min(...places.map((place) => place.top)),
    right: Math.max(...places.map((place) => place.right)),
    bottom: Math.max(...places.map((place) => place.bottom)),
  };
}

// How far to scroll in one direction so that a part is in view; its beginning, where it finds no room.
function along(low, high, at, room, most) {
  if (low >= at && high <= at + room) return at;
  const wanted = high - low > room ? low - PAD : (low + high - room) / 2;
  return Math.min(Math.max(0, wanted), most);
}
