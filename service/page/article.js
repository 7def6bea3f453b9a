// The panel that shows an article beside the answer, scrolled to the cited span that was asked for, the others marked.

import { digestOf, Failure, readArticle } from "/page/api.js";
import { hideCard, origin } from "/page/card.js";
import { button, byId, element, finder, webAddress } from "/page/dom.js";
import { noticeOf } from "/page/notices.js";
import { pieces, quoteAt } from "/page/spans.js";
import { say } from "/page/words.js";

const BESIDE = matchMedia("(min-width: 64rem)"); // there is room for it beside the answer

const panel = byId("article");
const body = byId("article-body");
let reading = new AbortController();
let shown = null; // what was opened, and the digest of its article once that is there
let opener = () => null; // finds what it was opened by

byId("article-close").addEventListener("click", () => closeArticle());
panel.addEventListener("close", () => {
  reading.abort();
  document.body.classList.remove("reading");
  const typing = document.activeElement?.matches("input, textarea, select"); // the reader has gone on meanwhile
  if (!typing) opener()?.focus();
});
panel.addEventListener("click", (event) => {
  if (event.target === panel) closeArticle(); // the backdrop
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel.open && !panel.matches(":modal")) closeArticle();
});

// Opens the article of `chosen`, a citation or a passage; the others of `citations` in it are marked too. `from` has
// the focus again once it is closed.
export async function openArticle(chosen, citations, from) {
  reading.abort();
  reading = new AbortController();
  if (from) opener = finder(from);
  const takesFocus = from || panel.contains(document.activeElement);
  const opened = (shown = { chosen, citations, digest: null });
  hideCard();
  show(heading(chosen), element("p", { class: "status", role: "status" }, say("openingArticle")));
  if (!panel.open) openPanel();
  try {
    const article = await readArticle(chosen.article_id, reading.signal);
    opened.digest = article.digest;
    draw(article, chosen, citations.filter(({ article_id: id }) => id === chosen.article_id));
    if (takesFocus) goTo(body.querySelector("mark.chosen"));
  } catch (error) {
    if (error.name === "AbortError") return;
    const again = error instanceof Failure && error.kind !== "unknown_article" ? () => openArticle(chosen, citations) : null;
    show(heading(chosen), element("div", { role: "alert" }, noticeOf(error, again)));
  }
}

// Shows the open article as it is now, where it has changed or gone since.
export async function refreshArticle() {
  if (!panel.open) return;
  const { chosen, citations, digest } = shown;
  const opened = shown;
  const now = await digestOf(chosen.article_id).catch(({ kind }) => (kind === "unknown_article" ? null : digest));
  if (now !== digest && panel.open && shown === opened) openArticle(chosen, citations);
}

export function closeArticle() {
  if (panel.open) panel.close();
}

function openPanel() {
  if (!BESIDE.matches) {
    panel.showModal();
    return;
  }
  document.body.classList.add("reading");
  panel.show();
}

function draw(article, chosen, citations) {
  const spans = citations.includes(chosen) || chosen.start === undefined ? citations : [...citations, chosen];
  const inPlace = spans.filter((span) => isIn(article, span));
  const hasMoved = chosen.start !== undefined && !inPlace.includes(chosen);
  show(
    heading(article),
    hasMoved && element("div", { class: "notice", role: "alert" }, element("p", {}, say("changed"))),
    drawJumps(inPlace),
    element("div", { class: "text", lang: article.lang, dir: "auto" }, ...marked(article.text, inPlace, chosen)),
  );
}

// Whether a span is known to be what was cited: by its quote, else, for a permanent link, by the digest of its article.
function isIn(article, { quote, digest, ...span }) {
  return quote === undefined ? digest === article.digest : quoteAt(article.text, span) === quote;
}

function marked(text, citations, chosen) {
  return pieces(text, citations).map((piece) => {
    if (!piece.spans.length) return piece.text;
    const numbers = piece.spans.map(({ number }) => number).filter(Boolean);
    const names = numbers.length ? numbers.map((number) => say("citation", { n: String(number) })) : [say("passage")];
    return element(
      "mark",
      {
        class: piece.spans.includes(chosen) ? "chosen" : "cited",
        title: names.join(", "),
        tabindex: "-1",
        "data-numbers": ` ${numbers.join(" ")} `,
      },
      piece.text,
    );
  });
}

// A button for each citation, where there are several: they lead from one to the next.
function drawJumps(citations) {
  const numbered = citations.filter(({ number }) => number).sort((a, b) => a.start - b.start);
  if (numbered.length < 2) return null;
  const jump = ({ number }) =>
    button(
      { class: "marker", "aria-label": say("citation", { n: String(number) }) },
      () => {
        body.querySelectorAll("mark").forEach((mark) => (mark.className = isOf(mark, number) ? "chosen" : "cited"));
        goTo(body.querySelector("mark.chosen"));
      },
      String(number),
    );
  return element("p", { class: "jumps", role: "group", "aria-label": say("citations") }, say("citations"), ...numbered.map(jump));
}

const isOf = (mark, number) => mark.dataset.numbers.includes(` ${number} `);

function goTo(mark) {
  (mark ?? byId("article-close")).focus({ preventScroll: true });
  mark?.scrollIntoView({ block: "center" });
}

function heading(article) {
  const address = webAddress(article.url);
  const link = address && element("a", { href: address, rel: "noopener noreferrer external", target: "_blank" }, say("publication"));
  return element(
    "div",
    { class: "head" },
    element("h2", { id: "article-title", lang: article.lang, dir: "auto" }, article.title || article.article_id),
    element("p", { class: "origin" }, ...origin(article, link)),
  );
}

function show(...nodes) {
  body.replaceChildren(...nodes.filter(Boolean));
}
