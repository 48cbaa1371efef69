// From the words of a formula to its statements: the grammar of autograd/formulas/reading. What is not surely read as Python
// reads it is refused.

import { EXAMPLES, KnownNames } from "./formula_spelling.js";
import { callOf, literal, operated, wholeLiteral, withSigns } from "./formula_trees.js";
import { Unreadable, beginsOperand, formulaWords, isCalled, refused } from "./formula_words.js";
import { FORMULAS } from "./python.js";

const COUNTS = ["m", "n", "N", "M"]; // 1/m x is (1/m)·x
const MOST_BARE = 20; // functions without parentheses inside each other

const isDecimal = (text) => /^[0-9]+$/.test(text);

// The definitions [name, tree] of a text; the name is "" for a bare expression. `given` are the names with values.
export function statementsOf(text, given) {
  const statements = [[]];
  for (const word of formulaWords(text)) {
    if (word.kind !== "end") statements.at(-1).push(word);
    else if (statements.at(-1).length) statements.push([]);
    else if (word.text === ";") throw refused("an empty statement");
  }
  const sides = statements.filter((items) => items.length).map(sidesOf);
  if (!sides.length) throw new Unreadable("the formula is empty: write an expression such as 3*(a + b*c)", true);
  const known = new KnownNames([...given, ...sides.map(([name]) => name).filter(Boolean)]);
  return sides.map(([name, items]) => {
    const tree = new FormulaReader(items, known, true).whole();
    if (tree.list) throw refused("a list");
    return [name, tree.element ?? tree];
  });
}

function sidesOf(items) {
  const places = items.flatMap((word, i) => (word.kind === "sign" && word.text === "=" ? [i] : []));
  if (!places.length) return ["", withoutStop(items)];
  const [place] = places;
  const [left, index] = items;
  const right = withoutStop(items.slice(place + 1));
  const isName = left.kind === "name" && (place === 1 || (place === 2 && index.kind === "lowered"));
  if (places.length > 1 || !isName || !right.length) throw refused("this definition");
  if (FORMULAS.keywords.includes(left.text)) throw refused(`the name ${left.text}`);
  return [place === 2 ? `${left.text}_${index.text}` : left.text, right];
}

// The words of an expression without the full stop of the sentence.
function withoutStop(items) {
  const last = items.at(-1);
  return items.length > 1 && last.kind === "sign" && ".,".includes(last.text) ? withoutStop(items.slice(0, -1)) : items;
}

class FormulaReader {
  constructor(items, known, isStatement = false) {
    this.items = [...items];
    this.known = known;
    this.isStatement = isStatement;
    this.place = 0;
    this.bare = 0;
  }

  peek(ahead = 0) {
    return this.items[this.place + ahead];
  }

  sign(ahead = 0) {
    const word = this.peek(ahead);
    return word?.kind === "sign" ? word.text : "";
  }

  take() {
    if (this.place >= this.items.length) throw refused("what is missing here");
    return this.items[this.place++];
  }

  whole() {
    const tree = this.sum();
    if (this.place < this.items.length) throw refused(`this ${this.peek().text}`);
    return tree;
  }

  sum() {
    let tree = this.product();
    while (["+", "-"].includes(this.sign())) tree = operated(this.take().text, tree, this.product());
    return tree;
  }

  // --- products ---------------------------------------------------------------------------------------------

  product() {
    let tree = this.factors().reduce((left, right) => ({ tree: operated("*", left.tree, right.tree) })).tree;
    while (["*", "/", "%"].includes(this.sign())) {
      const sign = this.take().text;
      const [first, ...rest] = this.factors();
      if (sign !== "*" && rest.length && !goesBefore(first.tree, rest)) throw refused("a division before a product without a sign");
      tree = operated(sign, tree, first.tree);
      for (const factor of rest) tree = operated("*", tree, factor.tree);
    }
    return tree;
  }

  // One factor and those that follow it without a sign.
  factors() {
    const found = [{ tree: this.signed() }];
    for (let word = this.peek(); word && beginsOperand(word); word = this.peek()) {
      if (word.kind === "number" || word.kind === "fraction") throw refused("a number behind a factor");
      found.push({ tree: this.power(), spaced: word.spaced });
    }
    return found;
  }

  // --- signs and powers ---------------------------------------------------------------------------------------

  signs() {
    const found = [];
    while (["+", "-"].includes(this.sign())) found.push(this.take().text);
    return found;
  }

  signed() {
    const signs = this.signs();
    return withSigns(signs, this.power());
  }

  power() {
    const chain = [[[], this.raised(this.operand())]];
    while (["^", "**"].includes(this.sign())) {
      const caret = this.take().text;
      const signs = this.signs();
      const exponent = this.peek();
      chain.push([signs, this.raised(this.operand())]);
      if (caret === "^") this.requireClear(chain, exponent);
    }
    let [signs, tree] = chain.pop();
    for (const [signsBefore, base] of chain.reverse()) {
      tree = this.toThe(base, withSigns(signs, tree));
      signs = signsBefore;
    }
    return tree;
  }

