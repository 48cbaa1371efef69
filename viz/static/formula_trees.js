// The trees of formulas: a number {number}, a name {name}, or an operation {op, operands} of flat operands; while a formula is
// read also a {list}, and the {element} of a softmax, which is an operation.

import { refused, rowOf } from "./formula_words.js";
import { FORMULAS, OPS } from "./python.js";

export const PLUS = "+x"; // the sign in front, which says nothing
export const operated = (op, ...operands) => ({ op, operands: operands.map(({ element, ...tree }) => element ?? tree) });

export function withSigns(signs, tree) {
  return signs.reduceRight((operand, sign) => operated(sign === "-" ? "neg" : PLUS, operand), tree);
}

export const wholeLiteral = (text) => ({ number: Number(text) });

export function literal(text) {
  if (/^0+[1-9][0-9]*$/.test(text) || !Number.isFinite(Number(text))) throw refused(`the number ${text}`);
  return { number: Number(text) };
}

// The call of a function of the table, with its defaults; a list stands where it wants one. pow(a, b) is an operator.
export function callOf(word, given) {
  const op = rowOf(word);
  if (!op) {
    const operator = FORMULAS.operators[word];
    if (!(operator in OPS) || given.length !== 2 || given.some(({ list }) => list)) throw refused(`the function ${word}`);
    return operated(operator, ...given);
  }
  const isPerElement = FORMULAS.perElement.includes(op);
  const { lists } = OPS[op];
  const size = lists.length - (isPerElement ? 1 : 0);
  const isList = (argument) => argument.list !== undefined;
  const arguments_ = lists[0] && size === 1 && !given.some(isList) ? [{ list: given }] : given;
  const defaults = FORMULAS.defaults[op] ?? [];
  const missing = size - arguments_.length;
  const fits = missing >= 0 && missing <= defaults.length && arguments_.every((argument, i) => isList(argument) === lists[i]);
  const sizes = new Set(arguments_.filter(isList).map(({ list }) => list.length));
  if (!fits || sizes.size > 1 || sizes.has(0)) throw refused(`what ${op} is given`);
  const further = defaults.slice(defaults.length - missing).map((number) => ({ number }));
  const operands = [...arguments_, ...(missing ? further : [])].flatMap((argument) => argument.list ?? [argument]);
  if (operands.some(isList)) throw refused("a list in a list");
  return operated(op, ...operands);
}
