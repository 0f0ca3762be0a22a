// What is drawn beside the jobs: a lane each, with what it was doing, and a mark for each exchange about it.

import { clockTime, isFinal, kindOf, length, phaseOf, statusText } from "./format.js";

const COLOURS = [
  "text", "muted", "line", "accent", "queued", "running", "completed", "failed", "cancelled", "other", "good", "nothing",
  "refused", "broken", "moved", "cut", "surface", "flag",
];
const RADIUS = 5;
const NEAR = 9;
const COUNTED = 26;

/** The colours of the style sheet as a canvas wants them. */
export function colours() {
  const probe = document.createElement("i");
  document.body.append(probe);
  const found = Object.fromEntries(COLOURS.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  }));
  probe.remove();
  return found;
}

/** A canvas of so many pixels of the page, sharp on any screen; its context. */
export function prepared(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

export function drawAxis(context, scale, height, palette) {
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.fillStyle = palette.muted;
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  let free = -Infinity;
  for (const [value, text] of scale.ticks()) {
    const x = Math.round(scale.x(value)) + 0.5;
    if (x < scale.left) continue;
    line(context, x, height - 5, x, height);
    const wide = context.measureText(text).width;
    if (x - wide / 2 < free || x + wide / 2 > scale.left + scale.width || x - wide / 2 < scale.left) continue;
    context.fillText(text, x - wide / 2, height / 2 - 1);
    free = x + wide / 2 + 10;
  }
}

/**
 * Draw the lanes of some jobs: `lanes` are `{job, marks, y}` with the height of the middle of each.
 * The answer are the marks that were drawn, for the mouse: `{x, y, exchanges}`.
 */
export function drawLanes(context, scale, { lanes, height, now, palette, selected }) {
  context.save();
  context.beginPath();
  context.rect(scale.left, 0, scale.width, height);
  context.clip();
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.globalAlpha = 0.6;
  for (const [value] of scale.ticks()) {
    const x = Math.round(scale.x(value)) + 0.5;
    line(context, x, 0, x, height);
  }
  context.globalAlpha = 1;
  const drawn = [];
  for (const lane of lanes) {
    if (scale.axis === "time") drawSpans(context, scale, lane, now, palette);
    else drawSteps(context, scale, lane, palette);
    drawMarks(context, scale, lane, palette, drawn, selected);
  }
  const x = Math.round(scale.x(scale.end)) + 0.5;
  context.strokeStyle = palette.accent;
  context.lineWidth = 1.5;
  line(context, x, 0, x, height);
  context.restore();
  return drawn;
}

function drawSpans(context, scale, { job, y }, now, palette) {
  const ended = job.ended_at ?? null;
  const starts = job.started_at ?? (ended === null ? job.starts_at ?? null : null);
  const ends = ended ?? job.ends_at ?? null;
  const queuedTo = starts ?? ended ?? now;
  span(context, scale, [job.created_at, queuedTo], y, 4, palette.queued, now);
  if (starts !== null) span(context, scale, [starts, ends ?? Math.max(now, starts)], y, 16, palette.running, now);
  if (ended !== null && ended <= now) {
    context.fillStyle = palette[phaseOf(job.status)];
    context.fillRect(Math.round(scale.x(ended)) - 1, y - 11, 3, 22);
  }
}

/** A length of time on a lane: what has been is filled, what is to come is dashed. */
function span(context, scale, [from, to], y, thick, colour, now) {
  const [left, right] = clamped(scale, from, Math.min(to, now));
  if (right > left) {
    context.globalAlpha = thick > 8 ? 0.3 : 0.75;
    context.fillStyle = colour;
    box(context, left, y - thick / 2, Math.max(right - left, 1.5), thick);
    context.globalAlpha = 1;
  }
  if (to > now) {
    const [begin, end] = clamped(scale, Math.max(from, now), to);
    if (end <= begin) return;
    context.strokeStyle = colour;
    context.lineWidth = thick > 8 ? 1.2 : 2;
    context.setLineDash([4, 4]);
    if (thick > 8) context.strokeRect(begin, y - thick / 2 + 0.5, end - begin, thick - 1);
    else line(context, begin, y, end, y);
    context.setLineDash([]);
  }
}

/** Where the job stood between one exchange and the next; nobody knows when in between it moved on. */
function drawSteps(context, scale, { job, marks, y }, palette) {
  const isOver = job.ended_at !== null && job.ended_at !== undefined;
  marks.forEach((exchange, index) => {
    const next = marks[index + 1];
    const phase = phaseOf(next ? exchange.job_status ?? next.job_status : job.status);
    if (!next && isOver) return;
    const [left, right] = clamped(scale, scale.of(exchange), next ? scale.of(next) : scale.end);
    if (right <= left) return;
    const thick = phase === "running" ? 16 : phase === "queued" ? 4 : 2;
    context.globalAlpha = phase === "running" ? 0.3 : 0.75;
    context.fillStyle = palette[phase];
    context.fillRect(left, y - thick / 2, right - left, thick);
    context.globalAlpha = 1;
  });
  if (!isOver || !marks.length) return;
  const told = marks.find(({ job_status: status }) => isFinal(status));
  context.fillStyle = palette[phaseOf(job.status)];
  context.fillRect(Math.round(scale.x(told ? scale.of(told) - 0.45 : scale.of(marks.at(-1)) + 0.45)) - 1, y - 11, 3, 22);
}

function drawMarks(context, scale, { marks, y }, palette, drawn, selected) {
  let group = null;
  const flush = () => {
    if (!group) return;
    mark(context, group.x, y, group.exchanges, palette, group.exchanges.some(({ number }) => String(number) === selected));
    drawn.push({ x: group.x, y, exchanges: group.exchanges });
  };
  for (let index = firstAt(marks, scale); index < marks.length; index += 1) {
    const exchange = marks[index];
    const x = scale.x(scale.of(exchange));
    if (x > scale.left + scale.width + 20) break;
    // A number beside a mark needs room; others of its kind go in, and one of another kind is never hidden for that.
    const isAlike = group && group.exchanges.length > 1 && kindOf(exchange) === kindOf(group.exchanges.at(-1));
    if (group && x - group.x < (isAlike ? COUNTED : NEAR)) {
      group.exchanges.push(exchange);
      continue;
    }
    flush();
    group = { x, exchanges: [exchange] };
  }
  flush();
}

/** The first mark that may be seen; there may be thousands before it. Held back ones end out of order, hence the margin. */
function firstAt(marks, scale) {
  const from = scale.axis === "time" ? scale.value(scale.left - 20) : scale.from - 2;
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scale.of(marks[middle]) < from) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 8);
}

