"""What a job answers in each of its states: status, results and logs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.mock_runtime.conftest import MakeFake
    from tests.mock_runtime.fakes import Account, Fake

TRACEBACK = 'Traceback (most recent call last):\n  File "program.py", line 1, in main\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """How a job is brought into a state, and what it answers there."""

    name: str
    scenario: dict[str, Any] = field(default_factory=dict)
    params: tuple[str, ...] = ()
    after_s: float = 10.0
    status: str
    results: int = 200
    text: str = ""
    logs: int = 200
    log: str = "ran 5 iterations\n"


CASES = [
    Case(name="queued", after_s=0.5, status="Queued", results=204, logs=404),
    Case(name="running", after_s=1.0, status="Running", results=204, logs=404),
    Case(name="stuck", scenario={"outcome": "stuck"}, after_s=1e6, status="Queued", results=204, logs=404),
    Case(name="completed", after_s=3.0, status="Completed", text="All done!"),
    Case(
        name="failed by a reason",
        scenario={"outcome": "failed", "reason": "KeyError: 'x'"},
        status="Failed",
        text=f"{TRACEBACK}KeyError: 'x'\n",
        log=f"{TRACEBACK}KeyError: 'x'\n",
    ),
    Case(
        name="failed without a reason",
        scenario={"outcome": "failed"},
        status="Failed",
        text=f"{TRACEBACK}RuntimeError: the scenario lets this job fail\n",
        log=f"{TRACEBACK}RuntimeError: the scenario lets this job fail\n",
    ),
    Case(
        name="failed by inputs that are not JSON",
        params=("{",),
        status="Failed",
        text=f"{TRACEBACK}json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: "
        "line 1 column 2 (char 1)\n",
        log=f"{TRACEBACK}json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: "
        "line 1 column 2 (char 1)\n",
    ),
    Case(
        name="failed by wrong inputs",
        params=('{"iterations": -1}',),
        status="Failed",
        text=f"{TRACEBACK}ValueError: 'iterations' must be between 0 and 2147483647\n",
        log=f"{TRACEBACK}ValueError: 'iterations' must be between 0 and 2147483647\n",
    ),
    Case(name="cancelled by its plan", scenario={"outcome": "cancelled"}, status="Cancelled", results=204),
    Case(
        name="ran too long by its plan",
        scenario={"outcome": "ran-too-long"},
        status="Cancelled - Ran too long",
        text="ran 5 iterations\nCancelled - Ran too long: job {id} exceeded its maximum execution time\n",
    ),
    Case(
        name="ran too long by the program's cost",
        scenario={"run": "301s"},
        after_s=301.0,
        status="Cancelled - Ran too long",
        text="ran 5 iterations\nCancelled - Ran too long: job {id} exceeded its maximum execution time\n",
    ),
    Case(
        name="ran as long as its program may",
        scenario={"run": "300s"},
        after_s=301.0,
        status="Completed",
        text="All done!",
    ),
    Case(name="logs on their last day", after_s=3.0 + 2 * 86400, status="Completed", text="All done!"),
    Case(name="logs gone", after_s=4.0 + 2 * 86400, status="Completed", text="All done!", logs=410),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_a_job_answers_in_each_state(fake: Fake, alice: Account, case: Case) -> None:
    """The status in the object and in the list, the results, and the logs."""
    fake.runtime.script.set(**case.scenario)
    job = alice.submit(params=list(case.params))
    fake.clock.advance(case.after_s)
    assert alice.status(job) == case.status
    assert alice.get("/jobs").get_json()["jobs"][0]["status"] == case.status
    results = alice.get(f"/jobs/{job}/results")
    assert (results.status_code, results.text) == (case.results, case.text.format(id=job))
    assert results.headers.get("Content-Type") == ("text/plain; charset=utf-8" if case.results == 200 else None)
    logs = alice.get(f"/jobs/{job}/logs")
    assert logs.status_code == case.logs
    if case.logs == 200:
        assert (logs.text, logs.content_type) == (case.log, "text/plain; charset=utf-8")


def test_cancelling_is_at_once_and_only_possible_before_the_end(fake: Fake, alice: Account) -> None:
    """204 while queued and while running, 409 on everything that is final."""
    queued, running, done = alice.submit(), alice.submit(), alice.submit()
    assert alice.post(f"/jobs/{queued}/cancel").status_code == 204
    fake.clock.advance(1)
    answer = alice.post(f"/jobs/{running}/cancel")
    assert (answer.status_code, answer.data) == (204, b"")
    fake.clock.advance(2)
    assert [alice.status(job) for job in (queued, running, done)] == ["Cancelled", "Cancelled", "Completed"]
    for job, status in ((queued, "cancelled"), (running, "cancelled"), (done, "completed")):
        refused = alice.post(f"/jobs/{job}/cancel")
        assert refused.status_code == 409
        assert refused.get_json()["errors"][0]["message"] == f"job '{job}' is already final: {status}"


def test_a_cancellation_may_take_its_time_to_show(fake: Fake, alice: Account) -> None:
    """Until then the job is as before and can be cancelled again; the first request decides when."""
    fake.runtime.script.next_job(run="100s", queue=0, cancel_lag="10s")
    job = alice.submit()
    for _ in range(2):
        assert alice.post(f"/jobs/{job}/cancel").status_code == 204
        assert alice.status(job) == "Running"
        fake.clock.advance(5)
    assert alice.status(job) == "Cancelled"
    assert alice.get(f"/jobs/{job}/results").status_code == 204


def test_the_lag_of_a_job_that_is_yet_to_come_is_not_that_of_this_one(fake: Fake, alice: Account) -> None:
    """A plan for the next submission does not reach back."""
    job = alice.submit()
    fake.runtime.script.next_job(cancel_lag="10s")
    alice.post(f"/jobs/{job}/cancel")
    assert alice.status(job) == "Cancelled"


@pytest.mark.parametrize("after_s", [0, 1, 3])
def test_a_job_can_be_deleted_in_any_state(fake: Fake, alice: Account, after_s: float) -> None:
    """Queued, running or done: 204, and nothing of it is left."""
    job, other = alice.submit(), alice.submit()
    fake.clock.advance(after_s)
    answer = alice.delete(f"/jobs/{job}")
    assert (answer.status_code, answer.data) == (204, b"")
    for method, path in (("GET", ""), ("GET", "/results"), ("GET", "/logs"), ("POST", "/cancel"), ("DELETE", "")):
        assert alice.call(method, f"/jobs/{job}{path}").status_code == 404
    assert [each["id"] for each in alice.get("/jobs").get_json()["jobs"]] == [other]


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("All done!", "All done!"),
        ("", ""),
        ('"quoted"', '"quoted"'),
        ("Größe ☃", "Größe ☃"),
        (42, "42"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "null"),
        ([1, "a"], '[1, "a"]'),
        ({"ä": None}, '{"ä": null}'),
    ],
)
def test_a_result_is_bare_text_or_json(fake: Fake, alice: Account, result: object, text: str) -> None:
    """A string without its quotes, anything else as JSON."""
    fake.runtime.script.set(queue=0, run=0, result=result)
    answer = alice.get(f"/jobs/{alice.submit()}/results")
    assert (answer.status_code, answer.data.decode()) == (200, text)


@pytest.mark.parametrize("n", [0, 1, 2, 23])
def test_exactly_so_many_polls_are_answered_with_nothing(make_fake: MakeFake, n: int) -> None:
    """And from then on every one with the result, whatever time it is."""
    fake = make_fake(scenario={"polls": n})
    alice = fake.account()
    job = alice.submit()
    fake.clock.advance(1e6)
    seen = [alice.get(f"/jobs/{job}/results").status_code for _ in range(n + 2)]
    assert seen == [204] * n + [200] * 2


def test_polls_for_the_status_go_through_all_states(make_fake: MakeFake) -> None:
    """Lists and logs are no polls."""
    alice = make_fake(scenario={"polls": 4}).account()
    job = alice.submit()
    seen = []
    for _ in range(5):
        alice.get("/jobs")
        alice.get(f"/jobs/{job}/logs")
        seen.append(alice.status(job))
    assert seen == ["Queued", "Queued", "Running", "Running", "Completed"]


def test_asking_for_the_status_in_between_takes_no_poll_away(make_fake: MakeFake) -> None:
    """A client that looks at both gets as many empty answers as were ordered."""
    alice = make_fake(scenario={"polls": 5}).account()
    job = alice.submit()
    answers = []
    for _ in range(6):
        answers.append(alice.get(f"/jobs/{job}/results").status_code)
        alice.status(job)
    assert answers == [204] * 5 + [200]


def test_the_same_seed_unfolds_in_the_same_way(make_fake: MakeFake) -> None:
    """Ids, durations and results, request by request."""

    def story(seed: int) -> list[str]:
        fake = make_fake(seed=seed, scenario={"queue": "1s..3s", "run": "5s~2s"})
        alice, told = fake.account(), []
        jobs = [alice.submit(programId=program) for program in ("vqe", "circuit-runner", "quantum-kernel-alignment")]
        for _ in range(20):
            fake.clock.advance(0.5)
            told += [alice.status(job) + alice.get(f"/jobs/{job}/results").text for job in jobs]
        return jobs + told

    assert story(1) == story(1)
    assert story(1) != story(2)


@pytest.mark.parametrize(("backend", "limit_s"), [("ibmq_qasm_simulator", 3 * 3600), ("ibmq_montreal", 8 * 3600)])
def test_the_system_stops_what_the_program_would_allow(make_fake: MakeFake, backend: str, limit_s: float) -> None:
    """After three hours on a simulator and eight on a device, however costly the program."""
    fake = make_fake(scenario={"queue": 0, "run": "12h"})
    alice = fake.account()
    alice.upload("long", cost="999999")
    job = alice.submit(programId="long", backend=backend)
    fake.clock.advance(limit_s - 1)
    assert alice.status(job) == "Running"
    fake.clock.advance(1)
    assert alice.status(job) == "Cancelled - Ran too long"


def test_limits_can_be_configured(make_fake: MakeFake) -> None:
    """How long logs are kept, and how long the system lets a job run."""
    fake = make_fake(scenario={"queue": 0, "run": "60s"}, limits={"logs_kept_s": "1m", "simulator_run_s": "30s"})
    alice = fake.account()
    job = alice.submit()
    fake.clock.advance(30)
    assert alice.status(job) == "Cancelled - Ran too long"
    fake.clock.advance(60)
    assert alice.get(f"/jobs/{job}/logs").status_code == 200
    fake.clock.advance(1)
    assert alice.get(f"/jobs/{job}/logs").status_code == 410
