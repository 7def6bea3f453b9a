// What the browser remembers: preferences for ever, a conversation and a key until the tab closes. Storage may be
// forbidden or full; then nothing outlives the page.

const PREFIX = "sourcier.";

export const remembered = (name) => read("localStorage", name);
export const remember = (name, value) => write("localStorage", name, value);
export const held = (name) => read("sessionStorage", name);
export const hold = (name, value) => write("sessionStorage", name, value);

function read(storage, name) {
  try {
    return JSON.parse(window[storage].getItem(PREFIX + name));
  } catch {
    return null;
  }
}

function write(storage, name, value) {
  try {
    if (value === null) window[storage].removeItem(PREFIX + name);
    else window[storage].setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // it then lasts as long as the page
  }
}
