// Where a question is written: its words, the answer's language, and the filters. Reads them, and says what is wrong.

import { sources } from "/page/api.js";
import { byId, element } from "/page/dom.js";
import { say } from "/page/words.js";

const DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;
const DATES = ["published_after", "published_before", "as_of"];

const form = byId("ask");
const question = byId("question");
const filters = byId("filters");
const alert = byId("alert");

// `onAsk(asked)` gets the body of each question that can be asked, `recall()` gives the question before.
export function startComposer({ onAsk, recall }) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = readForm();
    if (!asked) return;
    question.value = "";
    filters.open = false;
    onAsk(asked);
  });
  question.addEventListener("keydown", (event) => {
    if (event.key === "ArrowUp" && !question.value) question.value = recall() ?? "";
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("change", countFilters);
  byId("clear-filters").addEventListener("click", clearFilters);
  filters.addEventListener("toggle", () => filters.open && offerSources());
}

export function write(text) {
  question.value = text;
  form.requestSubmit();
}

// Says how many filters are on.
export function countFilters() {
  const fields = new FormData(form);
  const count = DATES.filter((name) => fields.get(name)?.trim()).length + (fields.has("sources") ? 1 : 0);
  byId("filters-label").textContent = count ? say("filters.some", { n: count }) : say("filters");
  filters.classList.toggle("on", count > 0);
}

function clearFilters() {
  for (const name of DATES) form.elements[name].value = "";
  for (const box of form.querySelectorAll("[name=sources]")) box.checked = false;
  countFilters();
}

// The body of the request, or null after telling what is wrong with it.
function readForm() {
  alert.replaceChildren();
  const fields = new FormData(form);
  const text = question.value.trim();
  if (!text) return complain(say("noQuestion"), question);
  const asked = { question: text };
  if (fields.get("lang") !== "auto") asked.lang = fields.get("lang");
  for (const name of DATES) {
    const value = fields.get(name).trim();
    if (value && !DATE.test(value)) {
      filters.open = true;
      return complain(say("badDate"), form.elements[name]);
    }
    if (value) asked[name] = value;
  }
  if (fields.has("sources")) asked.sources = fields.getAll("sources");
  return asked;
}

function complain(message, field) {
  alert.replaceChildren(element("div", { class: "notice" }, element("p", {}, message)));
  field.setAttribute("aria-invalid", "true");
  const calm = () => {
    field.removeAttribute("aria-invalid");
    alert.replaceChildren();
  };
  field.addEventListener("input", calm, { once: true });
  field.focus();
  return null;
}

// The sources that articles name, to choose among; those chosen before stay so. Without any there is no such choice.
async function offerSources() {
  const known = await sources().catch(() => null);
  if (!known) return; // until the filters are opened again
  const chosen = new FormData(form).getAll("sources");
  const boxes = known.sources.map(({ source, articles }) =>
    element(
      "label",
      {},
      element("input", { type: "checkbox", name: "sources", value: source, checked: chosen.includes(source) }),
      element("bdi", {}, source),
      element("small", {}, ` ${articles}`),
    ),
  );
  byId("sources-choice").replaceChildren(...boxes);
  byId("sources-field").hidden = boxes.length === 0;
  countFilters();
}
