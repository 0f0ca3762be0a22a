// The jobs as a live timeline, and what can be done to one of them.

import { JobDetails } from "./job.js";
import { byId, button, el, fill, memory, say } from "./dom.js";
import { phaseOf, short, statusesText } from "./format.js";
import { List } from "./list.js";
import { Scale } from "./scale.js";
import { colours, drawAxis, drawLanes, markText, prepared, shape } from "./timeline.js";

const AXIS_HEIGHT = 26;
const NARROW = 640;
const LABEL = 236;
const KEYS = {
  "+": (jobs) => jobs.zoom(0.6), "=": (jobs) => jobs.zoom(0.6), "-": (jobs) => jobs.zoom(1 / 0.6),
  ArrowLeft: (jobs) => jobs.pan(-60), ArrowRight: (jobs) => jobs.pan(60), 0: (jobs) => jobs.setMode("auto"),
  f: (jobs) => jobs.setMode(jobs.scale.mode === "follow" ? "auto" : "follow"), x: (jobs) => jobs.nextAxis(),
};
const LEGEND = [
  ["good", "2xx"], ["nothing", "204"], ["refused", "4xx"], ["broken", "5xx"], ["cut", "cut, or left"],
];

export class Jobs {
  /** `open(exchange)` shows an exchange, `list(job)` those of a job. */
  constructor(world, { open, list }) {
    this.world = world;
    this.scale = new Scale();
    this.wantedAxis = memory.get("axis") ?? "auto";
    this.details = new JobDetails(world, { open, list });
    this.lanes = new List({
      name: "lanes", label: "Jobs, the newest first", height: 40, key: (job) => job.id,
      row: (job) => this.row(job), say: (job) => this.said(job),
      onselect: (job, isByHand) => this.selected(job, isByHand),
      onopen: () => this.details.focus(), onscroll: () => this.paint(),
    });
    this.build(open);
    world.addEventListener("jobs", () => this.refresh());
    world.addEventListener("exchanges", () => this.refresh());
    world.addEventListener("state", () => this.refresh());
    this.beat();
  }

  build(open) {
    this.canvas = el("canvas", { class: "lanes-canvas", "aria-hidden": "true" });
    this.lanes.element.prepend(this.canvas);
    this.axis = el("canvas", { class: "axis", "aria-hidden": "true" });
    this.note = el("p", { class: "footnote", role: "status" });
    this.filter = el("input", {
      type: "search", class: "filter", placeholder: "Filter: id, program, owner, tag, status", "aria-label": "Filter jobs",
      spellcheck: "false", oninput: () => this.refresh(),
    });
    this.axisChoice = el(
      "select", { "aria-label": "Axis", onchange: (event) => this.setAxis(event.target.value) },
      el("option", { value: "auto" }, "Axis: as fits"), el("option", { value: "time" }, "Axis: time"),
      el("option", { value: "order" }, "Axis: order of requests"),
    );
    this.axisChoice.value = this.wantedAxis;
    this.modes = el(
      "span", { class: "segments", role: "group", "aria-label": "What the timeline shows" },
      button("All", () => this.setMode("auto"), { dataset: { mode: "auto" }, title: "All of the jobs that are seen (0)" }),
      button("Follow", () => this.setMode("follow"), { dataset: { mode: "follow" }, title: "Stay at now (f)" }),
      button("−", () => this.zoom(1 / 0.6), { "aria-label": "Zoom out", title: "Zoom out (-)" }),
      button("+", () => this.zoom(0.6), { "aria-label": "Zoom in", title: "Zoom in (+)" }),
    );
    this.legend = el("ul", { class: "legend", "aria-label": "What the marks mean" });
    this.empty = el("div", { class: "empty", hidden: true });
    this.board = el("div", { class: "board" }, this.axis, this.lanes.element, this.empty);
    fill(
      byId("panel-jobs"),
      el("div", { class: "tools" }, this.filter, this.axisChoice, this.modes, this.legend),
      el("div", { class: "split" }, el("div", { class: "main-side" }, this.board, this.note), this.details.element),
    );
    this.listen(open);
    this.recolour();
  }

