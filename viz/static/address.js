// The step in a page's address, x.html#step=7: a link opens there, and the address follows.

const STEP = /^#step=(\d+)$/;

// The step that the address asks for, counted from 1, or null.
export function stepInAddress() {
  const found = STEP.exec(location.hash);
  return found && Number(found[1]);
}

export function followAddress(stepper, signal) {
  const open = () => {
    const step = stepInAddress();
    if (step !== null) stepper.go(step - 1);
  };
  addEventListener("hashchange", open, { signal });
}

export function writeAddress(step) {
  if (location.protocol === "about:") return; // a frame in a notebook has none
  history.replaceState(null, "", `#step=${step}`);
}
