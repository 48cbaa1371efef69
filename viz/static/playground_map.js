// Maps: what an output, a neuron or a feature is at each point of the plane, in colours from orange (low) to blue (high).

import { OPS } from "./python.js";
import { featureOf } from "./playground_training.js";

export const REACH = 1.6; // of the plane that is shown, from 0 to each side
const GRID = 50; // points to a side; an even number
const SHADES = 255; // of a palette; an odd number, so that 0 has one

// The points of the grid, row by row from the top.
const PLANE = Array.from({ length: GRID * GRID }, (_, i) => {
  const [column, row] = [i % GRID, Math.floor(i / GRID)];
  const place = (k) => (((k + 0.5) / GRID) * 2 - 1) * REACH;
  return [place(column), -place(row)];
});

// From the plane to pixels of a square picture.
export const toPixels = ([x1, x2], side) => [((x1 / REACH + 1) / 2) * side, ((1 - x2 / REACH) / 2) * side];

// The colours of −1 … 1, each as the four bytes of a pixel in one number.
function paletteOf({ negative, paper, positive }) {
  const parts = [negative, paper, positive].map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
  return Array.from({ length: SHADES }, (_, i) => {
    const t = (i / (SHADES - 1)) * 2 - 1;
    const end = t < 0 ? parts[0] : parts[2];
    const [red, green, blue] = parts[1].map((middle, k) => Math.round(middle + (end[k] - middle) * Math.abs(t) * 0.85));
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

export class Maps {
  constructor(run, recipes) {
    this.run = run;
    this.features = new Map(Object.entries(recipes).map(([name, recipe]) => [name, PLANE.map((x) => featureOf(recipe, x))]));
    this.inputs = PLANE.map((_, i) => run.settings.features.map((name) => this.features.get(name)[i]));
  }

  // One pass over the plane: `layers[l][j]` are the activations of a unit; of the output it is z.
  refresh() {
    const { layers } = this.run.model;
    this.layers = layers.map(({ b }) => b.map(() => new Float64Array(PLANE.length)));
    this.inputs.forEach((x, i) => {
      this.run.model.forward(x).forEach((a, l) => a.forEach((value, j) => (this.layers[l][j][i] = value)));
    });
  }

  // The colours from now on: those of low values, of 0 and of high ones.
  dress(colours) {
    if (this.colours === colours) return;
    this.colours = colours;
    this.palette = paletteOf(colours);
  }

  // Paints values into a canvas, which has a pixel for each point, or for every second one of a row and a column;
  // `shade` says where in −1 … 1 a value lies.
  paint(canvas, values, shade, stride) {
    const side = GRID / stride;
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const context = canvas.getContext("2d");
    const image = context.createImageData(side, side);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) {
      const value = values[Math.floor(i / side) * stride * GRID + (i % side) * stride];
      const t = Math.min(1, Math.max(-1, shade(value) || 0));
      pixels[i] = this.palette[Math.round(((t + 1) / 2) * (SHADES - 1))];
    }
    context.putImageData(image, 0, 0);
  }

  paintFeature(canvas, name) {
    const values = this.features.get(name);
    this.paint(canvas, values, scaled(values), 2);
  }

  paintUnit(canvas, l, j, stride = 1) {
    const values = this.layers[l][j];
    const { activation } = this.run.model.layers[l];
    const shades = { tanh: (a) => a, sigmoid: (a) => 2 * a - 1 };
    this.paint(canvas, values, shades[activation] ?? scaled(values), stride);
  }

  // The output as a probability.
  paintOutput(canvas, stride = 1) {
    this.paint(canvas, this.layers.at(-1)[0], (z) => 2 * OPS.sigmoid.computed(z)[0] - 1, stride);
  }

  // Where the output crosses ½: lines [from, to] in the plane, by marching squares.
  boundary() {
    const z = this.layers.at(-1)[0];
    const lines = [];
    for (let row = 0; row + 1 < GRID; row++) {
      for (let column = 0; column + 1 < GRID; column++) {
        const at = row * GRID + column;
        const corners = [at, at + 1, at + GRID + 1, at + GRID];
        const ends = corners.flatMap((from, k) => crossing(z, from, corners[(k + 1) % 4]));
        for (let k = 0; k + 1 < ends.length; k += 2) lines.push([ends[k], ends[k + 1]]);
      }
    }
    return lines;
  }
}

// Shades relative to the largest size.
function scaled(values) {
  const most = values.reduce((m, value) => Math.max(m, Math.abs(value)), 1e-9);
  return (value) => value / most;
}

// The point between two of the grid where z crosses 0, in a list; none if it does not.
function crossing(z, from, to) {
  if (z[from] > 0 === z[to] > 0) return [];
  const part = z[from] / (z[from] - z[to]);
  return [PLANE[from].map((x, k) => x + part * (PLANE[to][k] - x))];
}
