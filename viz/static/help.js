// The dialog that lists the keys.

import { element, focusedIn } from "./elements.js";
import { KEYS } from "./keys.js";

const PLACES = { quiz: " (in the prediction)", box: " (in the graph)" };

export class Help {
  constructor() {
    const close = element("button", { type: "button", class: "close", "aria-label": "close", onclick: () => this.root.close() }, "×");
    const row = ({ shown, what, place }) => {
      const keys = shown.flatMap((key, i) => (i ? [" ", element("kbd", {}, key)] : [element("kbd", {}, key)]));
      return [element("dt", {}, ...keys), element("dd", {}, what + (PLACES[place] ?? ""))];
    };
    this.root = element(
      "dialog",
      { class: "help", "aria-label": "keys" },
      close,
      element("h2", {}, "Keys"),
      element("dl", {}, ...KEYS.flatMap(row)),
    );
    this.root.addEventListener("keydown", (event) => this.key(event));
    const act = () => this.act("help");
    this.button = element("button", { type: "button", "aria-label": "keys", title: "keys (?)", onclick: act }, "?");
  }

  // Does what a key says; whether it says something here.
  act(name) {
    if (name !== "help") return false;
    this.opener = focusedIn(this.root);
    this.root.showModal();
    return true;
  }

  // Its keys are its own: Escape does not leave the full screen as well.
  key(event) {
    event.stopPropagation();
    if (event.key !== "Escape" && event.key !== "?") return;
    event.preventDefault();
    this.root.close();
    this.opener?.focus({ preventScroll: true });
  }
}
