// The words of the interface, from `words.fr.json` or `words.en.json`, and how each language writes dates and numbers.

import { remember, remembered } from "/page/kept.js";

const LOCALE = { fr: "fr-FR", en: "en-GB" };
const root = document.documentElement;

let lang = root.lang; // what the server chose by the browser's languages
let words = {};

export const interfaceLanguage = () => lang;

// The words under `key`, with `{name}` replaced by the value of that name. A number `n` chooses none, singular or plural.
export function say(key, values = {}) {
  const form = typeof values.n === "number" ? `${key}.${values.n ? new Intl.PluralRules(LOCALE[lang]).select(values.n) : "zero"}` : key;
  const said = words[form] ?? words[`${key}.other`] ?? words[key] ?? key;
  return said.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? number(values[name]) : (values[name] ?? "")));
}

export const knows = (key) => key in words;

// Speaks the language chosen before, else the one that the page came in.
export async function startSpeaking() {
  const chosen = remembered("interface");
  await (chosen in LOCALE && chosen !== lang ? speak(chosen) : load(lang));
}

export async function speak(wanted) {
  await load(wanted);
  lang = wanted;
  root.lang = wanted;
  remember("interface", wanted);
  translate(document);
}

// Writes each word that an element under `node` names.
export function translate(node) {
  for (const named of node.querySelectorAll("[data-text]")) named.textContent = say(named.dataset.text);
  for (const named of node.querySelectorAll("[data-placeholder]")) named.placeholder = say(named.dataset.placeholder);
  for (const named of node.querySelectorAll("[data-label]")) named.setAttribute("aria-label", say(named.dataset.label));
}

// A date as precise as it is known: a year, a month or a day.
export function dateInWords(iso) {
  if (!iso) return say("unknownDate");
  if (iso.length === 4) return iso;
  const day = iso.length === 10 ? { day: "numeric" } : {};
  const format = new Intl.DateTimeFormat(LOCALE[lang], { year: "numeric", month: "long", ...day, timeZone: "UTC" });
  const text = format.format(new Date(iso.length === 10 ? iso : `${iso}-01`));
  return lang === "fr" ? text.replace(/^1 /, "1er ") : text;
}

export const number = (value, options) => new Intl.NumberFormat(LOCALE[lang], options).format(value);

async function load(wanted) {
  const response = await fetch(`/page/words.${wanted}.json`);
  if (!response.ok) throw new Error(`no words: ${response.status}`);
  words = await response.json();
}
