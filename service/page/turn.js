// One question of the conversation and what came of it: its state, and how it is drawn as that changes.

import { openArticle } from "/page/article.js";
import { drawClaim, drawShortAnswer } from "/page/claims.js";
import { copy, FORMATS } from "/page/copying.js";
import { button, byId, dotted, element, finder } from "/page/dom.js";
import { linkTo, stateOf } from "/page/links.js";
import { noticeOf } from "/page/notices.js";
import { drawClosest, drawRefusal } from "/page/refusals.js";
import { drawSources, markSource } from "/page/sources.js";
import { drawTimeline } from "/page/timeline.js";
import { dateInWords, interfaceLanguage, number, say } from "/page/words.js";

export class Turn {
  citations = [];
  claims = [];
  answer = null;
  failure = null;
  stopped = null; // the word for why it has no whole answer
  states = {}; // what has become of its sources since, by their numbers
  linkedStates = null;

  // `asked` is the body of its request, `linked` what a permanent link holds of it, `earlier` an answer that may not be
  // true any more, `on` what it can call: `again` and `anew(asked)` ask, `tell(message)` says something.
  constructor(position, asked, { linked = null, earlier = null, on }) {
    Object.assign(this, { position, asked, linked, earlier, on });
    this.node = element("article", { id: this.id("turn"), class: "turn", tabindex: "-1", "aria-labelledby": this.id("asked") });
    this.draw();
  }

  id = (name) => `${name}-${this.position}`;
  sourceId = ({ number }) => this.id(`source-${number}`);
  quoteId = ({ number }) => this.id(`quote-${number}`);
  cited = (numbers) => this.citations.filter(({ number }) => numbers.includes(number));
  open = (citation, opener) => openArticle(citation, this.citations, opener);
  askAnew = (asked) => this.on.anew(asked);

  // Takes an event of the stream, and shows what it brings at once.
  take({ event, data }) {
    if (event === "evidence") {
      this.citations = data.citations;
      this.sources.replaceChildren(drawSources(this));
    } else if (event === "claim") {
      this.claims.push(data);
      this.said.append(drawClaim(data, this));
    } else if (event === "answer") {
      this.finish(data);
    }
  }

  finish(answer) {
    const isShown = JSON.stringify([this.claims, this.citations]) === JSON.stringify([answer.claims, answer.citations]);
    const focused = finder(document.activeElement);
    this.answer = answer;
    if (isShown && !answer.refusal) {
      this.complete();
    } else {
      Object.assign(this, { claims: answer.claims, citations: answer.citations });
      this.draw();
    }
    focused()?.focus({ preventScroll: true });
  }

  stop(word = "stopped") {
    this.stopped = word;
    this.trouble.replaceChildren(
      element("div", { class: "notice calm" }, element("p", {}, say(word)), button({ class: "retry" }, this.on.again, say("retry"))),
    );
  }

  fail(failure) {
    this.failure = failure;
    this.trouble.replaceChildren(noticeOf(failure, this.on.again));
  }

  // As it was before it was asked.
  reset() {
    Object.assign(this, { citations: [], claims: [], answer: null, failure: null, stopped: null, states: {}, linkedStates: null });
    this.draw();
  }

  draw() {
    this.short = element("div", {});
    this.said = element("div", { class: "said", "aria-live": "polite" }, ...this.claims.map((claim) => drawClaim(claim, this)));
    this.after = element("div", {});
    this.trouble = element("div", { role: "alert" });
    this.sources = element("div", { class: "rail" }, this.citations.length ? drawSources(this) : null);
    this.notes = element("div", { role: "status" });
    this.node.replaceChildren(
      this.drawHead(),
      this.notes,
      element("div", { class: "columns" }, element("div", { class: "answer" }, this.short, this.said, this.trouble, this.after), this.sources),
    );
    if (this.answer) this.complete();
    else if (this.failure) this.fail(this.failure);
    else if (this.stopped) this.stop(this.stopped);
    if (this.linkedStates) this.drawLinked();
  }

  // Adds what only the whole answer tells.
  complete() {
    this.said.lang = this.answer.lang;
    if (this.answer.refusal) {
      this.said.replaceChildren(drawRefusal(this));
      this.sources.replaceChildren(...[drawClosest(this)].filter(Boolean));
    } else {
      this.short.replaceChildren(...[this.answer.short_answer && drawShortAnswer(this.answer.short_answer, this)].filter(Boolean));
      this.sources.replaceChildren(drawSources(this));
    }
    const note = this.answer.note && element("p", { class: "why", lang: this.answer.lang }, this.answer.note);
    this.after.replaceChildren(...[note, drawTimeline(this), this.drawActions(), this.drawFacts()].filter(Boolean));
  }

