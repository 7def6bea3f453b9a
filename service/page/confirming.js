// Asks before what cannot be undone.

import { element } from "/page/dom.js";
import { say } from "/page/words.js";

// Whether it was agreed to. What is not agreed to, by a button or Escape, does not happen.
export function confirmed({ ask, about, why, yes }) {
  const dialog = element(
    "dialog",
    { class: "confirm", "aria-labelledby": "confirm-ask", "aria-describedby": "confirm-why" },
    element("h2", { id: "confirm-ask" }, ask),
    element("p", { dir: "auto" }, element("strong", { class: "isolated" }, about)),
    element("p", { id: "confirm-why", class: "hint" }, why),
    element(
      "form",
      { method: "dialog", class: "does" },
      element("button", { class: "plain", value: "" }, say("cancel")),
      element("button", { class: "retry", value: "yes" }, yes),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
