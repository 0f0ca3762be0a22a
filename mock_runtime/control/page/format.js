// Values for people to read.

/** An instant of the fake's clock, in UTC: `09:00:46.250`, or with its day. */
export function clockTime(seconds, { day = false, millis = true } = {}) {
  if (!Number.isFinite(seconds)) return "–";
  const text = new Date(Math.min(Math.max(seconds, 0), 253402300799) * 1000).toISOString();
  return `${day ? text.slice(0, 10) + " " : ""}${text.slice(11, millis ? 23 : 19)}`;
}

/** A length of time, short: `0 s`, `250 ms`, `2.5 s`, `1 m 40 s`, `3 h 20 m`. */
export function length(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const sign = seconds < 0 ? "−" : "";
  const size = Math.abs(seconds);
  if (size === 0) return "0 s";
  if (size < 0.9995) return `${sign}${trimmed(size * 1000, size < 0.01 ? 1 : 0)} ms`;
  if (size < 60) return `${sign}${trimmed(size, size < 10 ? 2 : 1)} s`;
  const [big, small, names] = size < 3600 ? [60, 1, "ms"] : size < 86400 ? [3600, 60, "hm"] : [86400, 3600, "dh"];
  const whole = Math.floor(size / big);
  const rest = Math.floor((size - whole * big) / small);
  return `${sign}${whole} ${names[0]}${rest ? ` ${rest} ${names[1]}` : ""}`;
}

const trimmed = (number, digits) => String(Number(number.toFixed(digits)));

/** A size in bytes. */
export function bytes(count) {
  if (count < 1000) return `${count} B`;
  if (count < 1e6) return `${trimmed(count / 1e3, 1)} kB`;
  return `${trimmed(count / 1e6, 1)} MB`;
}

/** The beginning of a text that may be long. */
export const short = (text, most = 24) => (text && text.length > most ? `${text.slice(0, most - 1)}…` : text ?? "");

/** A path whose long ids are short, so that what comes after them is seen. */
export const shortIds = (path) => path.replace(/[\w-]{18,}/g, (id) => `${id.slice(0, 5)}…${id.slice(-4)}`);

/** Which kind of answer a status is; a class of the style sheet and of the timeline. */
export function kindOf(exchange) {
  const { status } = exchange;
  if (exchange.cut || exchange.left || !status) return "cut";
  if (status === 204) return "nothing";
  if (status >= 500) return "broken";
  if (status >= 400) return "refused";
  if (status >= 300) return "moved";
  return "good";
}

/** A status as a word: there may have been none. */
export const statusText = (exchange) => (exchange.status ? String(exchange.status) : "none");

/** Statuses as a person counts them: `204 ×3, 200`. */
export function statusesText(exchanges, most = 12) {
  const runs = [];
  for (const exchange of exchanges) {
    const text = statusText(exchange) + (exchange.cut ? " cut" : "");
    const last = runs.at(-1);
    if (last?.text === text) last.count += 1;
    else runs.push({ text, count: 1 });
  }
  const texts = runs.map(({ text, count }) => (count > 1 ? `${text} ×${count}` : text));
  if (texts.length > most) texts.splice(most - 2, texts.length - most + 1, "…");
  return texts.join(", ");
}

/** A job's status as one of: queued, running, completed, failed, cancelled, other. */
export function phaseOf(status) {
  const word = String(status ?? "").toLowerCase();
  if (word.startsWith("cancel")) return "cancelled";
  for (const phase of ["queued", "running", "completed", "failed"]) if (word.startsWith(phase)) return phase;
  if (word === "pending") return "queued";
  if (word === "done") return "completed";
  if (word === "error") return "failed";
  return "other";
}

export const isFinal = (status) => ["completed", "failed", "cancelled"].includes(phaseOf(status));

/** A body to be read: JSON is set in lines, other text stays as it is. */
export function pretty(text) {
  const start = text.trimStart()[0];
  if (start === "{" || start === "[") {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }
  return text;
}

/** Quoted for a shell. */
export const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
