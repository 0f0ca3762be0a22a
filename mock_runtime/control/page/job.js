// One job: what is known of it, what can be done to it, and what was asked about it.

import { askText, button, copy, el, fill, toast } from "./dom.js";
import { clockTime, isFinal, kindOf, length, phaseOf, statusText } from "./format.js";

const MOST_MARKS = 200;

const EVENTS = [
  ["finish", "Finish", "It completes now", "open"],
  ["fail", "Fail …", "It fails now, for a reason", "open"],
  ["cancel", "Cancel", "It is cancelled now", "open"],
  ["requeue", "Requeue", "Back from running into the queue", "open"],
  ["withhold-result", "End without result", "It completes, but no result will be there", "open"],
  ["lose-result", "Lose result", "What it computed is gone", "final"],
];

export class JobDetails {
  constructor(world, { open, list }) {
    Object.assign(this, { world, open, list });
    this.parts = ["top", "facts-part", "marks"].map((name) => el("div", { class: name }));
    this.keys = [];
    this.none = el("p", { class: "empty small" }, "Select a job to see it closely, and to finish, fail or cancel it.");
    this.element = el("aside", { class: "details", "aria-label": "The selected job", tabindex: "-1" }, this.none, this.parts);
    this.show(null);
  }

  focus() { this.element.querySelector("button")?.focus(); }

  /** Draw again what has changed, and nothing else: a button that is being pressed has to stay where it is. */
  show(job) {
    this.none.hidden = Boolean(job);
    for (const part of this.parts) part.hidden = !job;
    if (!job) return;
    const marks = this.world.byJob.get(job.id) ?? [];
    const { id, status, number } = job;
    this.draw(0, JSON.stringify([id, status, number]), () => [this.head(job), this.actions(job)]);
    this.draw(1, JSON.stringify(job), () => this.facts(job));
    this.draw(2, JSON.stringify([id, marks.length, marks.at(-1)?.number]), () => this.marks(job, marks));
  }

  draw(index, key, build) {
    if (this.keys[index] === key) return;
    this.keys[index] = key;
    const part = this.parts[index];
    const held = part.contains(document.activeElement) ? document.activeElement.dataset.does : null;
    fill(part, build());
    if (held) (part.querySelector(`[data-does="${held}"]:not(:disabled)`) ?? this.element).focus();
  }

  head(job) {
    return el(
      "header", { class: "details-head" },
      el("h2", {}, `Job ${job.number ? `#${job.number}` : ""}`, " ", el("span", { class: `chip ${phaseOf(job.status)}` }, String(job.status))),
      el("div", { class: "row" }, el("code", { class: "mono id" }, job.id), button("Copy", () => copy(job.id, "Id"), { class: "quiet small", dataset: { does: "copy" }, "aria-label": "Copy the id" })),
    );
  }

  actions(job) {
    const final = isFinal(job.status);
    return el(
      "div", { class: "row actions", role: "group", "aria-label": "What happens to the job" },
      EVENTS.filter(([, , , when]) => (when === "final") === final).map(([event, text, title]) => button(text, () => this.happen(job, event), {
        title, dataset: { does: event }, class: event === "fail" || event === "cancel" ? "danger-ish" : "",
      })),
      !final && button("▸ until it runs", () => this.until(job, "running"), { title: "Advance the clock to when it runs", dataset: { does: "until-running" }, disabled: phaseOf(job.status) === "running" }),
      !final && button("▸▸ until it is over", () => this.until(job, "final"), { title: "Advance the clock to its end (u)", dataset: { does: "until-final" } }),
    );
  }

  async happen(job, event) {
    const body = { event };
    if (event === "fail") {
      const reason = await askText("Fail the job", "Reason", { value: "Something broke on purpose", action: "Fail it", hint: "What the job's owner is told.", required: false });
      if (reason === null) return;
      if (reason) body.reason = reason;
    }
    const done = await this.world.act((api) => api.post(`jobs/${encodeURIComponent(job.id)}/events`, body));
    if (done) toast(`Job ${job.number ? `#${job.number}` : job.id}: ${event} done.`);
  }

  async until(job, status) {
    const done = await this.world.act((api) => api.post("clock", { until: { job: job.id, status }, at_most: "30d" }));
    if (done) toast(`It is ${clockTime(done.now, { millis: false })} now, and the job is ${done.job?.status ?? status}.`);
  }

  facts(job) {
    const ended = job.ended_at ?? null;
    const rows = [
      ["Program", job.program], ["Backend", job.backend], ["Owner", job.owner], ["User", job.user === job.owner ? null : job.user], ["Session", job.session],
      ["Tags", (job.tags ?? []).join(", ")], ["Private", job.private ? "yes" : null],
      ["Created", clockTime(job.created_at, { day: true })],
      [job.started_at ? "Started" : "Starts", moment(job.started_at ?? (ended ? null : job.starts_at), job.created_at)],
      [ended ? "Ended" : "Ends", moment(ended ?? job.ends_at, job.created_at)],
      ["Polls", (job.polls?.results || job.polls?.status) && `${job.polls.results ?? 0} for results, ${job.polls.status ?? 0} for its status`],
    ];
    return el("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))]));
  }

  marks(job, marks) {
    const shown = marks.slice(-MOST_MARKS);
    return [
      el("h3", {}, `Exchanges (${marks.length})`),
      marks.length ? null : el("p", { class: "hint" }, "Nobody asked about it yet."),
      shown.length < marks.length && el("p", { class: "hint" }, `The last ${shown.length} of them:`),
      el("ol", { class: "strip" }, shown.map((exchange) => el("li", {}, this.mark(job, exchange)))),
      marks.length > 0 && button("In the list of exchanges", () => this.list(job), { class: "quiet", dataset: { does: "list" } }),
    ];
  }

  mark(job, exchange) {
    const isFault = exchange.faults?.length > 0;
    const asked = exchange.operation ?? exchange.method;
    return button(exchange.cut ? `${statusText(exchange)} cut` : statusText(exchange), () => this.open(exchange), {
      class: `mark ${kindOf(exchange)}${isFault ? " flagged" : ""}`, dataset: { does: `mark-${exchange.number}` },
      "aria-label": `Exchange ${exchange.number}, ${asked}, ${statusText(exchange)}${isFault ? ", by a fault" : ""}`,
      title: `${asked} after ${length(exchange.at - job.created_at)}`,
    });
  }
}

const moment = (instant, since) => (Number.isFinite(instant) ? `${clockTime(instant)} (after ${length(instant - since)})` : null);
