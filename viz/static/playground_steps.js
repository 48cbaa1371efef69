// The stepper over a playground's network: how the gradient of a weight comes about for one example.

import { element } from "./elements.js";
import { traceOf } from "./playground_trace.js";
import { viewsOf } from "./playground_views.js";
import { mount } from "./stepper.js";

export class Steps {
  constructor() {
    this.place = element("div");
    this.title = element("h2");
    const close = element("button", { type: "button", class: "close", onclick: () => this.root.close() }, "back to the playground");
    this.root = element("dialog", { class: "steps" }, element("div", { class: "top" }, this.title, close), this.place);
    this.root.addEventListener("close", () => this.shut());
    this.root.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation()); // no keys of the playground
  }

  // `[l, j, k]` is a weight, counted from 0; the bias of the unit where k is null.
  open(run, point, target, { pieces, pictures }, [l, j, k]) {
    const made = traceOf(run, point, target, pieces);
    const { record } = made;
    const unit = made.units[l][j];
    const id = k === null ? unit.b : unit.w[k];
    const { name } = record.nodes[id];
    this.title.textContent = `How ∂L/∂${name} comes about, for one example`;
    this.root.setAttribute("aria-label", this.title.textContent);
    this.root.showModal();
    const payload = { trace: record, views: viewsOf(made, id, pictures), first: "network", summary: this.title.textContent, arguments: null };
    this.shown = mount(this.place, payload);
    this.shown.visit(id);
    this.shown.root.focus();
  }

  shut() {
    this.shown.destroy();
    this.place.replaceChildren();
  }
}