  listen(open) {
    const { element } = this.lanes;
    element.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
      KEYS[event.key](this);
      event.preventDefault();
      event.stopPropagation();
    });
    element.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    this.axis.addEventListener("wheel", (event) => this.wheeled(event, true), { passive: false });
    element.addEventListener("pointerdown", (event) => this.grabbed(event));
    element.addEventListener("pointermove", (event) => this.pointed(event));
    element.addEventListener("pointerleave", () => this.tip(null));
    element.addEventListener("click", (event) => {
      const mark = this.hit(event);
      if (mark && !this.wasDragged) {
        this.mark = String(mark.exchanges.at(-1).number);
        open(mark.exchanges.at(-1), { stay: true });
      }
    });
    new ResizeObserver(() => this.refresh()).observe(this.board);
  }

  recolour() {
    this.palette = colours();
    fill(this.legend, LEGEND.map(([kind, text]) => {
      const canvas = el("canvas", { "aria-hidden": "true" });
      shape(prepared(canvas, 16, 16), 8, 8, kind, this.palette);
      return el("li", {}, canvas, text);
    }), el("li", { class: "phase queued" }, "queued"), el("li", { class: "phase running" }, "running"));
    this.paint();
  }

  /** While the fake's clock goes, the timeline does. */
  beat() {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    setTimeout(() => {
      if (!document.hidden && this.world.state?.clock.manual === false && this.board.offsetParent) this.paint();
      this.beat();
    }, isStill ? 1000 : 120);
  }

  get isNarrow() { return this.lanes.element.clientWidth < NARROW; }

  row(job) {
    const phase = phaseOf(job.status);
    return el(
      "span", { class: "lane-label" },
      el("span", { class: "mono lane-id", title: job.id }, short(job.id, 26)),
      el("span", { class: "lane-program" },
        el("b", { class: `phase-word ${phase}` }, String(job.status ?? "?")), ` ${[job.program, job.backend].filter(Boolean).join(" · ")}`),
    );
  }

  /** What is seen on a lane, in words. */
  said(job) {
    const marks = this.world.byJob.get(job.id) ?? [];
    const what = [`Job ${job.id}`, job.status, job.program, job.backend && `on ${job.backend}`].filter(Boolean).join(", ");
    return `${what}. ${marks.length ? `Answers: ${statusesText(marks)}` : "No exchanges"}`;
  }

  refresh() {
    const { world } = this;
    const wanted = this.filter.value.trim().toLowerCase();
    const jobs = wanted ? world.jobs.filter((job) => matches(job, wanted)) : world.jobs;
    this.lanes.height = this.isNarrow ? 58 : 40;
    this.lanes.element.classList.toggle("narrow", this.isNarrow);
    this.lanes.show(jobs);
    const isEmpty = !jobs.length;
    this.empty.hidden = !isEmpty;
    this.lanes.element.hidden = isEmpty;
    this.axis.hidden = isEmpty;
    if (isEmpty) this.explain(wanted);
    const hidden = world.jobsCount - world.jobs.length;
    say(this.note, [
      hidden > 0 && `Shown are the newest ${world.jobs.length} of ${world.jobsCount} jobs.`,
      world.missing > 0 && `${world.missing} more exchanges are not loaded.`,
    ].filter(Boolean).join(" "));
    this.note.hidden = !this.note.textContent;
    this.details.show(world.jobs.find((job) => job.id === this.lanes.selected) ?? null);
    this.paint();
  }

  explain(wanted) {
    const key = wanted ? "filtered" : this.world.state ? "none" : "waiting";
    if (this.empty.dataset.why === key) return;
    this.empty.dataset.why = key;
    if (key === "waiting") fill(this.empty, el("p", {}, "Waiting for the server …"));
    else if (key === "filtered") fill(this.empty, el("p", {}, "No job fits the filter."), button("Show all", () => { this.filter.value = ""; this.refresh(); }));
    else fill(
      this.empty,
      el("h2", {}, "No jobs yet"),
      el("p", {}, "Point a client at this server and submit one. Each job gets a lane here, and each request about it a mark on the lane."),
      el("pre", { class: "mono" }, this.world.url),
      el("p", { class: "hint" }, "How jobs unfold is set under World; what goes wrong on purpose, under Faults."),
    );
  }

  selected(job, isByHand) {
    if (isByHand) this.mark = null;
    this.details.show(job);
    this.paint();
    this.onselected?.(job);
  }

  select(id) {
    this.lanes.select(id);
    this.lanes.reveal();
  }

  setAxis(axis) {
    this.wantedAxis = axis;
    this.axisChoice.value = axis;
    memory.set("axis", axis);
    this.scale.mode = "auto";
    this.paint();
  }

  nextAxis() { this.setAxis(this.scale.axis === "time" ? "order" : "time"); }

  setMode(mode) {
    if (mode === "follow") this.scale.follow();
    else this.scale.mode = mode;
    this.paint();
  }

  zoom(factor, x) {
    this.scale.zoom(factor, x);
    this.paint();
  }

  pan(pixels) {
    this.scale.pan(pixels);
    this.paint();
  }

  /** By time, or by order where time says nothing: jobs measured in polls end in the instant they began. */
  axisNow() {
    if (this.wantedAxis !== "auto") return this.wantedAxis;
    const jobs = this.world.jobs.slice(0, 60);
    const instant = jobs.filter((job) => {
      const marks = this.world.byJob.get(job.id);
      return marks?.length > 1 && marks.at(-1).at - marks[0].at < 0.05;
    });
    const many = jobs.filter((job) => (this.world.byJob.get(job.id)?.length ?? 0) > 1);
    return many.length && instant.length * 2 > many.length ? "order" : "time";
  }

  paint() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const { element, items, height: rowHeight } = this.lanes;
    const { clientWidth: width, clientHeight: height, scrollTop } = element;
    for (const mode of this.modes.querySelectorAll("[data-mode]")) mode.setAttribute("aria-pressed", String(mode.dataset.mode === this.scale.mode));
    if (!items.length || !width || !this.world.state) return;
    const now = this.world.now();
    this.scale.left = this.isNarrow ? 6 : LABEL;
    this.scale.width = Math.max(40, width - this.scale.left - 8);
    const axis = this.axisNow();
    if (axis !== this.scale.axis) Object.assign(this.scale, { axis, mode: "auto" });
    const [first, last] = this.lanes.range(0);
    const middle = this.isNarrow ? rowHeight - 18 : rowHeight / 2;
    const lanes = items.slice(first, last).map((job, index) => ({
      job, marks: this.world.byJob.get(job.id) ?? [], y: (first + index) * rowHeight - scrollTop + middle,
    }));
    this.scale.fit(lanes, this.ofJobs(), now);
    drawAxis(prepared(this.axis, width, AXIS_HEIGHT), this.scale, AXIS_HEIGHT, this.palette);
    const context = prepared(this.canvas, width, height);
    this.canvas.style.marginBottom = `${-height}px`;
    this.drawn = drawLanes(context, this.scale, { lanes, height, now, palette: this.palette, selected: this.mark });
    // What is drawn, for tests and for those who look with the browser's tools.
    this.board.dataset.axis = this.scale.axis;
    this.board.dataset.marks = String(this.drawn.length);
  }

  /** The exchanges that are about jobs, in order: the columns of the axis by order. */
  ofJobs() {
    const { exchanges } = this.world;
    const key = `${exchanges.length} ${exchanges.at(-1)?.number} ${exchanges[0]?.number}`;
    if (this.ofJobsKey !== key || this.ofJobsFrom !== exchanges) {
      this.ofJobsKey = key;
      this.ofJobsFrom = exchanges;
      this.ofJobsFound = exchanges.filter((exchange) => exchange.job);
    }
    return this.ofJobsFound;
  }

  place(event) {
    const box = this.lanes.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  hit(event) {
    const { x, y } = this.place(event);
    return this.drawn?.find((mark) => Math.abs(mark.x - x) < 9 && Math.abs(mark.y - y) < 12) ?? null;
  }

  pointed(event) {
    if (this.grip) {
      const moved = event.clientX - this.grip.x;
      if (!this.wasDragged && Math.abs(moved - 0) < 4) return;
      if (!this.wasDragged) this.lanes.element.setPointerCapture?.(event.pointerId);
      this.wasDragged = true;
      this.grip.x = event.clientX;
      this.pan(-moved);
      return;
    }
    const mark = this.hit(event);
    this.lanes.element.classList.toggle("on-mark", Boolean(mark));
    this.tip(mark, event);
  }

  grabbed(event) {
    if (event.button !== 0) return;
    this.wasDragged = false;
    if (this.place(event).x < this.scale.left) return;
    this.grip = { x: event.clientX };
    addEventListener("pointerup", () => { this.grip = null; }, { once: true });
    addEventListener("pointercancel", () => { this.grip = null; }, { once: true });
  }

  tip(mark, event) {
    const tip = byId("tip");
    tip.hidden = !mark;
    if (!mark) return;
    say(tip, markText(mark.exchanges));
    const { offsetWidth: wide, offsetHeight: high } = tip;
    tip.style.left = `${Math.max(6, Math.min(event.clientX + 12, innerWidth - wide - 6))}px`;
    tip.style.top = `${event.clientY + high + 22 > innerHeight ? event.clientY - high - 10 : event.clientY + 16}px`;
  }

  wheeled(event, onAxis = false) {
    if (event.ctrlKey || event.metaKey || (onAxis && !event.deltaX)) this.zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, this.place(event).x);
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.pan(event.deltaX || event.deltaY);
    else return;
    event.preventDefault();
  }
}

function matches(job, wanted) {
  const said = [job.id, job.program, job.owner, job.user, job.backend, job.status, job.session, ...(job.tags ?? [])];
  return said.some((each) => String(each ?? "").toLowerCase().includes(wanted));
}
