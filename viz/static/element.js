// <chainrule-stepper>: the stepper as an element of any page. It stands in a shadow tree: styles go neither in nor out.

import { viewsOfRecord } from "./drawing.js";
import { element } from "./elements.js";
import { recordOf } from "./formula.js";
import { Unreadable } from "./formula_words.js";
import { FIELDS } from "./keys.js";
import { SHEET } from "./python.js";
import { mount } from "./stepper.js";
import { typed } from "./typed.js";

const SETTINGS = ["formula", "values", "step", "theme", "height"];
// Attributes that any element may have and that are no property of the same name; no input is given by them.
const OF_ANY = ["accesskey", "class", "contenteditable", "enterkeyhint", "exportparts", "inputmode", "is", "nonce", "role", "tabindex"];
const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;

class ChainruleStepper extends HTMLElement {
  #payload = null; // as a script has set it
  #step = null; // as it was set or gone to last; a payload that follows may have it
  #shown = null;
  #place = element("div", { class: "shut", lang: "en", dir: "ltr" });
  #watch = new MutationObserver((changes) => this.#change(changes.map(({ attributeName }) => attributeName)));

  constructor() {
    super();
    const tree = this.attachShadow({ mode: "open", delegatesFocus: true });
    tree.adoptedStyleSheets = [sheet()];
    tree.append(element("slot"));
    // The page around takes what is typed for its own keys: seen from there, it is not typed into a field.
    this.#place.addEventListener("keydown", (event) => event.target.matches(FIELDS) && event.stopPropagation());
    for (const name of ["payload", "step"].filter((each) => Object.hasOwn(this, each))) {
      const value = this[name]; // it was set before this class was there
      delete this[name];
      this[name] = value;
    }
  }

  connectedCallback() {
    this.#watch.observe(this, { attributes: true });
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => this.#show(), { once: true });
    else this.#show(); // else, what stands in it is still to be read
  }

  disconnectedCallback() {
    this.#watch.disconnect();
    this.#clear();
  }

  // What is shown instead of a formula: what Python's stepper(J).payload() writes, read as JSON.
  get payload() {
    return this.#payload;
  }

  set payload(payload) {
    this.#payload = payload;
    if (this.isConnected) this.#show();
  }

  // The step that is shown, counted from 1.
  get step() {
    return this.#shown ? this.#shown.index + 1 : (this.#step ?? stepOr(this.getAttribute("step"), 1));
  }

  set step(step) {
    const wanted = stepOr(step, this.step);
    this.#shown?.go(wanted - 1);
    this.#step = wanted;
  }

  #change(names) {
    if (names.includes("step")) this.step = this.getAttribute("step");
    if (names.includes("formula") && !names.includes("step")) this.#step = null; // the steps are others
    if (names.some((name) => name !== "step" && isRead(name))) this.#show();
  }

  #show() {
    this.#clear();
    if (!this.isConnected) return;
    const { shadowRoot: tree } = this;
    tree.replaceChildren(element("slot")); // what stands in the element
    try {
      const payload = this.#payload ?? ofFormula(this) ?? writtenIn(this);
      if (payload !== null) this.#mount(payload);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      tree.prepend(element("p", { class: "unreadable", role: "alert", lang: "en" }, error.message));
    }
  }

  #mount(payload) {
    checkPayload(payload);
    this.shadowRoot.replaceChildren(this.#place);
    const onStep = (detail) => {
      this.#step = detail;
      this.dispatchEvent(new CustomEvent("step", { detail, bubbles: true, composed: true }));
    };
    this.#shown = mount(this.#place, payload, { step: this.step, theme: this.getAttribute("theme"), onStep });
    const height = this.getAttribute("height");
    if (height) this.#shown.root.style.setProperty("--height", /^\d+$/.test(height) ? `${height}px` : height);
  }

  #clear() {
    this.#shown?.destroy();
    this.#shown = null;
  }
}

let sharedSheet = null;

function sheet() {
  if (sharedSheet === null) {
    sharedSheet = new CSSStyleSheet();
    sharedSheet.replaceSync(SHEET);
  }
  return sharedSheet;
}

// A number of a step, or else another one.
function stepOr(step, other) {
  const number = Math.trunc(Number(step ?? NaN));
  return number >= 1 ? number : other;
}

const isInput = (attribute) => IDENTIFIER.test(attribute) && !SETTINGS.includes(attribute) && !OF_ANY.includes(attribute) && !(attribute in HTMLElement.prototype);

const isRead = (attribute) => SETTINGS.includes(attribute) || isInput(attribute);

// The payload of a formula at the numbers of its names, as Python writes it. Throws Unreadable.
export function payloadOf(formula, values) {
  const record = recordOf(formula, values);
  const { views, first, summary } = viewsOfRecord(record);
  return { trace: record, views, first, summary, arguments: null };
}

// The numbers of "a=5, b=1/3": {a: 5, b: 0.333…}. Throws Unreadable.
export function valuesOf(text) {
  const values = {};
  for (const part of text.split(/[,;\n]|\s+(?=[\p{L}_][\p{L}\p{N}_]*\s*=)/u)) {
    if (!part.trim()) continue;
    const [name, ...numbers] = part.split("=").map((each) => each.trim());
    if (!IDENTIFIER.test(name) || numbers.length !== 1) throw new Unreadable(`expected name=number, such as a=1.5, not '${part.trim()}'`);
    if (Object.hasOwn(values, name)) throw new Unreadable(`${name} is given twice`);
    values[name] = givenNumber(name, numbers[0]);
  }
  return values;
}

function givenNumber(name, text) {
  const number = typed(text);
  if (Number.isNaN(number)) throw new Unreadable(`a value is a number, such as ${name}=1.5, not '${name}=${text}'`);
  return number;
}

// What the attributes ask for, or null.
function ofFormula(place) {
  const formula = place.getAttribute("formula");
  if (formula === null) return null;
  const values = valuesOf(place.getAttribute("values") ?? "");
  for (const { name, value } of [...place.attributes].filter((each) => isInput(each.name))) {
    const spelt = speltIn(formula, name);
    if (Object.hasOwn(values, spelt)) throw new Unreadable(`${spelt} is given twice`);
    values[spelt] = givenNumber(spelt, value);
  }
  return payloadOf(formula, values);
}

// HTML writes the names of attributes in small letters: W, where the formula has no w.
function speltIn(formula, name) {
  const names = formula.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? [];
  return names.includes(name) ? name : (names.find((each) => each.toLowerCase() === name) ?? name);
}

// The payload that stands in an element, as Python writes it, or null.
function writtenIn(place) {
  const script = place.querySelector(':scope > script[type="application/json"]');
  if (script === null) return null;
  try {
    return JSON.parse(script.textContent);
  } catch (error) {
    throw new Unreadable(`The script in this element is no JSON (${error.message}): write into it what stepper(J).payload() gives.`);
  }
}

function checkPayload(payload) {
  if (payload?.trace?.events && payload.views) return;
  throw new Unreadable("This is no payload of a stepper: take what stepper(J).payload() gives, read as JSON.");
}

customElements.define("chainrule-stepper", ChainruleStepper);
