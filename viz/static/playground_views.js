// The views of a trace that the stepper can open: the network, each neuron as a graph, and the loss as one. The graphs are
// those that Python drew (viz/play/pieces.py), with this network's names in place of marks.

import { scriptsOf } from "./playground_names.js";
import { networkView } from "./playground_network.js";

// A mark with its scripts: what stands before it, and the beginnings of the scripts.
const SCRIPTED = /<tspan([^>]*>)([^<]*?)(Q\w+?Q)<\/tspan><tspan([^>]*>)\[0\]<\/tspan><tspan([^>]*>)0/g;

// A drawing with names in place of marks; `find` gives a mark's node, `at` that of a box.
function namedView(drawing, nodes, find, at, svg = drawing.svg) {
  const name = (mark) => nodes[find(mark)];
  const titled = svg.replace(/<title>.*?<\/title>/g, (title) => title.replace(/(Q\w+?Q)(\[0\]_0)?/g, (_, mark) => name(mark).name));
  const indexed = titled.replace(SCRIPTED, (_, start, before, mark, up, down) => {
    const [letter, above, below] = scriptsOf(name(mark).latex);
    const shift = before ? "" : ` dx="${mark.length > 3 ? -14 : -10}"`; // a mark is wider than a letter, and was in the middle
    return `<tspan${shift}${start}${before}${letter}</tspan><tspan${shift}${up}${above}</tspan><tspan${shift}${down}${below}`;
  });
  const written = indexed.replace(/Q\w+?Q/g, (mark) => name(mark).name);
  const arrows = drawing.arrows.map((edges) => edges.map(([from, slot]) => [at(from), slot]));
  return { ...drawing, svg: written, boxes: drawing.boxes.map(at), arrows };
}

// By name, the network first; `chosen` is the node of the weight whose line has a label.
export function viewsOf({ record, inputs, units, loss }, chosen, pictures) {
  const { nodes } = record;
  const views = { network: networkView(record, inputs, units, chosen) };
  for (const { marks, w, z, activation } of units.flat()) {
    const find = (mark) => marks[mark];
    const isLinear = activation === "linear";
    const drawing = pictures[isLinear ? "outputs" : "neurons"][w.length - 1];
    const svg = drawing.svg.replace(">tanh<", `>${pictures.symbols[activation]}<`).replace("tanh(", `${activation}(`);
    views[nodes[z].scope] = namedView(drawing, nodes, find, find, svg);
  }
  const places = loss.places;
  views.loss = namedView(pictures[loss.name], nodes, (mark) => loss.marks[mark], (at) => places[at]);
  return views;
}
