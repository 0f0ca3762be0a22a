// The journal: what was asked and answered, as a list that follows, and each exchange in full.

import { byId, button, copy, download, el, fill, memory, say } from "./dom.js";
import { bytes, clockTime, kindOf, length, pretty, quoted, short, shortIds, statusText } from "./format.js";
import { List } from "./list.js";

const FIELDS = ["operation", "job", "caller", "status", "method", "fault", "path", "session", "backend"];
const LONGEST_SHOWN = 200000;

export class Exchanges {
  constructor(world, { job }) {
    Object.assign(this, { world, job });
    this.list = new List({
      name: "exchanges", label: "Exchanges, the newest first", height: 34, key: ({ number }) => String(number),
      row: (exchange) => this.row(exchange), say: said,
      onselect: (exchange) => exchange && this.read(exchange.number),
      onopen: () => this.details.focus(),
    });
    this.details = el("aside", { class: "details", "aria-label": "The selected exchange", tabindex: "-1" });
    this.filter = el("input", {
      type: "search", class: "filter", "aria-label": "Filter exchanges", spellcheck: "false",
      placeholder: "Filter: text, or job:… operation:… status:4xx caller:… fault:*",
      oninput: () => this.refresh(),
    });
    this.follow = el("input", { type: "checkbox", id: "follow", checked: memory.get("follow") !== "no" });
    this.follow.addEventListener("change", () => {
      memory.set("follow", this.follow.checked ? "yes" : "no");
      this.refresh();
    });
    this.note = el("p", { class: "footnote", role: "status" });
    this.all = button("Load them", () => world.readAll(), { class: "quiet small", hidden: true });
    this.empty = el("div", { class: "empty", hidden: true });
    fill(
      byId("panel-exchanges"),
      el("div", { class: "tools" }, this.filter, el("label", { class: "check", for: "follow" }, this.follow, "Follow the newest"),
        button("HAR", () => this.har(), { title: "All of them as a file for browsers and proxies" }),
        button("Forget all", () => this.forget())),
      el("div", { class: "split" },
        el("div", { class: "main-side" },
          el("div", { class: "line head", "aria-hidden": "true" }, ["#", "time", "answer", "request", "caller", "took"].map((text) => el("span", { class: text === "#" || text === "took" ? "took" : "" }, text))),
          this.list.element, this.empty, el("div", { class: "row" }, this.note, this.all)),
        this.details),
    );
    this.explainDetails();
    world.addEventListener("exchanges", () => this.refresh());
    world.addEventListener("state", () => this.refresh());
  }

  explainDetails() {
    this.exchange = null;
    fill(this.details, el("p", { class: "empty small" }, "Select an exchange to read its request and its answer."));
  }

  row(exchange) {
    return [
      el("span", { class: "number" }, String(exchange.number)),
      el("span", { class: "mono when", title: clockTime(exchange.at, { day: true }) }, clockTime(exchange.at)),
      el("span", { class: `status ${kindOf(exchange)}` }, statusText(exchange)),
      el("span", { class: "what" },
        el("b", { class: "method" }, short(exchange.method, 10)), el("span", { class: "mono path", title: exchange.target }, short(shortIds(exchange.target), 200)),
        exchange.faults?.length > 0 && el("span", { class: "badge flag" }, `⚑ ${short(exchange.faults.join(", "), 40)}`),
        exchange.cut && el("span", { class: "badge cut" }, `cut ${exchange.cut}`),
        exchange.left && el("span", { class: "badge cut" }, "left")),
      el("span", { class: "caller" }, short(exchange.caller ?? "", 24)),
      el("span", { class: "took" }, exchange.seconds ? length(exchange.seconds) : ""),
    ];
  }

  refresh() {
    const { world } = this;
    const wanted = this.filter.value.trim();
    const test = question(wanted);
    const before = this.list.element.scrollTop;
    const had = this.list.items.length;
    const found = test ? world.exchanges.filter(test) : world.exchanges.slice();
    found.reverse();
    this.list.show(found);
    // Without following, what is read stays where it is while new lines come in above it.
    if (this.follow.checked && world.exchanges.at(-1)?.number !== this.newest) this.list.element.scrollTop = 0;
    else if (!this.follow.checked && found.length > had && before > 0 && wanted === this.asked) {
      this.list.space.style.height = `${found.length * this.list.height}px`;
      this.list.element.scrollTop = before + (found.length - had) * this.list.height;
    }
    this.asked = wanted;
    this.newest = world.exchanges.at(-1)?.number;
    this.list.element.hidden = !found.length;
    this.empty.hidden = found.length > 0;
    if (!found.length) fill(this.empty, wanted
      ? el("p", {}, "No exchange fits the filter.")
      : [el("h2", {}, "No exchanges yet"), el("p", {}, "Whatever a client asks of this server is listed here, with its answer. Requests to this page are not."), el("pre", { class: "mono" }, this.world.url)]);
    const dropped = world.state?.journal?.dropped ?? 0;
    say(this.note, [
      wanted && `${found.length} of ${world.exchanges.length}.`,
      dropped > 0 && `The journal has forgotten the oldest ${dropped}.`,
      world.missing > 0 && `${world.missing} more are not loaded.`,
    ].filter(Boolean).join(" "));
    this.all.hidden = !world.missing;
  }

  /** Show only what fits a text such as `job:abc status:5xx`. */
  only(text) {
    this.filter.value = text;
    this.refresh();
  }

  /** Select an exchange, and show it. */
  select(number) {
    this.list.select(String(number));
    this.list.reveal();
  }

