// Holds the client to the contract: every designed answer of a server that says what the document allows and nobody
// expects (`mock-runtime serve --answers generated`), or that breaks it in a named way (`--answers broken`).
//
//     node test/contract.mjs http://127.0.0.1:8000 [--cases 100] [--operation get_job] [--case 17] [--strict]

import { parseArgs } from "node:util";

import { ApiError, RuntimeClient, RuntimeClientError } from "../src/client.mjs";

const INSTANCE =
  "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555::";

/** The calls of the client, by the operation that each is about. */
const CALLS = {
  get_versions: (client) => client.versions(),
  list_backends: (client) => client.backends(),
  create_job: (client) => client.submit({ program: "sampler", backend: "ibm_fez", params: { pubs: [], version: 2 } }),
  get_job: (client) => client.job("d0c1b2a3"),
  list_jobs: (client) => client.jobs().next(),
  get_job_results_jid: (client) => client.results("d0c1b2a3"),
  cancel_job_jid: (client) => client.cancel("d0c1b2a3"),
  delete_job: (client) => client.delete("d0c1b2a3"),
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: "string", default: "1000000" },
    operation: { type: "string", multiple: true, default: Object.keys(CALLS) },
    case: { type: "string" },
    strict: { type: "boolean", default: false },
  },
});
const origin = (positionals[0] ?? process.env.MOCK_RUNTIME_URL ?? "http://127.0.0.1:8000").replace(/\/$/, "");

/** The last answer to a call of the contract: its status, and what the server says of it. */
let last;

async function watched(url, init) {
  const response = await fetch(url, init);
  const told = (name) => response.headers.get(`mock-runtime-${name}`);
  if (told("case")) last = { status: response.status, name: told("case-name"), fault: told("fault"), policy: told("policy") };
  return response;
}

/** What is wrong with how the client took an answer, or undefined. */
function judged(mode, error) {
  if (error !== undefined && !(error instanceof RuntimeClientError)) return `${error?.name} leaves it: ${error?.message}`;
  if (mode === "broken") {
    const choice = last?.policy === "unusual" && !options.strict;
    return error === undefined && !choice ? "a broken answer was taken for a good one" : undefined;
  }
  const good = last.status < 300;
  if (good && error !== undefined) return `a good answer was refused: ${error.message}`;
  if (!good && !(error instanceof ApiError && error.status === last.status)) {
    return `the refusal ${last.status} became ${error === undefined ? "a result" : error.message}`;
  }
  return undefined;
}

async function outcome(operation, number) {
  last = undefined;
  const client = new RuntimeClient({
    url: `${origin}/api`,
    iamUrl: origin,
    apiKey: "a-javascript-key",
    instance: INSTANCE,
    attempts: 1,
    timeoutMs: 2000,
    fetch: watched,
    headers: { "Mock-Runtime-Case": String(number) },
  });
  try {
    await CALLS[operation](client);
    return undefined;
  } catch (error) {
    return error;
  }
}

const listed = await (await fetch(`${origin}/_mock/answers`)).json();
let count = 0;
let wrong = 0;
for (const { id, designed } of listed.operations.filter((one) => options.operation.includes(one.id))) {
  const first = Number(options.case ?? 0);
  const end = options.case === undefined ? Math.min(designed, Number(options.cases)) : first + 1;
  for (let number = first; number < end; number += 1) {
    const error = await outcome(id, number);
    const fault = judged(listed.mode, error);
    count += 1;
    if (fault) {
      wrong += 1;
      console.log(`${id} --case ${number} (${last?.fault ?? last?.name}): ${fault}`);
    }
  }
}
console.log(`${count} ${listed.mode} answers, seed ${listed.seed}: ${wrong} of them not taken as they should be`);
process.exit(wrong ? 1 : 0);
