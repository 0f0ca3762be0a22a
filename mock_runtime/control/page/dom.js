// Elements without HTML: whatever a stranger wrote becomes text, and never markup.

/** An element with attributes, properties (`on*` are listeners) and children; null and false children are left out. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A button that says what it does. */
export function button(text, onclick, attributes = {}) {
  return el("button", { type: "button", onclick, ...attributes }, text);
}

/** Put children in place of those that are there. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
}

export const byId = (id) => document.getElementById(id);

/** Set a text, if it is another one: screen readers say again what is set again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Tell a person what happened: seen for some seconds, and read aloud. */
export function toast(text, kind = "note") {
  const log = byId("toasts");
  const line = el("p", { class: `toast ${kind}` }, text);
  log.append(line);
  while (log.children.length > 4) log.firstElementChild.remove();
  setTimeout(() => line.remove(), kind === "error" ? 9000 : 3500);
}

/**
 * Ask in a dialog. `build(close)` gives what is in it; `close(value)` ends it.
 * The answer is a promise of that value, null if it was left with Escape.
 */
export function ask(title, build, kind = "") {
  return new Promise((resolve) => {
    const close = (value) => {
      dialog.returned = value;
      dialog.close();
    };
    const dialog = el("dialog", { "aria-labelledby": "dialog-title", class: kind }, el("h2", { id: "dialog-title" }, title));
    dialog.returned = null;
    dialog.append(...[build(close)].flat(Infinity));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returned);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Ask for one line of text; null if there was none. */
export function askText(title, label, { value = "", type = "text", action = "OK", hint = "", required = true } = {}) {
  return ask(title, (close) => {
    const input = el("input", { id: "asked", type, required, autocomplete: "off", spellcheck: "false" });
    input.value = value;
    return el(
      "form",
      { class: "form", onsubmit: (event) => { event.preventDefault(); close(input.value); } },
      el("label", { for: "asked" }, label),
      input,
      hint && el("p", { class: "hint" }, hint),
      el("div", { class: "row end" }, button("Cancel", () => close(null)), el("button", { class: "primary" }, action)),
    );
  });
}

/** Ask before something that cannot be taken back. */
export function askSure(title, sentence, action) {
  return ask(title, (close) => [
    el("p", {}, sentence),
    el("div", { class: "row end" }, button("Cancel", () => close(null)), button(action, () => close(true), { class: "danger", autofocus: true })),
  ]);
}

/** Put a text on the clipboard, and tell so. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied.`);
  } catch {
    // Without TLS a browser may have no clipboard for pages; a field to copy from is the next best.
    await ask(`Copy ${what}`, (close) => {
      const field = el("textarea", { class: "mono", rows: "8", readonly: true, "aria-label": what });
      field.value = text;
      return [field, el("div", { class: "row end" }, button("Close", () => close(null)))];
    });
  }
}

/** Give a text to the browser as a file to keep. */
export function download(text, name, type) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** What is remembered for next time; a browser may forbid it. */
export const memory = {
  get(key) {
    try { return localStorage.getItem(`mock-runtime-${key}`); } catch { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(`mock-runtime-${key}`, value); } catch { /* then it is not remembered */ }
  },
};
