// The network of a trace as a view of the stepper: units in columns, weights as lines; each with the node that it stands for.

import { typesetName } from "./playground_names.js";
import { COLOURS } from "./python.js";

const RADIUS = 54; // pixels of a unit
const [ACROSS, DOWN, MARGIN] = [220, 122, 64];

const nameText = (latex, x, y) => `<text class="row" x="${x}" y="${y}" font-size="13" fill="${COLOURS.ink}" text-anchor="middle">${typesetName(latex)}</text>`;
const rowText = (x, y) => `<text class="row" x="${x}" y="${y}" font-size="11" fill="${COLOURS.ink}" text-anchor="middle"></text>`;

class Sketch {
  // `chosen` is the weight whose line has a label.
  constructor(chosen) {
    this.chosen = chosen;
    this.lines = {};
    this.units = {};
    this.parts = { lines: [], labels: [], units: [] };
  }

  // Rows are [word, node, "data" or "grad"]; the name of a box, in LaTeX, stands above them.
  unit([x, y], node, name, rows, kind) {
    const id = `n${this.parts.units.length}`;
    const [fill, stroke] = COLOURS.kinds[kind];
    const top = y + 5 - 8 * rows.length;
    const texts = rows.map((_, i) => rowText(x, top + 16 * (i + 1) + 2)).join("");
    const outline = `<ellipse fill="${fill}" stroke="${stroke}" stroke-width="1.2" cx="${x}" cy="${y}" rx="${RADIUS}" ry="${RADIUS}"/>`;
    this.parts.units.push(`<g id="${id}"><title></title>${outline}${nameText(name, x, top)}${texts}</g>`);
    this.units[id] = { node, rows: rows.map(([word, at, of], i) => ({ row: i + 1, word, nodes: [at], of })) };
  }

  line([x1, y1], [x2, y2], node, size) {
    const id = `e${this.parts.lines.length}`;
    const way = `M${x1 + RADIUS},${y1} C${x1 + 84},${y1} ${x2 - 84},${y2} ${x2 - RADIUS},${y2}`;
    const width = Math.min(6, 0.8 + 1.5 * Math.abs(size)).toFixed(1);
    this.parts.lines.push(`<g id="${id}"><title></title><path fill="none" stroke="${COLOURS.neutral}" stroke-width="${width}" d="${way}"/></g>`);
    if (node !== null) this.lines[id] = node;
    if (node === this.chosen) this.label(id.slice(1), (x1 + x2) / 2, (y1 + y2) / 2);
  }

  // Where the stepper writes the number and the gradient of a weight; the paper behind it becomes as wide.
  label(number, x, y) {
    const paper = `<rect x="${x - 40}" y="${y - 10}" width="80" height="18" fill="${COLOURS.paper}"/>`;
    this.parts.labels.push(`${paper}<text id="l${number}" x="${x}" y="${y + 3}" font-size="11" fill="${COLOURS.ink}" text-anchor="middle"></text>`);
  }

  svg(wide, high) {
    const { lines, labels, units } = this.parts;
    const paper = `<rect width="${wide}" height="${high}" fill="${COLOURS.paper}"/>`;
    return `<svg xmlns="http://www.w3.org/2000/svg" class="chainrule" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}">${paper}${[...lines, ...units, ...labels].join("")}</svg>`;
  }
}

// `inputs` are the nodes of the features, `units` those of the layers, as `traceOf` says; `chosen` is the node of a weight.
export function networkView(record, inputs, units, chosen) {
  const sketch = new Sketch(chosen);
  const most = Math.max(inputs.length, ...units.map((layer) => layer.length));
  const high = most * DOWN + 2 * MARGIN - (DOWN - 2 * RADIUS);
  const place = (l, j, count) => [MARGIN + l * ACROSS, high / 2 + (j - (count - 1) / 2) * DOWN];
  const name = (id) => record.nodes[id].latex;
  const size = (id) => Number(record.nodes[id].data);
  inputs.forEach((id, k) => sketch.unit(place(0, k, inputs.length), id, name(id), [["", id, "data"]], "input"));
  let before = inputs.length;
  units.forEach((layer, l) => {
    layer.forEach(({ w, b, z, a }, j) => {
      const at = place(l + 1, j, layer.length);
      w.forEach((id, k) => sketch.line(place(l, k, before), at, id, size(id)));
      const rows = [["b", b, "data"], ["z", z, "data"], ["δ", z, "grad"]];
      sketch.unit(at, z, name(a), a === z ? rows : [...rows.slice(0, 2), ["a", a, "data"], rows[2]], "result");
    });
    before = layer.length;
  });
  const end = place(units.length + 1, 0, 1);
  sketch.line(place(units.length, 0, 1), end, null, 0);
  sketch.unit(end, record.root, name(record.root), [["", record.root, "data"]], "group");
  return { svg: sketch.svg(end[0] + RADIUS + MARGIN, high), units: sketch.units, lines: sketch.lines };
}
