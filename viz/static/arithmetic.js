// The arithmetic that the table's formulas are computed in: autograd/arithmetic.py once more, under the same names.

const A = {
  inf: Infinity,
  nan: NaN,
  pi: Math.PI,
  abs: Math.abs,
  cos: Math.cos,
  exp: Math.exp,
  expm1: Math.expm1,
  isfinite: Number.isFinite,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
  len: (xs) => xs.length,
  max: (xs) => Math.max(...xs),
  pick: (xs, k) => (k in xs ? xs[k] : NaN), // where Python raises an IndexError
  range: (n) => Array.from({ length: n }, (_, i) => i),
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : x + 0),
  zip: (xs, ys) => xs.map((x, i) => [x, ys[i]]),

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

  all_but_largest: (xs) => (xs.some(Number.isNaN) ? NaN : A.sum([...xs].sort((a, b) => a - b).slice(0, -1))),

  // Abramowitz & Stegun 7.1.6 (all terms positive), and the continued fraction 7.1.14 further out.
  erf(x) {
    const t = Math.abs(x);
    if (!(t < 6)) return Number.isNaN(x) ? NaN : Math.sign(x);
    const scale = (Math.exp(-t * t) * 2) / Math.sqrt(Math.PI);
    if (t > 2.5) {
      let fraction = t;
      for (let k = 60; k > 0; k--) fraction = t + k / 2 / fraction;
      return Math.sign(x) * (1 - scale / (2 * fraction));
    }
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
function digits(x) {
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

function bracketed(x) {
  const text = digits(x);
  return text[0] === "−" ? `(${text})` : text;
}

// A template of numbers, "{0} × ‹{1}›", with its numbers: autograd/wording.py, fill.
function fill(template, numbers) {
  return template.replace(/(‹?)\{(\w+)\}›?/g, (_, bracket, key) => (bracket ? bracketed : digits)(numbers[key]));
}
