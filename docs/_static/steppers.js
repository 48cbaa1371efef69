// Steppers follow the page, whose button chooses between light, dark and the reader's own.
const follow = () => {
  for (const stepper of document.querySelectorAll("chainrule-stepper")) stepper.setAttribute("theme", document.body.dataset.theme);
};
new MutationObserver(follow).observe(document.body, { attributeFilter: ["data-theme"] });
follow();
