// A long list of which only what is seen is there: one stop for Tab, arrow keys within, and a line of fixed height each.

import { el } from "./dom.js";

export class List {
  /**
   * `row(item)` gives what is in a line, `label(item)` what a screen reader says of it, `key(item)` who it is;
   * `onselect(item)` is called when another line is selected, `onopen(item)` on Enter.
   */
  constructor({ label, height, row, key, say, onselect = () => {}, onopen = () => {}, onscroll = () => {}, name }) {
    Object.assign(this, { height, row, key, say, onselect, onopen, onscroll, name });
    this.items = [];
    this.selected = null;
    this.space = el("div", { class: "list-space", role: "presentation" });
    this.element = el("div", { class: `list ${name}`, role: "listbox", tabindex: "0", "aria-label": label }, this.space);
    this.element.addEventListener("scroll", () => this.later(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.pressed(event));
    this.lines = new Map();
    this.element.addEventListener("click", (event) => {
      const item = this.items[Math.floor((event.clientY - this.space.getBoundingClientRect().top) / this.height)];
      if (item && event.clientY >= this.space.getBoundingClientRect().top) this.select(this.key(item), { isByHand: true });
    });
    new ResizeObserver(() => this.later()).observe(this.element);
  }

  show(items) {
    this.items = items;
    this.later();
  }

  later() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  /** The first and the last line that is seen, and those just beyond. */
  range(beyond = 4) {
    const top = this.element.scrollTop;
    const first = Math.max(0, Math.floor(top / this.height) - beyond);
    const last = Math.min(this.items.length, Math.ceil((top + this.element.clientHeight) / this.height) + beyond);
    return [first, last];
  }

  draw() {
    if (!this.element.isConnected || this.element.clientHeight === 0) return;
    this.space.style.height = `${this.items.length * this.height}px`;
    const [first, last] = this.range();
    const lines = new Map();
    for (let index = first; index < last; index += 1) lines.set(index, this.line(this.items[index], index));
    for (const [index, { line }] of this.lines) if (lines.get(index)?.line !== line) line.remove();
    let before = null;
    for (const { line } of lines.values()) {
      if (!line.isConnected && before) before.after(line);
      else if (!line.isConnected) this.space.prepend(line);
      before = line;
    }
    this.lines = lines;
    const active = this.index();
    if (active >= first && active < last) this.element.setAttribute("aria-activedescendant", this.idOf(active));
    else this.element.removeAttribute("aria-activedescendant");
    this.onscroll();
  }

  /** The line of an item, the one that is there if it says the same: it may be what is being pressed. */
  line(item, index) {
    const key = this.key(item);
    const said = JSON.stringify([key, key === this.selected, this.items.length, this.height, this.say(item)]);
    const there = this.lines.get(index);
    if (there?.said === said) return there;
    const line = el(
      "div",
      {
        class: "line", role: "option", id: this.idOf(index), "aria-selected": String(key === this.selected),
        "aria-setsize": this.items.length, "aria-posinset": index + 1, "aria-label": this.say(item), dataset: { key },
      },
      this.row(item),
    );
    line.style.top = `${index * this.height}px`;
    line.style.height = `${this.height}px`;
    return { said, line };
  }

  idOf(index) { return `${this.name}-${index}`; }

  index() { return this.selected === null ? -1 : this.items.findIndex((item) => this.key(item) === this.selected); }

  get item() { return this.items[this.index()] ?? null; }

  select(key, { isByHand = false } = {}) {
    const isOther = this.selected !== key;
    this.selected = key;
    if (isByHand && isOther) this.reveal();
    this.later();
    if (isOther) this.onselect(this.item, isByHand);
  }

  reveal() {
    const index = this.index();
    if (index < 0) return;
    const top = index * this.height;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) this.element.scrollTop = top + this.height - clientHeight;
  }

  /** Select the line so many lines further. */
  step(count) {
    if (!this.items.length) return;
    const now = this.index();
    const next = now < 0 ? 0 : Math.min(Math.max(now + count, 0), this.items.length - 1);
    this.select(this.key(this.items[next]), { isByHand: true });
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.height) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) this.step(steps[event.key]);
    else if (event.key === "Enter" && this.item) this.onopen(this.item);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