const WORST = ["broken", "cut", "refused", "good", "moved", "nothing"];

/** One exchange, or several that are too near to one another to be told apart. */
function mark(context, x, y, exchanges, palette, isSelected) {
  const kinds = exchanges.map(kindOf);
  const kind = WORST.find((each) => kinds.includes(each));
  if (isSelected) {
    context.strokeStyle = palette.accent;
    context.lineWidth = 2;
    circle(context, x, y, RADIUS + 4);
    context.stroke();
  }
  shape(context, x, y, kind, palette);
  if (exchanges.some((exchange) => exchange.faults?.length)) flag(context, x, y, palette);
  if (exchanges.length > 1) {
    context.font = "600 10px system-ui, sans-serif";
    context.fillStyle = palette.text;
    context.textBaseline = "alphabetic";
    context.fillText(`×${exchanges.length}`, x + RADIUS + 1, y - RADIUS + 1);
  }
}

/** Every kind has a form of its own, for those who see no difference in colour. */
export function shape(context, x, y, kind, palette) {
  context.fillStyle = palette[kind];
  context.strokeStyle = palette[kind];
  context.lineWidth = 2;
  if (kind === "nothing") {
    circle(context, x, y, RADIUS - 1);
    context.fillStyle = palette.surface;
    context.fill();
    context.stroke();
  } else if (kind === "broken") {
    context.fillRect(x - RADIUS, y - RADIUS, RADIUS * 2, RADIUS * 2);
  } else if (kind === "refused") {
    context.beginPath();
    context.moveTo(x, y - RADIUS - 1.5);
    context.lineTo(x + RADIUS + 1.5, y);
    context.lineTo(x, y + RADIUS + 1.5);
    context.lineTo(x - RADIUS - 1.5, y);
    context.fill();
  } else if (kind === "cut") {
    circle(context, x, y, RADIUS + 1);
    context.fillStyle = palette.surface;
    context.fill();
    line(context, x - 4, y - 4, x + 4, y + 4);
    line(context, x - 4, y + 4, x + 4, y - 4);
  } else {
    circle(context, x, y, RADIUS);
    context.fill();
  }
}

function flag(context, x, y, palette) {
  context.strokeStyle = palette.flag;
  context.fillStyle = palette.flag;
  context.lineWidth = 1.5;
  line(context, x, y - RADIUS, x, y - RADIUS - 9);
  context.beginPath();
  context.moveTo(x, y - RADIUS - 9);
  context.lineTo(x + 7, y - RADIUS - 6.5);
  context.lineTo(x, y - RADIUS - 4);
  context.fill();
}

function clamped(scale, from, to) {
  const edge = (value) => Math.min(Math.max(scale.x(value), scale.left - 10), scale.left + scale.width + 10);
  return [edge(from), edge(to)];
}

function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

function circle(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, Math.PI * 2);
}

function box(context, x, y, wide, high) {
  context.beginPath();
  context.roundRect(x, y, wide, high, Math.min(3, high / 2));
  context.fill();
}

/** What a mark says when it is pointed at. */
export function markText(exchanges) {
  const lines = exchanges.slice(0, 6).map((exchange) => {
    const faults = exchange.faults?.length ? `, fault ${exchange.faults.join(", ")}` : "";
    const cut = exchange.cut ? `, cut (${exchange.cut})` : "";
    const took = exchange.seconds ? ` in ${length(exchange.seconds)}` : "";
    return `#${exchange.number}  ${clockTime(exchange.at)}  ${exchange.operation ?? exchange.method} → ${statusText(exchange)}${took}${cut}${faults}`;
  });
  if (exchanges.length > 6) lines.push(`and ${exchanges.length - 6} more; zoom in to tell them apart`);
  return lines.join("\n");
}
