// In a notebook's page, once: the steppers in its frames are told whether it is dark.

import { tellFrames } from "./surroundings.js";

if (!window.chainruleTellsFrames) {
  window.chainruleTellsFrames = true;
  tellFrames();
}
