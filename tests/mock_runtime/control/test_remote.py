"""The control plane of a server in another process, in Python."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import requests

from mock_runtime import Config, create_app
from mock_runtime.clock import SteerableClock
from mock_runtime.guard import Guard
from mock_runtime.remote import CannotReach, ControlError, RemoteControl
from mock_runtime.transport.in_process import WSGIAdapter
from mock_runtime.transport.server import LiveServer
from tests.mock_runtime.fakes import EDITION_2021

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

ME = {"Authorization": "Bearer alice"}
BODY = {"programId": "runtime-simple"}
URL = "http://runtime.invalid"


@pytest.fixture
def app() -> Flask:
    """A fake whose time stands still, and may run."""
    return create_app(Config(edition=EDITION_2021, seed=0), clock=SteerableClock(1e9, 0.0))


@pytest.fixture
def session(app: Flask) -> Iterator[requests.Session]:
    """A session that reaches the fake without a socket."""
    with requests.Session() as found:
        found.mount("http://", WSGIAdapter(app))
        yield found


@pytest.fixture
def control(session: requests.Session) -> RemoteControl:
    """Somebody in another process, as far as he knows."""
    return RemoteControl(URL, session=session)


@pytest.fixture
def job(session: requests.Session) -> str:
    """A job in the queue."""
    return submitted(session, f"{URL}/")


def submitted(session: requests.Session, url: str) -> str:
    """The id of a new job."""
    return str(session.post(f"{url}jobs", json=BODY, headers=ME).json()["id"])


def test_time_is_steered(control: RemoteControl, job: str) -> None:
    """By lengths, by speeds, and until a job is somewhere."""
    assert control.clock.now() == 1e9
    assert control.clock.advance_until(job, "running")["status"] == "running"
    assert (
        control.clock.advance_until(SimpleNamespace(job_id=lambda: job), "final", at_most="1h")["status"] == "completed"
    )
    assert control.clock.advance("1m")["now"] == 1e9 + 63
    assert control.clock.set_speed("100x")["speed"] == 100
    assert control.clock.set_speed("manual")["manual"] is True
    control.set_latency("1s", of={"submit-job": 0})
    assert control.latency() == {"latency": "1s", "of": {"submit-job": "0s"}}


def test_jobs_are_seen_and_changed(control: RemoteControl, session: requests.Session, job: str) -> None:
    """Whoever owns them."""
    assert [one["id"] for one in control.jobs.all(status="queued")] == [job]
    assert control.jobs.get(SimpleNamespace(id=job))["status"] == "queued"
    assert control.jobs.replan(job, queue=0, run="1h")["status"] == "running"
    assert control.jobs.requeue(job, "5s")["status"] == "queued"
    assert control.jobs.finish(job)["status"] == "completed"
    assert control.jobs.lose_result(job)["id"] == job
    failing, cancelled, without = (submitted(session, f"{URL}/") for _ in range(3))
    assert control.jobs.fail(failing, "KeyError: 'x'")["status"] == "failed"
    assert control.jobs.withhold_result(without)["status"] == "queued"
    assert session.post(f"{URL}/jobs/{cancelled}/cancel", headers=ME).status_code == 204
    assert control.jobs.outrun_cancel(cancelled)["status"] == "completed"
    assert control.jobs.cancel(submitted(session, f"{URL}/"))["status"] == "cancelled"
    assert control.sessions() == []


def test_the_scenario_is_changed(control: RemoteControl) -> None:
    """For all jobs, those of a program, and the next one."""
    control.script.set(run="1h")
    control.script.program("vqe", outcome="failed")
    found = control.script.next_job(polls=3)
    assert (found["run"], found["programs"]["vqe"]["outcome"], len(found["jobs"])) == ("3600s", "failed", 1)
    assert control.script.replace({}) == control.script.read() == {"programs": {}, "jobs": []}


def test_backends_come_and_go(control: RemoteControl) -> None:
    """One of them, or all."""

    def seen() -> set[str]:
        return {one["availability"] for one in control.backends.all()}

    control.backends.offline("*", "storm", for_="1h")
    assert seen() == {"offline"}
    control.backends.online("*")
    control.backends.paused("*")
    assert seen() == {"paused"}
    control.backends.online("*")
    control.backends.maintenance(for_="2h", message="Calibration")
    assert seen() == {"paused"}
    control.backends.end_maintenance()
    assert seen() == {"online"}


def test_faults_are_armed_and_met(control: RemoteControl, session: requests.Session, job: str) -> None:
    """And a test can demand that all were."""
    control.faults.add(id="storm", match={"operation": "get-job"}, act={"status": 503}, times=2)
    with pytest.raises(AssertionError, match="1 of 1 fault was never met"):
        control.faults.assert_all_met()
    assert control.faults.unmet == ["storm"]
    assert session.get(f"{URL}/jobs/{job}", headers=ME).status_code == 503
    control.faults.assert_all_met()
    control.faults.assert_all_met(["storm"])
    assert control.faults.off("storm")["on"] is False
    assert control.faults.on("storm")["met"] == 1
    assert control.faults.change("storm", times=7)["times"] == control.faults.get("storm")["times"] == 7
    control.faults.remove("storm")
    control.faults.extend([{"act": {"slow": "1s"}}, {"act": {"slow": "2s"}}])
    assert len(control.faults.all()) == 2
    assert len(control.faults.replace([{"act": {"slow": "1s"}}])) == 1
    control.faults.clear()
    assert [one["source"] for one in control.faults.arm_profile("storm", probability=0.5)] == ["storm"]
    assert any(one["armed"] for one in control.faults.profiles())
    control.faults.disarm_profile("storm")
    assert control.faults.all() == []


def test_the_journal_is_asked_and_asserted_on(control: RemoteControl, session: requests.Session, job: str) -> None:
    """As in Python itself: AssertionError tells what was seen instead."""
    for _ in range(2):
        session.get(f"{URL}/jobs/{job}/results", headers=ME)
        control.clock.advance(2)
    journal = control.journal
    assert [one["number"] for one in journal.entries(job=SimpleNamespace(id=job), operation="get-results")] == [2, 3]
    assert journal.entries(fault=True) == []
    assert journal.page(after=2)["position"] == 3
    assert "alice" not in str(journal.exchange(1))
    assert len(journal.har(status=200)["log"]["entries"]) == 1
    journal.assert_polled(job, times=2, interval=(1.9, None))
    journal.assert_sequence(job, [204, 204])
    journal.assert_called("get-results", times=2)
    journal.assert_not_called("cancel-job")
    journal.assert_order(["submit-job", ("get-results", 204)])
    journal.assert_no_unknown_fields(headers=False)
    assert journal.assert_submitted_once(program="runtime-simple") == job
    with pytest.raises(AssertionError, match="no request failed"):
        journal.assert_retried("get-results")
    with pytest.raises(AssertionError, match=f"expected 24 polls of job {job}, found 2"):
        journal.assert_polled(job, times=24)
    assert control.scorecard()["exchanges"] == 3
    assert control.scorecard_text().startswith("3 exchanges")
    journal.clear()
    assert journal.entries() == []


def test_a_scope_lasts_as_long_as_it_is_needed(control: RemoteControl, session: requests.Session, job: str) -> None:
    """And is a world of its own."""
    with control.scope(polls=1) as world:
        assert world.url == f"{URL}/_scope/{world.scope_name}/"
        assert world.header == {"Mock-Runtime-Scope": world.scope_name}
        assert world.jobs.all() == []
        inside = submitted(session, world.url)
        assert [one["id"] for one in world.jobs.all()] == [inside]
        assert RemoteControl(world.url, session=session).state()["scope"] == world.scope_name
        assert len(control.scopes()) == 2
    assert [one["id"] for one in control.jobs.all()] == [job]
    assert len(control.scopes()) == 1
    with pytest.raises(ControlError, match="no scope") as caught:
        world.state()
    assert caught.value.status == 404
    with pytest.raises(ZeroDivisionError), control.scope("one"):
        raise ZeroDivisionError
    assert len(control.scopes()) == 1
    assert (control.url, control.header) == (f"{URL}/", {})


def test_worlds_are_kept_and_put_back(control: RemoteControl, job: str) -> None:
    """As snapshots, as files, or as at the start."""
    name, exported = control.snapshot(), control.world()
    control.snapshot("other")
    control.jobs.fail(job)
    control.rollback(name)
    assert control.jobs.get(job)["status"] == "queued"
    control.drop_snapshot("other")
    assert [one["name"] for one in control.snapshots()] == [name]
    control.reset()
    assert control.jobs.all() == []
    control.load_world(exported)
    assert [one["id"] for one in control.jobs.all()] == [job]
    assert "properties" in control.world_schema()
    control.tokens("revoke", "alice")
    assert control.health()["status"] == "ok"


def test_errors_carry_the_sentence_of_the_server(control: RemoteControl) -> None:
    """With its status, and the name by which the log knows it."""
    with pytest.raises(ControlError, match="no job 'x'") as caught:
        control.jobs.finish("x")
    assert caught.value.status == 404
    assert caught.value.trace
    with pytest.raises(ControlError, match="assert: expected one of"):
        control.journal.assert_that("pollled")


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_no_name_leads_elsewhere(control: RemoteControl, name: str) -> None:
    """Who forgets a rule of no name does not forget all of them."""
    control.faults.add(act={"slow": "1s"})
    with pytest.raises(ValueError, match="names nothing"):
        control.faults.remove(name)
    assert len(control.faults.all()) == 1


def test_a_name_with_a_slash_is_one_name(control: RemoteControl) -> None:
    """Of nothing that is there."""
    with pytest.raises(ControlError):
        control.faults.remove("a/../../faults")


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://user:secret@host", "http:///x"])
def test_an_odd_url_is_refused(url: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match="expected the URL of a server"):
        RemoteControl(url)


def test_an_odd_job_is_refused(control: RemoteControl) -> None:
    """One that has no id."""
    with pytest.raises(TypeError, match="expected the id of a job, or an object with job_id or id; found object"):
        control.jobs.get(object())


def test_a_token_is_sent_and_shown_nowhere() -> None:
    """Neither in what is printed, nor in an error."""
    app = create_app(Config(edition=EDITION_2021), guard=Guard(token="secret-token"))
    with LiveServer(app) as server, RemoteControl(server.url, token="secret-token") as control:
        assert control.health()["status"] == "ok"
        assert control.state()["edition"] == "legacy-2021"
        assert "secret-token" not in f"{control!r} {control.faults!r} {control.journal!r}"
        with RemoteControl(server.url, token="another") as stranger:
            with pytest.raises(ControlError, match="the control plane is closed") as caught:
                stranger.state()
            assert caught.value.status == 401
            assert "another" not in str(caught.value)


def test_where_nobody_answers_it_says_what_to_do() -> None:
    """Also where somebody answers who is no such server."""
    with LiveServer(create_app(Config(edition=EDITION_2021, control=False))) as server:
        with RemoteControl(server.origin) as control, pytest.raises(CannotReach, match="has no control plane"):
            control.state()
        gone = server.origin
    with RemoteControl(gone) as control, pytest.raises(CannotReach, match="start one with mock-runtime serve"):
        control.state()


class _Odd(requests.adapters.BaseAdapter):
    """Answers with a page, whatever is asked."""

    def send(self, request: Any, **_: Any) -> requests.Response:  # type: ignore[override]
        """The page."""
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 200, request.url, request
        answer._content = b"<html>"
        return answer

    def close(self) -> None:
        """Nothing is open."""


def test_a_page_is_no_answer() -> None:
    """Of a proxy in between, for instance."""
    with requests.Session() as session:
        session.mount("http://", _Odd())
        with pytest.raises(CannotReach, match="has no control plane"):
            RemoteControl(URL, session=session).state()


def test_nothing_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that is led to a fake by a proxy reaches the control plane all the same."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with LiveServer(create_app(Config(edition=EDITION_2021))) as server, RemoteControl(server.url) as control:
        assert control.health()["status"] == "ok"
