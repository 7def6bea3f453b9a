// Makes elements. Text only ever becomes a text node, so nothing in an article or an answer can be markup.

// `attributes` may hold `on`: {event: listener}. Children that are null, undefined or false are left out.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") Object.entries(value).forEach(([event, listener]) => made.addEventListener(event, listener));
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const byId = (id) => document.getElementById(id);

// What finds `node` even after it was drawn anew: as the same one of the buttons and fields in what has an id around it.
export function finder(node) {
  const buttons = (home) => [...(home?.querySelectorAll("button, input, summary") ?? [])];
  const home = node?.closest("[id]");
  const place = buttons(home).indexOf(node);
  return () => (node?.isConnected ? node : home && buttons(byId(home.id))[place]);
}

export function button(attributes, onClick, ...children) {
  return element("button", { type: "button", ...attributes, on: { click: onClick, ...attributes.on } }, ...children);
}

// Pieces with a dot between, those that are missing left out.
export function dotted(...pieces) {
  return pieces.filter(Boolean).flatMap((piece, i) => (i ? [" · ", piece] : [piece]));
}

// An address that may be followed, or null: articles come from anywhere, so `javascript:` and its like are left out.
export function webAddress(url) {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol) ? url : null;
  } catch {
    return null;
  }
}

// Text cut to about `chars` at the end of a word.
export function clipped(text, chars) {
  if (text.length <= chars) return text;
  const cut = text.slice(0, chars + 1);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), chars - 30)).replace(/[\ud800-\udbff]$/, "").trimEnd()}…`;
}
