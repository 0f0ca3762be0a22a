// The control plane over HTTP: one request at a time, in the scope that was chosen, with the token if there is one.

const TOKEN = "mock-runtime-control-token";
const TIMEOUT_MS = 20000;

/** A request that was refused (`status`), or had no answer (`status` 0). `message` is a sentence for people. */
export class Refused extends Error {
  constructor(status, message, body = null) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

export class Api {
  /** `onunauthorized` is called when the token is missing or is not the right one. */
  constructor({ onunauthorized = () => {} } = {}) {
    const place = new URL("./", location.href);
    const scoped = /^(.*)\/_scope\/([^/]+)(\/_mock\/)$/.exec(place.pathname);
    this.root = new URL(scoped ? scoped[1] + scoped[3] : place.pathname, place.origin);
    this.scope = scoped ? decodeURIComponent(scoped[2]) : "";
    this.onunauthorized = onunauthorized;
    this.tail = Promise.resolve();
    this.takeToken();
  }

  /** Take the token out of the address (`#token=`), where histories and screenshots would keep it. */
  takeToken() {
    const said = new URLSearchParams(location.hash.slice(1));
    if (!said.has("token")) return;
    this.token = said.get("token");
    said.delete("token");
    const rest = said.toString();
    history.replaceState(null, "", location.pathname + location.search + (rest ? `#${rest}` : ""));
  }

  get token() {
    try { return sessionStorage.getItem(TOKEN) ?? this.held ?? null; } catch { return this.held ?? null; }
  }

  set token(value) {
    this.held = value;
    try {
      if (value) sessionStorage.setItem(TOKEN, value);
      else sessionStorage.removeItem(TOKEN);
    } catch { /* then it is held until the page is left */ }
  }

  get(path, query) { return this.call("GET", path, { query }); }
  post(path, body) { return this.call("POST", path, { body }); }
  put(path, body) { return this.call("PUT", path, { body }); }
  patch(path, body) { return this.call("PATCH", path, { body }); }
  delete(path) { return this.call("DELETE", path, {}); }

  /** The answer to a request, after all that were asked for before it: an object, a text, or null. Refused if not 2xx. */
  call(method, path, { query, body, accept = "application/json" } = {}) {
    const done = this.tail.then(() => this.send(method, path, { query, body, accept }));
    this.tail = done.catch(() => {});
    return done;
  }

  async send(method, path, { query, body, accept }) {
    const url = new URL(path, this.root);
    for (const [key, value] of Object.entries(query ?? {})) {
      if (value !== null && value !== undefined && value !== "") url.searchParams.set(key, value);
    }
    const headers = { Accept: accept };
    if (this.scope) headers["Mock-Runtime-Scope"] = this.scope;
    if (this.token) headers["Mock-Runtime-Control-Token"] = this.token;
    if (body !== undefined) headers["Content-Type"] = typeof body === "string" ? "application/yaml" : "application/json";
    let answer, text;
    try {
      answer = await fetch(url, {
        method, headers,
        body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
        cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await answer.text();
    } catch {
      throw new Refused(0, `${this.root.host} does not answer. Is the server still running?`);
    }
    const value = parsed(answer, text);
    if (answer.ok) return value;
    const message = value?.error?.message ?? `${method} ${url.pathname} answered ${answer.status}`;
    if (answer.status === 401) this.onunauthorized(message);
    throw new Refused(answer.status, message, value);
  }
}

function parsed(answer, text) {
  if (!text) return null;
  if (!(answer.headers.get("Content-Type") ?? "").includes("json")) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(answer.status, "the answer is no JSON; is something between this page and the server?");
  }
}
