// The step in a page's address, x.html#step=7: a link opens there, and the address follows.

const STEP = /^#step=(\d+)$/;

export function followAddress(stepper, signal) {
  const open = () => {
    const found = STEP.exec(location.hash);
    if (found) stepper.go(Number(found[1]) - 1);
  };
  open();
  addEventListener("hashchange", open, { signal });
}

export function writeAddress(step) {
  if (location.protocol === "about:") return; // a frame in a notebook has none
  history.replaceState(null, "", `#step=${step}`);
}
