// The page around: dark where the notebook is, or else where the system is.

const QUESTION = "chainrule: is it dark?"; // what a stepper in a frame asks the page around it

// Whether a notebook's page is dark; null where it does not say.
function isDarkAround() {
  const { dataset, classList } = document.body;
  if (dataset.jpThemeLight) return dataset.jpThemeLight === "false";
  if (classList.contains("vscode-dark")) return true;
  return classList.contains("vscode-light") ? false : null;
}

function onChange(act, signal) {
  const observer = new MutationObserver(act);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  signal?.addEventListener("abort", () => observer.disconnect());
}

export function followTheme(root, signal) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  let told = null; // by the page around this frame
  const apply = () => {
    root.dataset.theme = (told ?? isDarkAround() ?? system.matches) ? "dark" : "light";
  };
  const hear = ({ source, data }) => {
    if (source !== parent || data?.chainrule === undefined) return;
    told = data.chainrule;
    apply();
  };
  apply();
  system.addEventListener("change", apply, { signal });
  onChange(apply, signal);
  if (parent === window) return;
  addEventListener("message", hear, { signal });
  parent.postMessage(QUESTION, "*");
}

// What a notebook's page does for the steppers in its frames, which cannot look out of them.
export function tellFrames() {
  const tell = (frame) => frame.postMessage({ chainrule: isDarkAround() }, "*");
  addEventListener("message", ({ source, data }) => data === QUESTION && tell(source));
  onChange(() => {
    for (const { contentWindow } of document.querySelectorAll("iframe.chainrule-frame")) tell(contentWindow);
  });
}
