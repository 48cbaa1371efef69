// The questions of the quiz: what a step asks, what is right, and what the likely wrong answers are.

import { bracketed, digits } from "./arithmetic.js";
import { forward, textbookPartials } from "./replay.js";

export const STAGES = { value: "values", local: "local derivatives", product: "products", sum: "sums", next: "next edges" };

const MOST_CHOICES = 4;
// Operations whose result may be what rounding leaves of nothing, and those whose derivative is written with the result.
const CANCELLING = new Set(["+", "-", "sum", "mean", "dot", "sin", "cos", "tan"]);
const OF_THE_RESULT = new Set(["sigmoid", "tanh", "softmax"]);

// What a step asks, one after the other.
export function stagesOf(frames, index) {
  const [kind, first, last] = frames.list[index];
  const { product, before, after, local, node } = frames.events[first];
  const isNumber = (stage) => !Number.isNaN({ value: frames.data[node], local, product, sum: after }[stage]);
  const next = nextEvent(frames, index) ? ["next"] : [];
  if (kind === "forward") return ["value"].filter(isNumber);
  if (kind === "seed") return next;
  if (kind !== "edge" || product === null) return [];
  const isFanOut = before !== null && frames.arrivals.get(frames.events[last].to).length > 1;
  return [...["local", "product", ...(isFanOut ? ["sum"] : [])].filter(isNumber), ...next];
}

// A question: its `name` with each pen, and either `choices`, or a number: what is `right`, how much `noise` it may
// have, the `mistakes` that are known by their number, and a `hint`.
export function questionOf(frames, index, stage) {
  const at = frames.list[index][1];
  return { ...ASK[stage](frames, at, index), key: `${at} ${stage}`, stage };
}

const ASK = { value: askValue, local: askLocal, product: askProduct, sum: askSum, next: askNext };

// What can be computed from the four digits that are shown.
const shown = (x) => (Number.isFinite(x) ? Number(x.toPrecision(4)) : x);
const largest = (...xs) => Math.max(...xs.map(Math.abs));

function askValue(frames, at) {
  const { node } = frames.events[at];
  const { op, inputs } = frames.nodes[node];
  const numbers = inputs.map((id) => frames.data[id]);
  return {
    name: (pen) => pen.name(node),
    right: [frames.data[node], forward(op, "computed", numbers.map(shown))[0]],
    noise: CANCELLING.has(op) ? 8 * Number.EPSILON * largest(...numbers) : 0,
    mistakes: [],
    hint: "Compute it from the numbers of its inputs.",
  };
}

function askLocal(frames, at) {
  const event = frames.events[at];
  const { from, to, slot, local, upstream, product } = event;
  const [x, y] = [frames.name(to), frames.name(from)];
  const { op, inputs } = frames.nodes[from];
  const numbers = inputs.map((id) => frames.data[id]);
  const textbook = [numbers, numbers.map(shown)].map((each) => textbookPartials(op, each)?.[slot] ?? local);
  return {
    name: (pen) => frames.with(pen, () => pen.line("local", { y: pen.atom(from), place: frames.place(event) })),
    right: [local, forward(op, "computed", numbers.map(shown))[1][slot] ?? local, ...textbook],
    noise: OF_THE_RESULT.has(op) ? 1e-4 * largest(1, frames.data[from]) : 0, // from the digits of the result that are shown
    mistakes: [
      [product, `That is the product already: here only the local derivative is asked, without ${y}.grad.`],
      [upstream, `That is ${y}.grad, which arrives from above: here it is asked how fast ${y} changes with ${x}.`],
      [1 / local, "It is upside down."],
      [frames.data[to], `That is ${x} itself: here it is asked how fast ${y} changes with it.`],
      [frames.data[from], `That is ${y} itself: here it is asked how fast it changes with ${x}.`],
    ],
    hint: `Take the derivative of ${frames.pens.text.formula(from)} with respect to ${x}: all else is constant.`,
  };
}

