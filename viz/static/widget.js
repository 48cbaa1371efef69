// The stepper in Jupyter: what anywidget calls. In a page, `mount` is called instead.

import { initialize } from "./kernel.js";
import { mount } from "./stepper.js";

function render({ model, el }) {
  const edit = (argument, number) => model.send({ argument, number: String(number) });
  const shown = mount(el, JSON.parse(model.get("payload")), { edit });
  const reload = () => shown.load(JSON.parse(model.get("payload")));
  const refuse = ({ error }) => shown.refuse(error);
  model.on("change:payload", reload);
  model.on("msg:custom", refuse);
  return () => {
    model.off("change:payload", reload);
    model.off("msg:custom", refuse);
    shown.destroy();
  };
}

export default { initialize, render };
