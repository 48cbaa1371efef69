// Names of nodes in pictures.

// Of a name in LaTeX, w^{[1]}_{2,3}: its letter, and its scripts.
export const scriptsOf = (latex) => /^(\w+)(?:\^\{(.+?)\})?(?:_\{(.+?)\})?$/.exec(latex).slice(1).map((part) => part ?? "");

const widthOfScript = (text) => [...text].reduce((sum, letter) => sum + (/\d/.test(letter) ? 5.8 : 3.3), 0);

// The same as parts of an SVG's text, one script above the other.
export function typesetName(latex) {
  const [letter, above, below] = scriptsOf(latex);
  const raised = above && `<tspan font-size="9.1" dy="-5">${above}</tspan>`;
  const lowered = below && `<tspan font-size="9.1" dy="${above ? 9 : 4}" dx="${-widthOfScript(above)}">${below}</tspan>`;
  return letter + raised + lowered;
}
