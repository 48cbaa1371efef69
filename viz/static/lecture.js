// Lecture mode: the whole screen, larger type, settings folded away.

import { element, focusedIn } from "./elements.js";

export class Lecture {
  // `onChange` is told whether it is on.
  constructor(onChange) {
    this.onChange = onChange;
    this.isOn = false;
    const act = () => this.toggle();
    this.button = element("button", { type: "button", class: "lecture", "aria-pressed": "false", title: "full screen, large type (f)", onclick: act }, "lecture");
    this.settings = element("button", { type: "button", class: "unfold", "aria-expanded": "false", onclick: () => this.unfold() }, "settings");
  }

  // The element that fills the screen; `signal` ends the listening.
  attach(root, signal) {
    this.root = root;
    document.addEventListener("fullscreenchange", () => !document.fullscreenElement && this.isOn && this.set(false), { signal });
  }

  toggle() {
    if (!this.isOn) this.root.requestFullscreen?.().catch(() => {}); // where it is not allowed, the window is filled
    else if (document.fullscreenElement) document.exitFullscreen();
    this.set(!this.isOn);
  }

  set(isOn) {
    this.isOn = isOn;
    this.root.classList.toggle("lecture", isOn);
    this.button.setAttribute("aria-pressed", isOn);
    const focused = focusedIn(this.root);
    if (focused && !focused.checkVisibility()) this.root.focus({ preventScroll: true }); // settings fold away
    this.onChange(isOn);
  }

  unfold() {
    const isOpen = this.root.classList.toggle("unfolded");
    this.settings.setAttribute("aria-expanded", isOpen);
  }

  // Does what a key says; whether it says something here.
  act(name) {
    if (name !== "lecture" && !(name === "shrink" && this.isOn)) return false;
    this.toggle();
    return true;
  }
}
