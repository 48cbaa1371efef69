// The ledger: what a step says, typeset; each line can be copied as LaTeX, and what is selected as text.

import { copier } from "./copy.js";
import { element } from "./elements.js";
import { mathLine, rich } from "./mathematics.js";

export class Ledger {
  constructor() {
    this.title = element("h2", { class: "title" });
    this.lines = element("div", { class: "lines" });
    this.sentence = element("p", { class: "sentence" });
    this.notes = element("ul", { class: "notes" });
    this.live = element("div", { class: "aloud", "aria-live": "polite", role: "status" });
  }

  // The mathematics, and beside or below it what it means; `extra` stands above that.
  columns(...extra) {
    return [element("div", {}, this.title, this.lines), element("div", {}, ...extra, this.sentence, this.notes)];
  }

  // `said` is a frame as text, `shown` the same in LaTeX.
  show(said, shown) {
    write(this.title, shown.title, said.title);
    write(this.sentence, shown.sentence, said.sentence);
    this.lines.replaceChildren(...shown.lines.map((latex, i) => line(latex, said.lines[i])));
    this.notes.replaceChildren(...shown.notes.map((note, i) => write(element("li"), note, said.notes[i])));
    this.live.textContent = [said.title, ...said.lines, said.sentence].join(". ");
  }
}

function line(latex, text) {
  const copy = copier("copy as LaTeX", () => latex);
  return element("div", { class: "line", "data-text": text }, mathLine(latex, text), copy);
}

function write(place, sentence, text) {
  place.dataset.text = text;
  place.replaceChildren(...rich(sentence));
  return place;
}

// What is selected, in a shadow tree also; null where that is nothing.
function selectedRange(root) {
  const selection = getSelection();
  const [found] = selection.getComposedRanges?.({ shadowRoots: root === document ? [] : [root] }) ?? [];
  if (!found) return selection.isCollapsed ? null : selection.getRangeAt(0);
  if (found.collapsed) return null;
  const range = new Range();
  range.setStart(found.startContainer, found.startOffset);
  range.setEnd(found.endContainer, found.endOffset);
  return range;
}

// What is copied out of selected mathematics is the text that it stands for: a browser would give its letters only.
export function copyAsText(event) {
  const range = selectedRange(event.currentTarget.getRootNode());
  const blocks = [...event.currentTarget.querySelectorAll("[data-text]")];
  const selected = blocks.filter((block) => range !== null && range.intersectsNode(block));
  if (!selected.length) return;
  event.clipboardData.setData("text/plain", selected.map((block) => block.dataset.text).join("\n"));
  event.preventDefault();
}