  async read(number) {
    this.wanted = number;
    try {
      const exchange = await this.world.api.get(`journal/${number}`);
      if (this.wanted === number) this.show(exchange);
    } catch (error) {
      if (this.wanted === number) fill(this.details, el("p", { class: "empty small" }, error.message));
    }
  }

  show(exchange) {
    this.exchange = exchange;
    const facts = [
      ["Operation", exchange.operation && [exchange.operation, exchange.operation_id && exchange.operation_id !== exchange.operation ? ` (${exchange.operation_id})` : ""].join("")],
      ["At", `${clockTime(exchange.at, { day: true })}${exchange.seconds ? `, ${length(exchange.seconds)} long` : ""}`],
      ["Caller", exchange.caller], ["Host", exchange.host], ["Backend", exchange.backend], ["Session", exchange.session],
      ["The job was", exchange.job_status], ["Faults", exchange.faults?.join(", ")], ["Cut", exchange.cut],
      ["Left", exchange.left ? "the caller was gone before the answer was out" : null], ["Trace", exchange.trace],
      ["Edition", exchange.edition],
    ];
    fill(
      this.details,
      el("header", { class: "details-head" },
        el("h2", {}, `Exchange #${exchange.number} `, el("span", { class: `status ${kindOf(exchange)}` }, statusText(exchange))),
        el("p", { class: "mono target" }, `${exchange.method} ${exchange.target}`),
        el("div", { class: "row" }, button("Copy as curl", () => copy(curl(exchange), "Command")),
          exchange.job && button("Show the job", () => this.job(exchange.job)))),
      el("dl", { class: "facts" }, facts.filter(([, value]) => value).map(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))])),
      message("Request", exchange.request, exchange.request_size),
      message("Answer", exchange.answer, exchange.answer_size),
    );
  }

  async har() {
    try {
      download(JSON.stringify(await this.world.api.get("journal.har")), "mock-runtime.har", "application/json");
    } catch (error) {
      this.world.ontrouble(error);
    }
  }

  async forget() {
    if (await this.world.act((api) => api.delete("journal"))) {
      this.explainDetails();
      await this.world.again();
    }
  }
}

/** What a screen reader says of a line. */
function said(exchange) {
  const more = [exchange.caller && `by ${exchange.caller}`, exchange.job && `job ${exchange.job}`, exchange.faults?.length && `fault ${exchange.faults.join(", ")}`, exchange.cut && `cut ${exchange.cut}`];
  return [`${exchange.number}: ${exchange.method} ${exchange.target}, ${statusText(exchange)}`, ...more].filter(Boolean).join(", ");
}

function message(title, said, size) {
  const body = said.base64 ? `(${bytes(size)} that are no text, in base64)\n${said.body}` : pretty(said.body);
  const shown = body.length > LONGEST_SHOWN ? body.slice(0, LONGEST_SHOWN) : body;
  return el(
    "section", { class: "message" },
    el("h3", {}, title, el("span", { class: "hint" }, size ? ` ${bytes(size)}` : " without a body")),
    el("details", { open: said.headers.length <= 12 },
      el("summary", {}, `${said.headers.length} ${said.headers.length === 1 ? "header" : "headers"}`),
      el("table", { class: "headers" }, el("tbody", {}, said.headers.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "mono" }, el("div", { class: "value" }, value))))))),
    body && el("pre", { class: "body mono", tabindex: "0", "aria-label": `Body of the ${title.toLowerCase()}` }, shown),
    (!said.whole || shown !== body) && el("p", { class: "hint" }, "This is the beginning of it; the rest is not kept."),
  );
}

/** A command that asks the same again. Secrets were taken out of it by the server. */
export function curl(exchange) {
  const { host, target, method, request } = exchange;
  const scheme = host === location.host ? location.protocol : "https:";
  const parts = ["curl", method === "GET" ? "" : `-X ${quoted(method)}`, quoted(`${scheme}//${host}${target.startsWith("/") ? target : "/"}`)];
  for (const [name, value] of request.headers) {
    if (/^(host|content-length|connection|accept-encoding|transfer-encoding)$/i.test(name)) continue;
    parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  }
  if (request.body && !request.base64) parts.push(`--data-raw ${quoted(request.body)}`);
  return parts.filter(Boolean).join(" \\\n  ");
}

/** A test for exchanges from what was typed; null for all. */
export function question(text) {
  const tests = text.split(/\s+/).filter(Boolean).map((word) => {
    const [name, ...rest] = word.split(":");
    const wanted = rest.join(":").toLowerCase();
    if (FIELDS.includes(name.toLowerCase()) && wanted) return fieldTest(name.toLowerCase(), wanted);
    const free = word.toLowerCase();
    return (exchange) => whole(exchange).includes(free);
  });
  return tests.length ? (exchange) => tests.every((test) => test(exchange)) : null;
}

function fieldTest(name, wanted) {
  if (name === "status") {
    const pattern = /^[1-5]xx$/.test(wanted) ? wanted[0] : wanted === "none" ? "0" : wanted;
    return ({ status }) => String(status).startsWith(pattern);
  }
  if (name === "fault") return ({ faults }) => (faults ?? []).some((id) => wanted === "*" || id.toLowerCase().includes(wanted));
  if (name === "path") return ({ target }) => target.toLowerCase().includes(wanted);
  if (name === "operation") return (exchange) => [exchange.operation, exchange.operation_id].some((each) => String(each ?? "").toLowerCase().includes(wanted));
  return (exchange) => String(exchange[name] ?? "").toLowerCase().includes(wanted);
}

const whole = (exchange) => [
  exchange.number, exchange.method, exchange.target, exchange.status, exchange.operation, exchange.job, exchange.caller, exchange.trace,
].join(" ").toLowerCase();
