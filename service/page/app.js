// Starts the page: its language, theme and views, and what connects the places where questions are written, answered
// and suggested. Each of these has a file of its own.

import { readiness, suggestions } from "/page/api.js";
import { closeArticle, refreshArticle } from "/page/article.js";
import { countFilters, startComposer, write } from "/page/composer.js";
import { askNext, clearConversation, isEmpty, lastQuestion, recheck, redraw, resume, stop } from "/page/conversation.js";
import { button, byId, element } from "/page/dom.js";
import { remember, remembered } from "/page/kept.js";
import { readLink } from "/page/links.js";
import { interfaceLanguage, say, speak, startSpeaking } from "/page/words.js";

const POLL_MS = 1_500;
const PROGRESS_MS = 10_000;
const THEMES = ["auto", "light", "dark"];

let holdings = null;
let snapshot = null; // the last that was heard of
let watching = 0;

startSpeaking().then(start, () => showUnfetched(() => location.reload()));

async function start() {
  startComposer({ onAsk: ask, recall: lastQuestion });
  showPreferences();
  byId("stop").addEventListener("click", stop);
  byId("new").addEventListener("click", startAnew);
  byId("theme").addEventListener("click", changeTheme);
  for (const choice of document.querySelectorAll("[data-interface]")) {
    choice.addEventListener("click", () => changeLanguage(choice.dataset.interface));
  }
  addEventListener("hashchange", follow);
  for (const name of ["online", "offline"]) addEventListener(name, showConnection);
  showConnection();
  watchReadiness();
  follow();
  if (isEmpty() && !readLink(location.hash)) await resume();
  document.documentElement.dataset.started = "";
}

// Says that a part of the page could not be fetched, in words that came with the HTML, and offers to try `again`.
function showUnfetched(again) {
  const notice = byId("unfetched");
  notice.hidden = false;
  notice.querySelector("button").onclick = () => {
    notice.hidden = true;
    again();
  };
}

function ask(asked) {
  if (readLink(location.hash)) history.replaceState(null, "", "/");
  return askNext(asked);
}

function startAnew() {
  closeArticle();
  clearConversation();
  history.replaceState(null, "", "/");
  byId("question").focus();
}

// What the address's fragment names: a view, or an answer.
function follow() {
  const [view, query] = location.hash.split("?");
  if (view === "#main") return;
  const linked = readLink(location.hash);
  showView(view === "#articles" ? "articles" : "ask", query);
  if (!linked) return;
  clearConversation();
  askNext(linked.asked, linked);
}

async function showView(name, query) {
  byId("unfetched").hidden = true;
  for (const view of document.querySelectorAll("[data-view]")) view.hidden = view.dataset.view !== name;
  for (const link of document.querySelectorAll("[data-to]")) {
    if (link.dataset.to === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (name !== "articles") return;
  const library = await import("/page/library.js").catch(() => null); // most visits do without
  if (!library) return showUnfetched(() => location.reload()); // a browser does not import again what failed
  library.openLibrary(new URLSearchParams(query).get("q") ?? "", { onChange: watchReadiness });
}

async function changeLanguage(lang) {
  try {
    await speak(lang);
  } catch {
    showUnfetched(() => changeLanguage(lang));
    return;
  }
  byId("unfetched").hidden = true;
  showPreferences();
  redraw();
  countFilters();
  showHoldings();
  showSuggestions();
  byId("alert").replaceChildren();
  dispatchEvent(new CustomEvent("spoken"));
}

function changeTheme() {
  const next = THEMES[(THEMES.indexOf(remembered("theme") ?? "auto") + 1) % THEMES.length];
  remember("theme", next === "auto" ? null : next);
  if (next === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  showPreferences();
}

function showPreferences() {
  for (const choice of document.querySelectorAll("[data-interface]")) {
    choice.setAttribute("aria-pressed", String(choice.dataset.interface === interfaceLanguage()));
  }
  const label = say(`theme.${remembered("theme") ?? "auto"}`);
  byId("theme").setAttribute("aria-label", label);
  byId("theme").title = label;
}

function showConnection() {
  byId("connection").textContent = navigator.onLine ? "" : say("noConnection");
}

// What there is to ask, now and until all is ready; what is shown of articles that have changed follows.
async function watchReadiness() {
  holdings = await readiness().catch(() => null);
  if (holdings && holdings.snapshot !== snapshot) {
    snapshot = holdings.snapshot;
    showSuggestions();
    refreshArticle();
    recheck(snapshot);
  }
  showHoldings();
  clearTimeout(watching);
  if (!holdings || rendering()) watching = setTimeout(watchReadiness, holdings ? PROGRESS_MS : POLL_MS);
}

function showHoldings() {
  byId("holdings").textContent = holdings ? say("holdings", { n: holdings.articles }) : say("preparing");
  byId("rendering").textContent = rendering();
}

// How far the writer is with what it renders ahead of questions; nothing once it is through, or where there is none.
function rendering() {
  const { state = "none", sentences, rendered, paused } = holdings?.writer ?? {};
  if (state === "none" || (state === "ready" && rendered >= sentences)) return "";
  return say(`writer.${state === "ready" && paused ? "paused" : state}`, { sentences, rendered });
}

// Questions that the articles answer. Where there are none, or they cannot be had, nothing is missing.
async function showSuggestions() {
  const { questions } = await suggestions(interfaceLanguage()).catch(() => ({ questions: [] }));
  const offered = questions.map(({ question, lang }) =>
    element("li", {}, button({ class: "suggestion", lang, dir: "auto" }, () => write(question), question)),
  );
  byId("suggestions-list").replaceChildren(...offered);
  byId("suggestions").hidden = offered.length === 0;
}
