// The panel that shows an article with its cited spans, scrolled to the one that was asked for.

import { origin } from "/page/answer.js";
import { Failure, readArticle } from "/page/api.js";
import { element, webAddress } from "/page/dom.js";
import { words } from "/page/messages.js";
import { pieces, quoteAt } from "/page/spans.js";

const panel = document.getElementById("article");
const body = document.getElementById("article-body");
let reading = new AbortController();

// Opens the article of the citation of that number; its other citations in `citations` are marked too.
export async function openArticle(number, citations) {
  reading.abort();
  reading = new AbortController();
  const chosen = citations.find((citation) => citation.number === number);
  show(heading(chosen), element("p", { class: "status", role: "status" }, words().openingArticle));
  if (!panel.open) panel.showModal();
  try {
    const article = await readArticle(chosen.article_id, reading.signal);
    const cited = citations.filter((citation) => citation.article_id === chosen.article_id);
    draw(article, chosen, cited);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Failure)) throw error;
    show(heading(chosen), element("p", { class: "notice", role: "alert" }, words().errors[error.kind]));
  }
}

export function closeArticle() {
  panel.close();
}

panel.addEventListener("close", () => reading.abort());
panel.addEventListener("click", (event) => {
  if (event.target === panel) panel.close(); // the backdrop
});

function draw(article, chosen, cited) {
  const inPlace = cited.filter((citation) => quoteAt(article.text, citation) === citation.quote);
  const moved = !inPlace.includes(chosen);
  show(
    heading(article),
    moved ? element("p", { class: "notice", role: "alert" }, words().changed) : null,
    element("div", { class: "text", lang: article.lang, dir: "auto" }, ...marked(article.text, inPlace, chosen)),
  );
  const mark = body.querySelector("mark.chosen");
  mark?.focus({ preventScroll: true });
  mark?.scrollIntoView({ block: "center" });
}

function marked(text, citations, chosen) {
  return pieces(text, citations).map((piece) => {
    if (!piece.spans.length) return piece.text;
    const isChosen = piece.spans.includes(chosen);
    const numbers = piece.spans.map((citation) => citation.number);
    const attributes = { class: isChosen ? "chosen" : "cited", title: numbers.map(words().citation).join(", ") };
    return element("mark", isChosen ? { ...attributes, tabindex: "-1" } : attributes, piece.text);
  });
}

function heading(article) {
  const address = webAddress(article.url);
  const link = address && element("a", { href: address, rel: "noopener noreferrer external", target: "_blank" }, words().original);
  return element(
    "header",
    {},
    element("h2", { id: "article-title", lang: article.lang, dir: "auto" }, article.title),
    element("p", { class: "origin" }, ...origin(article, link)),
  );
}

function show(...nodes) {
  body.replaceChildren(...nodes.filter(Boolean));
}
