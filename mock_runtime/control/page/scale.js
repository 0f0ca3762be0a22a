// Where on the timeline something is: by the fake's time, or by the order of the exchanges.

const STEPS_S = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
  14400, 43200, 86400, 172800, 604800, 2592000,
];
const SHORTEST = { time: 0.02, order: 3 };
const LONGEST = { time: 86400 * 3650, order: 20000 };
const COLUMN = 10;

/** `axis` is "time" or "order"; `mode` is "auto" (all is seen), "follow" (now is seen) or "free" (as it was moved). */
export class Scale {
  constructor() {
    this.axis = "time";
    this.mode = "auto";
    this.from = 0;
    this.to = 10;
    this.width = 100;
    this.left = 0;
    this.order = new Map();
    this.window = { time: 60, order: 30 };
  }

  x(value) { return this.left + ((value - this.from) / (this.to - this.from)) * this.width; }

  value(x) { return this.from + ((x - this.left) / this.width) * (this.to - this.from); }

  /** Where an exchange is on this axis. */
  of(exchange) {
    return this.axis === "time" ? exchange.at + (exchange.seconds ?? 0) : (this.order.get(exchange.number) ?? 0) + 0.5;
  }

  /** Set the axis after what there is: `lanes` are those that are seen, `exchanges` all that are about jobs. */
  fit(lanes, exchanges, now) {
    if (this.axis === "order") this.fitOrder(lanes, exchanges);
    else this.fitTime(lanes, now);
  }

  fitOrder(lanes, exchanges) {
    if (this.orderedOf !== exchanges) {
      this.orderedOf = exchanges;
      this.order = new Map(exchanges.map((exchange, index) => [exchange.number, index]));
    }
    const all = exchanges.length;
    this.end = all;
    if (this.mode === "follow") {
      this.to = Math.max(all + 1, this.window.order);
      this.from = this.to - this.window.order;
    } else if (this.mode === "auto") {
      const places = lanes.flatMap(({ marks }) => (marks.length ? [marks[0], marks.at(-1)] : [])).map(({ number }) => this.order.get(number) ?? 0);
      const last = lanes.some(({ job }) => isOpen(job)) || !places.length ? all : most(places) + 1;
      const columns = Math.max(SHORTEST.order, Math.floor(this.width / COLUMN));
      this.from = Math.max(0, places.length ? least(places) : 0, last + 1 - columns);
      this.to = Math.max(last + 1, this.from + Math.min(columns, 12));
    }
  }

  fitTime(lanes, now) {
    this.end = now;
    if (this.mode === "follow") {
      this.to = now + this.window.time * 0.12;
      this.from = this.to - this.window.time;
    } else if (this.mode === "auto") {
      const jobs = lanes.map(({ job }) => job);
      const known = (values) => values.filter(Number.isFinite);
      const from = least([...known(jobs.map((job) => job.created_at)), Math.min(now, ...known(lanes.map(({ marks }) => marks[0]?.at)))]);
      const past = Math.max(now - from, 1);
      const to = jobs.some(isOpen)
        ? Math.min(most([now, ...known(jobs.flatMap((job) => [job.starts_at, job.ends_at]))]), now + Math.max(past, 10))
        : most([from, ...known(lanes.flatMap(({ job, marks }) => [job.ended_at, marks.at(-1)?.at]))]);
      // What is over stays as large as it is; now is seen as long as it is near.
      const end = to < now && now - to < (to - from) * 0.3 ? now : to;
      const margin = Math.max((end - from) * 0.03, 0.05);
      [this.from, this.to] = [from - margin, Math.max(end + margin, from + 2)];
    }
  }

  /** Make what is seen so many times as long, around a place. */
  zoom(factor, x = this.left + this.width / 2) {
    const length = this.to - this.from;
    const next = Math.min(Math.max(length * factor, SHORTEST[this.axis]), LONGEST[this.axis]);
    if (this.mode === "follow") {
      this.window[this.axis] = next;
      return;
    }
    const held = this.value(x);
    this.from = held - ((x - this.left) / this.width) * next;
    this.to = this.from + next;
    this.mode = "free";
  }

  /** Move by so many pixels. */
  pan(pixels) {
    const by = (pixels / this.width) * (this.to - this.from);
    this.from += by;
    this.to += by;
    this.mode = "free";
  }

  follow() {
    if (this.axis === "time") this.window.time = Math.min(Math.max(this.to - this.from, 5), 120);
    this.mode = "follow";
  }

  /** The lines of the axis: `[value, text]`. */
  ticks() {
    const most = Math.max(2, this.width / 110);
    if (this.axis === "order") {
      const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((each) => (this.to - this.from) / each <= most) ?? 5000;
      const ticks = [];
      for (let at = Math.ceil(Math.max(0, this.from) / step) * step; at < Math.min(this.to, this.end); at += step) {
        const exchange = this.orderedOf[at];
        if (exchange) ticks.push([at + 0.5, `#${exchange.number}`]);
      }
      return ticks;
    }
    const step = STEPS_S.find((each) => (this.to - this.from) / each <= most) ?? STEPS_S.at(-1);
    const ticks = [];
    for (let count = Math.ceil(this.from / step); count * step < this.to; count += 1) ticks.push([count * step, tickText(count * step, step)]);
    return ticks;
  }
}

function tickText(seconds, step) {
  const text = new Date(Math.max(0, Math.round(seconds * 1000))).toISOString();
  if (step >= 86400) return text.slice(0, 10);
  if (step >= 60) return text.slice(11, 16);
  return text.slice(11, step >= 1 ? 19 : 23);
}

const isOpen = (job) => job.ended_at === null || job.ended_at === undefined;
const least = (values) => values.reduce((one, other) => Math.min(one, other));
const most = (values) => values.reduce((one, other) => Math.max(one, other));
