// Talks to the service. Every failure becomes a `Failure` of a kind that the page has words for.

export class Failure extends Error {
  constructor(kind, { message = "", requestId = null } = {}) {
    super(message);
    this.kind = kind;
    this.requestId = requestId;
  }
}

export const ask = (question, signal) => request("/v1/ask", { method: "POST", body: question, signal });

export const readArticle = (articleId, signal) => request(`/v1/articles/${encodeURIComponent(articleId)}`, { signal });

export const readiness = () => request("/readyz", {});

async function request(path, { method = "GET", body, signal }) {
  let response;
  try {
    response = await fetch(path, {
      method,
      signal,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body && JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure("offline");
  }
  const value = await response.json().catch(() => null);
  if (response.ok && value) return value;
  throw new Failure(kindOf(response.status, value?.error?.type), {
    message: value?.error?.message,
    requestId: value?.error?.request_id ?? response.headers.get("x-request-id"),
  });
}

function kindOf(status, type) {
  if (["loading", "overloaded", "unknown_article"].includes(type)) return type;
  return status >= 400 && status < 500 ? "refused" : "failed";
}
