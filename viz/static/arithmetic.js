// The arithmetic that the table's formulas are computed in: autograd/table/arithmetic.py once more, under the same names.

export const A = {
  inf: Infinity,
  nan: NaN,
  pi: Math.PI,
  abs: Math.abs,
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atan2: Math.atan2,
  atanh: Math.atanh,
  cbrt: Math.cbrt,
  cos: Math.cos,
  cosh: Math.cosh,
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  floor: Math.floor,
  hypot: Math.hypot,
  isfinite: Number.isFinite,
  log: Math.log,
  log10: Math.log10,
  log1p: Math.log1p,
  log2: Math.log2,
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
  len: (xs) => xs.length,
  max: (xs) => Math.max(...xs),
  mean: (xs) => A.sum(xs) / xs.length,
  pick: (xs, k) => (k in xs ? xs[k] : NaN), // where Python raises an IndexError
  prod: (xs) => xs.reduce((a, b) => a * b, 1),
  range: (n) => Array.from({ length: n }, (_, i) => i),
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : x + 0),
  zip: (xs, ys) => xs.map((x, i) => [x, ys[i]]),

  // With the sign of the divisor; JavaScript's % has that of the dividend.
  mod(a, b) {
    const rest = a % b;
    return rest === 0 ? (b < 0 ? -0 : 0) : rest < 0 !== b < 0 ? rest + b : rest;
  },

  // Of two whole numbers the even one; Math.round takes the larger.
  round: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),

  // What came before each element times what comes after it.
  products_of_others(xs) {
    const products = [];
    let product = 1;
    for (const x of xs) {
      products.push(product);
      product *= x;
    }
    product = 1;
    for (let i = xs.length - 1; i >= 0; i--) {
      products[i] *= product;
      product *= xs[i];
    }
    return products;
  },

  // C's pow, which Python uses: 1 to the nan is 1, and -1 to the ±inf.
  power: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b)),

  // Correctly rounded but for the last bit (Shewchuk 1997): partial sums that do not overlap.
  sum(xs) {
    let partials = [];
    for (let x of xs) {
      const left = [];
      for (let p of partials) {
        if (Math.abs(x) < Math.abs(p)) [x, p] = [p, x];
        const high = x + p;
        const low = p - (high - x);
        if (low !== 0) left.push(low);
        x = high;
      }
      partials = [...left, x];
    }
    const total = partials.reduce((a, b) => a + b, 0);
    return Number.isFinite(total) ? total : xs.reduce((a, b) => a + b, 0);
  },

  // The continued fraction of Abramowitz & Stegun, 7.1.14, in the tail; NaN for NaN.
  erfc(x) {
    if (x < 2) return 1 - A.erf(x);
    let fraction = x;
    for (let k = 90; k > 0; k--) fraction = x + k / 2 / fraction;
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
  },

  // 7.1.6 (all terms positive) near 0.
  erf(x) {
    const t = Math.abs(x);
    if (!(t < 2.5)) return Number.isNaN(x) ? NaN : Math.sign(x) * (1 - A.erfc(t));
    const scale = (Math.exp(-t * t) * 2) / Math.sqrt(Math.PI);
    let term = t;
    let total = t;
    for (let k = 1; term > total * 1e-17; k++) {
      term *= (2 * t * t) / (2 * k + 1);
      total += term;
    }
    return Math.sign(x) * scale * total;
  },
};

// Four significant digits as Python's "%.4g" has them, with a real minus sign: 33, −0.4378, 1.235e5.
export function digits(x) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "−inf";
  if (x === 0) return "0";
  let [mantissa, exponent] = Math.abs(x).toExponential(3).split("e");
  const exact = Math.abs(x).toExponential(40);
  if (/^\d\.\d\d[02468]50*e/.test(exact)) [mantissa, exponent] = [exact.slice(0, 5), exact.split("e")[1]]; // half to even
  const power = Number(exponent);
  const scientific = power < -4 || power >= 4;
  const text = scientific
    ? `${Number(mantissa)}e${power}`
    : Number(`${mantissa}e${power}`).toFixed(3 - power).replace(/\.?0+$/, (zeros) => (power < 3 ? "" : zeros));
  return (x < 0 ? "−" : "") + text.replace("-", "−");
}

export function bracketed(x) {
  const text = digits(x);
  return text[0] === "−" ? `(${text})` : text;
}
