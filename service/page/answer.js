// Draws an answer: its claims with their markers, and the sources they cite beside it. Markers come from the claims'
// citations, never from the text.

import { element } from "/page/dom.js";
import { dateInWords, words } from "/page/messages.js";

const LONGEST_KEPT_CHARS = 20;

// `open(number)` is called when a marker or a source is chosen.
export function drawAnswer(answer, open) {
  const question = element("h2", { class: "asked", dir: "auto" }, answer.question);
  if (answer.refusal) return element("article", { class: "result" }, question, refusal(answer), facts(answer));
  return element(
    "article",
    { class: "result" },
    question,
    element(
      "div",
      { class: "columns" },
      element(
        "div",
        { class: "answer", lang: answer.lang },
        answer.short_answer && shortAnswer(answer, open),
        ...answer.claims.map((claim) => claimText(claim, answer, open)),
        facts(answer),
      ),
      sources(answer, open),
    ),
  );
}

function shortAnswer(answer, open) {
  const cited = find(answer, answer.short_answer.citation);
  return element(
    "p",
    { class: "short" },
    element("span", { class: "label" }, words().shortAnswer),
    element("strong", { lang: cited.lang, dir: "auto" }, ...withMarkers(answer.short_answer.text, [marker(cited, open)])),
  );
}

function claimText(claim, answer, open) {
  const how = { translation: words().translated, generated: words().generated }[claim.method];
  return element(
    "p",
    { class: "claim", dir: "auto" },
    ...withMarkers(claim.text, claim.citations.map((number) => marker(find(answer, number), open))),
    how && element("small", { class: "method" }, how),
  );
}

// `text`, with its markers kept on the line of its last word.
function withMarkers(text, markers) {
  const cut = text.lastIndexOf(" ") + 1;
  const isShort = text.length - cut <= LONGEST_KEPT_CHARS;
  const [before, kept] = isShort ? [text.slice(0, cut), text.slice(cut)] : [text, ""];
  return [before, element("span", { class: "kept" }, kept, ...markers)];
}

function marker(citation, open) {
  const button = element(
    "button",
    {
      type: "button",
      class: "marker",
      "data-number": citation.number,
      "aria-label": words().source(citation.number, citation.title),
      on: {
        click: () => open(citation.number),
        pointerenter: () => point(citation.number, true),
        pointerleave: () => point(citation.number, false),
        focus: () => point(citation.number, true),
        blur: () => point(citation.number, false),
      },
    },
    String(citation.number),
  );
  return element("sup", {}, button);
}

// Shows which source a marker means.
function point(number, on) {
  document.getElementById(`source-${number}`)?.classList.toggle("pointed", on);
}

function sources(answer, open) {
  return element(
    "section",
    { class: "sources", "aria-labelledby": "sources-title" },
    element("h3", { id: "sources-title" }, words().sources),
    element("ol", {}, ...answer.citations.map((citation) => source(citation, answer, open))),
  );
}

function source(citation, answer, open) {
  const original = citation.lang !== answer.lang ? words().language[citation.lang] : null;
  return element(
    "li",
    { id: `source-${citation.number}`, class: "source", value: citation.number },
    element("span", { class: "number", "aria-hidden": "true" }, String(citation.number)),
    element(
      "div",
      {},
      element("blockquote", { lang: citation.lang, dir: "auto" }, citation.quote),
      citation.translation && translation(citation.translation),
      element(
        "button",
        { type: "button", class: "plain title", title: words().open, on: { click: () => open(citation.number) } },
        element("span", { lang: citation.lang, dir: "auto" }, citation.title),
      ),
      element("p", { class: "origin" }, ...origin(citation, original)),
    ),
  );
}

function translation({ lang, text, by }) {
  return element(
    "p",
    { class: "translation" },
    element("span", { class: "label" }, words().translation(by)),
    element("span", { lang, dir: "auto" }, text),
  );
}

// Who published it, when, and what else is worth knowing, as separate isolated pieces.
export function origin({ source: publisher, published }, ...more) {
  const date = element("time", published ? { datetime: published } : {}, dateInWords(published));
  const told = [publisher && element("bdi", {}, publisher), date, ...more].filter(Boolean);
  return told.flatMap((piece, i) => (i ? [" · ", piece] : [piece]));
}

function refusal({ lang, refusal: { reason, message } }) {
  return element(
    "div",
    { class: "refusal" },
    element("h3", {}, words().refusalTitle[reason]),
    element("p", { lang, dir: "auto" }, message),
    element("p", { class: "hint" }, words().refusalHint[reason]),
  );
}

function facts(answer) {
  const told = [words().took(answer.timings_ms.total), words().snapshot(answer.snapshot.slice(0, 12)), answer.generator];
  return element("p", { class: "facts" }, told.join(" · "));
}

function find(answer, number) {
  return answer.citations.find((citation) => citation.number === number);
}
