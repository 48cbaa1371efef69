// The data sets: nn/datasets.py and viz/play/settings.py once more; tests compare the two.

import { A } from "./arithmetic.js";
import { gauss, permutation, Twister } from "./playground_random.js";

const TURN = 2 * Math.PI;

// The point of class k at t, from 0 to 1; on a closed curve t = 1 is t = 0 again.
const CURVES = {
  circle: { isClosed: true, point: (k, t) => [[1, 0.5][k] * Math.cos(TURN * t), [1, 0.5][k] * Math.sin(TURN * t)] },
  xor: {
    point(k, t) {
      const side = t < 0.5 ? -0.6 : 0.6;
      return [side, k === 0 ? side : -side];
    },
  },
  blobs: { point: (k) => [Math.cos((TURN * k) / 2), Math.sin((TURN * k) / 2)] },
  spiral: {
    point(k, t) {
      const angle = TURN * (k / 2 + 0.75 * t);
      const r = 0.1 + 0.9 * t;
      return [r * Math.cos(angle), r * Math.sin(angle)];
    },
  },
};

// All m examples: {X, y}.
function drawn({ data, m, noise, seed }) {
  const { point, isClosed = false } = CURVES[data];
  const rng = new Twister(seed);
  const [X, y] = [[], []];
  for (const k of [0, 1]) {
    const n = Math.floor(m / 2) + Number(k < m % 2);
    for (let i = 0; i < n; i++) {
      X.push(point(k, i / (isClosed ? n : Math.max(n - 1, 1))).map((c) => sixDecimals(c + noise * gauss(rng))));
      y.push(k);
    }
  }
  return chosen({ X, y }, permutation(m, rng));
}

const chosen = ({ X, y }, order) => ({ X: order.map((i) => X[i]), y: order.map((i) => y[i]) });

// The examples that are learned, and those kept apart: {train, test}.
export function examplesOf(settings) {
  const all = drawn(settings);
  const order = permutation(settings.m, new Twister(settings.seed));
  const kept = A.round(settings.m * settings.test);
  return { train: chosen(all, order.slice(kept)), test: chosen(all, order.slice(0, kept)) };
}

// As Python rounds: of two that are as near, to the even one.
export function sixDecimals(x) {
  const exact = x.toFixed(60);
  return Number(/[02468]50*$/.test(exact) && /\.\d{6}50*$/.test(exact) ? exact.slice(0, exact.indexOf(".") + 7) : x.toFixed(6));
}
