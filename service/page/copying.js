// An answer as text to be pasted elsewhere: plain, Markdown, BibTeX, CSL-JSON. Pure, but for `copy`.

import { dateInWords, say } from "/page/words.js";

const NEWSPAPER = "article-newspaper";
const BIBTEX_SPECIAL = { "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };

export const FORMATS = { text: asText, markdown: asMarkdown, bibtex: asBibtex, csl: asCsl };

export function asText({ question, text, citations }) {
  const list = citations.map((citation) => `[${citation.number}] ${described(citation)}\n    ${say("quoted", { quote: citation.quote })}`);
  return [question, "", text, "", ...(list.length ? [`${say("sourcesList")}`, ...list] : [])].join("\n").trimEnd();
}

export function asMarkdown({ question, text, claims, citations }) {
  const said = claims.map((claim) => markdown(claim.text) + claim.citations.map((number) => `[^${number}]`).join(""));
  const notes = citations.map((citation) => `[^${citation.number}]: ${say("labelled", { label: markdown(described(citation)), value: say("quoted", { quote: markdown(citation.quote) }) })}`);
  return [`**${markdown(question)}**`, said.length ? said.join(" ") : markdown(text), notes.join("\n")].filter(Boolean).join("\n\n");
}

export function asBibtex({ citations }) {
  return ofArticles(citations)
    .map(({ citation, quotes }) => {
      const fields = {
        title: citation.title,
        journal: citation.source,
        date: citation.published,
        url: citation.url?.replace(/[{}\\\s]/g, encodeURIComponent), // which is read as it stands
        langid: { fr: "french", en: "english" }[citation.lang],
        note: quotes.join(" […] "),
      };
      const lines = Object.entries(fields).filter(([, value]) => value);
      return `@article{${keyOf(citation)},\n${lines.map(([name, value]) => `  ${name} = {${name === "url" ? value : bibtex(value)}}`).join(",\n")}\n}`;
    })
    .join("\n\n");
}

export function asCsl({ citations }) {
  const items = ofArticles(citations).map(({ citation, quotes }) => ({
    id: citation.article_id,
    type: NEWSPAPER,
    title: citation.title,
    "container-title": citation.source ?? undefined,
    issued: citation.published ? { "date-parts": [citation.published.split("-").map(Number)] } : undefined,
    URL: citation.url ?? undefined,
    language: citation.lang,
    note: quotes.join(" […] "),
  }));
  return JSON.stringify(items, null, 2);
}

// Whether the text is on the clipboard now. Without the clipboard's own interface (a page over plain HTTP) the old way.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

function copySelected(text) {
  const area = document.createElement("textarea");
  const focused = document.activeElement;
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return copied;
}

function described({ title, source, published, url }) {
  return [title, source, dateInWords(published), url].filter(Boolean).join(", ");
}

// Each cited article once, with its quotes in order.
function ofArticles(citations) {
  const byArticle = Map.groupBy(citations, ({ article_id: id }) => id);
  return [...byArticle.values()].map((all) => ({ citation: all[0], quotes: all.map(({ quote }) => quote) }));
}

function keyOf({ article_id: id, published }) {
  const plain = id.normalize("NFD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return [plain || "article", published?.slice(0, 4)].filter(Boolean).join("-");
}

function bibtex(value) {
  return value.replace(/[\\{}~^]/g, (sign) => BIBTEX_SPECIAL[sign]).replace(/[%$&#_]/g, "\\$&").replace(/\s+/g, " ");
}

function markdown(text) {
  return text.replace(/[\\`*_[\]<>#|~]/g, "\\$&").replace(/\s+/g, " ");
}
