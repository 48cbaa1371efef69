// The verdict on a prediction: a right one in whatever way it is written and rounded, and of a wrong one, how it went wrong.

import { digits } from "./arithmetic.js";
import { readings } from "./typed.js";

// Three good digits are enough: the steps show four.
const near = (a, b) => a === b || Math.abs(a - b) <= 2e-3 * Math.max(Math.abs(a), Math.abs(b));

// What a typed answer to a question is: [is it right, what to say]; null as the first where it is no number.
export function judge(text, question, name) {
  const guesses = readings(text);
  if (!guesses.length) return [null, "Type a number, such as -0.5 or 1/3."];
  const { right, noise, mistakes, hint } = question;
  const isRight = (guess) => right.some((value) => near(guess, value) || Math.abs(guess - value) <= noise || isRounded(text, guess, value));
  if (guesses.some(isRight)) return [true, `Right: ${name} = ${digits(right[0])}.`];
  const [guess] = guesses;
  const mistake = mistakes.find(([wrong]) => near(guess, wrong));
  return [false, mistake?.[1] ?? slip(guess, right[0]) ?? `Not ${digits(guess)}. ${hint}`];
}

// 0.33 for a third: rounded as it should be, to two digits or more.
function isRounded(text, guess, value) {
  const [, whole, decimals] = /^[+−-]?(\d*)[.,](\d+)$/.exec(text.trim()) ?? [];
  if (decimals === undefined || `${whole}${decimals}`.replace(/^0+/, "").length < 2) return false;
  const difference = Math.abs(guess - value);
  return difference <= 0.500001 * 10 ** -decimals.length && difference <= 0.015 * Math.abs(value);
}

function slip(guess, value) {
  if (near(guess, -value)) return "The sign is wrong.";
  for (const factor of [2, 3, 4, 10]) {
    if (near(guess, value * factor)) return `Too large by a factor of ${factor}.`;
    if (near(guess * factor, value)) return `Too small by a factor of ${factor}.`;
  }
  return null;
}
