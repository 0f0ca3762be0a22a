// Everything that this client throws, whatever happens, is a RuntimeClientError.

export class RuntimeClientError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = this.constructor.name;
  }
}

/** No answer arrived, or not the whole of one. */
export class TransportError extends RuntimeClientError {}

/** The service refused, in the words of the contract or in words of its own. */
export class ApiError extends RuntimeClientError {
  constructor(status, { code, message, trace, retryAfterMs } = {}) {
    super(`${status}${code === undefined ? "" : ` (${code})`}: ${message || "no message"}`);
    this.status = status;
    this.code = code;
    this.trace = trace;
    this.retryAfterMs = retryAfterMs;
  }
}

/** An answer breaks the contract; `where` is a JSON pointer into it. */
export class ContractViolation extends RuntimeClientError {
  constructor(where, expected, found) {
    super(`${where || "/"}: expected ${expected}, found ${shown(found)}`);
    this.where = where;
  }
}

/** The job has ended, and not with a result. */
export class JobEnded extends RuntimeClientError {
  constructor(job) {
    super(`job ${job.id} is ${job.status}${job.state.reason ? `: ${job.state.reason}` : ""}`);
    this.job = job;
  }
}

/** The job has not ended in the time that it was given. */
export class WaitTimeout extends RuntimeClientError {}

function shown(value) {
  const text = typeof value === "string" ? JSON.stringify(value) : describe(value);
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

function describe(value) {
  if (Array.isArray(value)) return "an array";
  return value === null || typeof value !== "object" ? String(value) : "an object";
}
