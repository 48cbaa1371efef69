// The keys of the page, each once: what handles them looks them up here, and the dialog lists them.

// `keys` are the browser's names, `shown` is what stands on a keyboard. What has a `place` is a key there only.
export const KEYS = [
  { act: "forward", keys: ["ArrowRight"], shown: ["→"], what: "next step" },
  { act: "back", keys: ["ArrowLeft"], shown: ["←"], what: "step before" },
  { act: "first", keys: ["Home"], shown: ["Home"], what: "first step" },
  { act: "last", keys: ["End"], shown: ["End"], what: "last step" },
  { act: "play", keys: [" "], shown: ["Space"], what: "play, pause" },
  { act: "predict", keys: ["p"], shown: ["p"], what: "predict: numbers are hidden until you say them" },
  { act: "answer", keys: ["Enter"], shown: ["Enter"], what: "check the answer; then, go on", place: "quiz" },
  { act: "choose", keys: [..."1234abcd"], shown: ["1", "2", "3", "4"], what: "choose one of the answers", place: "quiz" },
  { act: "leave", keys: ["Escape"], shown: ["Esc"], what: "stop predicting", place: "quiz" },
  { act: "pick", keys: ["Enter"], shown: ["Enter"], what: "open the box that has the focus: its steps and paths, or its group", place: "box" },
  { act: "nudge", keys: ["n"], shown: ["n"], what: "hold: the leaf that has the focus, or is open, moves by ε" },
  { act: "lecture", keys: ["f"], shown: ["f"], what: "full screen, large type" },
  { act: "shrink", keys: ["Escape"], shown: ["Esc"], what: "leave the full screen" },
  { act: "larger", keys: ["+", "="], shown: ["+"], what: "larger" },
  { act: "smaller", keys: ["-"], shown: ["−"], what: "smaller" },
  { act: "fit", keys: ["0"], shown: ["0"], what: "as large as it fits" },
  { act: "pan left", keys: ["ArrowLeft"], shift: true, shown: ["Shift", "←"], what: "move to the left" },
  { act: "pan right", keys: ["ArrowRight"], shift: true, shown: ["Shift", "→"], what: "move to the right" },
  { act: "pan up", keys: ["ArrowUp"], shift: true, shown: ["Shift", "↑"], what: "move up" },
  { act: "pan down", keys: ["ArrowDown"], shift: true, shown: ["Shift", "↓"], what: "move down" },
  { act: "help", keys: ["?"], shown: ["?"], what: "these keys" },
];

export const FIELDS = "input:not([type=range], [type=checkbox]), select, textarea";

// What a key does, by the name of its act; null for none, or where the key is written into a field.
export function actOf(event, place = null) {
  const { key, target } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return null;
  if (place === null && isWritten(key, target)) return null;
  const isMeant = (entry) => (entry.place ?? null) === place && entry.keys.includes(key);
  const isShifted = (entry) => key.length === 1 || Boolean(entry.shift) === event.shiftKey; // of a sign, Shift is a part
  return KEYS.find((entry) => isMeant(entry) && isShifted(entry))?.act ?? null;
}

// In the quiz's field, keys that write nothing into it are the stepper's.
function isWritten(key, target) {
  if (!target.matches?.(FIELDS)) return false;
  if (!target.closest(".quiz")) return true;
  return !target.readOnly && (target.value !== "" || (key.length === 1 && key !== " " && key !== "?"));
}
