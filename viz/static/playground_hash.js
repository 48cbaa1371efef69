// SHA-512 (FIPS 180-4): Python makes of a seed that is text a number, by this hash. `random.js` needs nothing else of it.

const WORD = 64n;
const toWord = (x) => BigInt.asUintN(64, x);
const turned = (x, n) => toWord((x >> n) | (x << (WORD - n)));

function primes(count) {
  const found = [];
  for (let n = 2n; found.length < count; n++) if (found.every((p) => n % p !== 0n)) found.push(n);
  return found;
}

// The first 64 bits behind the point of the k-th root of n, by Newton's method on whole numbers.
function rootBits(n, k) {
  const whole = n << (WORD * k);
  let root = 1n << (WORD + 5n);
  for (;;) {
    const next = ((k - 1n) * root + whole / root ** (k - 1n)) / k;
    if (next >= root) return toWord(root);
    root = next;
  }
}

// The 80 constants of the rounds and the 8 of the start, made when they are needed first.
let constants = null;

function padded(bytes) {
  const size = 128 * Math.ceil((bytes.length + 17) / 128);
  const all = new Uint8Array(size);
  all.set(bytes);
  all[bytes.length] = 0x80;
  new DataView(all.buffer).setBigUint64(size - 8, BigInt(8 * bytes.length));
  return new DataView(all.buffer);
}

function schedule(view, at) {
  const w = Array.from({ length: 16 }, (_, i) => view.getBigUint64(at + 8 * i));
  for (let i = 16; i < 80; i++) {
    const [x, y] = [w[i - 15], w[i - 2]];
    const near = turned(x, 1n) ^ turned(x, 8n) ^ (x >> 7n);
    const far = turned(y, 19n) ^ turned(y, 61n) ^ (y >> 6n);
    w.push(toWord(w[i - 16] + near + w[i - 7] + far));
  }
  return w;
}

// The 64 bytes of the hash.
export function sha512(bytes) {
  constants ??= { rounds: primes(80).map((p) => rootBits(p, 3n)), start: primes(8).map((p) => rootBits(p, 2n)) };
  const view = padded(bytes);
  let state = constants.start;
  for (let at = 0; at < view.byteLength; at += 128) {
    const w = schedule(view, at);
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 80; i++) {
      const first = h + (turned(e, 14n) ^ turned(e, 18n) ^ turned(e, 41n)) + ((e & f) ^ (~e & g)) + constants.rounds[i] + w[i];
      const second = (turned(a, 28n) ^ turned(a, 34n) ^ turned(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, toWord(d + first), c, b, a, toWord(first + second)];
    }
    state = [a, b, c, d, e, f, g, h].map((x, i) => toWord(x + state[i]));
  }
  const out = new DataView(new ArrayBuffer(64));
  state.forEach((x, i) => out.setBigUint64(8 * i, x));
  return new Uint8Array(out.buffer);
}
