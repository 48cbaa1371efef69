// The page around: dark where the notebook or the site is, or else where the system is.

const QUESTION = "chainrule: is it dark?"; // what a stepper in a frame asks the page around it

// How pages say that they are dark, or light: JupyterLab, VS Code, Furo, Bootstrap as in Moodle, Quarto.
const DARK_PAGE = '[data-jp-theme-light="false"], .vscode-dark, [data-theme="dark"], [data-bs-theme="dark"], .quarto-dark';
const LIGHT_PAGE = '[data-jp-theme-light="true"], .vscode-light, [data-theme="light"], [data-bs-theme="light"], .quarto-light';
const SAID_BY = ["class", "data-jp-theme-light", "data-theme", "data-bs-theme"];

// Whether the page is dark; null where it does not say.
function isDarkAround() {
  const { body, documentElement } = document;
  const says = (selector) => body.matches(selector) || documentElement.matches(selector);
  return says(DARK_PAGE) || (says(LIGHT_PAGE) ? false : null);
}

function onChange(act, signal) {
  const observer = new MutationObserver(act);
  for (const place of [document.body, document.documentElement]) {
    observer.observe(place, { attributes: true, attributeFilter: SAID_BY });
  }
  signal?.addEventListener("abort", () => observer.disconnect());
}

// `theme` is "light" or "dark" for good; else the root is as dark as the page around it.
export function followTheme(root, signal, theme = "auto") {
  if (theme === "light" || theme === "dark") {
    root.dataset.theme = theme;
    return;
  }
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
