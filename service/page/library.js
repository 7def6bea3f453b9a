// The articles: a paged list, a search, and what can be done to each: read, replace, delete. Adding is in `upload.js`.

import { deleteArticle, listArticles, search } from "/page/api.js";
import { openArticle } from "/page/article.js";
import { origin } from "/page/card.js";
import { confirmed } from "/page/confirming.js";
import { button, byId, clipped, element } from "/page/dom.js";
import { noticeOf } from "/page/notices.js";
import { chooser, drawUpload, FORMATS, startDropping } from "/page/upload.js";
import { say } from "/page/words.js";

const PAGE = 25;
const MOST_FOUND = 50; // passages
const SNIPPET_CHARS = 200;

const place = byId("library");
let cursors = [""]; // of the pages up to the one that is shown
let query = "";
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
      element("h2", { id: "library-title" }, say("library.title")),
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
const show = (...nodes) => byId("library-list").replaceChildren(...nodes.filter(Boolean));

async function list() {
  tell(say("library.loading"));
  try {
    await (query ? showFound() : showPage());
    tell("");
  } catch (error) {
    tell("");
    show(element("div", { role: "alert" }, noticeOf(error, list)));
  }
}

async function showPage() {
  const cursor = cursors.at(-1);
  const { articles, next_cursor: next } = await listArticles({ limit: PAGE, ...(cursor && { cursor }) });
  if (!articles.length) {
    show(element("p", { class: "hint" }, say("library.none")));
    return;
  }
  const turnTo = (pages) => async () => {
    cursors = pages;
    await list();
    byId("library-title").scrollIntoView();
  };
  const turn = (pages, key) => button({ class: "plain", disabled: !pages }, turnTo(pages), say(key));
  const isPaged = next || cursors.length > 1;
  show(
    element("ol", { class: "articles" }, ...articles.map((article) => drawArticle(article, {}))),
    isPaged &&
      element(
        "nav",
        { class: "pager", "aria-label": say("library.title") },
        turn(cursors.length > 1 ? cursors.slice(0, -1) : null, "library.previous"),
        element("span", { "aria-current": "page" }, say("library.page", { n: String(cursors.length) })),
        turn(next ? [...cursors, next] : null, "library.next"),
      ),
  );
}

// The articles of the closest passages, each with the best of them.
async function showFound() {
  const { passages } = await search({ query, k: MOST_FOUND });
  const best = passages.filter(({ article_id: id }, i) => passages.findIndex((passage) => passage.article_id === id) === i);
  const told = best.length ? say("library.found", { n: best.length, query }) : say("library.noMatch", { query });
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
    { "data-id": id },
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
    byId("library-title").scrollIntoView();
  } catch (error) {
    byId("library-list").prepend(element("div", { role: "alert" }, noticeOf(error, () => remove({ article_id: id, title }))));
  }
}
