// The conversation: questions in turn, each with those before it as its history. It outlives a reload of the page, as
// long as the articles are the same; else its questions are asked again.

import { ask, Failure, readiness } from "/page/api.js";
import { byId, clipped } from "/page/dom.js";
import { held, hold } from "/page/kept.js";
import { Turn } from "/page/turn.js";
import { say } from "/page/words.js";

const SLOW_MS = 4_000;
const VERY_SLOW_MS = 15_000;
const MOST_TURNS = 6; // that are sent as the history
const MOST_HELD = 20;
const ANSWER_CHARS = 300;
const KEPT = "conversation";

const place = byId("conversation");
const form = byId("ask");
const turns = [];
let asking = null; // what stops the question under way

// Says in the one live region what is going on.
export const tell = (message) => (byId("status").textContent = message);

export const isEmpty = () => turns.length === 0;
export const lastQuestion = () => turns.at(-1)?.asked.question;

// Asks in a turn of its own, as a follow-up of those before it unless `asked` comes from a link.
export async function askNext(asked, linked = null) {
  await run(addTurn(linked ? asked : withHistory(asked), linked));
}

export function stop() {
  asking?.abort();
}

export function clearConversation() {
  stop();
  turns.length = 0;
  place.replaceChildren();
  hold(KEPT, null);
  tell("");
  changed();
}

// The conversation that the tab held, drawn as it was, or asked again where the articles are no longer the same.
export async function resume() {
  const kept = held(KEPT);
  if (!kept?.turns?.length) return;
  const now = await readiness().catch(() => null);
  for (const { asked, answer } of kept.turns) {
    const turn = addTurn(asked);
    if (now?.snapshot === kept.snapshot) turn.finish(answer);
    else await run(turn);
  }
}

export function redraw() {
  for (const turn of turns) turn.draw();
}

// Marks the sources that have changed or gone since they were cited.
export async function recheck() {
  for (const turn of turns) await turn.recheck();
}

function addTurn(asked, linked = null) {
  const turn = new Turn(turns.length + 1, asked, {
    linked,
    on: { again: () => run(turn), anew: (other) => run(addTurn(other)), tell },
  });
  turns.push(turn);
  place.append(turn.node);
  changed();
  return turn;
}

async function run(turn) {
  stop();
  const running = (asking = new AbortController());
  const slow = [setTimeout(tell, SLOW_MS, say("slow")), setTimeout(tell, VERY_SLOW_MS, say("verySlow"))];
  form.setAttribute("aria-busy", "true");
  tell(say("searching"));
  turn.reset();
  turn.node.scrollIntoView({ block: "start" });
  try {
    for await (const event of ask(turn.asked, running.signal)) {
      turn.take(event);
      if (event.event === "evidence") tell(say("reading", { n: turn.citations.length }));
    }
    tell(turn.answer.refusal ? say("refused") : say("answered", { n: turn.citations.length }));
    keep();
    if (turn.linked) await turn.compareWithLink();
  } catch (error) {
    end(turn, error, { isLast: asking === running });
  } finally {
    slow.forEach(clearTimeout);
    if (asking === running) {
      asking = null;
      form.removeAttribute("aria-busy");
    }
  }
}

function end(turn, error, { isLast }) {
  if (isLast) tell("");
  if (error.name === "AbortError") turn.stop();
  else if (error instanceof Failure) turn.fail(error);
  else throw error;
}

function withHistory(asked) {
  const before = turns.filter(({ answer }) => answer).slice(-MOST_TURNS);
  if (!before.length) return asked;
  return { ...asked, history: before.map(({ answer }) => ({ question: answer.question, answer: clipped(answer.text, ANSWER_CHARS) })) };
}

function keep() {
  const answered = turns.filter(({ answer }) => answer).slice(-MOST_HELD);
  const snapshots = new Set(answered.map(({ answer }) => answer.snapshot));
  const snapshot = snapshots.size === 1 ? [...snapshots][0] : null;
  hold(KEPT, { snapshot, turns: answered.map(({ asked, answer }) => ({ asked, answer })) });
}

function changed() {
  document.body.classList.toggle("conversing", turns.length > 0);
}
