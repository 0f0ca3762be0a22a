// A small client of IBM's Qiskit Runtime service (the Quantum Compute Service): no dependencies, Node 22 or later.

import { ApiError, ContractViolation, JobEnded, RuntimeClientError, TransportError, WaitTimeout } from "./errors.mjs";
import * as models from "./models.mjs";

export { ApiError, ContractViolation, JobEnded, RuntimeClientError, TransportError, WaitTimeout };

const GRANT = "urn:ibm:params:oauth:grant-type:apikey";
const FINAL = new Set(["Completed", "Failed", "Cancelled", "Cancelled - Ran too long"]);
const TRY_AGAIN = new Set([429, 502, 503, 504]);
// As IBM's own client does: a token is renewed when four fifths of its life are over.
const SPENT = 0.8;

const sleeping = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class RuntimeClient {
  #options;
  #token;

  /**
   * @param {object} options
   * @param {string} options.apiKey the key of an IBM Cloud account; exchanged for a token, and never in an error
   * @param {string} options.instance the CRN of a service instance
   * @param {string} [options.url] address below which `/v1` is
   * @param {string} [options.iamUrl] address of IBM Cloud's IAM
   * @param {string} [options.apiVersion] the `IBM-API-Version` to ask for
   * @param {number} [options.timeoutMs] the longest that one request may take
   * @param {number} [options.attempts] how often a request that is safe to repeat is tried
   * @param {number} [options.maxBytes] the largest body that is read
   * @param {Record<string, string>} [options.headers] headers for every request to the service
   * @param {typeof fetch} [options.fetch] another transport
   * @param {(ms: number) => Promise<void>} [options.sleep] another way to wait, for tests
   * @param {() => number} [options.now] another clock, in milliseconds
   */
  constructor({
    apiKey,
    instance,
    url = "https://quantum.cloud.ibm.com/api",
    iamUrl = "https://iam.cloud.ibm.com",
    apiVersion = "2026-03-15",
    timeoutMs = 30_000,
    attempts = 3,
    maxBytes = 64 * 2 ** 20,
    headers = {},
    fetch = globalThis.fetch,
    sleep = sleeping,
    now = Date.now,
  }) {
    if (!apiKey || !instance) throw new TypeError("apiKey and instance are needed");
    const trimmed = { url: url.replace(/\/+$/, ""), iamUrl: iamUrl.replace(/\/+$/, "") };
    this.#options = { apiKey, instance, ...trimmed, apiVersion, timeoutMs, attempts, maxBytes, headers, fetch, sleep, now };
  }

  /** The versions of the API: texts such as "2026-03-15". */
  async versions() {
    const { versions } = await this.#json("GET", "/v1/versions", models.versions);
    return versions.map((each) => each.version);
  }

  /** The backends that the instance may use. */
  async backends() {
    return (await this.#json("GET", "/v1/backends", models.backends)).devices;
  }

  /** Submit a job; never repeated, since the service would run it twice. */
  async submit({ program, backend, params, tags, session }) {
    const body = { program_id: program, backend, params, tags, session_id: session };
    return this.#json("POST", "/v1/jobs", models.submitted, { body });
  }

  /** A job as it is now. */
  async job(id) {
    return this.#json("GET", `/v1/jobs/${segment(id)}`, models.job, { query: { exclude_params: true } });
  }

  /** The result of a job as the text that the service keeps, or null as long as there is none. */
  async results(id) {
    const answer = await this.#send("GET", `/v1/jobs/${segment(id)}/results`, { success: [200, 204] });
    if (answer.status === 204) return null;
    expectType(answer, "text/plain");
    return decoded(answer.body);
  }

  /** Cancel a job; ApiError with status 409 if it has ended. */
  async cancel(id) {
    await this.#send("POST", `/v1/jobs/${segment(id)}/cancel`, { success: [204] });
  }

  /** Delete a job. */
  async delete(id) {
    await this.#send("DELETE", `/v1/jobs/${segment(id)}`, { success: [204] });
  }

  /** All jobs, the newest first, one page after the other. Each comes once, even if new ones arrive meanwhile. */
  async *jobs({ pageSize = 100 } = {}) {
    const met = new Set();
    for (let offset = 0; ; offset += pageSize) {
      const query = { limit: pageSize, offset, sort: "DESC" };
      const page = await this.#json("GET", "/v1/jobs", models.jobs, { query });
      for (const job of page.jobs) {
        if (!met.has(job.id)) yield job;
        met.add(job.id);
      }
      if (page.jobs.length < pageSize) return;
    }
  }

  /** Wait for the end of a job, and return its result; JobEnded if it has none, WaitTimeout if it takes too long. */
  async wait(id, { timeoutMs = 300_000, intervalMs = 1000, onPoll = () => {} } = {}) {
    const { now, sleep } = this.#options;
    const end = now() + timeoutMs;
    for (;;) {
      const job = await this.job(id);
      onPoll(job);
      if (FINAL.has(job.status)) {
        const result = job.status === "Completed" ? await this.results(id) : null;
        if (result === null) throw new JobEnded(job);
        return result;
      }
      if (now() >= end) throw new WaitTimeout(`job ${id} is ${job.status} after ${timeoutMs} ms`);
      await sleep(Math.max(1, Math.min(intervalMs, end - now())));
    }
  }

  async #json(method, path, shape, { query, body } = {}) {
    const answer = await this.#send(method, path, { query, body, success: [200] });
    expectType(answer, "application/json");
    let value;
    try {
      value = JSON.parse(decoded(answer.body));
    } catch (error) {
      if (error instanceof RuntimeClientError) throw error;
      throw new ContractViolation("", "JSON", error.message);
    }
    return shape(value, "");
  }

  async #send(method, path, { query, body, success }) {
    const answer = await this.#authorised(method, path, { query, body });
    if (success.includes(answer.status)) {
      if (answer.status === 204 && answer.body.length) throw new ContractViolation("", "no body", "one");
      return answer;
    }
    if (answer.status < 400) throw new ContractViolation("/status", success.join(" or "), String(answer.status));
    throw refused(answer);
  }

  async #authorised(method, path, { query, body }) {
    const { url, instance, apiVersion, headers } = this.#options;
    const target = new URL(url + path);
    for (const [name, value] of Object.entries(query ?? {})) target.searchParams.set(name, String(value));
    for (let renewed = false; ; renewed = true) {
      const answer = await this.#attempt(target, {
        method,
        headers: {
          ...headers,
          Accept: "application/json, text/plain",
          Authorization: `Bearer ${await this.#accessToken()}`,
          "Service-CRN": instance,
          "IBM-API-Version": apiVersion,
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      if (answer.status !== 401 || renewed) return answer;
      // It may have expired on the way, or been revoked: once more with a new one.
      this.#token = undefined;
    }
  }

  async #accessToken() {
    const { iamUrl, apiKey, now } = this.#options;
    if (this.#token && now() < this.#token.renewAt) return this.#token.text;
    const answer = await this.#attempt(new URL(`${iamUrl}/identity/token`), {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ grant_type: GRANT, apikey: apiKey }).toString(),
      repeatable: true,
    });
    if (answer.status !== 200) throw refused(answer);
    let found;
    try {
      found = models.token(JSON.parse(decoded(answer.body)), "");
    } catch (error) {
      // What IAM has said may hold a token: nothing of it goes on.
      throw new ContractViolation("/access_token", "a token of IAM", error instanceof ContractViolation ? "none" : "no JSON");
    }
    this.#token = { text: found.access_token, renewAt: now() + found.expires_in * 1000 * SPENT };
    return this.#token.text;
  }

  async #attempt(target, { method, headers, body, repeatable = method === "GET" }) {
    const { attempts, sleep } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const last = !repeatable || attempt >= attempts;
      let pauseMs = 250 * 2 ** (attempt - 1);
      try {
        const answer = await this.#exchange(target, { method, headers, body });
        if (last || !TRY_AGAIN.has(answer.status)) return answer;
        pauseMs = answer.retryAfterMs ?? pauseMs;
      } catch (error) {
        if (last || !(error instanceof TransportError)) throw error;
      }
      await sleep(pauseMs);
    }
  }

  async #exchange(target, { method, headers, body }) {
    const { fetch, timeoutMs, maxBytes } = this.#options;
    const abort = new AbortController();
    // Not AbortSignal.timeout: that does not keep the process alive, which would end in the middle of a waiting call.
    const timer = setTimeout(() => abort.abort(new Error(`no whole answer in ${timeoutMs} ms`)), timeoutMs);
    try {
      const response = await fetch(target, { method, headers, body, redirect: "manual", signal: abort.signal });
      return {
        status: response.status,
        type: response.headers.get("content-type") ?? "",
        retryAfterMs: seconds(response.headers.get("retry-after")),
        body: await read(response, maxBytes),
      };
    } catch (error) {
      if (error instanceof RuntimeClientError) throw error;
      // The cause tells more than "fetch failed", and holds no header of the request.
      throw new TransportError(`${method} ${target.pathname}: ${error.cause?.message ?? error.message}`);
    } finally {
      clearTimeout(timer);
    }
  }
}

