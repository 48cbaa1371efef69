// The stage: graph and words, side by side or one above the other, whichever shows more of the graph.

import { element } from "./elements.js";

const NARROW = 700; // CSS pixels: side by side, both would be too narrow

export class Stage {
  constructor(viewport, words) {
    this.viewport = viewport;
    this.root = element("div", { class: "stage" }, viewport.root, words);
    this.watch = new ResizeObserver(() => this.arrange());
    this.watch.observe(this.root);
  }

  arrange() {
    const { clientWidth } = this.root;
    if (!clientWidth) return; // not in view yet
    const worth = (isStacked) => {
      this.root.classList.toggle("stacked", isStacked);
      return this.viewport.worth;
    };
    if (clientWidth < NARROW) this.root.classList.add("stacked");
    else {
      const [beside, below] = [worth(false), worth(true)];
      const [part, scale] = [below[0] - beside[0], below[1] - beside[1]];
      this.root.classList.toggle("stacked", part > 0 || (part === 0 && scale > 0));
    }
    this.viewport.resize();
  }

  destroy() {
    this.watch.disconnect();
  }
}