// The mistakes are those that the checker of derivations knows.
function askProduct(frames, at) {
  const { from, local, upstream, product } = frames.events[at];
  const y = frames.name(from);
  return {
    name: (pen) => frames.with(pen, () => frames.term(at)),
    right: [product, shown(upstream) * shown(local)],
    noise: 0,
    mistakes: [
      [local, `That is the local derivative: you stopped there. Multiply it by ${y}.grad = ${digits(upstream)}.`],
      [upstream, `That is ${y}.grad, which arrives from above: multiply it by the local derivative, ${digits(local)}.`],
      [local + upstream, "The chain rule multiplies along a path; it adds only where paths meet."],
      [upstream / local, "The local derivative is divided by, not multiplied with."],
    ],
    hint: `Multiply ${digits(upstream)} by ${bracketed(local)}.`,
  };
}

function askSum(frames, at) {
  const { from, to, product, before, after } = frames.events[at];
  const [x, y] = [frames.name(to), frames.name(from)];
  return {
    name: (pen) => frames.with(pen, () => frames.gradient(to)),
    right: [after, shown(before) + shown(product)],
    noise: 8 * Number.EPSILON * largest(before, product),
    mistakes: [
      [product, `Only the contribution through ${y} is left: add contributions up (+=), do not overwrite (=). ${x}.grad is ${digits(before)} already.`],
      [before, `That is what ${x}.grad was before: add the contribution through ${y} to it.`],
      [before - product, `A sign: the contribution through ${y} is ${digits(product)}, not ${digits(-product)}.`],
      [before * product, "The chain rule multiplies along a path; where paths meet, it adds."],
    ],
    hint: `It is ${digits(before)} + ${bracketed(product)}.`,
  };
}

// -- the next edge -------------------------------------------------------------------------------------------------

// The edge of the step that follows, if a gradient flows along it.
function nextEvent(frames, index) {
  const [kind, first] = frames.list[index + 1] ?? [];
  const event = frames.events[first];
  return kind === "edge" && event.product !== null ? event : null;
}

// Which edge comes next: whatever leads away from a node whose gradient is complete, is right.
function askNext(frames, at, index) {
  const last = frames.list[index][2];
  const taken = nextEvent(frames, index);
  const edges = frames.events.slice(last + 1).filter((event) => event.type === "edge" && event.product !== null);
  const past = frames.events.slice(0, last + 1).filter((event) => event.type === "edge" && event.product !== null);
  const isReady = ({ from }) => (frames.arrivals.get(from) ?? []).every((arrival) => arrival <= last);
  const said = ({ from, to }) => (pen) => `${pen.name(from)}${pen.line("to")}${pen.name(to)}`;
  const choices = new Map(); // by its nodes: an operand that stands twice in an operation is one answer
  const offer = (event, isRight, reason) => {
    const key = `${event.from} ${event.to}`;
    if (choices.size < MOST_CHOICES && !choices.has(key)) choices.set(key, { name: said(event), isRight, reason });
  };
  const fair = edges.filter(isReady);
  const first = said(taken)(frames.pens.text);
  offer(taken, true, `Right: ${first}.`);
  const other = fair.find(({ from, to }) => from !== taken.from || to !== taken.to);
  if (other) offer(other, true, `Right: ${frames.name(other.from)} has its whole gradient. The stepper takes ${first} first.`);
  for (const event of edges.filter((each) => !isReady(each))) offer(event, false, waits(frames, event));
  for (const { from, to } of fair) offer({ from: to, to: from }, false, "Gradients flow back: from a result to its inputs.");
  for (const event of past) if (!fair.some(({ from, to }) => from === event.from && to === event.to)) offer(event, false, "That edge has had its turn.");
  const listed = [...choices.values()].sort((a, b) => (a.name(frames.pens.text) < b.name(frames.pens.text) ? -1 : 1));
  return { choices: listed, answer: `The stepper takes ${first}.` };
}

function waits(frames, { from }) {
  const users = [...new Set(frames.arrivals.get(from).map((i) => frames.name(frames.events[i].from)))];
  const named = users.length > MOST_CHOICES ? [...users.slice(0, MOST_CHOICES), "…"] : users;
  return `${frames.name(from)} has to wait: it hands its gradient on after all of its users (${named.join(", ")}) handed theirs to it.`;
}
