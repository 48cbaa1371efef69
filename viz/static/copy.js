// Buttons that copy.

import { button, element, focusedIn } from "./elements.js";

const SAID = 1200; // milliseconds for which a button says that it has copied

// A button that copies what `text` gives then; `words` stand behind its icon.
export function copier(label, text, ...words) {
  const act = async () => {
    await copied(text(), made);
    made.classList.add("done");
    made.title = "copied";
    setTimeout(() => {
      made.classList.remove("done");
      made.title = label;
    }, SAID);
  };
  const made = button("copy", act);
  made.title = label;
  made.setAttribute("aria-label", label);
  made.append(...words);
  return made;
}

// A frame in a sandbox may not use the clipboard's own functions; what is selected there can still be copied.
async function copied(text, place) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea");
    area.style.cssText = "position: fixed; opacity: 0";
    area.value = text;
    const focused = focusedIn(place);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    focused?.focus({ preventScroll: true });
  }
}
