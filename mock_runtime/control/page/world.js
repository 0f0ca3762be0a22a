// What is known of the fake: asked for again and again, by one request at a time, and told to whoever listens.

const EVERY_MS = 1000;
const HIDDEN_MS = 15000;
const SLOWEST_MS = 30000;
// So many times as long as asking took, nothing is asked: a server that has much to do has it for its clients.
const PATIENCE = 4;
// Each costs the server some work, which it should have for clients; whoever wants all of them says so.
const EXCHANGES_AT_ONCE = 1000;
export const MOST_EXCHANGES = 10000;
export const MOST_JOBS = 500;

/**
 * Events, after each of which the page is drawn again: `state` (clock, counts, connection), `jobs`, `exchanges`,
 * `faults`, `scopes`.
 */
export class World extends EventTarget {
  constructor(api) {
    super();
    this.api = api;
    this.failures = 0;
    this.connection = "waiting";
    this.forget();
    this.scopes = [];
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.soon(); });
  }

  /** Begin again, as with another scope. */
  forget() {
    this.state = null;
    this.jobs = [];
    this.jobsCount = 0;
    this.exchanges = [];
    this.byJob = new Map();
    this.known = { last: null, position: null };
    this.missing = 0;
    this.faults = [];
    this.profiles = null;
    this.seen = {};
    this.generation = (this.generation ?? 0) + 1;
  }

  tell(...topics) { for (const topic of topics) this.dispatchEvent(new Event(topic)); }

  /** Where clients find this fake. */
  get url() { return this.scopes.find(({ name }) => name === this.api.scope)?.url ?? `${location.origin}/`; }

  /** What time it is in the fake now: its clock goes on between two answers. */
  now() {
    const clock = this.state?.clock;
    if (!clock) return NaN;
    return clock.now + (clock.manual ? 0 : ((performance.now() - this.heardAt) / 1000) * (clock.speed ?? 1));
  }

  start() {
    this.isStarted = true;
    this.soon();
  }

  /** Stop asking, until `soon`. */
  hold() {
    clearTimeout(this.timer);
    this.isHeld = true;
  }

  /** Ask now, or as soon as what is being asked has been answered. */
  soon() {
    if (!this.isStarted) return Promise.resolve();
    this.isHeld = false;
    clearTimeout(this.timer);
    this.asking = (this.asking ?? Promise.resolve()).then(() => this.ask());
    return this.asking;
  }

  async ask() {
    clearTimeout(this.timer);
    const { generation } = this;
    const begun = performance.now();
    try {
      await this.refresh(generation);
      this.cost = performance.now() - begun;
      if (generation === this.generation) this.connected();
    } catch (error) {
      if (generation === this.generation) this.failed(error);
    }
    if (!this.isHeld) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.soon(), this.pause());
    }
  }

  pause() {
    if (this.failures) return Math.min(EVERY_MS * 2 ** (this.failures - 1), SLOWEST_MS);
    return Math.max(document.hidden ? HIDDEN_MS : EVERY_MS, PATIENCE * (this.cost ?? 0));
  }

  connected() {
    this.failures = 0;
    this.trouble = null;
    this.connection = "on";
    this.tell("state");
  }

  failed(error) {
    this.failures += 1;
    this.trouble = error;
    this.connection = error.status === 0 ? "off" : "refused";
    this.tell("state");
    // A bug of the page is told where developers look, and asking goes on.
    if (error.status === undefined) reportError(error);
  }

  async refresh(generation) {
    const state = await this.api.get("state");
    if (generation !== this.generation) return;
    this.state = state;
    this.heardAt = performance.now();
    const journal = state.journal ?? {};
    const grew = await this.readJournal(journal, generation);
    const jobs = JSON.stringify([state.jobs, journal.last, journal.position, state.clock.manual && state.clock.now]);
    if (grew || jobs !== this.seen.jobs || this.jobs.some((job) => job.isOpen)) {
      this.seen.jobs = jobs;
      await this.readJobs(generation);
    }
    const faults = JSON.stringify(state.faults);
    if (faults !== this.seen.faults || this.wantsFaults) {
      this.seen.faults = faults;
      await this.readFaults(generation);
    }
  }

  /** Read what has been added to the journal; all of it if it is another one than before. */
  async readJournal(journal, generation) {
    const { known } = this;
    const isOther = known.last !== null
      && (journal.last < known.last || journal.position < known.position || journal.entries < this.exchanges.length - journal.dropped);
    if (isOther) {
      this.exchanges = [];
      this.byJob = new Map();
      this.known = { last: null, position: null };
      this.tell("exchanges");
    } else if (known.last === journal.last && known.position === (journal.position ?? null)) {
      return false;
    }
    const { last, position } = this.known;
    const from = last === null ? {} : position === null ? { since: last } : { after: position };
    const query = { ...from, limit: this.wantsAll && last === null ? MOST_EXCHANGES : EXCHANGES_AT_ONCE };
    const answer = await this.api.get("journal", query);
    if (generation !== this.generation) return false;
    this.known = { last: answer.last ?? journal.last, position: answer.position ?? null };
    this.add(answer.exchanges);
    this.missing = Math.max(0, (journal.entries ?? 0) - this.exchanges.length);
    this.tell("exchanges");
    return true;
  }

  add(exchanges) {
    const newest = this.exchanges.at(-1)?.number ?? 0;
    const isInOrder = exchanges.every((exchange, index) => exchange.number > (index ? exchanges[index - 1].number : newest));
    if (isInOrder) this.exchanges.push(...exchanges);
    else {
      const all = new Map([...this.exchanges, ...exchanges].map((exchange) => [exchange.number, exchange]));
      this.exchanges = [...all.values()].sort((one, other) => one.number - other.number);
    }
    const tooMany = this.exchanges.length - MOST_EXCHANGES;
    if (tooMany > 0) this.exchanges.splice(0, tooMany);
    if (isInOrder && tooMany <= 0) this.index(exchanges);
    else {
      this.byJob = new Map();
      this.index(this.exchanges);
    }
  }

  index(exchanges) {
    for (const exchange of exchanges) {
      if (!exchange.job) continue;
      const marks = this.byJob.get(exchange.job);
      if (marks) marks.push(exchange);
      else this.byJob.set(exchange.job, [exchange]);
    }
  }

  async readJobs(generation) {
    const answer = await this.api.get("jobs", { limit: MOST_JOBS });
    if (generation !== this.generation) return;
    this.jobs = answer.jobs.map((job) => ({ ...job, isOpen: job.ended_at === null || job.ended_at === undefined }));
    this.jobs.sort((one, other) => (other.number ?? other.created_at) - (one.number ?? one.created_at));
    this.jobsCount = answer.count ?? this.jobs.length;
    this.tell("jobs");
  }

  async readFaults(generation) {
    const answer = await this.api.get("faults");
    if (generation !== this.generation) return;
    this.faults = answer.faults;
    this.tell("faults");
  }

  async readScopes() {
    this.scopes = (await this.api.get("scopes")).scopes;
    this.tell("scopes");
  }

  /** Read the whole journal, not only its newest part. */
  async readAll() {
    this.wantsAll = true;
    this.known = { last: null, position: null };
    await this.soon();
  }

  /** Do something to the fake, then look at it. Whether it was done; why not is told by `ontrouble`. */
  async act(doing) {
    try {
      const answer = await doing(this.api);
      await this.soon();
      return answer ?? true;
    } catch (error) {
      if (error.status === undefined) throw error;
      this.ontrouble?.(error);
      return false;
    }
  }

  /** Forget what is known, and look again. */
  again() {
    this.forget();
    this.tell("state", "jobs", "exchanges", "faults");
    return this.soon();
  }
}
