// Permanent links to answers. A link holds all that is needed to ask again, and what the answer then rested on: the
// snapshot, and of each cited article its digest. It lies in the address's fragment, which no browser sends anywhere.

import { digestOf, Failure, readArticle } from "/page/api.js";
import { clipped } from "/page/dom.js";
import { quoteAt } from "/page/spans.js";

const FIELDS = { lang: "lang", published_after: "after", published_before: "before", as_of: "asof" };
const TITLE_CHARS = 60;

export async function linkTo({ asked, answer }) {
  const link = new URLSearchParams({ cites: answer.citations.length, q: asked.question }); // the count tells a cut link
  for (const [field, name] of Object.entries(FIELDS)) if (asked[field]) link.set(name, asked[field]);
  for (const source of asked.sources ?? []) link.append("source", source);
  for (const turn of asked.history ?? []) link.append("turn", JSON.stringify([turn.question, turn.answer]));
  link.set("answer", answer.id);
  link.set("snapshot", answer.snapshot);
  for (const citation of answer.citations) link.append("cited", JSON.stringify(await kept(citation)));
  return `${location.origin}/#${link}`;
}

// What an address asks and what its answer rested on; null for an address that is no link.
export function readLink(hash) {
  const link = new URLSearchParams(hash.slice(1));
  const question = link.get("q");
  if (!question?.trim()) return null;
  const asked = { question };
  for (const [field, name] of Object.entries(FIELDS)) if (link.get(name)) asked[field] = link.get(name);
  if (link.has("source")) asked.sources = link.getAll("source");
  const history = lists(link, "turn", 2).map(([q, a]) => ({ question: String(q), answer: String(a) }));
  if (history.length) asked.history = history;
  const cited = lists(link, "cited", 6).map(([number, article_id, start, end, digest, title]) => ({ number, article_id, start, end, digest, title }));
  return { asked, answerId: link.get("answer"), count: Number(link.get("cites")), cited };
}

const seen = new Map(); // articles as they were when last read

// An article as it is now. One that was read before is read again only where its digest is another.
export async function current(id) {
  const before = seen.get(id);
  seen.delete(id);
  const isSame = before && (await digestOf(id)) === before.digest;
  const article = isSame ? before : await readArticle(id);
  seen.set(id, article);
  return article;
}

// Whether a citation's article is the same as when it was cited, has changed, or has gone, as far as can be known.
export async function stateOf({ article_id: id, digest, ...cited }, read = current) {
  try {
    const isSame = digest === undefined ? holds(await read(id), cited) : (await digestOf(id)) === digest;
    return isSame ? "same" : "changed";
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.kind === "unknown_article" ? "gone" : "unknown";
  }
}

const holds = ({ text }, { quote, ...span }) => quoteAt(text, span) === quote;

// What a link holds of a citation. Its digest is empty where the article has changed or gone already.
async function kept({ number, article_id: id, title, ...cited }) {
  const article = await current(id).catch((error) => {
    if (error.kind !== "unknown_article") throw error;
  });
  const digest = article && holds(article, cited) ? article.digest : "";
  return [number, id, cited.start, cited.end, digest, clipped(title, TITLE_CHARS)];
}

// The values of that name that are lists of that length: a link may have been cut or written by anyone.
function lists(link, name, length) {
  return link.getAll(name).flatMap((text) => {
    try {
      const value = JSON.parse(text);
      return Array.isArray(value) && value.length === length ? [value] : [];
    } catch {
      return [];
    }
  });
}