  isEuler(tree) {
    return tree.name === "e" && !this.known.names.has("e");
  }

  toThe(base, exponent) {
    return this.isEuler(base) ? operated("exp", exponent) : operated("**", base, exponent);
  }

  // Refuses what leaves open how far an exponent goes: a^bc, e^2x.
  requireClear(chain, exponent) {
    const following = this.peek();
    if (exponent.text === "1" && this.sign() === "/" && this.peek(1)?.kind === "number") throw refused("a^1/2");
    if (exponent.kind === "group" || !following || following.spaced || !beginsOperand(following)) return;
    const [, base] = chain.at(-2);
    if (following.kind === "known" || (this.isEuler(base) && exponent.kind === "number")) throw refused("a product in an exponent");
  }

  // The operand with the exponent of small digits and letters behind it.
  raised(tree) {
    const word = this.peek();
    if (word?.kind !== "raised") return tree;
    this.place++;
    const exponent = new FormulaReader(formulaWords(word.text), this.known).whole();
    if (["^", "**"].includes(this.sign())) throw refused("a power of a power");
    return this.toThe(tree, exponent);
  }

  // --- operands -----------------------------------------------------------------------------------------------

  operand() {
    const tree = this.inner(this.take());
    const index = this.peek();
    const isIndexed = index?.kind === "group" && index.text === "[";
    const isList = FORMULAS.perElement.includes(tree.op);
    if (!isIndexed && !isList) return tree;
    const k = index?.items?.[0];
    if (!isIndexed || !isList || index.items.length !== 1 || k.kind !== "number" || !isDecimal(k.text)) throw refused("this list or index");
    if (Number(k.text) >= tree.operands.length) throw refused("an index out of its list");
    this.place++;
    if (this.peek()?.text === "[") throw refused("an index of an index");
    return { element: operated(tree.op, ...tree.operands, wholeLiteral(k.text)) };
  }

  inner(word) {
    if (word.kind === "number") return literal(word.text);
    if (word.kind === "fraction") return operated("/", ...word.text.split("/").map(wholeLiteral));
    if (word.kind === "known") return this.value(word.text);
    if (word.kind === "name") return this.named(word);
    if (word.kind === "group") return this.group(word);
    if (word.text === "√" || word.text === "∛") return this.root(word);
    throw refused(`this ${word.text}`);
  }

  group(word) {
    const parts = this.parts(word);
    if (word.text === "[" && !(this.items.length > 1 || this.isStatement)) return { list: parts };
    if (parts.length !== 1 || parts[0].list) throw refused("a list here");
    return word.text === "|" ? operated("abs", parts[0]) : parts[0];
  }

  // The trees between the commas of a group.
  parts(group) {
    const found = [[]];
    for (const word of group.items) {
      if (word.kind === "sign" && word.text === ",") found.push([]);
      else found.at(-1).push(word);
    }
    if (found.length > 1 && !found.at(-1).length) found.pop();
    return found.map((items) => new FormulaReader(items, this.known).whole());
  }

  root(word) {
    const isGroup = this.peek()?.kind === "group" && this.peek().text !== "|";
    const argument = this.operand();
    const following = this.peek();
    if (following && !isGroup) {
      const isPower = following.kind === "raised" || ["^", "**"].includes(this.sign());
      if (isPower || (beginsOperand(following) && !following.spaced)) throw refused("what a root is of");
    }
    return operated(word.text === "√" ? "sqrt" : "cbrt", argument);
  }

  // --- names and functions --------------------------------------------------------------------------------------

  named(first) {
    const word = this.known.names.has(first.text) ? first : this.inLibrary(first);
    const index = this.peek();
    if (this.sign() === "^" && this.peek(2)?.kind === "lowered") throw refused("an index behind an exponent");
    if (index?.kind === "lowered") return this.indexed(word, this.take().text);
    const { text } = word;
    const hasArguments = index?.kind === "group" && index.text === "(";
    const isKnown = this.known.names.has(text);
    const isNone = FORMULAS.noneHere.includes(text.toLowerCase().replaceAll("_", ""));
    if (hasArguments && !isKnown && isNone) throw refused(`the function ${text}`);
    if (isCalled(text) && (!isKnown || (hasArguments && Object.hasOwn(FORMULAS.functions, text)))) return this.called(text);
    const found = this.known.find(text);
    return found ? this.value(found) : this.sideBySide(word, hasArguments);
  }

  value(name) {
    this.requireNoIndex(name);
    return { name };
  }

  // np.exp is exp.
  inLibrary(word) {
    if (!FORMULAS.libraries.includes(word.text) || this.sign() !== ".") return word;
    this.place++;
    const next = this.take();
    if (next.kind !== "name" || !isCalled(next.text)) throw refused(`${next.text} of a library`);
    return next;
  }

  // x₁ is x1 or x_1; log₂ a function.
  indexed({ text }, digits) {
    const name = `${text}_${digits}`;
    if (isCalled(name) && !this.known.names.has(name)) return this.called(name, text);
    const found = isCalled(text) ? "" : this.known.find(name, false);
    if (!found) throw refused(`the name ${name}`);
    return this.value(found);
  }

