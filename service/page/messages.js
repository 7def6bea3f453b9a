// Every word of the interface, in both languages, and how each language writes dates and numbers.

const WORDS = {
  fr: {
    skip: "Aller à la question",
    tagline: "Les réponses de la presse, citations à l’appui",
    interfaceLanguage: "Langue de l’interface",
    question: "Votre question",
    placeholder: "Que voulez-vous savoir ?",
    ask: "Demander",
    answerIn: "Réponse en",
    asAsked: "la langue de la question",
    filters: "Dates",
    publishedAfter: "Publié depuis",
    publishedBefore: "Publié jusqu’à",
    asOf: "En date du",
    datePlaceholder: "AAAA-MM-JJ",
    filtersHint: "Une année (2021), un mois (2021-02) ou un jour (2021-02-18). « En date du » écarte tout article postérieur.",
    badDate: "Écrivez une année (2021), un mois (2021-02) ou un jour (2021-02-18).",
    welcome: "Chaque phrase de la réponse est tirée d’un article et renvoie à la citation exacte. Si les articles ne disent rien de votre question, Sourcier le dit.",
    docs: "API",
    close: "Fermer",
    searching: "Recherche dans les articles…",
    slow: "C’est un peu long ; la recherche continue…",
    preparing: "Préparation de l’index et des modèles…",
    holdings: (articles) => (articles > 1 ? `${count("fr", articles)} articles` : `${articles} article`),
    answered: (sources) => (sources > 1 ? `Réponse trouvée, ${sources} citations.` : "Réponse trouvée, une citation."),
    refused: "Pas de réponse dans les articles.",
    shortAnswer: "En bref",
    sources: "Sources citées",
    source: (number, title) => `Source ${number} : ${title}`,
    open: "Lire dans l’article",
    unknownDate: "date inconnue",
    language: { fr: "en français", en: "en anglais" },
    translation: (by) => `Traduction automatique (${by})`,
    translated: "traduit",
    generated: "reformulé",
    refusalTitle: { no_evidence: "Les articles ne le disent pas", no_article_in_range: "Aucun article dans ces limites", empty_index: "Aucun article pour l’instant" },
    refusalHint: {
      no_evidence: "Essayez avec d’autres mots, un nom complet, ou une question plus précise.",
      no_article_in_range: "Élargissez ou videz les dates, puis demandez de nouveau.",
      empty_index: "Ajoutez des articles, puis demandez de nouveau.",
    },
    took: (ms) => `Réponse en ${decimal("fr", ms / 1000)} s`,
    snapshot: (name) => `index ${name}`,
    retry: "Réessayer",
    errors: {
      empty: "Écrivez d’abord une question.",
      offline: "Le service ne répond pas. Vérifiez votre connexion ; votre question est conservée.",
      loading: "Le service se prépare encore. Réessayez dans un instant ; votre question est conservée.",
      overloaded: "Trop de questions à la fois. Réessayez dans un instant ; votre question est conservée.",
      refused: "Cette demande ne peut pas être traitée.",
      failed: "Quelque chose a échoué de notre côté. Votre question est conservée.",
      unknown_article: "Cet article a été retiré depuis la réponse.",
    },
    reference: (id) => `Référence : ${id}`,
    openingArticle: "Ouverture de l’article…",
    changed: "Cet article a changé depuis la réponse : la citation ne s’y trouve plus à sa place.",
    original: "Voir la publication d’origine",
    citation: (number) => `citation ${number}`,
  },
  en: {
    skip: "Skip to the question",
    tagline: "Answers from the press, with the quotes to prove it",
    interfaceLanguage: "Interface language",
    question: "Your question",
    placeholder: "What would you like to know?",
    ask: "Ask",
    answerIn: "Answer in",
    asAsked: "the question’s language",
    filters: "Dates",
    publishedAfter: "Published from",
    publishedBefore: "Published until",
    asOf: "As of",
    datePlaceholder: "YYYY-MM-DD",
    filtersHint: "A year (2021), a month (2021-02) or a day (2021-02-18). “As of” leaves out every later article.",
    badDate: "Write a year (2021), a month (2021-02) or a day (2021-02-18).",
    welcome: "Every sentence of an answer comes from an article and leads to the exact quote. Where the articles do not say, Sourcier tells you so.",
    docs: "API",
    close: "Close",
    searching: "Searching the articles…",
    slow: "This is taking a while; still searching…",
    preparing: "Preparing the index and the models…",
    holdings: (articles) => (articles === 1 ? "1 article" : `${count("en", articles)} articles`),
    answered: (sources) => (sources > 1 ? `Answer found, ${sources} quotes.` : "Answer found, one quote."),
    refused: "No answer in the articles.",
    shortAnswer: "In short",
    sources: "Sources cited",
    source: (number, title) => `Source ${number}: ${title}`,
    open: "Read in the article",
    unknownDate: "date unknown",
    language: { fr: "in French", en: "in English" },
    translation: (by) => `Machine translation (${by})`,
    translated: "translated",
    generated: "reworded",
    refusalTitle: { no_evidence: "The articles do not say", no_article_in_range: "No article within these limits", empty_index: "No articles yet" },
    refusalHint: {
      no_evidence: "Try other words, a full name, or a more precise question.",
      no_article_in_range: "Widen or clear the dates, then ask again.",
      empty_index: "Add articles, then ask again.",
    },
    took: (ms) => `Answered in ${decimal("en", ms / 1000)} s`,
    snapshot: (name) => `index ${name}`,
    retry: "Try again",
    errors: {
      empty: "Write a question first.",
      offline: "The service does not answer. Check your connection; your question is kept.",
      loading: "The service is still getting ready. Try again in a moment; your question is kept.",
      overloaded: "Too many questions at once. Try again in a moment; your question is kept.",
      refused: "This request cannot be served.",
      failed: "Something failed on our side. Your question is kept.",
      unknown_article: "This article has been removed since the answer.",
    },
    reference: (id) => `Reference: ${id}`,
    openingArticle: "Opening the article…",
    changed: "This article has changed since the answer: the quote is no longer in its place.",
    original: "See the original publication",
    citation: (number) => `quote ${number}`,
  },
};

