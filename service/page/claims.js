// Draws what an answer says: its claims with their markers, and its short answer. Markers come from the claims'
// citations, never from the text.

import { hideCard, isShownFor, leaveCard, showCard } from "/page/card.js";
import { byId, element } from "/page/dom.js";
import { dateInWords, knows, say } from "/page/words.js";

const LONGEST_KEPT_CHARS = 20;

export function drawClaim(claim, turn) {
  const cited = turn.cited(claim.citations);
  return element(
    "p",
    { class: "claim", dir: "auto" },
    ...withMarkers(claim.text, cited, turn),
    knows(`method.${claim.method}`) && element("small", { class: "method" }, say(`method.${claim.method}`)),
  );
}

export function drawShortAnswer(short, turn) {
  const cited = turn.cited([short.citation]);
  return element(
    "p",
    { class: "short" },
    element("span", { class: "label" }, say("shortAnswer")),
    element("strong", { lang: cited[0]?.lang, dir: "auto" }, ...withMarkers(short.text, cited, turn)),
  );
}

// A button of a citation's number: pointing at it, or its focus or a first tap, shows its card; a click opens it.
export function drawMarker(citation, turn) {
  const open = () => turn.open(citation, button);
  const show = () => {
    point(citation, turn, true);
    showCard(button, citation, open);
  };
  const leave = () => {
    point(citation, turn, false);
    leaveCard();
  };
  let touched = false;
  const button = element(
    "button",
    {
      type: "button",
      class: "marker",
      "data-number": citation.number,
      "aria-label": say("sourceLabel", { n: String(citation.number), title: citation.title, date: dateInWords(citation.published) }),
      "aria-describedby": turn.quoteId(citation),
      on: {
        pointerdown: (event) => (touched = event.pointerType === "touch"),
        pointerenter: (event) => event.pointerType !== "touch" && show(),
        pointerleave: (event) => event.pointerType !== "touch" && leave(),
        focus: () => button.matches(":focus-visible") && show(),
        blur: leave,
        click: () => {
          if (touched && !isShownFor(button)) {
            show();
            return;
          }
          hideCard();
          open();
        },
      },
    },
    String(citation.number),
  );
  return button;
}

// `text`, with its first marker kept on the line of its last word; the quotes in it are marked with their language.
function withMarkers(text, cited, turn) {
  const cut = text.lastIndexOf(" ") + 1;
  const keptFrom = text.length - cut <= LONGEST_KEPT_CHARS ? cut : text.length;
  const parts = partsOf(text, cited);
  const markers = cited.map((citation) => element("sup", {}, drawMarker(citation, turn)));
  const between = (from, to) => isolated(parts.map(({ start, end, lang }) => [text.slice(Math.max(start, from), Math.min(end, to)), lang]));
  return [between(0, keptFrom), element("span", { class: "kept" }, between(keptFrom, text.length), ...markers.slice(0, 1)), ...markers.slice(1)];
}

// Where in `text` which language is spoken: its first cited quote is in the article's, the rest in the answer's.
function partsOf(text, cited) {
  const quoted = cited.find(({ quote }) => text.includes(quote));
  if (!quoted) return [{ start: 0, end: text.length }];
  const start = text.indexOf(quoted.quote);
  const end = start + quoted.quote.length;
  return [{ start: 0, end: start }, { start, end, lang: quoted.lang }, { start: end, end: text.length }];
}

// Apart from what surrounds it, so that no control character in it turns its markers around.
function isolated(parts) {
  const spoken = parts.filter(([text]) => text).map(([text, lang]) => (lang ? element("span", { lang }, text) : text));
  return element("span", { class: "isolated" }, ...spoken);
}

// Shows which source a marker means.
function point(citation, turn, on) {
  byId(turn.sourceId(citation))?.classList.toggle("pointed", on);
}
