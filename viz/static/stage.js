// The stage: graph and words, side by side or one above the other, whichever shows more of the graph; but the words of
// a step are to be read without scrolling, and beside the graph they have more room.

import { element } from "./elements.js";
import { Ledger } from "./ledger.js";

const NARROW = 700; // CSS pixels: side by side, both would be too narrow
const SAMPLE = 64; // steps that are looked at for the longest one
const WORD_SIZES = ["", "0.92em", "0.85em"]; // of the words of a step, the largest that find room

export class Stage {
  // `ledger` is the element of the words; `framesNow` says what is stepped through.
  constructor(viewport, ledger, drawer, framesNow) {
    this.viewport = viewport;
    this.ledger = ledger;
    this.framesNow = framesNow;
    this.words = element("div", { class: "words" }, ledger, drawer);
    this.root = element("div", { class: "stage" }, viewport.root, this.words);
    this.watch = new ResizeObserver(() => this.arrange());
    this.watch.observe(this.root);
  }

  arrange() {
    const { clientWidth } = this.root;
    if (!clientWidth) return; // not in view yet
    this.root.classList.add("stacked");
    const needed = this.needed();
    this.root.style.setProperty("--words", `${needed}px`);
    if (clientWidth >= NARROW) {
      const below = this.viewport.worth;
      const isRoom = needed <= this.ledger.clientHeight;
      this.root.classList.remove("stacked");
      const beside = this.viewport.worth;
      const [part, scale] = [below[0] - beside[0], below[1] - beside[1]];
      this.root.classList.toggle("stacked", isRoom && (part > 0 || (part === 0 && scale > 0)));
    }
    this.tighten();
    this.viewport.resize();
  }

  // A step with more words than others has smaller ones.
  tighten() {
    const { ledger } = this;
    for (const size of WORD_SIZES) {
      ledger.style.fontSize = size;
      if (ledger.scrollHeight <= ledger.clientHeight) return;
    }
  }

  // How high the words of the longest step are, as wide as the ledger is now. They are set aside, unseen.
  needed() {
    const frames = this.framesNow();
    const at = longest(frames);
    const trial = new Ledger();
    trial.show(frames.frame(at), frames.frame(at, "latex"));
    const box = element("div", { class: "ledger trial" }, ...trial.columns());
    box.style.width = `${this.ledger.offsetWidth}px`;
    this.words.append(box);
    const height = box.offsetHeight;
    box.remove();
    return height;
  }

  destroy() {
    this.watch.disconnect();
  }
}

// The step with most lines, and the longest of them, among some all along the way.
function longest(frames) {
  const stride = Math.ceil(frames.length / SAMPLE);
  const sample = Array.from({ length: Math.ceil(frames.length / stride) }, (_, i) => i * stride);
  const sizes = sample.map((at) => {
    const { lines } = frames.frame(at);
    return [lines.length, lines.join("").length, at];
  });
  return sizes.reduce((most, size) => (size[0] - most[0] || size[1] - most[1]) > 0 ? size : most)[2];
}
