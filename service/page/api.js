// Talks to the service. Every failure becomes a `Failure` of a kind that the page has words for.

import { held } from "/page/kept.js";
import { events } from "/page/stream.js";

const KINDS = { 401: "unauthorized", 403: "forbidden", 413: "tooLarge", 429: "limited" };
const TYPES = ["loading", "overloaded", "unknown_article", "articles_changed"];

export class Failure extends Error {
  constructor(kind, { message = "", requestId = null, retryAfterS = null } = {}) {
    super(message);
    this.kind = kind;
    this.requestId = requestId;
    this.retryAfterS = retryAfterS;
  }
}

// The events of an answer, the last of which is the answer.
export async function* ask(asked, signal) {
  const response = await send("/v1/ask", { method: "POST", json: { ...asked, stream: true }, signal });
  let last = null;
  try {
    for await (last of events(response)) {
      if (last.event === "error") throw failureOf(500, last.data);
      yield last;
    }
  } catch (error) {
    if (error instanceof Failure || error.name === "AbortError") throw error;
    throw new Failure("interrupted"); // the connection, or half an event at its end
  }
  if (last?.event !== "answer") throw new Failure("interrupted");
}

export const search = (searched, signal) => receive("/v1/search", { method: "POST", json: searched, signal });
export const readiness = () => receive("/readyz");
export const suggestions = (lang) => receive(`/v1/suggestions?lang=${lang}`);
export const sources = () => receive("/v1/sources");
export const listArticles = (query, signal) => receive(`/v1/articles?${new URLSearchParams(query)}`, { signal });
export const deleteArticle = (id) => receive(at(id), { method: "DELETE" });

// An article as it is now, with its digest. Fails as `unknown_article` where it is gone, and so does its digest alone.
export async function readArticle(id, signal) {
  const response = await send(at(id), { signal });
  return { ...(await bodyOf(response)), digest: response.headers.get("etag") };
}

export const digestOf = async (id) => (await send(at(id), { method: "HEAD" })).headers.get("etag");

// Sends a file: `onSent(share)` is told how much has gone out, `onOutcome(outcome)` what became of each article in it.
export function sendFile(path, { body, type, onSent, onOutcome }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much has gone out
    let read = 0;
    const takeLines = (end) => {
      const whole = request.status === 200 ? request.responseText.slice(read, end).split("\n") : [];
      const rest = end === undefined ? "" : whole.pop();
      read = request.responseText.length - (rest?.length ?? 0);
      for (const line of whole) if (line.trim()) onOutcome(JSON.parse(line));
    };
    request.open("POST", path);
    request.setRequestHeader("Content-Type", type);
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => onSent(total ? loaded / total : 1));
    request.addEventListener("progress", () => takeLines(request.responseText.length));
    request.addEventListener("error", () => reject(new Failure("offline")));
    request.addEventListener("load", () => {
      if (request.status !== 200) return reject(failureOf(request.status, parsed(request.responseText)));
      takeLines();
      return resolve();
    });
    request.send(body);
  });
}

const at = (id) => `/v1/articles/${encodeURIComponent(id)}`;

const receive = async (path, options) => bodyOf(await send(path, options));

async function bodyOf(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure("offline");
  }
}

async function send(path, { method = "GET", json, body, type, signal } = {}) {
  const headers = authorization();
  if (json) headers["Content-Type"] = "application/json";
  if (type) headers["Content-Type"] = type;
  let response;
  try {
    response = await fetch(path, { method, signal, headers, body: json ? JSON.stringify(json) : body });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure("offline");
  }
  if (response.ok) return response;
  throw failureOf(response.status, await response.json().catch(() => null), response.headers);
}

// A key of other characters cannot be sent: it is as if there were none.
function authorization() {
  const key = held("key");
  return /^[!-~]+$/.test(key ?? "") ? { Authorization: `Bearer ${key}` } : {};
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function failureOf(status, body, headers) {
  const { type, message, request_id: requestId } = body?.error ?? {};
  const kind = TYPES.includes(type) ? type : (KINDS[status] ?? (status === 404 ? "unknown_article" : status < 500 ? "refused" : "failed"));
  return new Failure(kind, {
    message,
    requestId: requestId ?? headers?.get("x-request-id"),
    retryAfterS: Number(headers?.get("retry-after")) || null,
  });
}