function segment(id) {
  if (typeof id !== "string" || id === "" || id === "." || id === "..") throw new TypeError("expected the id of a job");
  return encodeURIComponent(id);
}

async function read(response, maxBytes) {
  const chunks = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new TransportError(`the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decoded(body) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new ContractViolation("", "UTF-8", "other bytes");
  }
}

function expectType(answer, wanted) {
  const [type, ...options] = answer.type.split(";").map((part) => part.trim().toLowerCase());
  if (type !== wanted) throw new ContractViolation("/headers/Content-Type", wanted, answer.type || "nothing");
  for (const option of options) {
    const [name, value = ""] = option.split("=").map((part) => part.trim().replace(/^"(.*)"$/, "$1"));
    if (name === "charset" && value !== "utf-8") throw new ContractViolation("/headers/Content-Type", "utf-8", option);
  }
}

function seconds(text) {
  return text !== null && /^\d{1,5}$/.test(text) ? Number(text) * 1000 : undefined;
}

function refused(answer) {
  const retryAfterMs = answer.retryAfterMs;
  try {
    const { errors = [], trace } = models.refusal(JSON.parse(decoded(answer.body)), "");
    const first = errors[0] !== null && typeof errors[0] === "object" ? errors[0] : {};
    const said = (value) => (typeof value === "string" || typeof value === "number" ? value : undefined);
    return new ApiError(answer.status, { code: said(first.code), message: said(first.message), trace: said(trace), retryAfterMs });
  } catch {
    return new ApiError(answer.status, { message: "the answer explains nothing", retryAfterMs });
  }
}
