"""The control plane: `/_mock/`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mock_runtime import Config, SystemClock, create_app
from tests.mock_runtime.fakes import EDITION_2021, Account, Fake

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.mock_runtime.conftest import MakeFake


@pytest.fixture
def control(fake: Fake) -> FlaskClient:
    """A client without credentials, for none are asked for."""
    return fake.client


def sentence(answer: TestResponse, status: int) -> str:
    """What the control plane says of an error of that status."""
    assert answer.status_code == status, answer.text
    body = answer.get_json()
    assert list(body) == ["error", "trace"]
    assert body["error"]["status"] == status
    return str(body["error"]["message"])


def test_health_tells_edition_and_seed(control: FlaskClient) -> None:
    """So that a run can be repeated."""
    assert control.get("/_mock/health").get_json() == {"status": "ok", "edition": "legacy-2021", "seed": 0}


def test_a_reset_begins_again(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """World, scenario, ids and random numbers; the clock goes on."""
    control.patch("/_mock/scenario", json={"queue": "1s..9s"})
    first = alice.submit()
    alice.upload("mine")
    alice.delete("/programs/mine")
    alice.upload("mine")
    fake.runtime.script.reset()
    answer = control.post("/_mock/reset")
    assert (answer.status_code, answer.data) == (204, b"")
    assert alice.get("/jobs").get_json()["count"] == 0
    assert len(alice.get("/programs").get_json()) == 6
    assert alice.submit() == first
    fake.clock.advance(5)
    control.post("/_mock/reset")
    assert control.get("/_mock/clock").get_json()["now"] == fake.clock.now()


def test_virtual_time_can_be_moved(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """By a length, whereupon jobs are where they would be then."""
    begun = fake.clock.now()
    standing = {"now": begun, "time": "2021-05-08T03:15:11.000Z", "speed": 0.0, "manual": True}
    assert control.get("/_mock/clock").get_json() == standing
    job = alice.submit()
    moved = {**standing, "now": begun + 1, "time": "2021-05-08T03:15:12.000Z"}
    assert control.post("/_mock/clock", json={"advance": "1s"}).get_json() == moved
    assert alice.status(job) == "Running"
    control.post("/_mock/clock", data=b'{"advance": 2}')
    assert alice.status(job) == "Completed"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "the body is not JSON: it is empty"),
        (b"{}", 'send {"advance": "5s"}'),
        (b'{"advance": 1, "x": 2}', 'send {"advance": "5s"}'),
        (b'{"advance": "soon"}', "advance: 'soon' is not a length of time"),
        (b'{"advance": -1}', "advance: '-1' is not a length of time"),
        (b'{"advance": null}', "advance: None is not a length of time"),
        (b'{"advance": "1s..2s"}', "advance: expected one length of time, such as 5s"),
        (b'{"advance": "never"}', "advance: expected one length of time, such as 5s"),
        (b'{"advance": 1e400}', "the body is not readable JSON: the number 1e400 is too large"),
        (b'{"advance": 1' + b"0" * 400 + b"}", "advance: a number of more than 1e+09 seconds is too long"),
    ],
)
def test_time_moves_by_one_length(fake: Fake, control: FlaskClient, body: bytes, expected: str) -> None:
    """Anything else is refused, and the clock stays."""
    begun = fake.clock.now()
    assert sentence(control.post("/_mock/clock", data=body), 400).startswith(expected)
    assert fake.clock.now() == begun


def test_time_ends_with_the_year_9999(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """However often it is moved; what was made on the way still has a date."""
    fake.clock.advance(250_000_000_000)
    job = alice.submit()
    answers = [control.post("/_mock/clock", json={"advance": 1e9}) for _ in range(2)]
    assert answers[0].status_code == 200
    assert "the years end with 9999" in sentence(answers[1], 400)
    assert alice.get(f"/jobs/{job}").get_json()["created"].startswith("9943-")


def test_real_time_cannot_be_moved() -> None:
    """409, with what to do about it."""
    client = create_app(Config(edition=EDITION_2021), clock=SystemClock()).test_client()
    assert client.get("/_mock/clock").get_json()["manual"] is False
    assert "give it a SteerableClock" in sentence(client.post("/_mock/clock", json={"advance": 1}), 409)


def test_the_scenario_can_be_read_replaced_and_changed(control: FlaskClient) -> None:
    """PUT says everything, PATCH only what changes, for all jobs, one program or the next job."""
    empty: dict[str, object] = {"programs": {}, "jobs": []}
    assert control.get("/_mock/scenario").get_json() == empty
    assert control.put("/_mock/scenario", json={"run": "12d"}).get_json() == {"run": "1036800s", **empty}
    control.patch("/_mock/scenario", json={"queue": "1s..3s"})
    control.patch("/_mock/scenario/programs/vqe", json={"outcome": "failed", "reason": "E"})
    control.patch("/_mock/scenario/programs/vqe", json={"run": "3 polls"})
    shown = control.post("/_mock/scenario/jobs", json={"result": {"a": [1]}}).get_json()
    assert shown == {
        "queue": "1s..3s",
        "run": "1036800s",
        "programs": {"vqe": {"run": "3 polls", "outcome": "failed", "reason": "E"}},
        "jobs": [{"outcome": "completed", "result": {"a": [1]}}],
    }
    assert control.put("/_mock/scenario", json=shown).get_json() == shown
    assert control.put("/_mock/scenario", json={}).get_json() == empty


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("PUT", "/scenario", {"runn": 1}, "scenario.runn: unknown setting; known are"),
        ("PUT", "/scenario", {"jobs": 5}, "scenario.jobs: expected a list"),
        ("PUT", "/scenario", {"programs": {"vqe": {"run": "x"}}}, "scenario.programs.vqe.run: 'x' is not"),
        ("PATCH", "/scenario", {"polls": -1}, "polls: expected a whole number"),
        ("PATCH", "/scenario", {"programs": {}}, "programs: unknown setting"),
        ("PATCH", "/scenario", {"self": 1}, "self: unknown setting"),
        ("PATCH", "/scenario", {"run": 10**400}, "run: a number of more than 1e+09 seconds"),
        ("PATCH", "/scenario/programs/vqe", {"program_id": 1}, "programs.vqe.program_id: unknown setting"),
        ("POST", "/scenario/jobs", {"self": 1}, "self: unknown setting"),
        ("POST", "/scenario/jobs", [1], "the body must be a JSON object, not an array"),
        ("PATCH", "/jobs/x", {"outcome": "maybe"}, "outcome: expected one of"),
    ],
)
def test_a_wrong_scenario_is_refused(control: FlaskClient, method: str, path: str, body: Any, expected: str) -> None:
    """With the place of the mistake, and the old one stays in force."""
    before = control.get("/_mock/scenario").data
    answer = control.open(f"/_mock{path}", method=method, data=json.dumps(body))
    assert sentence(answer, 400).startswith(expected)
    assert control.get("/_mock/scenario").data == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "/_mock/", 405), ("GET", "/_mock/nothing", 404), ("DELETE", "/_mock/scenario", 405)],
)
def test_what_is_not_there_is_refused_in_the_words_of_the_control_plane(
    control: FlaskClient, method: str, path: str, status: int
) -> None:
    """Not in those of an edition."""
    assert sentence(control.open(path, method=method), status)


def test_without_a_control_plane_there_is_none(make_fake: MakeFake) -> None:
    """Its addresses are as unknown as any other, and in the edition's words."""
    client = make_fake(control=False).client
    for method, path in (("GET", "/_mock/health"), ("POST", "/_mock/reset"), ("PUT", "/_mock/scenario")):
        answer = client.open(path, method=method)
        assert answer.status_code == 404
        assert answer.get_json()["errors"][0]["code"] == "not_found"


