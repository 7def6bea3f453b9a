// Draws a refusal: why there is no answer, what to try, and the closest passages.

import { button, element } from "/page/dom.js";
import { showPassages } from "/page/sources.js";
import { say } from "/page/words.js";

const FILTERS = ["published_after", "published_before", "as_of", "sources", "article_ids"];

export function drawRefusal(turn) {
  const { reason, message } = turn.answer.refusal;
  return element(
    "div",
    { class: "refusal" },
    element("h3", {}, say(`refusal.${reason}`)),
    element("p", { lang: turn.answer.lang, dir: "auto" }, message),
    element("p", { class: "why" }, say(`refusal.why.${reason}`)),
    element("h4", {}, say("refusal.try")),
    element("ul", { class: "try" }, ...whatToTry(turn, reason).map((what) => element("li", {}, what))),
  );
}

// The passages closest to the question, where any article could have been read.
export function drawClosest(turn) {
  if (turn.answer.refusal.reason !== "no_evidence") return null;
  const place = element("div", {});
  showPassages(place, turn);
  return element("section", { class: "sources", "aria-labelledby": turn.id("closest") }, element("h3", { id: turn.id("closest") }, say("refusal.closest")), place);
}

function whatToTry(turn, reason) {
  if (reason === "empty_index") return [element("a", { href: "#articles" }, say("try.add"))];
  const isFiltered = FILTERS.some((name) => turn.asked[name] !== undefined);
  const without = (names) => Object.fromEntries(Object.entries(turn.asked).filter(([name]) => !names.includes(name)));
  return [
    reason === "no_evidence" && say("try.words"),
    isFiltered && button({ class: "plain" }, () => turn.askAnew(without(FILTERS)), say("try.filters")),
    turn.asked.history && button({ class: "plain" }, () => turn.askAnew(without(["history"])), say("try.alone")),
    element("a", { href: `#articles?${new URLSearchParams({ q: turn.asked.question })}` }, say("try.search")),
  ].filter(Boolean);
}
