// The table of all values and gradients, which folds away; numbers of inputs and parameters can be edited in it.

import { digits } from "./arithmetic.js";
import { element, focusedIn } from "./elements.js";
import { mathLine } from "./mathematics.js";
import { typed } from "./typed.js";

const ROWS = 400;

export class Table {
  constructor(stepper) {
    this.stepper = stepper;
    this.rows = [];
    this.body = element("tbody");
    this.note = element("p", { class: "hint" });
    this.warning = element("p", { class: "warning", role: "alert", hidden: true });
    this.original = element("button", { type: "button", onclick: () => stepper.load(stepper.payload) }, "original numbers");
    const columns = ["name", "", "value", "gradient"].map((word) => element("th", { scope: "col" }, word));
    this.gradientColumn = columns[3];
    this.summary = element("summary", {}, "values and gradients");
    this.root = element(
      "details",
      { ontoggle: () => stepper.showTable() },
      this.summary,
      element("table", {}, element("thead", {}, element("tr", {}, ...columns)), this.body),
      this.warning,
      this.note,
      this.original,
    );
  }

  // The rows of a record, leaves first; what was edited keeps the focus.
  build(frames, nodes) {
    const focused = this.rows.find(({ value }) => value && value === focusedIn(value));
    const ids = nodes.flatMap((node, id) => (node.kind === "constant" ? [] : [id]));
    ids.sort((a, b) => (nodes[a].op !== null) - (nodes[b].op !== null));
    this.rows = ids.slice(0, ROWS).map((id) => this.row(frames, nodes[id], id));
    this.body.replaceChildren(...this.rows.map(({ row }) => row));
    const more = ids.length > ROWS ? ` The first ${ROWS} of ${ids.length} nodes.` : "";
    this.note.textContent = `Type another number for an input or a parameter: both passes are done again.${more}`;
    if (focused) this.rows.find(({ id }) => id === focused.id)?.value?.focus();
  }

  row(frames, node, id) {
    const value = node.op === null ? this.leafInput(frames, id) : null;
    const [data, grad] = [element("td", {}, ...(value ? [value] : [])), element("td")];
    const { text, latex } = frames.pens;
    const what = node.op === null ? node.kind : mathLine(`= ${latex.formula(id)}`, `= ${text.formula(id)}`);
    const name = mathLine(latex.name(id), text.name(id));
    const row = element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, what), data, grad);
    return { id, row, data, grad, value };
  }

  leafInput(frames, id) {
    const change = ({ target }) => this.change(id, target);
    const value = String(frames.data[id]);
    const label = `${frames.name(id)}, value`;
    const input = element("input", { type: "text", inputmode: "decimal", size: 8, value, "aria-label": label, onchange: change });
    input.addEventListener("keydown", (event) => event.key === "Enter" && change(event)); // not every page sends change
    return input;
  }

  change(id, input) {
    const value = typed(input.value);
    input.setAttribute("aria-invalid", Number.isNaN(value) ? "true" : "false");
    if (!Number.isNaN(value)) this.stepper.change(id, value);
  }

  // What the function said of a number that it cannot take.
  warn(error) {
    this.warning.hidden = error === "";
    this.warning.textContent = error;
  }

  show(frames, frame, { hidden, notation, isEdited }) {
    if (!isEdited && focusedIn(this.original) === this.original) this.summary.focus();
    this.original.hidden = !isEdited;
    const J = frames.pens.latex.atom(frames.root);
    const column = notation === "∂" ? mathLine(`\\frac{\\partial ${J}}{\\partial \\cdot}`, `∂${frames.name(frames.root)}/∂·`) : "gradient";
    this.gradientColumn.replaceChildren(column);
    if (!this.root.open) return;
    for (const { id, row, data, grad, value } of this.rows) {
      const { value: gradient, arrived, expected } = frames.gradientAt(id, frame.last);
      const shown = frames.isKnown(id, frame.last) ? digits(frames.data[id]) : "—";
      if (value && focusedIn(value) !== value) value.value = String(frames.data[id]);
      if (!value) data.textContent = id === hidden && frame.kind === "forward" ? "?" : shown;
      grad.textContent = id === hidden && frame.kind === "edge" ? "?" : gradient === null ? "—" : digits(gradient);
      if (arrived && arrived < expected) grad.textContent += ` (${arrived} of ${expected})`;
      row.classList.toggle("current", id === frame.node && frame.kind !== "start");
    }
  }
}
