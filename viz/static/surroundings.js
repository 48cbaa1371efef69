// The page around: dark where the notebook is, or else where the system is.

export function followTheme(root, signal) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const { body } = document;
    const isLight = body.dataset.jpThemeLight ?? (body.classList.contains("vscode-light") ? "true" : null);
    const isDark = isLight === null ? system.matches || body.classList.contains("vscode-dark") : isLight === "false";
    root.dataset.theme = isDark ? "dark" : "light";
  };
  apply();
  system.addEventListener("change", apply, { signal });
  const observer = new MutationObserver(apply);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  signal.addEventListener("abort", () => observer.disconnect());
}
