// What the service answers, as the document describes it: openapi/platform.yaml with its overlay.

import { anything, boolean, integer, list, moment, nullable, number, object, optional, text, word } from "./shapes.mjs";

// `.` in a pattern of the document means any character but the ends of lines.
const LINE = /^.*$/u;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const storage = {
  region: text({ pattern: /^[a-zA-Z-]+$/ }),
  region_type: word("regional", "cross-region", "single-site"),
  bucket_crn: text(),
  object_name: text(),
  type: optional(word("ibmcloud_cos")),
};

const error = object({ value: number(), unit: optional(text()) });

export const versions = object({
  versions: list(
    object({
      version: text({ pattern: DAY }),
      sunset_date: optional(text({ pattern: DAY })),
      status: word("live", "deprecated"),
    }),
  ),
});

export const backends = object({
  devices: list(
    object({
      name: text({ least: 1, most: 255 }),
      status: object({ name: word("online", "paused", "offline"), reason: optional(text()) }),
      queue_length: integer(),
      is_simulator: optional(boolean),
      qubits: optional(nullable(integer())),
      clops: optional(nullable(object({ type: word("virtual", "hardware"), value: integer() }))),
      processor_type: optional(
        nullable(
          object({
            family: optional(nullable(text())),
            revision: optional(nullable(text())),
            segment: optional(nullable(text())),
          }),
        ),
      ),
      performance_metrics: optional(
        object({
          two_q_error_best: optional(
            object({ value: number(), gate: text(), unit: optional(text()), qubits: list(number()) }),
          ),
          two_q_error_layered: optional(error),
          two_q_error_median: optional(error),
          readout_error_median: optional(error),
        }),
      ),
      wait_time_seconds: optional(nullable(object({ average: integer(), p50: integer(), p95: integer() }))),
      class: optional(text()),
    }),
    { least: 1 },
  ),
});

export const submitted = object({
  id: text(),
  backend: text(),
  session_id: optional(text()),
  private: optional(boolean),
  calibration_id: optional(text({ pattern: LINE, least: 1, most: 100 })),
});

export const job = object({
  id: text({ pattern: /^[A-Za-z0-9_-]+$/ }),
  created: moment,
  program: object({ id: text({ pattern: LINE, least: 1, most: 1_000_000 }) }),
  state: object({
    status: word("Queued", "Running", "Completed", "Cancelled", "Failed"),
    reason: optional(text()),
    reason_code: optional(integer({ least: 1000, most: 9999 })),
    reason_solution: optional(text()),
  }),
  status: word("Queued", "Running", "Completed", "Cancelled", "Cancelled - Ran too long", "Failed"),
  cost: integer({ most: 10_800 }),
  backend: optional(text({ pattern: LINE })),
  session_id: optional(text()),
  user_id: optional(text()),
  runtime: optional(text()),
  calibration_id: optional(text()),
  private: optional(boolean),
  tags: optional(list(text({ pattern: LINE, most: 86 }), { most: 8 })),
  params: optional(object()),
  estimated_running_time_seconds: optional(number()),
  usage: optional(
    object({
      status: optional(word("pending", "complete")),
      qpu_charge_time_seconds: optional(number({ least: 0 })),
      circuits_execution_time_ns: optional(number({ least: 0 })),
      quantum_seconds: optional(number({ least: 0 })),
      seconds: optional(number({ least: 0 })),
    }),
  ),
  remote_storage: optional(
    object({
      ...storage,
      job_params: object(storage),
      results: object(storage),
      logs: optional(object(storage)),
    }),
  ),
});

export const jobs = object({
  jobs: list(job),
  limit: integer({ least: 1, most: 200 }),
  offset: integer(),
  count: optional(integer()),
});

export const token = object({ access_token: text({ least: 1, pattern: /^[\x21-\x7e]+$/ }), expires_in: integer({ least: 1 }) });

// Whoever is refused wants to know why, and not what else is wrong with the refusal: everything in it may be missing.
export const refusal = object({ errors: optional(list(anything)), trace: optional(anything) });
