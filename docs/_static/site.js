// What is wider than its place scrolls: with the keyboard, too.
const reach = () => {
  for (const box of document.querySelectorAll("article :is(pre, .table-wrapper, div.math)")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
addEventListener("resize", reach);
reach();
