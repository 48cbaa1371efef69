// A formula cut into words and groups, as autograd/formulas/reading/words.py and groups.py do.

import { FORMULAS } from "./python.js";

const LONGEST_TEXT = 3000; // characters; Python reads longer ones
const MOST_OPEN = 100; // parentheses inside each other
const AROUND = 25; // characters that an error shows to both sides of its place
const SIGN_OF = {
  ...Object.fromEntries([..."×·⋅∙∗⊙•∘"].map((sign) => [sign, "*"])),
  ...Object.fromEntries([..."−‐‑‒–—﹣"].map((sign) => [sign, "-"])),
  "÷": "/",
  "∕": "/",
  "⁄": "/",
  "√": "√",
  "∛": "∛",
  "∣": "|",
};
const FRACTION_OF = { "½": "1/2", "⅓": "1/3", "¼": "1/4", "⅔": "2/3", "¾": "3/4", "⅛": "1/8", "⅕": "1/5" };
// Letters: those of Latin and Greek; what is typed with others is left to Python, but for Σ and Π, which are no letters.
const LETTER = "A-Za-zÀ-ÖØ-öø-ſΆ-ΏΑ-ΟΡΤ-ώ";
const FORMULA_WORD = new RegExp(
  [
    "(?<number>(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?)",
    "(?<raised>[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ]+)",
    "(?<lowered>[₀-₉]+)",
    `(?<fraction>[${Object.keys(FRACTION_OF).join("")}])`,
    `(?<name>(?!_[{\\\\])[${LETTER}_](?:(?!_[{\\\\])[${LETTER}_0-9\\u0302-\\u0304])*)`,
    "(?<end>[\\n;])",
    "(?<space>[ ]+)",
    "(?<sign>\\*\\*|//|==|:=|[-+*/%(),=\\[\\]{}^|.])",
    "(?<other>.)",
  ].join("|"),
  "gsu",
);
const PAIRS = { "(": ")", "[": "]", "{": "}" };

// What only Python reads, or nobody: `sure` where Python refuses it with the same sentence.
export class Unreadable extends Error {
  constructor(message, sure = false) {
    super(message);
    this.name = "Unreadable";
    this.sure = sure;
  }
}

export const refused = (what) => new Unreadable(`without Python this is not read: ${what}`);

// The row that a word calls; "" if it calls none.
export function rowOf(word) {
  const names = [word];
  if (word.length > 1 && word[0] !== word[0].toLowerCase()) names.push(word.toLowerCase());
  for (const name of names) {
    if (Object.hasOwn(FORMULAS.functions, name)) return FORMULAS.functions[name];
    if (Object.hasOwn(FORMULAS.aliases, name)) return FORMULAS.aliases[name];
  }
  return "";
}

export const isCalled = (word) => rowOf(word) !== "" || Object.hasOwn(FORMULAS.operators, word);

// The words of a text, in their groups: {kind, text, spaced}, a group with its `items`.
export function formulaWords(text) {
  if (text.length > LONGEST_TEXT) throw refused("a long formula");
  const lines = narrow(text).normalize("NFC").split("\n");
  const clean = lines.map((line) => line.replace(/[\t\r\f\v\u00a0]/g, " ").trim()).join("\n");
  const found = [];
  let spaced = false;
  for (const match of clean.matchAll(FORMULA_WORD)) {
    const [kind, word] = Object.entries(match.groups).find(([, part]) => part !== undefined);
    if (kind === "space") {
      spaced = true;
      continue;
    }
    if (word[0] === "_" && !spaced && found.length) throw refused("an index of its own");
    found.push({ ...readAs(kind, word), spaced, start: match.index });
    spaced = false;
  }
  const { items, isOpen } = inGroups(found, clean, false);
  if (isOpen && canBeNested(found, clean)) throw refused("bars that may be paired in two ways");
  return items;
}

// Whether the first bar that may close another or open one can open one.
function canBeNested(words, text) {
  try {
    inGroups(words, text, true);
    return true;
  } catch (error) {
    if (!error.sure) throw error;
    return false;
  }
}

// The wide signs of East Asian keyboards as others have them.
const narrow = (text) => text.replace(/[\uff01-\uff5e\u3000]/g, (sign) => sign.normalize("NFKC"));

function readAs(kind, word) {
  if (kind === "other" && Object.hasOwn(SIGN_OF, word)) return { kind: "sign", text: SIGN_OF[word] };
  if (kind === "other" || ["//", "==", ":="].includes(word)) throw refused(`the sign ${word}`);
  if (kind === "raised" || kind === "lowered") return { kind, text: word.normalize("NFKC").replaceAll("−", "-") };
  if (kind === "fraction") return { kind, text: FRACTION_OF[word] };
  if (kind === "name") return { kind, text: word.normalize("NFKC") };
  return { kind, text: word };
}

// The words in their parentheses; `isOpen` is whether a bar that closes another might open one, as the first does if `isNested`.
function inGroups(words, text, isNested) {
  let isOpen = false;
  const opened = [{ text: "", items: [] }];
  const open = (word) => {
    if (opened.length > MOST_OPEN) throw refused("so many parentheses inside each other");
    opened.push({ ...word, kind: "group", items: [] });
  };
  const close = () => opened.at(-2).items.push(opened.pop());
  words.forEach((word, i) => {
    const top = opened.at(-1);
    const sign = word.kind === "sign" ? word.text : "";
    if (word.kind === "end" && opened.length > 1) {
      if (word.text === ";") throw neverClosed(top, text);
    } else if (sign === "|" && top.text === "|" && top.items.length && endsOperand(top.items.at(-1))) {
      const following = words[i + 1];
      const isChoice = following && (beginsOperand(following) || ["(", "{", "|"].includes(following.text));
      if (isChoice && isNested && !isOpen) open(word);
      else close();
      isOpen ||= Boolean(isChoice);
    } else if (sign === "|" || sign in PAIRS) {
      open(word);
    } else if (")]}".includes(sign) && sign) {
      if (opened.length === 1) throw wrongAt(`this ${sign} closes nothing`, text, word.start);
      if (top.text === "|") throw wrongAt("this | is never closed", text, top.start);
      if (PAIRS[top.text] !== sign) throw wrongAt(MISPLACED, text, word.start);
      close();
    } else {
      top.items.push(word);
    }
  });
  if (opened.length > 1) throw neverClosed(opened.at(-1), text);
  return { items: opened[0].items, isOpen };
}

const MISPLACED = "something is missing here, or too much";
const neverClosed = (group, text) => wrongAt(`this ${group.text} is never closed`, text, group.start);

// What is wrong and where, in Python's words: `at` in words.py.
function wrongAt(problem, text, place) {
  const characters = [...text];
  const at = [...text.slice(0, place)].length; // Python counts characters
  const [start, end] = [Math.max(0, at - AROUND), at + AROUND];
  const around = (start ? "…" : "") + characters.slice(start, end).join("") + (end < characters.length ? "…" : "");
  return new Unreadable(`${problem} (character ${at + 1} of '${around.replaceAll("\n", "\\n")}')`, true);
}

// Whether a product may go on behind the word.
function endsOperand(word) {
  return word.kind === "name" ? !isCalled(word.text) : word.kind !== "sign";
}

// Whether a factor may begin with the word.
export function beginsOperand(word) {
  if (word.kind === "sign") return word.text === "√" || word.text === "∛";
  return ["number", "name", "known", "fraction"].includes(word.kind) || (word.kind === "group" && word.text !== "[");
}
