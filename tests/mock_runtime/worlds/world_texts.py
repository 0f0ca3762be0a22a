"""World files for tests: right ones, and single mistakes in otherwise right ones."""

from __future__ import annotations

from typing import Any, Final

from mock_runtime.config import Config, InvalidConfig
from mock_runtime.faults.reading import fault
from mock_runtime.world_settings import Start, start_of
from mock_runtime.worlds import World, legacy_2021, platform
from mock_runtime.worlds.files import world_file

FILE: Final = "my.yaml"
DIGEST: Final = "0123456789abcdef" * 4
CRN: Final = "crn:v1:bluemix:public:quantum-computing:eu-de:a/abc:01234567-89ab-4cde-af01-23456789abcd::"
WORLDS: Final = {"platform": platform.WORLD, "legacy-2021": legacy_2021.WORLD}


def own_world(config: Config) -> World:
    """The world of an edition; InvalidConfig if there is no such edition."""
    if config.edition not in WORLDS:
        raise InvalidConfig(f"edition: there is no {config.edition!r}; known are {', '.join(WORLDS)}")
    return WORLDS[config.edition]


def start(text: str, **settings: Any) -> Start:
    """What a fake starts from with this world file, under these settings; InvalidWorld."""
    return start_of(
        world_file(text, FILE),
        Config(**settings),
        own_world,
        read_fault=lambda value, where: fault(value, where=where),
        names=True,
    )