def replanned(control: FlaskClient, job: str, **settings: object) -> str:
    """The status of a job after a change to its plan."""
    answer = control.patch(f"/_mock/jobs/{job}", json=settings)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["id"] == job
    return str(answer.get_json()["status"])


def test_a_job_can_be_given_another_future(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """Counted from now, whoever owns it."""
    job = alice.submit()
    assert replanned(control, job, queue="10s", run="5s", outcome="failed", reason="KeyError: 'x'") == "queued"
    fake.clock.advance(10)
    assert alice.status(job) == "Running"
    fake.clock.advance(5)
    assert alice.status(job) == "Failed"
    assert alice.get(f"/jobs/{job}/results").text.endswith("\nKeyError: 'x'\n")


def test_a_replanned_job_keeps_what_is_not_named(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """A job that was ordered to fail fails, however long it takes."""
    fake.runtime.script.next_job(outcome="failed", reason="KeyError: 'x'", queue="3 polls", cancel_lag="9s")
    job = alice.submit()
    alice.status(job)
    alice.status(job)
    assert replanned(control, job, run="5s") == "queued"
    assert [alice.status(job), alice.status(job)] == ["Queued", "Running"]
    fake.clock.advance(5)
    assert alice.get(f"/jobs/{job}/results").text.endswith("KeyError: 'x'\n")


def test_the_plan_of_the_next_job_is_not_that_of_a_replanned_one(
    fake: Fake, alice: Account, control: FlaskClient
) -> None:
    """What waits for a submission goes on waiting."""
    job = alice.submit()
    fake.runtime.script.next_job(outcome="failed", queue=0, run=0)
    assert replanned(control, job, queue=0, run=0) == "completed"
    assert alice.status(alice.submit()) == "Failed"


def test_a_stuck_job_can_be_released(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """An outcome that is an end takes it out of the queue."""
    fake.runtime.script.next_job(outcome="stuck")
    job = alice.submit()
    fake.clock.advance(1e6)
    assert replanned(control, job, outcome="completed") == "running"
    assert replanned(control, job, run=0) == "completed"


def test_a_job_can_be_made_stuck(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """While it is in the queue."""
    job = alice.submit()
    assert replanned(control, job, outcome="stuck") == "queued"
    fake.clock.advance(1e6)
    assert alice.status(job) == "Queued"


def test_bad_inputs_fail_whatever_is_planned(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """But for a result that is given outright."""
    job, given = alice.submit(params=["nope"]), alice.submit(params=["nope"])
    assert replanned(control, job, outcome="completed", queue=0, run=0) == "failed"
    assert "JSONDecodeError" in alice.get(f"/jobs/{job}/results").text
    assert replanned(control, given, result=5, queue=0, run=0) == "completed"
    assert alice.get(f"/jobs/{given}/results").text == "5"


def test_polls_can_be_ordered_for_a_job_that_runs(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """As many as are named, though it has left the queue."""
    job = alice.submit()
    fake.clock.advance(1)
    assert replanned(control, job, polls=5) == "running"
    assert [alice.get(f"/jobs/{job}/results").status_code for _ in range(6)] == [204] * 5 + [200]


def test_a_replanned_job_still_has_the_limit_of_its_program(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """Also one that was to be measured in polls."""
    fake.runtime.script.next_job(polls=2)
    job = alice.submit()
    replanned(control, job, queue=0, run="2h")
    fake.clock.advance(300)
    assert alice.status(job) == "Cancelled - Ran too long"


def test_a_job_of_a_deleted_program_can_be_replanned(alice: Account, control: FlaskClient) -> None:
    """The job is still there."""
    alice.upload("mine")
    job = alice.submit(programId="mine", params=['{"a": 1}'])
    alice.delete("/programs/mine")
    assert replanned(control, job, queue=0, run=0, outcome="completed") == "completed"
    assert alice.get(f"/jobs/{job}/results").text == '{"a": 1}'


def test_a_job_that_is_final_or_unknown_cannot_be_replanned(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """409 and 404."""
    job = alice.submit()
    fake.clock.advance(3)
    assert "already final: completed" in sentence(control.patch(f"/_mock/jobs/{job}", json={"run": 1}), 409)
    assert sentence(control.patch("/_mock/jobs/x", json={"run": 1}), 404) == "no job 'x'"


@pytest.mark.parametrize("change", [{"outcome": "completed"}, {"run": 0}, {"cancel_lag": "9s"}])
def test_a_result_that_was_ordered_survives_a_replan(
    fake: Fake, alice: Account, control: FlaskClient, change: dict[str, object]
) -> None:
    """As long as no other is named; null is one that can be."""
    for result, text in ((5, "5"), (None, "null")):
        fake.runtime.script.next_job(result=result)
        job = alice.submit()
        replanned(control, job, **change)
        fake.clock.advance(3)
        assert alice.get(f"/jobs/{job}/results").text == text


def test_a_failed_plan_can_be_taken_back(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """The job then ends with what its program makes of its inputs."""
    fake.runtime.script.next_job(outcome="failed")
    job = alice.submit()
    assert replanned(control, job, outcome="completed", queue=0, run=0) == "completed"
    assert alice.get(f"/jobs/{job}/results").text == "All done!"


def test_a_reason_alone_lets_a_job_fail(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """Whether or not it was going to: a reason is that of a failure."""
    fake.runtime.script.next_job(outcome="failed")
    failing, other = alice.submit(), alice.submit()
    for job in (failing, other):
        replanned(control, job, reason="KeyError: 'y'")
    fake.clock.advance(3)
    assert alice.get(f"/jobs/{failing}/results").text.endswith("KeyError: 'y'\n")
    assert alice.get(f"/jobs/{other}/results").text.endswith("KeyError: 'y'\n")


def test_the_index_lists_every_operation(control: FlaskClient) -> None:
    """In the form in which documents write paths."""
    operations = control.get("/_mock/").get_json()["operations"]
    assert "PATCH /_mock/scenario/programs/{id}" in operations
    assert "PATCH /_mock/jobs/{jid}" in operations


def test_latency_can_be_read_and_changed(fake: Fake, alice: Account, control: FlaskClient) -> None:
    """From the next request on, until a reset; an endless one is refused."""
    assert control.get("/_mock/latency").get_json() == {"latency": "0s", "of": {}}
    assert control.put("/_mock/latency", json={"latency": "250ms"}).get_json() == {"latency": "0.25s", "of": {}}
    before = fake.clock.now()
    assert alice.get("/jobs").status_code == 200
    assert fake.clock.now() == before + 0.25
    assert sentence(control.put("/_mock/latency", json={"latency": "never"}), 400).startswith("latency: ")
    assert sentence(control.put("/_mock/latency", json={}), 400) == 'send {"latency": "5s"}'
    control.post("/_mock/reset")
    assert control.get("/_mock/latency").get_json() == {"latency": "0s", "of": {}}


def test_a_page_of_another_origin_steers_nothing(control: FlaskClient) -> None:
    """A browser says where a page comes from; our own pages may."""
    foreign = control.post("/_mock/reset", headers={"Origin": "http://elsewhere.example"})
    assert sentence(foreign, 403).startswith("a page of 'http://elsewhere.example' may not steer this server; only its")
    assert control.post("/_mock/reset", headers={"Origin": "http://localhost"}).status_code == 204
