"""The question of idempotence: the answer to a submission is lost, and there shall be one job all the same.

Neither API has a key of idempotence, and no client of ours sends a submission twice by itself: it cannot know whether
the first one arrived. It says so (`TransportError.sent`, `ServerError`), and a program finds its job in the list by
what it has written into it, a tag today and the inputs in 2021.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from runtime_client import ServerError, TransportError
from tests.mock_runtime.bad_days.rows import Rule, on
from tests.mock_runtime.bad_days.scenes import (
    ALL_WAYS,
    ANSWER,
    EDITIONS,
    PROGRAM,
    Places,
    Scene,
    Way,
    submitted,
)

TO_A_FAKE: Final = [way for way in ALL_WAYS if way.by in {"socket", "interception"}]
NUMBER: Final = 4711
LOST: Final[dict[str, Rule]] = {
    "the answer is cut off": {"cut": "before"},
    "the connection is reset": {"cut": "before", "reset": True},
    "half of the answer comes": {"cut": "within"},
    "a gateway answers in its place": {"status": 504, "body": "html"},
}
"""What becomes of the answer, of requests that are carried out."""
DROPPED: Final[dict[str, Rule]] = {
    "the request is cut off": {"cut": "request"},
    "the request is refused": {"status": 503},
}
"""Requests that are not carried out."""


def lost(act: Rule) -> Rule:
    """A rule that changes the first answer to a submission; with a status it has to wait for that answer."""
    return on("submit-job", act, calls=1, **({"status": "2xx"} if "status" in act else {}))


def logged_in(scene: Scene) -> Any:
    """The client of a scene, ready to be used."""
    if scene.edition == "2021":
        scene.client.login()
    return scene.client


def found(client: Any, edition: str) -> Any:
    """The handle of the job that says it has our number; None if there is none."""
    if edition == "2021":
        jobs = [job for job in client.iter_jobs() if f'"number": {NUMBER}' in "".join(job.params)]
    else:
        jobs = list(client.jobs(tags=[f"number-{NUMBER}"]))
    assert len(jobs) <= 1
    return client.job(jobs[0].id) if jobs else None


def carefully(client: Any, edition: str) -> Any:
    """Submit a job, and where nobody knows what became of that, look before it is submitted again."""
    try:
        return submitted(client, edition, PROGRAM, NUMBER)
    except (TransportError, ServerError):
        job = found(client, edition)
        return job if job is not None else submitted(client, edition, PROGRAM, NUMBER)


def result(job: Any, edition: str) -> Any:
    """What a job came to."""
    given = job.result(timeout=60)
    return given if edition == "2021" else given.json()


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("way", TO_A_FAKE, ids=str)
@pytest.mark.parametrize("how", LOST)
def test_submitted_once_though_the_answer_was_lost(places: Places, edition: str, way: Way, how: str) -> None:
    """One request, one job, one result; and an operator has nothing to complain about."""
    with places.scene(edition, way, [lost(LOST[how])]) as scene:
        job = carefully(logged_in(scene), edition)
        assert result(job, edition) == ANSWER[edition]
        requests = scene.runtime.requests
        requests.assert_called("submit-job", times=1)
        assert requests.assert_submitted_once(program=PROGRAM[edition]) == job.id
        requests.assert_order(["submit-job", "list-jobs", ("get-results", 200)])
        scene.faults.assert_all_met()
        assert scene.runtime.scorecard().worst is None


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("way", TO_A_FAKE, ids=str)
@pytest.mark.parametrize("how", DROPPED)
def test_submitted_again_where_the_first_did_not_arrive(places: Places, edition: str, way: Way, how: str) -> None:
    """Two requests, one job: the list has told that the first made none."""
    with places.scene(edition, way, [on("submit-job", DROPPED[how], calls=1)]) as scene:
        job = carefully(logged_in(scene), edition)
        assert result(job, edition) == ANSWER[edition]
        requests = scene.runtime.requests
        requests.assert_called("submit-job", times=2)
        assert requests.assert_submitted_once(program=PROGRAM[edition]) == job.id
        scene.faults.assert_all_met()
        assert scene.runtime.scorecard().worst is None


@pytest.mark.parametrize("edition", EDITIONS)
def test_whoever_submits_again_blindly_has_two_jobs(places: Places, edition: str) -> None:
    """The journal shows both requests with their fate, and the scorecard complains."""
    with places.scene(edition, Way("requests", "adapter"), [lost({"cut": "before"})]) as scene:
        client = logged_in(scene)
        with pytest.raises(TransportError) as error:
            submitted(client, edition, PROGRAM, NUMBER)
        assert error.value.sent
        submitted(client, edition, PROGRAM, NUMBER)
        with pytest.raises(AssertionError) as shown:
            scene.runtime.requests.assert_submitted_once()
        lines = str(shown.value).splitlines()
        assert lines[0] == "expected 1 job to be made, found 2, by 2 requests"
        assert "cut before the answer" in lines[1]
        assert lines[1].endswith("a job was made, and the client did not hear of it)")
        assert lines[2].endswith("; a job was made)")
        scene.clock.advance(1)
        assert "made-twice" in [finding.rule for finding in scene.runtime.scorecard().findings]


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("way", TO_A_FAKE, ids=str)
@pytest.mark.parametrize("how", [*LOST, *DROPPED])
def test_no_client_sends_a_submission_twice_by_itself(places: Places, edition: str, way: Way, how: str) -> None:
    """One call is one request, and one error that leaves open what became of it."""
    act = {**LOST, **DROPPED}[how]
    rule = lost(act) if how in LOST else on("submit-job", act, calls=1)
    with places.scene(edition, way, [rule]) as scene:
        client = logged_in(scene)
        with pytest.raises((TransportError, ServerError)) as error:
            submitted(client, edition, PROGRAM, NUMBER)
        assert getattr(error.value, "sent", True)
        scene.runtime.requests.assert_called("submit-job", times=1)
        scene.faults.assert_all_met()
