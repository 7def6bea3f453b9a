// Adding articles: files that are chosen or dropped, one after the other, with the progress of each.

import { sendFile } from "/page/api.js";
import { element } from "/page/dom.js";
import { noticeOf } from "/page/notices.js";
import { number, say } from "/page/words.js";

export const FORMATS =
  ".txt,.md,.markdown,.html,.htm,.xml,.rss,.atom,.json,.jsonl,.ndjson,.pdf,.docx,.zip,.tar,.gz,.tgz,.bz2,.xz"; // a hint
const STATUSES = ["added", "replaced", "unchanged", "rejected"];

const place = element("ol", { class: "progress" }); // outlives a redrawing of the list
let queue = Promise.resolve();

// Where files are chosen, and how each is doing: {node, add(files), replace(file, id)}. `onDone` is called after each.
export function drawUpload(onDone) {
  const add = (files) => [...files].forEach((file) => enqueue(file, null, onDone));
  const replace = (file, id) => enqueue(file, id, onDone);
  place.setAttribute("aria-label", say("upload.progress"));
  const node = element(
    "section",
    { class: "upload", "aria-label": say("upload.title") },
    element("div", { class: "drop" }, chooser({ class: "choose", label: say("upload.choose"), multiple: true, accept: FORMATS }, add), element("span", {}, say("upload.drop")), element("p", { class: "hint" }, say("upload.formats"))),
    place,
  );
  return { node, add, replace };
}

// A label that opens the browser's choice of files.
export function chooser({ label, name, accept, multiple = false, ...attributes }, onFiles) {
  const input = element("input", { type: "file", class: "unseen", multiple, accept, "aria-label": name ?? label });
  input.addEventListener("change", () => {
    onFiles([...input.files]);
    input.value = "";
  });
  return element("label", attributes, label, input);
}

// Files dropped anywhere on `target` are added, by the upload that `current()` gives.
export function startDropping(target, current) {
  const holdsFiles = (event) => !target.hidden && event.dataTransfer?.types.includes("Files");
  const over = (on) => target.classList.toggle("over", on);
  addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    over(true);
  });
  addEventListener("dragleave", (event) => event.relatedTarget || over(false));
  addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    over(false);
    current().add(event.dataTransfer.files);
  });
}

function enqueue(file, id, onDone) {
  const told = element("span", { class: "told", role: "status" }, say("upload.waiting"));
  const bar = element("progress", { max: "1", value: "0", "aria-label": file.name });
  const line = element("li", {}, element("strong", { class: "isolated" }, file.name), " ", told, bar);
  place.append(line);
  const work = () => send(file, id, { line, told, bar }, onDone);
  queue = queue.then(work, work);
}

async function send(file, id, { line, told, bar }, onDone) {
  const counts = {};
  const rejections = [];
  let done = 0;
  const onOutcome = ({ status, message, file: name, line: position, article_id: of }) => {
    done += 1;
    counts[status] = (counts[status] ?? 0) + 1;
    if (status === "rejected") rejections.push([name ?? of ?? position, message].filter(Boolean).join(": "));
    told.textContent = say("upload.indexed", { n: done });
  };
  const onSent = (share) => {
    if (share < 1) bar.value = share;
    else bar.removeAttribute("value");
    told.textContent = share < 1 ? say("upload.sending", { percent: number(share, { style: "percent" }) }) : say("upload.indexing");
  };
  try {
    onSent(0);
    await sent(file, id, { onSent, onOutcome });
    told.textContent = say("upload.done", { told: summary(counts) });
    if (rejections.length) line.append(drawRejections(rejections));
    bar.remove();
    await onDone();
  } catch (error) {
    const again = () => {
      line.remove();
      enqueue(file, id, onDone);
    };
    bar.remove();
    told.textContent = "";
    line.append(element("div", { role: "alert" }, noticeOf(error, again)));
  }
}

// The file says which articles it holds; where it replaces one, it holds one, which takes that one's id.
async function sent(file, id, { onSent, onOutcome }) {
  const query = new URLSearchParams({ filename: file.name, ...(id !== null && { article_id: id }) });
  await sendFile(`/v1/files?${query}`, { body: file, type: "application/octet-stream", onSent, onOutcome });
}

function summary(counts) {
  const told = STATUSES.filter((status) => counts[status]).map((status) => say(`status.${status}`, { n: counts[status] }));
  return told.join(", ") || say("upload.empty");
}

function drawRejections(rejections) {
  return element(
    "details",
    {},
    element("summary", {}, say("upload.rejections", { n: rejections.length })),
    element("ul", { lang: "en" }, ...rejections.map((text) => element("li", { dir: "auto" }, text))),
  );
}
