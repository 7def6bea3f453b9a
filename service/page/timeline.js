// Draws what the claims of an answer say by date, newest first, where their articles are of different dates.

import { drawMarker } from "/page/claims.js";
import { clipped, element } from "/page/dom.js";
import { dateInWords, say } from "/page/words.js";

const SAID_CHARS = 90;
const FIGURE = /(?<![\d.,])(?:\d{1,3}(?:[\s.,]\d{3})+|\d+)(?:[.,]\d+)?\s+(\p{L}{3,})/gu; // "2 500 militaires"
const MONTHS = ["fr", "en"].flatMap((lang) => {
  const { format } = new Intl.DateTimeFormat(lang, { month: "long" });
  return Array.from({ length: 12 }, (_, month) => format(new Date(2021, month)).toLowerCase());
});

// Nothing where fewer than two dates are known.
export function drawTimeline(turn) {
  const dated = turn.claims.map((claim) => turn.cited(claim.citations)[0]).filter((citation) => citation?.published);
  if (new Set(dated.map(({ published }) => published)).size < 2) return null;
  const newestFirst = dated.toSorted((a, b) => (a.published < b.published ? 1 : a.published > b.published ? -1 : 0));
  const counted = counts(newestFirst.map(({ quote }) => quote));
  return element(
    "section",
    { class: "timeline", "aria-labelledby": turn.id("timeline") },
    element("h3", { id: turn.id("timeline") }, say("timeline")),
    element("ol", {}, ...newestFirst.map((citation, i) => drawMoment(citation, counted?.[i], turn))),
  );
}

function drawMoment(citation, figure, turn) {
  return element(
    "li",
    {},
    element("time", { datetime: citation.published }, dateInWords(citation.published)),
    element(
      "p",
      { dir: "auto" },
      element("span", { class: "isolated", lang: citation.lang }, figure ?? clipped(citation.quote, SAID_CHARS)),
      element("sup", {}, drawMarker(citation, turn)),
    ),
  );
}

// What each quote counts of the same thing ("5200 militaires", "2500 militaires"); null where they have none in common.
function counts(quotes) {
  const figures = quotes.map((quote) => [...quote.matchAll(FIGURE)].map(([whole, noun]) => ({ whole, noun })).filter(isNoDate));
  const common = figures[0]?.find(({ noun }) => figures.every((of) => of.some((figure) => figure.noun === noun)));
  return common ? figures.map((of) => of.find(({ noun }) => noun === common.noun).whole) : null;
}

const isNoDate = ({ noun }) => !MONTHS.includes(noun.toLowerCase()); // "18 février"
