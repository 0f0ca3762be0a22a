// The keys of the page, in one table: what they do, and how they are explained.

import { ask, button, el, memory } from "./dom.js";

/** `bindings` are `[key, what it does, function]`; those without a function are explained only. */
export class Keys {
  constructor(bindings) {
    this.bindings = bindings;
    this.isOn = memory.get("keys") !== "off";
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const { target } = event;
    if (event.key === "Escape" && target.matches("input, textarea, select")) {
      target.blur();
      return;
    }
    if (target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    if (!this.isOn && event.key !== "?") return;
    const found = this.bindings.find(([key, , does]) => key === event.key && does);
    if (!found) return;
    event.preventDefault();
    found[2]();
  }

  /** Show them all. They can be switched off, for who speaks to the browser instead of typing. */
  async show() {
    await ask("Keys", (close) => {
      const on = el("input", { type: "checkbox", id: "keys-on", checked: this.isOn });
      on.addEventListener("change", () => {
        this.isOn = on.checked;
        memory.set("keys", on.checked ? "on" : "off");
      });
      return [
        el("dl", { class: "keys" }, this.bindings.map(([key, what]) => [el("dt", {}, key.split(" ").map((each) => el("kbd", {}, each))), el("dd", {}, what)])),
        el("label", { class: "check", for: "keys-on" }, on, "Single keys do something (? always does)"),
        el("div", { class: "row end" }, button("Close", () => close(null), { class: "primary", autofocus: true })),
      ];
    }, "wide");
  }
}