  // Refuses what may be an index: x^(2), a(2) where there is an a2.
  requireNoIndex(name) {
    const isRaised = this.sign() === "^";
    const above = this.peek(1);
    if (isRaised && above?.text === "{" && above.items.some(({ kind }) => kind === "group")) throw refused("what may be an index");
    const index = this.indexAt(isRaised ? above : this.peek());
    const isIndex = isRaised ? index !== "" : isDecimal(index) && !this.peek().spaced;
    const isAlone = this.known.withLetterOf(name).length === 1 && !EXAMPLES.includes(index);
    if (isIndex && !isAlone) throw refused("what may be an index");
  }

  // What stands in a group as one word; "" if it is no word.
  indexAt(group) {
    if (group?.kind !== "group" || group.text !== "(") return "";
    const isWord = group.items.every(({ kind }) => kind === "name" || kind === "number");
    return isWord ? group.items.map(({ text }) => text).join("") : "";
  }

  // bc as b and then c; a name that nobody knows stays one.
  sideBySide(word, hasArguments) {
    const following = this.peek();
    const beforePower = following && (["^", "**"].includes(this.sign()) || following.kind === "raised");
    const way = this.known.split(word.text, Boolean(hasArguments), Boolean(beforePower));
    if (!way) {
      const mayHaveIndex = this.sign() === "^" || following?.text === "[";
      if (this.known.begins(word.text) && mayHaveIndex) throw refused(`what ${word.text} is, with its index`);
      if (hasArguments || FORMULAS.keywords.includes(word.text)) throw refused(`the name ${word.text}`);
      return { name: word.text };
    }
    const mayHaveIndex = this.sign() === "^" && this.indexAt(this.peek(1)) !== "";
    const pieces = way.map((text, i) => {
      const found = isCalled(text) || (mayHaveIndex && text === way.at(-1)) ? "" : this.known.find(text);
      return { kind: found ? "known" : "name", text: found || text, spaced: i === 0 && word.spaced };
    });
    this.place--;
    this.items.splice(this.place, 1, ...pieces);
    return this.operand();
  }

  // A function with its arguments; without any the name `alone`.
  called(word, alone = word) {
    const exponent = this.exponent();
    const group = this.peek();
    const isGroup = group?.kind === "group" && group.text !== "|";
    if (isGroup && group.text !== "(") throw refused(`the index of ${word}`);
    if (isGroup) this.place++;
    const given = isGroup ? this.parts(group) : this.bareArgument();
    if (given === null && exponent === null) return { name: alone }; // which has no value
    if (given === null) throw refused(`the function ${word} without its argument`);
    const tree = callOf(word, given);
    if (exponent && FORMULAS.perElement.includes(tree.op)) throw refused("a power of a list");
    return exponent ? operated("**", tree, exponent) : tree;
  }

  // The exponent between a function and its argument: sin² x.
  exponent() {
    const word = this.peek();
    if (word?.kind === "raised") {
      this.place++;
      if (!isDecimal(word.text)) throw refused("this exponent of a function");
      return wholeLiteral(word.text);
    }
    if (this.sign() !== "^") return null;
    this.place++;
    const taken = this.take();
    const above = taken.text === "{" && taken.items?.length === 1 ? taken.items[0] : taken;
    if (above.kind !== "number" || !isDecimal(above.text)) throw refused("this exponent of a function");
    return wholeLiteral(above.text);
  }

  // The argument of a function without parentheses, one factor, or a number and what it multiplies; null if none follows.
  bareArgument() {
    const signs = [];
    let first = this.peek();
    if (["+", "-"].includes(this.sign()) && first.spaced && this.peek(1) && !this.peek(1).spaced) {
      signs.push(this.take().text);
      first = this.peek();
    }
    if (!first || !beginsOperand(first)) {
      this.place -= signs.length;
      return null;
    }
    this.bare++;
    if (this.bare > MOST_BARE) throw refused("so many functions without parentheses");
    const isNumber = first.kind === "number" || first.kind === "fraction";
    const read = [this.power()];
    for (let next = this.peek(); next && beginsOperand(next) && !this.isFunction(next); next = this.peek()) {
      if (!(isNumber || (next.kind === "known" && !next.spaced)) || next.kind === "group") throw refused("how far a function goes");
      read.push(this.power());
    }
    if (isNumber && read.length === 1 && ["+", "-"].includes(this.sign())) throw refused("how far a function goes");
    const after = this.peek(1);
    if (this.sign() === "/" && !(after?.spaced && this.isFunction(after))) throw refused("how far a function goes");
    this.bare--;
    return [withSigns(signs, read.reduce((left, right) => operated("*", left, right)))];
  }

  isFunction(word) {
    return (word.kind === "sign" && beginsOperand(word)) || (word.kind === "name" && isCalled(word.text) && !this.known.names.has(word.text));
  }
}

// Whether a division goes before the product without signs below it: 1/m x is (1/m)·x.
function goesBefore(below, rest) {
  return (below.number !== undefined || COUNTS.includes(below.name)) && rest[0].spaced;
}
