// Python's random.Random and nn/random_numbers.py once more: the same seed gives the same numbers; tests compare the two.
// The generator is MT19937 (Matsumoto & Nishimura 1998, ACM TOMACS 8, 3).

import { sha512 } from "./playground_hash.js";

const SIZE = 624;

export class Twister {
  // `seed` is a whole number from 0 on, or a text.
  constructor(seed) {
    this.state = new Uint32Array(SIZE);
    this.at = SIZE;
    this.start(typeof seed === "string" ? wordsOf(seed) : [seed % 2 ** 32, Math.floor(seed / 2 ** 32)].slice(0, seed < 2 ** 32 ? 1 : 2));
  }

  start(key) {
    const { state } = this;
    state[0] = 19650218;
    for (let i = 1; i < SIZE; i++) state[i] = Math.imul(1812433253, before(state, i)) + i;
    let i = 1;
    let j = 0;
    const next = () => {
      i++;
      if (i < SIZE) return;
      state[0] = state[SIZE - 1];
      i = 1;
    };
    for (let k = Math.max(SIZE, key.length); k > 0; k--) {
      state[i] = (state[i] ^ Math.imul(before(state, i), 1664525)) + key[j] + j;
      next();
      j = (j + 1) % key.length;
    }
    for (let k = SIZE - 1; k > 0; k--) {
      state[i] = (state[i] ^ Math.imul(before(state, i), 1566083941)) - i;
      next();
    }
    state[0] = 0x80000000;
  }

  twist() {
    const { state } = this;
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
      state[i] = state[(i + 397) % SIZE] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.at = 0;
  }

  word() {
    if (this.at === SIZE) this.twist();
    let y = this.state[this.at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  // From [0, 1), with 53 bits.
  random() {
    const [high, low] = [this.word() >>> 5, this.word() >>> 6];
    return (high * 67108864 + low) / 9007199254740992;
  }
}

const before = (state, i) => state[i - 1] ^ (state[i - 1] >>> 30);

// The number that a text is as a seed, in words of 32 bits, the lowest first: its bytes, and behind them their hash.
function wordsOf(text) {
  const bytes = new TextEncoder().encode(text);
  const all = [...bytes, ...sha512(bytes)].reverse();
  return Array.from({ length: Math.ceil(all.length / 4) }, (_, i) =>
    [0, 1, 2, 3].reduce((word, k) => word + (all[4 * i + k] ?? 0) * 2 ** (8 * k), 0),
  );
}

// One number from N(0, 1).
export function gauss(rng) {
  for (;;) {
    const u = 1 - rng.random();
    const x = (1.7155277699214135 * (rng.random() - 0.5)) / u;
    if (x * x <= -4 * Math.log(u)) return x;
  }
}

// 0 … m−1 in random order.
export function permutation(m, rng) {
  const keys = Array.from({ length: m }, () => rng.random());
  return keys.map((_, i) => i).sort((i, j) => keys[i] - keys[j]);
}
