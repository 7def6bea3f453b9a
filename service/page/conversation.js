// The conversation: questions in turn, each with those before it as its history. It outlives a reload of the page: its
// answers as long as the articles are the same, else its questions, which are asked again.

import { ask, Failure, readiness } from "/page/api.js";
import { byId, clipped } from "/page/dom.js";
import { held, hold } from "/page/kept.js";
import { current } from "/page/links.js";
import { Turn } from "/page/turn.js";
import { say } from "/page/words.js";

const SLOW_MS = 4_000;
const VERY_SLOW_MS = 15_000;
const MOST_TURNS = 6; // that are sent as the history
const MOST_HELD = 20;
const ANSWER_CHARS = 300;
const KEPT = "turns";

const place = byId("conversation");
const form = byId("ask");
const turns = [];
let asking = null; // what stops the question under way
let wishes = 0; // how often someone has asked or stopped anything, which ends the resuming
let checks = 0;

// Says in the one live region what is going on.
export const tell = (message) => (byId("status").textContent = message);

export const isEmpty = () => turns.length === 0;
export const lastQuestion = () => turns.at(-1)?.asked.question;

// Asks in a turn of its own, as a follow-up of those before it unless `asked` comes from a link.
export async function askNext(asked, linked = null) {
  await askIn(addTurn(linked ? asked : withHistory(asked), { linked }));
}

export function stop() {
  wishes += 1;
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

// The conversation that the tab held: answers as they were, or asked again where the articles are no longer the same.
// A question that had no answer waits to be asked again, as all do where the service cannot be reached.
export async function resume() {
  const before = wishes;
  const resumed = (held(KEPT) ?? []).map(({ asked, answer }) => addTurn(asked, { earlier: answer }));
  if (!resumed.length) return;
  const now = await readiness().catch(() => null);
  for (const turn of resumed) {
    if (turn.earlier && turn.earlier.snapshot === now?.snapshot) turn.finish(turn.earlier);
    else turn.stop("pending");
  }
  for (const turn of resumed) {
    if (!now || wishes !== before) return;
    if (turn.earlier && !turn.answer) await run(turn);
  }
}

export function redraw() {
  for (const turn of turns) turn.draw();
}

// Marks the sources that have changed or gone since they were cited, where `snapshot` is not the answer's own, and takes
// marks back. Looks at each article once; a later call takes over.
export async function recheck(snapshot) {
  const mine = ++checks;
  const begun = new Map();
  const read = (id) => begun.get(id) ?? begun.set(id, current(id)).get(id);
  for (const turn of turns) {
    const dated = turn.answer && (turn.answer.snapshot !== snapshot || Object.keys(turn.states).length);
    if (mine === checks && dated) await turn.recheck(read);
  }
}

function addTurn(asked, more) {
  const turn = new Turn(turns.length + 1, asked, {
    ...more,
    on: { again: () => askIn(turn), anew: (other) => askIn(addTurn(other)), tell },
  });
  turns.push(turn);
  place.append(turn.node);
  changed();
  return turn;
}

// Asks because someone wants it: what was under way ends.
async function askIn(turn) {
  stop();
  if (!byId("question").matches(":focus")) turn.node.focus({ preventScroll: true });
  await run(turn);
}

async function run(turn) {
  const running = (asking = new AbortController());
  const slow = [setTimeout(tell, SLOW_MS, say("slow")), setTimeout(tell, VERY_SLOW_MS, say("verySlow"))];
  form.setAttribute("aria-busy", "true");
  tell(say("searching"));
  turn.reset();
  keep();
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
      if (byId("stop").matches(":focus")) turn.node.focus({ preventScroll: true }); // that button goes
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
  hold(KEPT, turns.slice(-MOST_HELD).map(({ asked, answer, earlier }) => ({ asked, answer: answer ?? earlier })));
}

function changed() {
  document.body.classList.toggle("conversing", turns.length > 0);
}
