// The graph of a formula: parse and definitions of autograd/formulas/parse.py, evaluate of evaluate.py.

import { FORMULAS } from "./python.js";
import { statementsOf } from "./formula_reader.js";
import { didYouMean } from "./formula_spelling.js";
import { PLUS } from "./formula_trees.js";
import { Unreadable, refused } from "./formula_words.js";
import { forward } from "./replay.js";

const NAMED_NUMBERS = { pi: Math.PI, "π": Math.PI };
const NAME = /^[A-Za-zÀ-ÖØ-öø-ſΆ-ώ_][A-Za-zÀ-ÖØ-öø-ſΆ-ώ_0-9\u0302-\u0304]*$/;
const MOST_LISTED = 10; // names in an error
const LONGEST_NAME = 24; // characters; longer ones are cut where they are shown

const leafOf = (data, label, kind = "input") => ({ kind, op: null, inputs: [], data, label });

// Its nodes in the order of a trace: each after its inputs, a constant before the first node that is made of it.
export function graphOf(text, leaves) {
  const given = Object.entries(leaves).map(([name, data]) => [name.normalize("NFKC"), Number(data)]);
  for (const [name] of given) if (!NAME.test(name)) throw refused(`the name ${name}`);
  const statements = statementsOf(text, given.map(([name]) => name));
  const trees = new Map(statements);
  requireSense(statements, trees, new Map(given));
  const values = new Map(Object.entries(NAMED_NUMBERS));
  for (const [name, data] of given) values.set(name, leafOf(data, name));
  let root;
  for (const name of inOrder(trees)) {
    const result = evaluatedTree(trees.get(name), values);
    root = typeof result === "number" ? leafOf(result, "", name ? "input" : "constant") : result;
    root.label ||= name;
    values.set(name, root);
  }
  return topological(root);
}

function evaluatedTree(tree, values) {
  if (tree.number !== undefined) return tree.number;
  if (tree.name !== undefined) return values.get(tree.name);
  const operands = tree.operands.map((operand) => evaluatedTree(operand, values));
  if (tree.op === PLUS) return operands[0];
  const isNumbers = operands.every((operand) => typeof operand === "number");
  const [data] = forward(tree.op, "computed", operands.map((operand) => operand.data ?? operand));
  if (tree.op === "take" && Number.isNaN(data)) throw refused("an index out of its list");
  if (!isNumbers) return { kind: "result", op: tree.op, inputs: operands.map(asNode), data, label: "" };
  if (!Number.isFinite(data)) throw refused("numbers alone that have no finite result");
  return data;
}

const asNode = (operand) => (typeof operand === "number" ? leafOf(operand, "", "constant") : operand);

// --- definitions --------------------------------------------------------------------------------------------------

// Every name has a value, and every value a use.
function requireSense(statements, trees, given) {
  if (trees.size < statements.length) throw refused("two definitions of one name");
  for (const name of trees.keys()) {
    if (given.has(name)) throw new Unreadable(`${name} is both defined in the formula and given a value`, true);
    if ([...name].length > LONGEST_NAME) throw refused("a long name");
  }
  const used = new Set(statements.flatMap(([, tree]) => namesIn(tree)));
  const unused = [...given.keys()].filter((name) => !used.has(name));
  const missing = [...used].filter((name) => !given.has(name) && !trees.has(name) && !Object.hasOwn(NAMED_NUMBERS, name));
  if (missing.length > MOST_LISTED || unused.length > MOST_LISTED) throw refused("many names without a value or a use");
  if (missing.length) throw new Unreadable(missingValues(missing, unused), true);
  if (unused.length) {
    const hint = didYouMean(unused[0], [...used]);
    throw new Unreadable(`the formula has no ${listed(unused)}${hint ? `: ${hint}` : ""}`, true);
  }
  if ([...given.keys()].some((name) => [...name].length > LONGEST_NAME)) throw refused("a long name");
}

function missingValues(missing, unused) {
  let hint = didYouMean(missing[0], unused) || `add ${missing.slice(0, 5).map((name) => `${name}=…`).join(", ")}`;
  for (const name of missing) {
    if (name === "e" && missing.length === 1) hint = "for Euler's number write exp(1)";
    if (Object.hasOwn(FORMULAS.functions, name)) hint = `${name} is a function, write ${name}(x)`;
  }
  return `no value for ${listed(missing)}${unused.length ? `, and no use for ${listed(unused)}` : ""}: ${hint}`;
}

const listed = (words) => [words.slice(0, -1).join(", "), words.at(-1)].filter(Boolean).join(" and ");

// The names in a tree, in order of first use.
function namesIn(tree) {
  if (tree.name !== undefined) return [tree.name];
  return (tree.operands ?? []).flatMap(namesIn);
}

// The definitions, each after those that it uses; the result last.
function inOrder(trees) {
  const uses = new Map([...trees].map(([name, tree]) => [name, namesIn(tree).filter((used) => trees.has(used))]));
  const usedOnes = new Set([...uses.values()].flat());
  const results = [...trees.keys()].filter((name) => !usedOnes.has(name));
  if (results.length > 1) {
    const shown = results.map((name) => name || "the expression without a name");
    throw new Unreadable(`more than one result: nothing uses ${listed(shown)}; keep one, or combine them`, true);
  }
  const order = [];
  const visiting = new Set();
  const visit = (name) => {
    if (order.includes(name)) return;
    if (visiting.has(name)) throw refused("a definition by itself");
    visiting.add(name);
    uses.get(name).forEach(visit);
    order.push(name);
  };
  if (!results.length) throw refused("a definition by itself");
  [...trees.keys()].forEach(visit);
  return [...order.filter((name) => name !== results[0]), results[0]];
}

// --- order --------------------------------------------------------------------------------------------------------

// graph.topological, with the constants as trace has them.
function topological(root) {
  const found = new Set();
  const order = [];
  const stack = [root];
  while (stack.length) {
    const node = stack.pop();
    if (node === null) {
      order.push(stack.pop());
    } else if (!found.has(node)) {
      found.add(node);
      stack.push(node, null, ...node.inputs.filter(({ kind }) => kind !== "constant").reverse());
    }
  }
  return [...new Set(order.flatMap((node) => [...node.inputs, node]))];
}
