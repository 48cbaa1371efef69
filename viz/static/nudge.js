// The nudge: a leaf that is held moves by a small ε, and every node shows how much it moves with it, beside what the
// derivative foretells. Released, all is as before.

import { bracketed, digits } from "./arithmetic.js";
import { element, focusedIn, select } from "./elements.js";
import { actOf } from "./keys.js";
import { forward, revalued } from "./replay.js";

const SIZES = [["0.1", "0.1"], ["0.01", "0.01"], ["0.001", "0.001"], ["-0.01", "−0.01"]];
const HOLD = 350; // milliseconds: what is shorter is a click
const SHAKE = 5; // CSS pixels: what moves more is a drag
const NOISE = 16 * Number.EPSILON; // what is smaller, as a part of the number, is rounding

export class Nudge {
  constructor(stepper) {
    this.stepper = stepper;
    this.size = 0.01;
    this.id = null; // the leaf that is held
    this.covered = new Map(); // rows of groups, by box, that show a change meanwhile
    this.note = element("p", { class: "nudge", role: "status", hidden: true });
    this.choice = select("ε", SIZES, (value) => (this.size = Number(value)));
    this.choice.querySelector("select").value = "0.01";
    this.hold = element("button", { type: "button" }, "hold to nudge");
    this.tool = element("p", { class: "nudging" }, this.hold, " ", this.choice);
  }

  // Listens to what holds a leaf: a pointer on its box, a key, the button of its panel.
  attach({ frame }, root, signal) {
    const press = (event) => {
      const isFirst = event.button === 0 && event.isPrimary;
      if (isFirst) this.wait(event, this.leafOf(event.target));
    };
    frame.addEventListener("pointerdown", press);
    this.hold.addEventListener("pointerdown", () => this.begin(this.stepper.picked));
    this.hold.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && this.take(event, this.stepper.picked));
    root.addEventListener("keydown", (event) => this.key(event));
    const release = () => this.release();
    for (const type of ["pointerup", "pointercancel", "keyup", "blur"]) addEventListener(type, release, { signal });
    addEventListener("pointermove", (event) => this.shake(event), { signal });
    // The end of a hold is no click on the box.
    frame.addEventListener("click", (event) => this.wasHeld && event.stopPropagation(), { capture: true });
  }

  // The leaf whose box an element is in, or null.
  leafOf(target) {
    const { graph, record } = this.stepper;
    const box = graph.boxes.find(({ group, isGroup, isConstant }) => !isGroup && !isConstant && group.contains(target));
    return box && record.nodes[box.key].op === null ? box.key : null;
  }

  wait({ clientX, clientY }, id) {
    this.wasHeld = false;
    if (id === null) return;
    this.start = { clientX, clientY };
    this.timer = setTimeout(() => this.begin(id), HOLD);
  }

  shake({ clientX, clientY }) {
    if (this.timer && Math.hypot(clientX - this.start.clientX, clientY - this.start.clientY) > SHAKE) this.release();
  }

  key(event) {
    if (actOf(event) !== "nudge") return;
    this.take(event, this.leafOf(focusedIn(this.stepper.root)) ?? this.stepper.picked);
  }

  take(event, id) {
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) this.begin(id);
  }

  // A leaf is held. While a number is to be predicted, nothing is told.
  begin(id) {
    const { stepper } = this;
    const isLeaf = id !== null && stepper.record.nodes[id].op === null;
    if (!isLeaf || stepper.quiz.isAsking || this.id !== null) return;
    this.id = id;
    this.wasHeld = true;
    this.show();
  }

  release() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.id === null) return;
    this.id = null;
    this.note.hidden = true;
    for (const [box, words] of this.covered) this.stepper.graph.write(box, box.rows.at(-1), words);
    this.covered.clear();
    this.stepper.root.classList.remove("nudged");
    this.stepper.show();
  }

  show() {
    const { id, size, stepper } = this;
    const { frames, graph, record } = stepper;
    const moved = revalued(record, new Map([...leafNumbers(record), [id, frames.data[id] + size]]));
    const slopes = slopesOf(record, frames.data, id);
    const change = (at) => withoutNoise(Number(moved.nodes[at].data) - frames.data[at], frames.data[at]);
    for (const box of graph.boxes) {
      if (box.isConstant) continue;
      if (box.isGroup) {
        this.showGroup(box, change);
        continue;
      }
      const delta = digits(change(box.key));
      graph.write(box, box.rows[1], `Δ ${delta}`);
      graph.write(box, box.rows[2], `${digits(slopes[box.key])} × ${bracketed(size)}`);
      box.group.setAttribute("aria-label", `${frames.name(box.key)}, change ${delta}`);
    }
    const [x, J] = [frames.name(id), frames.name(frames.root)];
    const [real, told] = [digits(change(frames.root)), digits(slopes[frames.root] * size)];
    this.note.textContent = `${x} moves by ε = ${digits(size)}: Δ${J} = ${real} ${real === told ? "=" : "≈"} ∂${J}/∂${x} · ε = ${digits(slopes[frames.root])} × ${bracketed(size)}`;
    if (real !== told) this.note.textContent += ` = ${told}`;
    this.note.hidden = false;
    stepper.root.classList.add("nudged");
    if (stepper.viewport.isLarger) stepper.viewport.clearMap(false);
  }

  // A group shows the largest change in it, in the place of its last row.
  showGroup(box, change) {
    const { graph } = this.stepper;
    const row = box.rows.at(-1);
    this.covered.set(box, row.textContent);
    const changes = graph.view.members[box.key].map(change);
    const largest = changes.reduce((most, each) => (Math.abs(each) > Math.abs(most) ? each : most), 0);
    graph.write(box, row, `largest Δ ${digits(largest)}`);
  }
}

function leafNumbers(record) {
  return record.nodes.flatMap((node, id) => (node.op === null ? [[id, Number(node.data)]] : []));
}

const withoutNoise = (change, number) => (Math.abs(change) <= NOISE * Math.abs(number) ? 0 : change);

// How fast each node changes with a leaf: the chain rule from there on.
function slopesOf(record, data, leaf) {
  const slopes = [];
  record.nodes.forEach(({ op, inputs }, id) => {
    if (op === null) return slopes.push(Number(id === leaf));
    const [, partials] = forward(op, "computed", inputs.map((i) => data[i]));
    const terms = inputs.map((i, slot) => (slopes[i] && partials[slot] !== null ? partials[slot] * slopes[i] : 0));
    slopes.push(terms.reduce((sum, term) => sum + term, 0));
  });
  return slopes;
}
