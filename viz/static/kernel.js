// A stepper in a notebook's frame has a function run again by the kernel. The frame can speak to nobody but the page
// around it; there a widget that nobody sees hears what is meant for it. Without a kernel nobody hears: what the frame has
// computed by itself stays.

const HELLO = "chainrule: is there a kernel?";

// In the frame: edits go to the kernel from when there is one, and its answer replaces what the frame has computed.
export function followKernel(stepper, signal) {
  if (parent === window || !stepper.payload.arguments) return;
  const edit = (argument, number) => parent.postMessage({ chainruleEdit: { argument, number: String(number) } }, "*"); // JSON has no ∞
  const hear = ({ source, data }) => {
    if (source !== parent || data?.chainruleKernel === undefined) return;
    const { payload, error } = data.chainruleKernel;
    stepper.edit = edit;
    if (payload) stepper.load(JSON.parse(payload));
    if (error) stepper.refuse(error);
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
  const tell = ({ contentWindow }, what) => contentWindow.postMessage({ chainruleKernel: what }, "*");
  // A frame that opens shows the first payload; it is loaded again where there was an edit since.
  const welcome = (frame) => tell(frame, model.get("payload") === first ? {} : { payload: model.get("payload") });
  const hear = ({ source, data }) => {
    const frame = frames().find(({ contentWindow }) => contentWindow === source);
    if (!frame) return;
    if (data === HELLO) welcome(frame);
    else if (data?.chainruleEdit) model.send(data.chainruleEdit);
  };
  const reload = () => frames().forEach((frame) => tell(frame, { payload: model.get("payload") }));
  const refuse = ({ error }) => frames().forEach((frame) => tell(frame, { error }));
  addEventListener("message", hear);
  model.on("change:payload", reload);
  model.on("msg:custom", refuse);
  frames().forEach(welcome); // those that were there before
  return () => {
    removeEventListener("message", hear);
    model.off("change:payload", reload);
    model.off("msg:custom", refuse);
  };
}