GOOD: Final = (
    "",
    "{}",
    "x-mine: {any: thing}\nx-: 3",
    "edition: 2021",
    "edition: legacy-2021\njobs: [{program: vqe, owner: '0123456789abcdef'}]",
    "seed: 7\nlatency: 20ms\nlatencies: {submit-job: 1s, get-results: 1s..3s}\nchaos: [flaky-network]",
    "seed: null\nlatency: 0.5",
    "clock: {start: 2026-11-22T09:00:00Z, speed: 100x}",
    "clock: {start: 1795338000, speed: 0}",
    "clock: {speed: manual}",
    "tokens: [plain, {token: a, name: alice, may_upload: false, account: abc}, {token: b, account: null}]",
    f"tokens: [{{sha256: {DIGEST}}}, {{sha256: '{DIGEST[::-1]}', iam_sha256: '{DIGEST}', name: bob}}]",
    "tenants: [{name: team, tokens: [a, b], instances: [main, {name: other, plan: open}]}]",
    "tenants: [{name: team, account: abc, tokens: [{token: a, name: alice}]}, {name: two, tokens: [c], instances: []}]",
    (
        "plans: [{name: mine, id: x, pricing: free, allocation: 10m, period: 28d, max_ttl: 8h, dedicated: false}]\n"
        "instances: [{name: one, plan: mine}]"
    ),
    "plans: [{name: open, allocation: null}]",
    (
        f"tokens: [{{token: t, name: a}}]\n"
        f"instances: [one, '{CRN}', {{name: two, region: eu-de, limit_s: 60, backends: [ibm_fez], "
        "tags: [t], keys: [a]}]"
    ),
    "tokens: [{token: t, name: a}, {token: u, name: b}]\ninstances: [{name: x, keys: [a]}, {name: x, keys: [b]}]",
    "edition: 2021\nscenario: {programs: {to-be-uploaded: {run: now}}}",
    "extends: True",
    "also_instances: [more, {name: two, plan: null}]",
    "extends: true\nbackends: [{from: ibm_fez, queue_length: 50, availability: paused, reason: maintenance}]",
    "backends: [{name: ibm_mine, n_qubits: 20, coupling: grid, errors: {readout: 1e-2}, faulty_qubits: [3]}]",
    "backends: [{name: a, coupling: [[0, 1], [1, 2]], one_way: true, basis_gates: [ecr, rz], t1_us: 300}]",
    "backends: [{name: a, simulator: true, n_qubits: 40}]",
    (
        "backends:\n  - {name: a, n_qubits: 2, processor: {family: Osprey, revision: 1, segment: L}, version: 2.0.1,\n"
        "     online_date: 2026-02-01, max_shots: 5000, max_experiments: 10, clops: 1000, quantum_volume: 512,\n"
        "     control_flow: [if_else], seed: 7, faulty_couplings: [[0, 1]], t2_us: 200}"
    ),
    "programs: [sampler, {name: circuit-runner, description: Runs circuits., longest_run_s: 60}]",
    "scenario: {queue: 3 polls, run: 5s~2s, outcome: failed, reason: why, cancel_lag: 1s}",
    "scenario: {polls: 3, result: {a: [1, null, true]}, programs: {sampler: {run: now}}, jobs: [{outcome: stuck}]}",
    "scenario: {polls: null, programs: null, jobs: null}",
    "x-slow: &slow {run: 1h}\nscenario: {programs: {sampler: {<<: *slow, queue: never}, estimator: *slow}}",
    "faults: [{match: {operation: submit-job, calls: 2..5}, act: {status: 503}, times: 3, on: true}]",
    (
        "tokens: [a]\nsessions: [{name: s, mode: batch, backend: ibm_fez, opened: 1h ago, max_ttl: 8h}]\n"
        "jobs: [{program: sampler, session: s, status: queued, submitted: 5m ago, queue: 10m, run: 1s..3s}]"
    ),
    (
        "tokens: [{token: a, name: alice}]\nsessions:\n"
        "  - {id: 01234567-89ab-4cde-af01-23456789abcd, owner: alice, instance: default, opened: 2h ago,\n"
        "     interactive_ttl: 60s, active_ttl: 600, stopped: 1h ago, closed: 30m ago}"
    ),
    (
        "tokens: [a]\njobs:\n"
        "  - {id: c2b04fot418h0qp0peh0, program: sampler, status: failed, reason: 'ValueError: no'}\n"
        "  - {program: estimator, status: running, started: 2026-01-01, run: 5 polls, outcome: failed}\n"
        "  - {program: sampler, result: null, logs: text, interim: [1, {a: 2}], private: true, read: now}\n"
        "  - {program: sampler, status: cancelled, submitted: 1h ago, started: 50m ago, ended: 40m ago}\n"
        "  - {program: sampler, status: queued, outcome: stuck, cancelled: in 5s, project: a/b/c, image: i}\n"
        "  - {program: sampler, status: running, cancel_lag: 2s, cost: 60, inputs: {a: 1}, tags: [t, 5]}\n"
        "  - {program: sampler, status: failed, error: trace, error_code: 1234, calibration: 2026-01-01-abc}\n"
        "  - {program: sampler, ended: 2026-11-22T08:00:00+01:00}"
    ),
    "tokens: [a]\njobs: [{program: sampler, lost: true}, {program: sampler, status: running, withheld: true}]",
)
"""What the reader and the schema accept."""

