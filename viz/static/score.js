// The score of the quiz: how many were right at the first try, of each kind, and how many in a row.

import { element } from "./elements.js";
import { STAGES } from "./questions.js";

export class Score {
  // `onReset` is told that the score begins anew; its button is gone then.
  constructor(onReset) {
    this.words = element("span", {});
    this.kinds = element("span", { class: "kinds" });
    const reset = element("button", { type: "button", onclick: () => [this.reset(), onReset()] }, "reset");
    this.root = element("p", { class: "score" }, this.words, reset, this.kinds);
    this.reset();
  }

  reset() {
    this.counts = new Map(Object.keys(STAGES).map((stage) => [stage, { right: 0, asked: 0 }]));
    this.streak = 0;
    this.show();
  }

  // A question has been tried for the first time, or given up.
  count(stage, isRight) {
    const counted = this.counts.get(stage);
    counted.asked++;
    if (isRight) counted.right++;
    this.streak = isRight ? this.streak + 1 : 0;
    this.show();
  }

  show() {
    const asked = [...this.counts].filter(([, { asked }]) => asked);
    const total = (key) => asked.reduce((sum, [, counted]) => sum + counted[key], 0);
    this.root.hidden = !asked.length;
    this.words.textContent = `${total("right")} of ${total("asked")} right at first try, ${this.streak} in a row`;
    this.kinds.textContent = asked.map(([stage, counted]) => `${STAGES[stage]} ${counted.right}/${counted.asked}`).join(" · ");
  }
}
