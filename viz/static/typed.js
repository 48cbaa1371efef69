// Numbers as students write them: −0.5 · 0,25 · 1/3 · 2e-3 · 2·10⁻³ · √2/2 · 3 × (−2) · ½ · e^−1.

const LONGEST = 200; // characters
const FRACTIONS = { "½": "(1/2)", "⅓": "(1/3)", "⅔": "(2/3)", "¼": "(1/4)", "¾": "(3/4)", "⅕": "(1/5)", "⅛": "(1/8)" };
const CONSTANTS = { e: Math.E, pi: Math.PI, "π": Math.PI, inf: Infinity, infinity: Infinity, "∞": Infinity };
const FUNCTIONS = {
  "√": Math.sqrt,
  sqrt: Math.sqrt,
  exp: Math.exp,
  ln: Math.log,
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  "σ": (x) => 1 / (1 + Math.exp(-x)),
};
const NUMBER_TOKEN = /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[a-z]+|[-+*/^()√π∞σ]/gu;
const THOUSANDS = /(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])/g;

// The number, a comma being a decimal one; NaN for anything else.
export function typed(text) {
  return readings(text)[0] ?? NaN;
}

// What a text may mean: 1,000 is 1 or a thousand. Of an equation, what stands behind its last sign.
export function readings(text) {
  const plain = text.slice(0, LONGEST + 1).replace(/^.*[=≈]/s, "").trim();
  const isPointed = /\d,\d{3}\.\d/.test(plain); // 1,234.5
  const texts = [...(isPointed ? [] : [plain.replaceAll(",", ".")]), plain.replace(THOUSANDS, (many) => many.replaceAll(",", ""))];
  return [...new Set(texts.map(evaluated))].filter((x) => !Number.isNaN(x));
}

function evaluated(text) {
  const written = inAscii(text);
  const tokens = written.match(NUMBER_TOKEN) ?? [];
  const isRead = written.length <= LONGEST && tokens.join("") === written.replace(/\s/g, "");
  if (!isRead || /[\d.]\s+[\d.]/.test(written)) return NaN; // 1 1/2
  const reader = new NumberReader(tokens);
  const value = reader.sum();
  return reader.tokens.length ? NaN : value;
}

function inAscii(text) {
  return text
    .toLowerCase()
    .replace(/(\d+)\s*([½⅓⅔¼¾⅕⅛])/g, "($1+$2)")
    .replace(/[½⅓⅔¼¾⅕⅛]/g, (sign) => FRACTIONS[sign])
    .replace(/[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (raised) => `^(${raised.normalize("NFKC")})`)
    .replace(/[−–]/g, "-")
    .replace(/\*\*/g, "^")
    .replace(/[×·⋅∙]/g, "*")
    .replace(/[:÷⁄]/g, "/");
}

class NumberReader {
  constructor(tokens) {
    this.tokens = [...tokens].reverse();
  }

  takes(token) {
    return this.tokens.at(-1) === token && this.tokens.pop();
  }

  sum() {
    let total = this.product();
    for (;;) {
      if (this.takes("+")) total += this.product();
      else if (this.takes("-")) total -= this.product();
      else return total;
    }
  }

  product() {
    let total = this.signed();
    for (;;) {
      if (this.takes("*")) total *= this.signed();
      else if (this.takes("/")) total /= this.signed();
      else if (/^[(a-z√π∞σ]/.test(this.tokens.at(-1) ?? "")) total *= this.power(); // 2(3), 2√3
      else return total;
    }
  }

  signed() {
    if (this.takes("-")) return -this.signed();
    return this.takes("+") ? this.signed() : this.power();
  }

  power() {
    const base = this.atom();
    return this.takes("^") ? base ** this.signed() : base;
  }

  atom() {
    const token = this.tokens.pop() ?? "";
    if (Object.hasOwn(FUNCTIONS, token)) return FUNCTIONS[token](this.atom());
    if (Object.hasOwn(CONSTANTS, token)) return CONSTANTS[token];
    if (token !== "(") return /^[\d.]/.test(token) ? Number(token) : NaN;
    const inside = this.sum();
    return this.takes(")") ? inside : NaN;
  }
}
