// Draws where an answer comes from: the sources that it cites, and apart from them what was found and not cited.

import { search } from "/page/api.js";
import { drawTranslation, origin } from "/page/card.js";
import { button, clipped, dotted, element } from "/page/dom.js";
import { noticeOf } from "/page/notices.js";
import { dateInWords, interfaceLanguage, knows, say } from "/page/words.js";

const MOST_PASSAGES = 8;
const SNIPPET_CHARS = 240;
const FEW_WORDS = 6; // a follow-up that short says little alone

export function drawSources(turn) {
  return element(
    "section",
    { class: "sources", "aria-labelledby": turn.id("sources") },
    element("h3", { id: turn.id("sources") }, say("sources")),
    element("ol", {}, ...turn.citations.map((citation) => drawSource(citation, turn))),
    turn.answer && drawRetrieved(turn),
  );
}

function drawSource(citation, turn) {
  const isForeign = citation.lang !== (turn.answer?.lang ?? interfaceLanguage());
  const language = isForeign && knows(`language.${citation.lang}`) ? say(`language.${citation.lang}`) : null;
  const source = element(
    "li",
    { id: turn.sourceId(citation), class: "source", value: citation.number },
    element("span", { class: "number", "aria-hidden": "true" }, String(citation.number)),
    element(
      "div",
      {},
      citation.translation && language && element("span", { class: "label" }, say("original", { language })),
      element("blockquote", { id: turn.quoteId(citation), lang: citation.lang, dir: "auto" }, citation.quote),
      citation.translation && drawTranslation(citation.translation),
      button(
        { class: "plain title", title: say("read") },
        (event) => turn.open(citation, event.currentTarget),
        element("span", { lang: citation.lang, dir: "auto" }, citation.title),
      ),
      element("p", { class: "origin" }, ...origin(citation, !citation.translation && language)),
      ...(citation.copies ?? []).map((copy) => drawCopy(copy, turn.open)),
    ),
  );
  markSource(source, turn.states[citation.number]);
  return source;
}

// Marks a source whose article has changed or gone since the answer.
export function markSource(source, state = "same") {
  source.querySelector(".since")?.remove();
  if (state === "same") return;
  const since = element("span", { class: "since" }, " · ", element("strong", { class: "state" }, say(`source.${state}`)));
  source.querySelector(".origin").append(since);
}

// What else was found, asked for when it is opened.
function drawRetrieved(turn) {
  const found = element("div", { "aria-live": "polite" });
  const details = element("details", { class: "retrieved" }, element("summary", {}, say("retrieved")), found);
  details.addEventListener("toggle", () => details.open && showPassages(found, turn), { once: true });
  return details;
}

// Puts the passages closest to the question, those that are cited left out, into `place`.
export async function showPassages(place, turn) {
  place.replaceChildren(element("p", { class: "hint" }, say("searching")));
  try {
    const { passages } = await search(searchFor(turn.asked));
    const found = passages.filter((passage) => !turn.citations.some((citation) => overlaps(passage, citation)));
    place.replaceChildren(
      found.length
        ? element("ul", { class: "passages" }, ...found.map((passage) => element("li", {}, ...drawPassage(passage, turn.open))))
        : element("p", { class: "hint" }, say("retrieved.none")),
    );
  } catch (error) {
    place.replaceChildren(noticeOf(error, () => showPassages(place, turn)));
  }
}

// A passage as search gives it: its article's title, which opens it there, its beginning, and where it is from.
export function drawPassage(passage, open) {
  const title = passage.title || passage.article_id;
  const cited = { ...passage, number: null, quote: passage.text };
  return [
    button({ class: "plain title", title: say("read") }, (event) => open(cited, event.currentTarget), element("span", { dir: "auto" }, title)),
    element("p", { class: "snippet", dir: "auto" }, clipped(passage.text, SNIPPET_CHARS)),
    element("p", { class: "origin" }, ...dotted(passage.source && element("bdi", {}, passage.source), dateInWords(passage.published))),
    ...(passage.copies ?? []).map((copy) => drawCopy(copy, open)),
  ];
}

// What to search for: the filters of the question and its words, those of the question before where it has few.
function searchFor({ question, lang, history, stream, ...filters }) {
  const before = history?.at(-1)?.question;
  const query = before && question.split(/\s+/).length < FEW_WORDS ? `${before} ${question}` : question;
  return { ...filters, query, k: MOST_PASSAGES };
}

function overlaps(passage, citation) {
  return passage.article_id === citation.article_id && passage.start < citation.end && citation.start < passage.end;
}

// Another article that is the same wire copy, republished; its note is in the answer's language.
function drawCopy({ note, ...copy }, open) {
  const title = element("bdi", {}, copy.title || copy.article_id);
  const opens = button({ class: "plain title", title: say("read") }, (event) => open(copy, event.currentTarget), title);
  return element("p", { class: "origin copy" }, `${note ?? say("sameCopy")} · `, opens, " · ", ...origin(copy));
}
