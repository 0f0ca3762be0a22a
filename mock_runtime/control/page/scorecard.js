// What an operator would say of the clients, in words.

import { byId, button, el, fill, say } from "./dom.js";

const LEAST_MS = 5000;
const WORDS = { complaint: "Complaint", warning: "Warning", note: "Note" };

export class Scorecard {
  constructor(world, { open, list }) {
    Object.assign(this, { world, open, list });
    this.caller = el("select", { "aria-label": "Whose", onchange: () => this.shown() }, el("option", { value: "" }, "All callers"));
    this.verdict = el("p", { class: "verdict", role: "status" });
    this.body = el("div", { class: "stack" });
    this.patience = LEAST_MS;
    world.addEventListener("exchanges", () => this.later());
    fill(byId("panel-scorecard"), el("div", { class: "page" },
      el("div", { class: "tools" }, this.caller, button("Look again", () => this.shown()), this.verdict), this.body));
  }

  /** Look again by itself while it is seen; the verdict is then read aloud. The dearer it is, the more seldom. */
  later() {
    if (this.timer || !this.isSeen) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.isSeen) this.shown();
    }, this.patience);
  }

  get isSeen() { return this.verdict.getClientRects().length > 0 && !document.hidden; }

  async shown() {
    const caller = this.caller.value;
    const begun = performance.now();
    try {
      this.draw(await this.world.api.get("scorecard", { caller }));
      this.patience = Math.max(LEAST_MS, 10 * (performance.now() - begun));
    } catch (error) {
      if (error.status === undefined) throw error;
      this.world.ontrouble(error);
    }
  }

  draw(card) {
    const { findings = [], marks = [], callers = [] } = card;
    if (!this.caller.value) fill(this.caller, el("option", { value: "" }, "All callers"), callers.map((name) => el("option", { value: name }, name)));
    const complaints = findings.filter(({ severity }) => severity === "complaint").length;
    say(this.verdict, !card.exchanges ? "" : findings.length
      ? `${complaints} ${complaints === 1 ? "complaint" : "complaints"} and ${findings.length - complaints} smaller ${findings.length - complaints === 1 ? "finding" : "findings"} in ${card.exchanges} exchanges.`
      : `Nothing to complain about in ${card.exchanges} exchanges.`);
    if (!card.exchanges) {
      fill(this.body, el("div", { class: "empty" }, el("h2", {}, "Nothing to score yet"), el("p", {}, "Let a client work against this server. Then this says what an operator would say of it: how often it polls, whether it waits as it is told, what it asks twice.")));
      return;
    }
    fill(
      this.body,
      card.is_whole === false && el("p", { class: "hint" }, "The journal has forgotten older exchanges: nothing is said of them."),
      card.has_time === false && el("p", { class: "hint" }, "The clock stood still: nothing is said of pauses."),
      el("ul", { class: "findings", "aria-label": "Findings" }, findings.map((finding) => this.finding(finding))),
      marks.length > 0 && el("section", { class: "card" }, el("h2", {}, "Done well"),
        el("ul", { class: "good" }, marks.map((mark) => el("li", {}, `${mark.sentence}`, mark.caller && callers.length > 1 && el("span", { class: "hint" }, ` ${mark.caller}`))))),
    );
  }

  finding(finding) {
    const numbers = finding.numbers ?? [];
    return el(
      "li", { class: `card finding ${finding.severity}` },
      el("header", { class: "row between" },
        el("h3", {}, el("span", { class: `severity ${finding.severity}` }, WORDS[finding.severity] ?? finding.severity), " ", el("span", { class: "mono hint" }, finding.rule)),
        finding.caller && el("span", { class: "hint" }, finding.caller)),
      el("p", {}, finding.sentence),
      finding.advice && el("p", { class: "advice" }, finding.advice),
      numbers.length > 0 && el("p", { class: "evidence" }, "Exchanges ", numbers.map((number) => button(`#${number}`, () => this.open({ number }), { class: "quiet small" })), finding.count > numbers.length && el("span", { class: "hint" }, ` and ${finding.count - numbers.length} more`)),
    );
  }
}
