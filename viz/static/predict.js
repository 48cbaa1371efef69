// Predict mode: a number is hidden, a student types one, and a wrong one is told apart by how it went wrong.

import { bracketed, digits } from "./arithmetic.js";

// Numbers as students write them: 6, -0.5, −0.5, 1/3, 0,25. NaN for anything else.
export function typed(text) {
  const parts = text.trim().replace(/−/g, "-").replace(/,/g, ".").split("/");
  const numbers = parts.map((part) => (part.trim() === "" ? NaN : Number(part)));
  return parts.length === 1 ? numbers[0] : parts.length === 2 ? numbers[0] / numbers[1] : NaN;
}

// Three good digits are enough: the steps show four.
const near = (a, b) => a === b || Math.abs(a - b) <= 2e-3 * Math.max(Math.abs(a), Math.abs(b));

// What a guess at a forward value is: [is it right, what to say].
export function judgeForward(guess, value, name) {
  if (near(guess, value)) return [true, `Right: ${name} = ${digits(value)}.`];
  return [false, slip(guess, value) ?? `Not ${digits(guess)}. Compute it from the numbers of its inputs.`];
}

// What a guess at a gradient after one edge is. The mistakes are those that the checker of derivations knows.
export function judgeEdge(guess, { local, upstream, product, before, after }, x, y) {
  const earlier = before ?? 0;
  const sum = `${digits(earlier)} + ${bracketed(product)}`;
  if (near(guess, after)) return [true, `Right: ${x}.grad = ${digits(after)}.`];
  const mistakes = [
    [product, `That is this path's part alone: you forgot to add the other path. ${x}.grad is ${digits(earlier)} already.`],
    [earlier, `That is what ${x}.grad was before: add this path's part to it.`],
    [earlier - product, `A sign: this path's part is ${digits(product)}, not ${digits(-product)}.`],
    [local, `That is the local derivative: you stopped there. Multiply it by ${y}.grad = ${digits(upstream)}.`],
    [upstream, `That is ${y}.grad, which arrives from above: multiply it by the local derivative, ${digits(local)}.`],
    [local + upstream, "The chain rule multiplies along a path; it adds only where paths meet."],
    [upstream / local, "The local derivative is a factor: multiply by it, do not divide."],
  ];
  for (const [wrong, said] of mistakes) if (near(guess, wrong)) return [false, said];
  const hint = earlier ? `It is ${sum}.` : `Multiply ${digits(upstream)} by ${bracketed(local)}.`;
  return [false, slip(guess, after) ?? `Not ${digits(guess)}. ${hint}`];
}

function slip(guess, value) {
  if (near(guess, -value)) return "The sign is wrong.";
  for (const factor of [2, 3, 4, 10]) {
    if (near(guess, value * factor)) return `Too large by a factor of ${factor}.`;
    if (near(guess * factor, value)) return `Too small by a factor of ${factor}.`;
  }
  return null;
}
