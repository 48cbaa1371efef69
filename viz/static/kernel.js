// A stepper in a notebook's frame has a function run again by the kernel. The frame can speak to nobody but the page
// around it; there a widget that nobody sees hears what is meant for it. Without a kernel the frame computes by itself.

const HELLO = "chainrule: is there a kernel?";
const PATIENCE = 3000; // ms that an edit waits for the kernel; one that is gone does not say so

// In the frame: edits go to the kernel from when there is one.
export function followKernel(stepper, signal) {
  if (parent === window || !stepper.payload.runs) return;
  let waiting = null;
  const edit = (node, number) => {
    parent.postMessage({ chainruleEdit: { node, number } }, "*");
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      stepper.edit = null;
      stepper.change(node, number);
    }, PATIENCE);
  };
  const hear = ({ source, data }) => {
    if (source !== parent || data?.chainruleKernel === undefined) return;
    clearTimeout(waiting);
    stepper.edit = edit;
    if (data.chainruleKernel) stepper.load(JSON.parse(data.chainruleKernel));
  };
  addEventListener("message", hear, { signal });
  parent.postMessage(HELLO, "*");
}

// In the page around: what anywidget calls for a model, whether it is shown or not.
export function initialize({ model }) {
  const first = model.get("payload");
  const frames = () => {
    const all = [...document.querySelectorAll("iframe.chainrule-frame")];
    return all.filter((frame) => frame.dataset.channel === model.get("channel"));
  };
  const tell = ({ contentWindow }, payload) => contentWindow.postMessage({ chainruleKernel: payload }, "*");
  // A frame that opens shows the first payload; it is loaded again where there was an edit since.
  const welcome = (frame) => tell(frame, model.get("payload") === first ? "" : model.get("payload"));
  const hear = ({ source, data }) => {
    const frame = frames().find(({ contentWindow }) => contentWindow === source);
    if (!frame) return;
    if (data === HELLO) welcome(frame);
    else if (data?.chainruleEdit) model.send(data.chainruleEdit);
  };
  const reload = () => frames().forEach((frame) => tell(frame, model.get("payload")));
  addEventListener("message", hear);
  model.on("change:payload", reload);
  frames().forEach(welcome); // those that were there before
  return () => {
    removeEventListener("message", hear);
    model.off("change:payload", reload);
  };
}
