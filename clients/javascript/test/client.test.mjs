// Against a fake: `mock-runtime serve --polls 2`, its address in MOCK_RUNTIME_URL.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError, ContractViolation, JobEnded, RuntimeClient, TransportError, WaitTimeout } from "../src/client.mjs";

const ORIGIN = (process.env.MOCK_RUNTIME_URL ?? "http://127.0.0.1:8000").replace(/\/$/, "");
const INSTANCE =
  "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555::";
const BELL = 'OPENQASM 3.0; include "stdgates.inc"; bit[2] c; rz(pi/2) $0; sx $0; c[0] = measure $0; c[1] = measure $1;';
const JOB = { program: "sampler", backend: "ibm_fez", params: { pubs: [[BELL]], version: 2 } };

function connected(options = {}) {
  return new RuntimeClient({
    url: `${ORIGIN}/api`,
    iamUrl: ORIGIN,
    apiKey: "a-javascript-key",
    instance: INSTANCE,
    sleep: async () => {},
    ...options,
  });
}

/** A transport that answers what it is told, and remembers what it was asked. */
function scripted(...answers) {
  const asked = [];
  const fetch = async (url, init) => {
    asked.push({ url: String(url), ...init });
    if (String(url).endsWith("/identity/token")) {
      return Response.json({ access_token: `token-${asked.length}`, expires_in: 3600 });
    }
    const next = answers.length > 1 ? answers.shift() : answers[0];
    return next instanceof Error ? Promise.reject(next) : next();
  };
  return { asked, fetch };
}

test("a job from its submission to its result", async () => {
  const client = connected();
  const { id } = await client.submit({ ...JOB, tags: ["from JavaScript"] });
  const seen = [];
  const result = await client.wait(id, { onPoll: (job) => seen.push(job.status) });
  assert.equal(seen.at(-1), "Completed");
  assert.ok("results" in JSON.parse(result));
  await client.delete(id);
  await assert.rejects(client.job(id), (error) => error instanceof ApiError && error.status === 404);
});

test("results are null while the job runs", async () => {
  const client = connected();
  const { id } = await client.submit(JOB);
  assert.equal(await client.results(id), null);
});

test("a cancelled job has no result, and cannot be cancelled again", async () => {
  const client = connected();
  const { id } = await client.submit(JOB);
  await client.cancel(id);
  await assert.rejects(client.wait(id), (error) => error instanceof JobEnded && error.job.status === "Cancelled");
  await assert.rejects(client.cancel(id), (error) => error instanceof ApiError && error.status === 409);
});

test("every job comes once, on whatever page", async () => {
  const client = connected({ apiKey: "a-key-with-five-jobs", instance: INSTANCE.replace("11111111", "99999999") });
  const made = [];
  for (let count = 0; count < 5; count += 1) made.push((await client.submit(JOB)).id);
  const found = [];
  for await (const job of client.jobs({ pageSize: 2 })) found.push(job.id);
  assert.deepEqual(found, made.reverse());
});

test("backends and versions are as documented", async () => {
  const client = connected();
  const names = (await client.backends()).map((backend) => backend.name);
  assert.ok(names.includes("ibm_fez"));
  assert.ok((await client.versions()).includes("2026-03-15"));
});

test("refusals say why, and hold no key", async () => {
  const client = connected();
  await assert.rejects(client.submit({ ...JOB, backend: "no_such_backend" }), (error) => {
    assert.ok(error instanceof ApiError);
    assert.match(error.message, /device not found/);
    assert.doesNotMatch(String(error.stack), /a-javascript-key/);
    return true;
  });
});

test("a token that is refused is renewed once", async () => {
  const { asked, fetch } = scripted(
    () => new Response(null, { status: 401 }),
    () => Response.json({ versions: [] }),
  );
  assert.deepEqual(await connected({ fetch }).versions(), []);
  const tokens = asked.filter((one) => one.headers.Authorization).map((one) => one.headers.Authorization);
  assert.deepEqual(tokens, ["Bearer token-1", "Bearer token-3"]);
});

test("a refused submission is not repeated, a read is", async () => {
  const busy = () => new Response(null, { status: 503 });
  const write = scripted(busy);
  await assert.rejects(connected({ fetch: write.fetch }).submit(JOB), ApiError);
  assert.equal(write.asked.length, 2);
  const read = scripted(busy);
  await assert.rejects(connected({ fetch: read.fetch }).backends(), ApiError);
  assert.equal(read.asked.length, 4);
});

test("Retry-After is honoured", async () => {
  const pauses = [];
  const { fetch } = scripted(
    () => new Response(null, { status: 429, headers: { "Retry-After": "7" } }),
    () => Response.json({ versions: [] }),
  );
  await connected({ fetch, sleep: async (ms) => pauses.push(ms) }).versions();
  assert.deepEqual(pauses, [7000]);
});

test("waiting ends", async () => {
  let time = 0;
  const client = connected({
    now: () => time,
    sleep: async (ms) => {
      time += ms;
    },
    fetch: scripted(() =>
      Response.json({
        id: "a",
        created: "2026-01-01T00:00:00Z",
        program: { id: "sampler" },
        state: { status: "Queued" },
        status: "Queued",
        cost: 1,
      }),
    ).fetch,
  });
  await assert.rejects(client.wait("a", { timeoutMs: 3000 }), WaitTimeout);
  assert.equal(time, 3000);
});

for (const [what, answer] of Object.entries({
  "no JSON": () => new Response("<html>", { headers: { "Content-Type": "application/json" } }),
  "another content type": () => new Response('{"versions": []}', { headers: { "Content-Type": "text/html" } }),
  "another charset": () => new Response('{"versions": []}', { headers: { "Content-Type": "application/json; charset=utf-16" } }),
  "invalid UTF-8": () => new Response(Buffer.from([0x22, 0xff, 0x22]), { headers: { "Content-Type": "application/json" } }),
  "a missing property": () => Response.json({}),
  "an unknown word": () => Response.json({ versions: [{ version: "2026-03-15", status: "zombie" }] }),
  "an undocumented status": () => Response.json({ versions: [] }, { status: 201 }),
})) {
  test(`${what} breaks the contract`, async () => {
    await assert.rejects(connected({ fetch: scripted(answer).fetch }).versions(), ContractViolation);
  });
}

test("a connection that breaks is an error of the transport", async () => {
  const { fetch } = scripted(new TypeError("fetch failed", { cause: new Error("other side closed") }));
  await assert.rejects(connected({ fetch }).versions(), (error) => {
    assert.ok(error instanceof TransportError);
    assert.match(error.message, /other side closed/);
    return true;
  });
});