  drawHead() {
    const key = this.asked.history ? "turn.followup" : "turn";
    const bounds = ["published_after", "published_before", "as_of"].filter((name) => this.asked[name]);
    const labels = { published_after: "publishedAfter", published_before: "publishedBefore", as_of: "asOf" };
    const filters = [...bounds.map((name) => say("labelled", { label: say(labels[name]), value: dateInWords(this.asked[name]) })), ...(this.asked.sources ?? [])];
    return element(
      "header",
      {},
      element("p", { class: "kicker" }, say(key, { n: String(this.position) })),
      element("h2", { id: this.id("asked"), class: "asked", dir: "auto" }, this.asked.question),
      filters.length > 0 && element("ul", { class: "chips" }, ...filters.map((text) => element("li", { dir: "auto" }, text))),
    );
  }

  drawActions() {
    const formats = this.answer.refusal ? ["text", "markdown"] : Object.keys(FORMATS);
    const named = (name) => button({ class: "plain", "data-copy": name }, () => this.copy(name), say(`copy.${name}`));
    return element(
      "div",
      { class: "actions", role: "group", "aria-label": say("actions") },
      element("span", {}, say("copy")),
      ...formats.map(named),
      named("link"),
      button({ class: "plain print" }, () => print(), say("print")),
    );
  }

  drawFacts() {
    const { timings_ms: timings, snapshot, generator } = this.answer;
    const seconds = number(timings.total / 1000, { maximumSignificantDigits: 2 });
    const told = dotted(say("took", { seconds }), say("snapshot", { name: snapshot.slice(0, 12) }), generator);
    return element("p", { class: "facts" }, ...told);
  }

  async copy(name) {
    this.trouble.replaceChildren();
    try {
      const text = name === "link" ? await linkTo(this) : FORMATS[name](this.answer);
      this.on.tell((await copy(text)) ? say("copied", { what: say(`copy.${name}`) }) : say("notCopied"));
    } catch (error) {
      this.trouble.replaceChildren(noticeOf(error, () => this.copy(name)));
    }
  }

  // Marks the sources that have changed or gone since, by what `read(id)` gives of each article.
  async recheck(read) {
    const { states } = this;
    for (const citation of this.citations) {
      states[citation.number] = await stateOf(citation, read);
      const source = byId(this.sourceId(citation));
      if (source) markSource(source, this.states[citation.number]);
    }
  }

  // Says what has become of a permanent link's sources since it was made.
  async compareWithLink() {
    const { answerId, cited } = this.linked;
    const isSame = answerId === this.answer.id;
    this.linkedStates = isSame ? [] : await Promise.all(cited.map((citation) => stateOf(citation)));
    this.drawLinked();
  }

  drawLinked() {
    const verdict = this.linkedVerdict();
    this.notes.replaceChildren(
      element(
        "div",
        { class: verdict === "same" || verdict === "sources" ? "notice calm linked" : "notice linked" },
        element("p", {}, say(`linked.${verdict}`)),
        this.linkedStates.length > 0 && element("ul", { "aria-label": say("linked.list") }, ...this.linked.cited.map((citation, i) => this.drawLinkedSource(citation, this.linkedStates[i]))),
      ),
    );
  }

  // That the sources are unchanged is said only where each that was cited is known, and known to be so.
  linkedVerdict() {
    const { answerId, count } = this.linked;
    const states = this.linkedStates;
    if (answerId === this.answer?.id) return "same";
    if (states.includes("changed") || states.includes("gone")) return "changed";
    return count && states.length === count && states.every((state) => state === "same") ? "sources" : "unverified";
  }

  drawLinkedSource({ title, article_id, ...rest }, state) {
    const cited = { ...rest, title: String(title), article_id: String(article_id), lang: interfaceLanguage() };
    const name = element("span", { dir: "auto" }, cited.title);
    const opens = button({ class: "plain title" }, (event) => openArticle(cited, [cited], event.currentTarget), name);
    return element("li", {}, ...dotted(state === "gone" ? name : opens, element("strong", { class: "state" }, say(`source.${state}`))));
  }
}
