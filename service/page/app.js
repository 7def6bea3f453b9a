// The page: a question goes out, an answer or a failure told in words comes back. What is drawn is in `answer.js` and
// `article.js`; every word is in `messages.js`.

import { drawAnswer } from "/page/answer.js";
import { ask, Failure, readiness } from "/page/api.js";
import { closeArticle, openArticle } from "/page/article.js";
import { element } from "/page/dom.js";
import { interfaceLanguage, preferredLanguage, speak, words } from "/page/messages.js";

const SLOW_MS = 4000;
const POLL_MS = 1500;
const DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;
const DATES = ["published_after", "published_before", "as_of"];

const form = document.getElementById("ask");
const question = document.getElementById("question");
const status = document.getElementById("status");
const alert = document.getElementById("alert");
const result = document.getElementById("result");
const welcome = document.getElementById("welcome");

const state = { answer: null, holdings: null, asking: new AbortController() };

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
question.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
document.getElementById("article-close").addEventListener("click", closeArticle);
for (const button of document.querySelectorAll("[data-interface]")) {
  button.addEventListener("click", () => switchInterface(button.dataset.interface, { remember: true }));
}

switchInterface(preferredLanguage());
watchReadiness();

async function submit() {
  const asked = readForm();
  if (!asked) return;
  state.asking.abort();
  const asking = (state.asking = new AbortController());
  const slow = setTimeout(() => tell(words().slow), SLOW_MS);
  startAsking();
  try {
    showAnswer(await ask(asked, asking.signal));
  } catch (error) {
    if (error.name === "AbortError") return; // a newer question took its place
    if (!(error instanceof Failure)) throw error;
    showFailure(error);
  } finally {
    clearTimeout(slow);
    if (state.asking === asking) form.removeAttribute("aria-busy");
  }
}

// The body of the request, or null after telling what is wrong with it.
function readForm() {
  alert.replaceChildren();
  const fields = new FormData(form);
  const text = question.value.trim();
  if (!text) {
    complain(words().errors.empty, question);
    return null;
  }
  const asked = { question: text, lang: fields.get("lang") };
  for (const name of DATES) {
    const value = fields.get(name).trim();
    form.elements[name].removeAttribute("aria-invalid");
    if (value && !DATE.test(value)) {
      document.getElementById("filters").open = true;
      complain(words().badDate, form.elements[name]);
      return null;
    }
    if (value) asked[name] = value;
  }
  return asked;
}

function startAsking() {
  form.setAttribute("aria-busy", "true");
  tell(words().searching);
  welcome.hidden = true;
  result.classList.add("stale");
}

function showAnswer(answer) {
  state.answer = answer;
  tell(answer.refusal ? words().refused : words().answered(answer.citations.length));
  redraw();
}

function redraw() {
  result.classList.remove("stale");
  if (!state.answer) return;
  result.replaceChildren(drawAnswer(state.answer, (number) => openArticle(number, state.answer.citations)));
}

function showFailure(failure) {
  tell("");
  const detail = failure.kind === "refused" && failure.message;
  alert.replaceChildren(
    element(
      "div",
      { class: "notice" },
      element("p", {}, words().errors[failure.kind] ?? words().errors.failed),
      detail ? element("p", { class: "hint", lang: "en" }, detail) : null,
      failure.requestId && element("p", { class: "hint" }, words().reference(failure.requestId)),
      element("button", { type: "button", class: "retry", on: { click: submit } }, words().retry),
    ),
  );
}

function complain(message, field) {
  alert.replaceChildren(element("div", { class: "notice" }, element("p", {}, message)));
  field.setAttribute("aria-invalid", "true");
  field.addEventListener("input", () => field.removeAttribute("aria-invalid"), { once: true });
  field.focus();
}

function tell(message) {
  status.textContent = message;
}

function switchInterface(lang, options) {
  speak(lang, options);
  for (const button of document.querySelectorAll("[data-interface]")) {
    button.setAttribute("aria-pressed", String(button.dataset.interface === interfaceLanguage()));
  }
  alert.replaceChildren();
  tell("");
  redraw();
  showHoldings();
}

async function watchReadiness() {
  try {
    state.holdings = await readiness();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    setTimeout(watchReadiness, POLL_MS);
  }
  showHoldings();
}

function showHoldings() {
  const text = state.holdings ? words().holdings(state.holdings.articles) : words().preparing;
  document.getElementById("holdings").textContent = text;
}
