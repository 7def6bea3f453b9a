// The card of a citation: its quote, title, source and date, beside the marker that is pointed at, focused or tapped.

import { button, byId, dotted, element } from "/page/dom.js";
import { dateInWords, say } from "/page/words.js";

const LINGER_MS = 250; // time to move the pointer from the marker onto the card
const MARGIN_PX = 8;

const card = byId("card");
let anchor = null;
let hiding = 0;

card.addEventListener("pointerenter", () => clearTimeout(hiding));
card.addEventListener("pointerleave", leaveCard);
addEventListener("scroll", place, { passive: true, capture: true });
addEventListener("resize", place);
addEventListener("pointerdown", (event) => {
  if (anchor && !card.contains(event.target) && !anchor.contains(event.target)) hideCard();
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !anchor) return;
  event.stopImmediatePropagation(); // what lies below closes with the next one
  hideCard();
});

export const isShownFor = (marker) => anchor === marker;

export function showCard(marker, citation, open) {
  clearTimeout(hiding);
  anchor = marker;
  const parts = [
    element("blockquote", { lang: citation.lang, dir: "auto" }, citation.quote),
    citation.translation && drawTranslation(citation.translation),
    element("p", { class: "title", lang: citation.lang, dir: "auto" }, citation.title),
    element("p", { class: "origin" }, ...origin(citation)),
    button({ class: "plain hint", tabindex: "-1" }, open, say("cardHint")),
  ];
  card.replaceChildren(...parts.filter(Boolean));
  if (!card.matches(":popover-open")) card.showPopover();
  place();
}

export function leaveCard() {
  clearTimeout(hiding);
  hiding = setTimeout(hideCard, LINGER_MS);
}

export function hideCard() {
  clearTimeout(hiding);
  anchor = null;
  if (card.matches(":popover-open")) card.hidePopover();
}

export function drawTranslation({ lang, text, by }) {
  return element(
    "p",
    { class: "translation" },
    element("span", { class: "label" }, say("translation", { by })),
    element("span", { lang, dir: "auto" }, text),
  );
}

// Who published it, when, and what else is worth knowing, as separate isolated pieces.
export function origin({ source, published }, ...more) {
  const date = element("time", published ? { datetime: published } : {}, dateInWords(published));
  return dotted(source && element("bdi", {}, source), date, ...more);
}

// Under the marker where there is room, else above it; within the window in any case.
function place() {
  if (!anchor) return;
  const at = anchor.getBoundingClientRect();
  if (!anchor.isConnected || at.bottom < 0 || at.top > innerHeight) {
    hideCard();
    return;
  }
  const { offsetWidth: width, offsetHeight: height } = card;
  const below = at.bottom + MARGIN_PX;
  const top = below + height <= innerHeight ? below : Math.max(MARGIN_PX, at.top - MARGIN_PX - height);
  const left = Math.min(Math.max(MARGIN_PX, at.left - width / 3), document.documentElement.clientWidth - width - MARGIN_PX);
  card.style.top = `${top}px`;
  card.style.left = `${Math.max(0, left)}px`;
}