SEEN_BY_BOTH: Final = (
    ("- x", "line 1: the file: expected keys and values"),
    ("sed: 7", "line 1: the file: expected a known key (did you mean seed?), not 'sed'"),
    ("edition: 2023", "line 1: edition: there is no '2023'; known are platform, legacy-2021 (did you mean 2021?)"),
    ("edition: 2022", "line 1: edition: there is no '2022'; known are platform, legacy-2021 (did you mean 2021?)"),
    ("edition: legacy", "line 1: edition: there is no 'legacy'; known are platform, legacy-2021 (did you mean legacy-"),
    ("edition: ''", "line 1: edition: expected the name of an edition, found ''"),
    ("seed: many", "line 1: seed: expected a whole number, found 'many'"),
    ("seed: 1.5", "line 1: seed: expected a whole number, found 1.5"),
    ("clock: now", "line 1: clock: expected keys and values, with the keys start, speed, not 'now'"),
    ("clock:\n  begin: now", "line 2: clock: expected a known key (known are start, speed), not 'begin'"),
    ("clock: {start: soon}", "line 1: clock.start: expected an instant such as 2026-11-22T09:00:00Z, found 'soon'"),
    ("clock: {speed: fast}", "line 1: clock.speed: 'fast' is no speed of time"),
    ("clock: {speed: -1}", "line 1: clock.speed:"),
    ("tokens: alice", "line 1: tokens: expected a list of values"),
    ("tokens: ['']", "line 1: tokens[0]: a token must not be empty"),
    ("tokens: [5]", "line 1: tokens[0]: expected a token, or a mapping"),
    (
        "tokens: [{name: a, token: 12345}]",
        "line 1: tokens[0]: expected a token, or a mapping with token or sha256, and",
    ),
    ("tokens: [{name: alice}]", "line 1: tokens[0]: expected a token, or a mapping"),
    ("tokens: [{token: a, nam: alice}]", "line 1: tokens[0]: expected a known key (did you mean name?)"),
    ("tokens: [{token: a, account: a/b}]", "line 1: tokens[0].account: expected the id of an account"),
    ("tokens: [{token: a, may_upload: 1}]", "line 1: tokens[0].may_upload: expected true or false"),
    ("tokens: [{sha256: abc}]", "line 1: tokens[0].sha256: expected a SHA-256 digest, 64 hexadecimal digits"),
    ("tokens:\n  - a\n  - {token: b, iam_sha256: 5}", "line 3: tokens[1].iam_sha256: expected a SHA-256 digest"),
    ("tenants: {a: [b]}", "line 1: tenants: expected a list of tenants"),
    ("tenants: [{name: a}]", "line 1: tenants[0]: expected a name and tokens"),
    ("tenants: [{tokens: [a]}]", "line 1: tenants[0].name: expected a text, found None"),
    ("tenants: [{name: a, tokens: []}]", "line 1: tenants[0]: expected a name and tokens"),
    ("tenants: [{name: a, token: [b]}]", "line 1: tenants[0]: expected a known key (did you mean tokens?)"),
    ("tenants: [{name: a, tokens: [b], account: a/b}]", "line 1: tenants[0].account: expected the id of an account"),
    ("tenants: [{name: a, tokens: [{token: b, x: 1}]}]", "line 1: tenants[0].tokens[0]: expected a known key"),
    ("tenants: [{name: a, tokens: [b], instances: [5]}]", "line 1: tenants[0].instances[0]: expected a name, a CRN"),
    ("plans: [{dedicated: true}]", "line 1: plans[0]: expected a name, and settings among"),
    ("plans: [{name: a, max_ttl: soon}]", "line 1: plans[0].max_ttl: 'soon' is not a length of time"),
    ("plans: [{name: a, max_ttl: 1s..3s}]", "line 1: plans[0].max_ttl: expected whole seconds such as 10m or 8h"),
    ("plans: [{name: a, dedicated: sure}]", "line 1: plans[0].dedicated: expected true or false, found 'sure'"),
    ("plans: [{name: a, maxttl: 1h}]", "line 1: plans[0]: expected a known key (did you mean max_ttl?)"),
    ("plans: [mine]", "line 1: plans[0]: expected a name, and settings among"),
    ("instances: one", "line 1: instances: expected a list of values"),
    ("instances: ['']", "line 1: instances[0].name: expected a text, found ''"),
    ("instances: ['crn:v1:nothing']", "line 1: instances[0].crn: expected crn:v1:bluemix"),
    ("instances: [{nam: a}]", "line 1: instances[0]: expected a known key (did you mean name?)"),
    ("instances:\n  - name: a\n    region: US East", "line 3: instances[0].region: expected a region such as us-east"),
    ("instances: [{name: a, region: mars}]", "line 1: instances[0].region: expected a region such as us-east, found"),
    ("instances: [{limit_s: -1}]", "line 1: instances[0].limit_s: expected a whole number of seconds, found -1"),
    ("instances: [{keys: alice}]", "line 1: instances[0].keys: expected a list of names, found 'alice'"),
    ("extends: 'true'", "line 1: extends: expected one of true, false, without quotes, not 'true'"),
    ("extends: maybe", "line 1: extends: expected one of true, false, not 'maybe'"),
    ("backends: []", "line 1: backends: expected at least one backend"),
    ("backends: [{n_qubits: 3}]", "line 1: backends[0]: expected a name, or the name of another device under `from`"),
    ("backends: [{name: a, n_qubits: 0}]", "line 1: backends[0].n_qubits: expected a whole number from 1 to 1000"),
    (
        "backends: [{name: a, n_qubits: '5'}]",
        "line 1: backends[0].n_qubits: expected a whole number from 1 to 1000, without quotes, not '5'",
    ),
    (
        "backends: [{name: a, n_qubits: 2, t1_us: '300'}]",
        "line 1: backends[0].t1_us: expected a time in µs from 0.1 to 1e+06, without quotes, not '300'",
    ),
    ("backends: [{name: a, n_qubits: 2, coupling: ring}]", "line 1: backends[0].coupling: expected one of line, grid"),
    ("backends: [{name: a, coupling: [[0]]}]", "line 1: backends[0].coupling[0]: expected two qubits"),
    ("backends: [{name: a, n_qubits: 2, errors: {pair: 2}}]", "line 1: backends[0].errors.pair: expected a probab"),
    ("backends: [{name: a, n_qubits: 2, availability: on}]", "line 1: backends[0].availability: expected one of"),
    ("backends: [{name: a, n_qubits: 2, basis_gates: [zz]}]", "line 1: backends[0].basis_gates[0]: expected one of"),
    ("backends: [{name: a, n_qubits: 2, version: 1.0}]", "line 1: backends[0].version: expected a version"),
    ("programs: []", "line 1: programs: expected at least one program"),
    ("programs: ['a b']", "line 1: programs[0]: expected the name of a program, not 'a b'"),
    ("programs: [{longest_run_s: 5}]", "line 1: programs[0]: expected a name"),
    ("scenario: 5", "line 1: scenario: expected keys and values"),
    ("scenario:\n  run: 5s\n  outcom: failed", "line 3: scenario: expected a known key (did you mean outcome?)"),
    ("scenario:\n  run: 5s\n  outcome: maybe", "line 3: scenario.outcome: expected one of completed, failed"),
    ("scenario: {run: soon}", "line 1: scenario.run: 'soon' is not a length of time"),
    ("scenario: {polls: 3, run: 1s}", "line 1: scenario: polls already say how long"),
    ("scenario:\n  programs:\n    vqe:\n      run: -1", "line 4: scenario.programs.vqe.run:"),
    ("scenario: {jobs: [{polls: -1}]}", "line 1: scenario.jobs[0].polls: expected a whole number of polls"),
    ("scenario: {cancel_lag: 3 polls}", "line 1: scenario.cancel_lag: a cancellation takes time, not polls"),
    ("latency: 3 polls", "line 1: latency: '3 polls' is not a length of time"),
    ("latency: [1s]", "line 1: latency: ['1s'] is not a length of time"),
    ("latencies: {submit: 1s}", "line 1: latencies.submit: there is no such operation"),
    ("latencies:\n  get-job: 1s\n  submit-job: soon", "line 3: latencies.submit-job: 'soon' is not a length of time"),
    ("faults: {act: {status: 503}}", "line 1: faults: expected a list of faults"),
    ("faults: [503]", "line 1: faults[0]: expected a mapping with match and act"),
    ("faults:\n  - act:\n      status: 999", "line 3: faults[0].act.status:"),
    ("faults: [{match: {operation: submit-job}}]", "line 1: faults[0].act: it is missing"),
    ("chaos: flaky-network", "line 1: chaos: expected a list of names"),
    ("tokens: [a]\nsessions: [{mode: both}]", "line 2: sessions[0].mode: expected one of batch, dedicated, not 'both'"),
    ("tokens: [a]\nsessions: [{opened: yesterday}]", "line 2: sessions[0].opened: expected a moment such as 5m ago"),
    ("tokens: [a]\nsessions: [{max_ttl: never}]", "line 2: sessions[0].max_ttl: expected one length of time"),
    ("tokens: [a]\nsessions: [{id: 5}]", "line 2: sessions[0].id: expected 20 digits and small letters, or a UUID"),
    ("tokens: [a]\njobs: [{status: running}]", "line 2: jobs[0]: expected a program, one of sampler, estimator"),
    ("tokens: [a]\njobs: [sampler]", "line 2: jobs[0]: expected keys and values"),
    ("tokens: [a]\njobs: [{program: sampler, status: done}]", "line 2: jobs[0].status: expected one of queued, runn"),
    ("tokens: [a]\njobs: [{program: sampler, run: 1s}]", "line 2: jobs[0].run: expected nothing of the kind: a job th"),
    ("tokens: [a]\njobs: [{program: sampler, status: queued, ended: now}]", "line 2: jobs[0].ended: expected nothing"),
    ("tokens: [a]\njobs: [{program: sampler, status: running, queue: 1s}]", "line 2: jobs[0].queue: expected nothing"),
    ("tokens: [a]\njobs: [{program: sampler, status: queued, queue: soon}]", "line 2: jobs[0].queue: 'soon' is not a"),
    ("tokens: [a]\njobs: [{program: sampler, reason: x, result: 1}]", "line 2: jobs[0].result: expected"),
    ("tokens: [a]\njobs: [{program: sampler, tags: [['a']]}]", "line 2: jobs[0].tags[0]: expected a tag"),
    ("tokens: [a]\njobs: [{program: sampler, private: perhaps}]", "line 2: jobs[0].private: expected one of true, fa"),
    ("tokens: [a]\njobs: [{program: sampler, project: a/b}]", "line 2: jobs[0].project: expected a hub, group and"),
    ("tokens: [a]\njobs: [{program: sampler, project: [a, b]}]", "line 2: jobs[0].project: expected three names"),
    ("tokens: [a]\njobs: [{program: sampler, cost: 1s..2s}]", "line 2: jobs[0].cost: expected one length of time"),
    ("tokens: [a]\njobs: [{program: sampler, submitted: 5m}]", "line 2: jobs[0].submitted: expected a moment such"),
)
"""Mistakes that the reader and the schema refuse, and the beginning of what the reader says of each."""

