// What the browser remembers: preferences for ever, a conversation and a key until the tab closes. Storage may be
// forbidden or full; then nothing outlives the page.

const PREFIX = "sourcier.";
const unstored = new Map();

export const remembered = (name) => read("localStorage", name);
export const remember = (name, value) => write("localStorage", name, value);
export const held = (name) => read("sessionStorage", name);
export const hold = (name, value) => write("sessionStorage", name, value);

function read(storage, name) {
  if (unstored.has(name)) return unstored.get(name);
  try {
    return JSON.parse(window[storage].getItem(PREFIX + name));
  } catch {
    return null;
  }
}

function write(storage, name, value) {
  unstored.delete(name);
  try {
    if (value === null) window[storage].removeItem(PREFIX + name);
    else window[storage].setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    unstored.set(name, value);
  }
}
