// Says in words what went wrong, and offers to try again.

import { Failure } from "/page/api.js";
import { button, element } from "/page/dom.js";
import { hold } from "/page/kept.js";
import { knows, say } from "/page/words.js";

// A notice of `failure`; `retry` is called when another try is asked for. What is no `Failure` is thrown again.
export function noticeOf(failure, retry) {
  if (!(failure instanceof Failure)) throw failure;
  const { kind, message, requestId, retryAfterS } = failure;
  const key = knows(`failure.${kind}`) ? `failure.${kind}` : "failure.failed";
  const wantsKey = kind === "unauthorized" || kind === "forbidden";
  return element(
    "div",
    { class: "notice" },
    element("p", {}, say(key)),
    retryAfterS && kind !== "failed" && element("p", { class: "hint" }, say("retryAfter", { n: retryAfterS })),
    kind === "refused" && message && element("p", { class: "hint", lang: "en", dir: "auto" }, message),
    requestId && element("p", { class: "hint" }, say("reference", { id: requestId })),
    wantsKey && askForKey(retry),
    retry && !wantsKey && button({ class: "retry" }, retry, say("retry")),
  );
}

// Where to write the key of a service that wants one, or another; it is kept until the tab closes.
function askForKey(retry) {
  const field = element("input", { type: "password", autocomplete: "off", required: true, pattern: "\\s*[!-~]+\\s*" });
  const use = (event) => {
    event.preventDefault();
    hold("key", field.value.trim());
    retry();
  };
  return element(
    "form",
    { class: "key", on: { submit: use } },
    element("label", {}, say("key"), " ", field),
    element("button", { class: "retry" }, say("useKey")),
  );
}
