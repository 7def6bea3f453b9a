// The articles: a paged list, a search, and what can be done to each: read, replace, delete. Adding is in `upload.js`.

import { deleteArticle, listArticles, search } from "/page/api.js";
import { openArticle } from "/page/article.js";
import { origin } from "/page/card.js";
import { confirmed } from "/page/confirming.js";
import { button, byId, clipped, element, finder } from "/page/dom.js";
import { noticeOf } from "/page/notices.js";
import { chooser, drawUpload, FORMATS, startDropping } from "/page/upload.js";
import { say } from "/page/words.js";

const PAGE = 25;
const MOST_FOUND = 50; // passages
const SNIPPET_CHARS = 200;

const place = byId("library");
let cursors = [""]; // of the pages up to the one that is shown
let query = "";
let listing = new AbortController();
let changed = () => {};
let upload = null;

addEventListener("spoken", () => !place.hidden && draw());
startDropping(place, () => upload);

// Shows the list, or what is found for `words`; `onChange` is called after articles were added, replaced or removed.
export function openLibrary(words, { onChange }) {
  changed = onChange;
  query = words;
  cursors = [""];
  draw();
}

function draw() {
  upload = drawUpload(reload);
  place.replaceChildren(
    element(
      "section",
      { class: "library", "aria-labelledby": "library-title" },
      element("h2", { id: "library-title", tabindex: "-1" }, say("library.title")),
      element("form", { class: "find", role: "search", on: { submit: find } }, ...field()),
      upload.node,
      element("p", { id: "library-status", role: "status", class: "status" }),
      element("div", { id: "library-list" }),
    ),
  );
  list();
}

function field() {
  return [
    element("input", { type: "search", name: "q", value: query, "aria-label": say("library.search"), placeholder: say("library.search"), autocomplete: "off", maxlength: "2000" }),
    element("button", { class: "choose" }, say("library.searchButton")),
  ];
}

function find(event) {
  event.preventDefault();
  query = new FormData(event.target).get("q").trim();
  cursors = [""];
  list();
}

function reload() {
  changed();
  return list();
}

const tell = (message) => (byId("library-status").textContent = message);

function show(...nodes) {
  const focused = finder(document.activeElement);
  byId("library-list").replaceChildren(...nodes.filter(Boolean));
  focused()?.focus({ preventScroll: true });
}

function goToTitle() {
  byId("library-title").focus({ preventScroll: true });
  byId("library-title").scrollIntoView();
}

// A later one takes over.
async function list() {
  listing.abort();
  listing = new AbortController();
  const { signal } = listing;
  tell(say("library.loading"));
  try {
    await (query ? showFound(query, signal) : showPage(cursors, signal));
    tell("");
  } catch (error) {
    if (error.name === "AbortError") return;
    tell("");
    show(element("div", { role: "alert" }, noticeOf(error, list)));
  }
}

// The last of the pages that begin after these cursors; where that has become empty, the one before.
async function showPage(pages, signal) {
  const cursor = pages.at(-1);
  const { articles, next_cursor: next } = await listArticles({ limit: PAGE, ...(cursor && { cursor }) }, signal);
  cursors = pages;
  if (!articles.length && cursor) return showPage(pages.slice(0, -1), signal);
  if (!articles.length) return show(element("p", { class: "hint" }, say("library.none")));
  const turnTo = (others) => async () => {
    cursors = others;
    await list();
    goToTitle();
  };
  const turn = (others, key) => button({ class: "plain", disabled: !others }, turnTo(others), say(key));
  const isPaged = next || cursor;
  return show(
    element("ol", { class: "articles" }, ...articles.map((article) => drawArticle(article, {}))),
    isPaged &&
      element(
        "nav",
        { class: "pager", "aria-label": say("library.title") },
        turn(cursor ? pages.slice(0, -1) : null, "library.previous"),
        element("span", { "aria-current": "page" }, say("library.page", { n: String(pages.length) })),
        turn(next ? [...pages, next] : null, "library.next"),
      ),
  );
}

// The articles of the closest passages, each with the best of them.
async function showFound(words, signal) {
  const { passages } = await search({ query: words, k: MOST_FOUND }, signal);
  const best = passages.filter(({ article_id: id }, i) => passages.findIndex((passage) => passage.article_id === id) === i);
  const told = best.length ? say("library.found", { n: best.length, query: words }) : say("library.noMatch", { query: words });
  const all = button({ class: "plain" }, showAll, say("library.all"));
  show(
    element("p", { class: "found" }, element("span", { dir: "auto" }, told), all),
    element("ol", { class: "articles" }, ...best.map((passage) => drawArticle(passage, { passage: { ...passage, quote: passage.text } }))),
  );
}

function showAll() {
  query = "";
  place.querySelector("[name=q]").value = "";
  list();
}

// `passage` is what was found in it, and is shown there.
function drawArticle(article, { passage }) {
  const { article_id: id, title, chars } = article;
  const open = (event) => openArticle(passage ?? { article_id: id, title, ...article, start: undefined }, [], event.currentTarget);
  const length = chars !== undefined && say("chars", { n: chars });
  return element(
    "li",
    { id: `listed-${encodeURIComponent(id)}`, "data-id": id },
    element(
      "div",
      {},
      button({ class: "plain title" }, open, element("span", { dir: "auto", lang: article.lang }, title || id)),
      passage && element("p", { class: "snippet", dir: "auto" }, clipped(passage.text, SNIPPET_CHARS)),
      element("p", { class: "origin" }, ...origin(article, length)),
    ),
    element(
      "div",
      { class: "does" },
      chooser({ class: "plain", accept: FORMATS, label: say("replace"), name: say("replaceNamed", { title: title || id }) }, ([file]) => upload.replace(file, id)),
      button({ class: "plain delete", "aria-label": say("deleteNamed", { title: title || id }) }, () => remove(article), say("delete")),
    ),
  );
}

async function remove({ article_id: id, title }) {
  if (!(await confirmed({ ask: say("delete.ask"), about: title || id, why: say("delete.why"), yes: say("delete") }))) return;
  try {
    await deleteArticle(id);
    await reload();
    tell(say("deleted", { title: title || id }));
    goToTitle();
  } catch (error) {
    byId("library-list").prepend(element("div", { role: "alert" }, noticeOf(error, () => remove({ article_id: id, title }))));
  }
}
