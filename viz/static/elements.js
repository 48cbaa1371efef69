// Parts of a page: elements, options, icons.

// What the buttons show: drawn, for not every font has these signs. In a box of 16 by 16.
const ICONS = {
  first: "M3 3v10M13 3 6 8l7 5z",
  back: "M11 3 5 8l6 5z",
  play: "M4 2v12l9-6z",
  pause: "M5 3v10M11 3v10",
  forward: "M5 3l6 5-6 5z",
  last: "M13 3v10M3 3l7 5-7 5z",
};

function icon(name) {
  const path = svgElement("path", { d: ICONS[name], fill: "currentColor", stroke: "currentColor", "stroke-width": 2 });
  const drawn = svgElement("svg", { viewBox: "0 0 16 16", width: 15, height: 15, "aria-hidden": "true" });
  drawn.append(path);
  return drawn;
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const option = ([value, text]) => element("option", { value }, text);