const LOCALE = { fr: "fr-FR", en: "en-GB" };
const REMEMBERED = "sourcier.interface";

let current = "fr";

export const interfaceLanguage = () => current;
export const words = () => WORDS[current];

// The language chosen before, else the browser's first that we speak.
export function preferredLanguage() {
  const wanted = [remembered(), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return wanted.find((lang) => lang in WORDS) ?? "en";
}

// Writes the words of `lang` wherever the document names one, and remembers the choice.
export function speak(lang, { remember = false } = {}) {
  current = lang;
  document.documentElement.lang = lang;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = words()[node.dataset.text];
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = words()[node.dataset.placeholder];
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", words()[node.dataset.label]);
  if (remember) keep(lang);
}

// A date as precise as it is known: a year, a month or a day.
export function dateInWords(iso) {
  if (!iso) return words().unknownDate;
  if (iso.length === 4) return iso;
  const day = iso.length === 10 ? { day: "numeric" } : {};
  const date = new Date(iso.length === 10 ? iso : `${iso}-01`);
  const format = new Intl.DateTimeFormat(LOCALE[current], { year: "numeric", month: "long", ...day, timeZone: "UTC" });
  const text = format.format(date);
  return current === "fr" ? text.replace(/^1 /, "1er ") : text;
}

function count(lang, number) {
  return new Intl.NumberFormat(LOCALE[lang]).format(number);
}

function decimal(lang, number) {
  return new Intl.NumberFormat(LOCALE[lang], { maximumSignificantDigits: 2 }).format(number);
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null; // storage may be forbidden
  }
}

function keep(lang) {
  try {
    localStorage.setItem(REMEMBERED, lang);
  } catch {
    // the choice then lasts as long as the page
  }
}
