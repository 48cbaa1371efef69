// Parts of a page: elements, buttons, choices, icons.

const SVG = "http://www.w3.org/2000/svg";

// What the buttons show: drawn, for not every font has these signs. In a box of 16 by 16.
const ICONS = {
  first: "M3 3v10M13 3 6 8l7 5z",
  back: "M11 3 5 8l6 5z",
  play: "M4 2v12l9-6z",
  pause: "M5 3v10M11 3v10",
  forward: "M5 3l6 5-6 5z",
  last: "M13 3v10M3 3l7 5-7 5z",
  copy: "M2 5h7v9H2zM6 2h8v9",
};

export function svgElement(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// The SVG of a view as a part of this page.
export function svgOf(text, label) {
  const svg = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", label);
  return svg;
}

// A part of an SVG acts as a button.
export function pressable(group, act) {
  group.setAttribute("role", "button");
  group.addEventListener("click", act);
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.stopPropagation();
    act();
  });
}

// Writes into a text of an SVG; what an edit made longer than the `room` that there is, is squeezed.
export function writeInto(text, words, room) {
  text.textContent = words;
  text.removeAttribute("textLength");
  if (room <= 0 || text.getComputedTextLength() <= room) return;
  text.setAttribute("textLength", room);
  text.setAttribute("lengthAdjust", "spacingAndGlyphs");
}

export function icon(name) {
  const path = svgElement("path", { d: ICONS[name], fill: name === "copy" ? "none" : "currentColor", stroke: "currentColor", "stroke-width": 2 });
  const drawn = svgElement("svg", { viewBox: "0 0 16 16", width: 15, height: 15, "aria-hidden": "true" });
  drawn.append(path);
  return drawn;
}

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

// A button with an icon; its name is also its class.
export function button(name, act) {
  return element("button", { type: "button", class: name, "aria-label": name, title: name, onclick: act }, icon(name));
}

// What has the focus in the tree that a part is in: the document, or the shadow tree of an element.
export function focusedIn(part) {
  return part.getRootNode().activeElement ?? null;
}

// A choice among options, each [value, text].
export function select(label, options, act) {
  const choices = options.map(([value, text]) => element("option", { value }, text));
  return element("label", {}, `${label} `, element("select", { onchange: (e) => act(e.target.value) }, ...choices));
}