SEEN_BY_THE_READER: Final = (
    ("seed: 7\nseed: 8", "line 2: the file: expected each key once, not 'seed'"),
    ("plans: [{name: a, period: 36h}]", "line 1: plans[0].period: expected whole days such as 28d, found '36h'"),
    ("plans: [{name: a}, {name: a}]", "line 1: plans[1]: expected each plan once, and 'a' is there before"),
    ("instances: [{plan: premium}]", "line 1: instances[0].plan: expected one of open, pay-as-you-go, found 'premium'"),
    ("latency: never", "line 1: latency: an answer that never comes is not a latency"),
    ("clock: {start: 2026-13-01}", "line 1: clock.start: expected an instant"),
    (
        "tokens: [{token: a, name: x}, {token: b, name: x}]",
        "line 1: tokens[1]: expected each name of a token once, and",
    ),
    ("tokens: [a, {token: a, name: x}]", "line 1: tokens[1]: expected each token once, and this one is there before"),
    (
        f"tokens: [{{token: a, sha256: '{DIGEST}'}}]",
        "line 1: tokens[0]: a token and its digest do not agree: give one of them",
    ),
    (
        "tenants: [{name: a, tokens: [x]}, {name: a, tokens: [y]}]",
        "line 1: tenants[1].tokens[0]: expected each name of a token",
    ),
    (
        "clock: {start: 9999-12-31T23:59:59Z}",
        "line 1: clock.start: expected an instant of the years 1900 to 5999, found",
    ),
    (
        "clock:\n  start: 0001-01-01",
        "line 2: clock.start: expected an instant of the years 1900 to 5999, found '0001-01",
    ),
    (
        "tokens: [{token: a, name: bob}]\ninstances: [{name: c, keys: [bbo]}]",
        "line 2: instances[0].keys[0]: expected the name of a token (did you mean bob?), not 'bbo'",
    ),
    (
        "instances: [{name: c, keys: [bob]}]",
        "line 1: instances[0].keys[0]: expected the name of a token (there are none",
    ),
    (
        "also_instances: [{name: c, backends: [ibm_fex]}]",
        "line 1: also_instances[0].backends[0]: expected a backend of this world (did you mean ibm_fez?)",
    ),
    (
        "tenants: [{name: t, tokens: [a], instances: [{name: c, keys: [s]}]}]",
        "line 1: tenants[0].instances[0].keys[0]: expected the name of a token (known are t), not 's'",
    ),
    ("instances:\n- a\n- name: a", "line 3: instances[1]: expected each instance once, and 'a' is there before"),
    (
        f"instances:\n- '{CRN}'\n- {{name: a, crn: '{CRN}'}}",
        "line 3: instances[1]: expected each instance once, and 'crn:v1:",
    ),
    (
        "instances: [{}, {plan: open}]",
        "line 1: instances[1]: expected each instance once, and 'default' is there before",
    ),
    (
        "scenario:\n  programs:\n    smapler: {run: now}",
        "line 3: scenario.programs.smapler: expected a program of this world (did you mean sampler?)",
    ),
    ("jobs:", "line 1: jobs: expected a list of jobs, and nothing is there"),
    ("jobs:\n  -program: sampler", "line 2: jobs: expected a list of jobs (expected a blank after '-')"),
    (
        "programs: -sampler",
        "line 1: programs: expected a list of programs (expected a blank after '-'), not '-sampler'",
    ),
    ("seed:7", "line 1: the file: expected keys and values (expected a blank after the colon)"),
    (
        "tokens: [a]\njobs: [{program: sampler, status: Completed}]",
        "line 2: jobs[0].status: expected one of queued, running, completed, failed, cancelled, ran-too-long (did you",
    ),
    ("jobs: [{program: sampler}]", "line 1: jobs[0]: expected an owner: the name of one of the tokens, of which there"),
    ("jobs: [{program: sampler, owner: bob}]", "line 1: jobs[0].owner: expected the name of a token (there are none)"),
    (
        "tokens: [{token: a, name: alice}]\njobs: [{program: sampler, owner: alise}]",
        "line 2: jobs[0].owner: expected the name of a token (did you mean alice?), not 'alise'",
    ),
    (
        "sessions: [{name: s, mode: x}]\njobs: [{program: sampler, owner: IBMid-0123456789, session: s}]",
        "line 1: sessions[0].mode: expected one of batch, dedicated, not 'x'",
    ),
    ("tokens: [a]\njobs: [{program: smapler}]", "line 2: jobs[0].program: expected a program of this world (did you"),
    (
        "tokens: [a]\njobs: [{program: sampler, backend: ibm_fex}]",
        "line 2: jobs[0].backend: expected a backend of this world (did you mean ibm_fez?), not 'ibm_fex'",
    ),
    (
        "tokens: [a]\nsessions: [{name: mine}]\njobs: [{program: sampler, session: mien}]",
        "line 3: jobs[0].session: expected the name or id of an entry of sessions (did you mean mine?), not 'mien'",
    ),
    ("tokens: [a]\njobs: [{program: sampler, session: s}]", "line 2: jobs[0].session: expected the name or id of an"),
    (
        (
            "tokens: [a]\nsessions: [{name: s, backend: ibm_fez}]\n"
            "jobs: [{program: sampler, session: s, backend: ibm_kyiv}]"
        ),
        "line 3: jobs[0].backend: expected the backend of its session, ibm_fez, not 'ibm_kyiv'",
    ),
    (
        "tokens: [a]\nsessions: [{name: s, instance: one}]\njobs: [{program: sampler, session: s, instance: two}]",
        "line 3: jobs[0].instance: expected the instance of its session, one, not 'two'",
    ),
    (
        (
            "tokens: [{token: a, name: a}, {token: b, name: b}]\nsessions: [{name: s, owner: a}]\n"
            "jobs: [{program: sampler, session: s, owner: b}]"
        ),
        "line 3: jobs[0].owner: expected the owner of its session, a, not 'b'",
    ),
    (
        "tokens: [a]\nsessions: [{name: s}, {name: s}]",
        "line 2: sessions[1].name: expected each name once in sessions, not 's'",
    ),
    ("tokens: [a]\nsessions: [{backend: nowhere}]", "line 2: sessions[0].backend: expected a backend of this world"),
    ("tokens: [a]\nsessions: [{opened: in 5s}]", "line 2: sessions[0].opened: expected a moment that is not after the"),
    (
        "tokens: [a]\nsessions: [{opened: 1h ago, closed: 2h ago}]",
        "line 2: sessions[0].closed: expected a moment that is not before opened, not '2h ago'",
    ),
    ("tokens: [a]\nsessions: [{max_ttl: 500ms}]", "line 2: sessions[0].max_ttl: expected whole seconds, at least one"),
    ("tokens: [a]\nsessions: [{opened: soon ago}]", "line 2: sessions[0].opened: expected a moment such as 5m ago"),
    ("tokens: [a]\nsessions: [{opened: never ago}]", "line 2: sessions[0].opened: expected a moment such as 5m ago"),
    ("tokens: [a]\nsessions: [{opened: 2026-99-01}]", "line 2: sessions[0].opened: expected a moment such as 5m ago"),
    (
        (
            "tokens: [a]\njobs:\n  - {id: c2b04fot418h0qp0peh0, program: sampler}\n"
            "  - {id: c2b04fot418h0qp0peh0, program: sampler}"
        ),
        "line 4: jobs[1].id: expected each id once in jobs, not 'c2b04fot418h0qp0peh0'",
    ),
    (
        "clock: {start: 2026-01-01}\ntokens: [a]\njobs: [{program: sampler, submitted: 2026-01-02}]",
        "line 3: jobs[0].submitted: expected a moment that is not after the start of the fake, not '2026-01-02'",
    ),
    (
        "clock: {start: 2026-01-01}\ntokens: [a]\njobs: [{program: sampler, submitted: 1s ago, ended: 2025-01-01}]",
        "line 3: jobs[0].ended: expected a moment that is not before submitted, not '2025-01-01'",
    ),
    ("tokens: [a]\njobs: [{program: sampler, read: now}]", "line 2: jobs[0].read: expected it of a private job that"),
    (
        "tokens: [a]\njobs: [{program: sampler, status: queued, outcome: failed, result: 1}]",
        "line 2: jobs[0].result: expected no result of a job that ends failed",
    ),
    (
        "tokens: [a]\njobs: [{program: sampler, status: queued, outcome: stuck, queue: 1s}]",
        "line 2: jobs[0].queue: expected nothing of the kind: a job that is stuck waits for ever",
    ),
    (
        "tokens: [a]\njobs: [{program: sampler, status: failed, reason: a, error: b}]",
        "line 2: jobs[0].error: expected a reason or an error, not both",
    ),
    ("tokens: [a]\njobs: [{program: sampler, status: failed, lost: true}]", "line 2: jobs[0].lost: expected it of a"),
    ("tokens: [a]\njobs: [{program: sampler, inputs: .inf}]", "line 2: jobs[0].inputs: expected a number that JSON"),
    ("tokens: [a]\njobs: [{program: sampler, inputs: {a: 1, a: 2}}]", "line 2: jobs[0].inputs: expected each key once"),
    ("backends: [{from: ibm_atlantis}]", "line 1: backends[0].from: expected a device of ibm_fez"),
    ("scenario: {<<: 5}", "line 1: scenario: expected a mapping to merge, or a list of them, not '5'"),
    ("scenario: {[a]: 1}", "line 1: scenario: expected a text as key"),
)
"""Mistakes that only the reader sees, and the beginning of what it says of each."""
