"""A whole fake: what was, and is put back; a world that is loaded, exported, and read again while it is served."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from mock_runtime import Config, InvalidConfig, LiveServer, ManualClock, SteerableClock, create_app, runtime_of
from mock_runtime.commands.reloading import Reloading
from mock_runtime.worlds.problems import InvalidWorld

if TYPE_CHECKING:
    from pathlib import Path

    from mock_runtime import Runtime

ALICE = {"Authorization": "Bearer alice"}
BOB = {"Authorization": "Bearer bob"}
SUBMISSION = {"programId": "runtime-simple"}


def fake(**settings: Any) -> Runtime:
    """A fake of 2021 under virtual time."""
    return runtime_of(create_app(Config(edition="2021", seed=7, **settings), clock=ManualClock()))


def submit(runtime: Runtime, who: dict[str, str] = ALICE) -> str:
    """A new job."""
    return str(runtime.app.test_client().post("/jobs", json=SUBMISSION, headers=who).get_json()["id"])


def get(runtime: Runtime, path: str, who: dict[str, str] = ALICE) -> Any:
    """What a GET is answered."""
    answer = runtime.app.test_client().get(path, headers=who)
    return answer.get_json() if answer.status_code == 200 else answer.status_code


def test_everything_goes_back_to_what_it_was() -> None:
    """Jobs, time, scenario, faults, latency, journal and ids: what comes afterwards is as it would have been."""
    runtime = fake(latency="1s")
    runtime.script.set(queue="10s", run="10s")
    first = submit(runtime)
    kept = runtime.snapshot()
    now, entries = runtime.clock.now(), list(runtime.requests)

    def later() -> list[Any]:
        job = submit(runtime)
        runtime.clock.sleep(15)
        return [job, get(runtime, f"/jobs/{first}")["status"], get(runtime, f"/jobs/{job}")["status"]]

    once = later()
    runtime.faults.add(act={"status": 503})
    runtime.script.set(queue="1h")
    runtime.latency.set(runtime.latency.duration)
    for _ in range(2):
        runtime.rollback(kept)
        assert (runtime.clock.now(), list(runtime.requests), len(runtime.faults)) == (now, entries, 0)
        assert later() == once


def test_a_revoked_token_is_good_again_after_a_rollback() -> None:
    """Whose tokens are good is a part of the world."""
    runtime = fake()
    kept = runtime.snapshot()
    runtime.site.standing.revoke()
    assert get(runtime, "/jobs") == 401
    runtime.rollback(kept)
    assert get(runtime, "/jobs")["count"] == 0


WORLD = """
edition: legacy-2021
tokens: [{name: alice, token: alice}, {name: bob, token: bob}]
scenario: {polls: 1}
latency: 2s
faults:
  - {id: storm, match: {operation: get-logs}, act: {status: 503}}
jobs:
  - {program: runtime-simple, status: completed, owner: alice, result: done, id: c2b04fot418h0qp0peh0}
  - {program: runtime-simple, status: running, owner: bob}
"""


def test_a_world_file_is_what_the_fake_starts_with(tmp_path: Path) -> None:
    """Tokens, plans, latency, faults, and jobs in any state."""
    file = tmp_path / "world.yaml"
    file.write_text(WORLD, encoding="utf-8")
    runtime = fake(world=file)
    begun = runtime.clock.now()
    assert [job["status"] for job in get(runtime, "/jobs")["jobs"]] == ["Completed"]
    assert runtime.clock.now() == begun + 2
    assert runtime.app.test_client().get("/jobs/c2b04fot418h0qp0peh0/results", headers=ALICE).text == "done"
    assert [job["status"] for job in get(runtime, "/jobs", BOB)["jobs"]] == ["Running"]
    assert get(runtime, "/jobs/c2b04fot418h0qp0peh0/logs") == 503
    assert get(runtime, "/jobs", {"Authorization": "Bearer eve"}) == 401


def test_reset_goes_back_to_the_start_of_the_file(tmp_path: Path) -> None:
    """What is there at the start is there again."""
    file = tmp_path / "world.yaml"
    file.write_text(WORLD, encoding="utf-8")
    runtime = fake(world=file)
    submit(runtime)
    runtime.faults.clear()
    runtime.reset()
    assert get(runtime, "/jobs")["count"] == 1
    assert [armed.id for armed in runtime.faults] == ["storm"]


def test_an_exported_world_is_the_same_world() -> None:
    """Loaded by another fake: the same jobs for the same token, which is nowhere in the file."""
    runtime = fake(tokens=["alice"])
    runtime.script.set(queue="100s", run="200s")
    job = submit(runtime)
    runtime.clock.sleep(150)
    runtime.faults.add(id="late", act={"slow": "1s"})
    text = runtime.export_world()
    assert '"alice"' not in text
    assert "token: alice" not in text
    other = fake()
    other.load_world(text)
    assert [each["id"] for each in get(other, "/jobs")["jobs"]] == [job]
    assert get(other, f"/jobs/{job}")["status"] == "Running"
    assert get(other, "/jobs", BOB) == 401
    assert [armed.id for armed in other.faults] == ["late"]
    other.clock.sleep(150)
    assert get(other, f"/jobs/{job}")["status"] == "Completed"


def test_a_text_with_mistakes_changes_nothing() -> None:
    """It is refused with its line, and the world stays as it was."""
    runtime = fake()
    job = submit(runtime)
    with pytest.raises(InvalidWorld, match="line 2"):
        runtime.load_world("seed: 7\nbakends: []\n", file="mine.yaml")
    assert get(runtime, f"/jobs/{job}")["id"] == job


def test_a_file_is_read_again_while_the_fake_goes_on(tmp_path: Path) -> None:
    """Jobs stay; what the file says of tokens, faults and the scenario holds from then on; mistakes change nothing."""
    file = tmp_path / "world.yaml"
    file.write_text("tokens: [{name: alice, token: alice}]\nscenario: {queue: 1h}\n", encoding="utf-8")
    runtime = fake(world=file)
    job = submit(runtime)
    said: list[tuple[str, str]] = []
    reloading = Reloading(runtime, lambda event, sentence, **_facts: said.append((event, sentence)))
    reloading.look()
    assert said == []
    file.write_text(
        "tokens: [{name: alice, token: alice}, {name: bob, token: bob}]\nscenario: {polls: 0}\n"
        "faults: [{id: storm, match: {operation: list-jobs, caller: bob}, act: {status: 503}}]\n",
        encoding="utf-8",
    )
    reloading.look()
    assert [event for event, _ in said] == ["reloaded"]
    assert get(runtime, f"/jobs/{job}")["status"] == "Queued"
    assert get(runtime, f"/jobs/{submit(runtime)}")["status"] == "Completed"
    assert (get(runtime, "/jobs")["count"], get(runtime, "/jobs", BOB)) == (2, 503)
    file.write_text("tokens: [{name: alice, tken: alice}]\n", encoding="utf-8")
    reloading.look()
    event, sentence = said[-1]
    assert event == "not-reloaded"
    assert f"{file}, line 1" in sentence
    assert get(runtime, "/jobs", BOB) == 503
    assert len(runtime.requests) > 4


def test_jobs_with_an_id_come_into_being_when_the_file_has_them(tmp_path: Path) -> None:
    """Those without one were there at the start, and are not there twice."""
    file = tmp_path / "world.yaml"
    jobs = [{"program": "runtime-simple", "status": "queued", "owner": "alice"}]
    file.write_text(json.dumps({"tokens": [{"name": "alice", "token": "alice"}], "jobs": jobs}), encoding="utf-8")
    runtime = fake(world=file)
    jobs.append({**jobs[0], "id": "c2b04fot418h0qp0peh0"})
    file.write_text(json.dumps({"tokens": [{"name": "alice", "token": "alice"}], "jobs": jobs}), encoding="utf-8")
    for _ in range(2):
        runtime.reload_world()
        assert get(runtime, "/jobs")["count"] == 2
        assert get(runtime, "/jobs/c2b04fot418h0qp0peh0")["status"] == "Queued"


def test_a_file_for_another_edition_is_refused(tmp_path: Path) -> None:
    """By a configuration that names one."""
    file = tmp_path / "world.yaml"
    file.write_text("edition: platform\n", encoding="utf-8")
    with pytest.raises(InvalidConfig, match="expected legacy-2021"):
        fake(world=file)


def test_a_clock_runs_as_it_is_configured() -> None:
    """At a speed, from an instant."""
    runtime = runtime_of(create_app(Config(clock_start="2026-11-22T09:00:00Z", speed="manual")))
    assert isinstance(runtime.clock, SteerableClock)
    assert (runtime.clock.now(), runtime.clock.speed) == (1795338000.0, 0)


def test_a_scorecard_is_had_of_the_fake() -> None:
    """Of all that was asked so far."""
    runtime = fake(scenario={"polls": 60})
    job = submit(runtime)
    for _ in range(60):
        get(runtime, f"/jobs/{job}/results")
        runtime.clock.sleep(0.05)
    (finding,) = runtime.scorecard().findings
    assert (finding.rule, finding.jobs) == ("poll-rate", (job,))


def test_no_mistake_ends_the_reading_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rules of one id are told as any mistake; even a bug of ours is, and the next change is looked at."""
    file = tmp_path / "world.yaml"
    file.write_text("scenario: {queue: 1h}\n", encoding="utf-8")
    runtime = fake(world=file)
    said: list[tuple[str, str]] = []
    reloading = Reloading(runtime, lambda event, sentence, **_facts: said.append((event, sentence)))
    file.write_text("faults: [{id: a, act: {status: 500}}, {id: a, act: {status: 500}}]\n", encoding="utf-8")
    reloading.look()
    assert said[-1][0] == "not-reloaded"
    assert "'a'" in said[-1][1]
    with monkeypatch.context() as patched:
        patched.setattr(type(runtime), "reload_world", lambda _self: 1 / 0)
        file.write_text("scenario: {queue: 2h}\n", encoding="utf-8")
        reloading.look()
    assert said[-1] == ("not-reloaded", "the world stays as it was: ZeroDivisionError: a bug of the mock")
    file.write_text("edition: platform\nscenario: {queue: 3h}\n", encoding="utf-8")
    reloading.look()
    assert said[-1][0] == "not-reloaded"
    file.write_text("scenario: {polls: 0}\n", encoding="utf-8")
    reloading.look()
    assert said[-1] == ("reloaded", f"{file} was read again")


def test_an_answer_has_the_date_of_the_fake() -> None:
    """Once; and a rule can take it away, or make it another one."""
    runtime = fake()
    runtime.faults.add(match={"calls": 2}, act={"headers": {"Date": None}})
    runtime.faults.add(match={"calls": 3}, act={"headers": {"Date": "Sat, 01 Jan 2000 00:00:00 GMT"}})
    with LiveServer(runtime.app) as server:
        raw = [requests.get(f"{server.origin}/jobs", headers=ALICE, timeout=60).raw.headers for _ in range(3)]
    assert [headers.getlist("Date") for headers in raw] == [
        ["Sat, 08 May 2021 03:15:11 GMT"],
        [],
        ["Sat, 01 Jan 2000 00:00:00 GMT"],
    ]


def test_moving_time_is_no_time_that_a_request_took() -> None:
    """In the metrics."""
    runtime = fake()
    client = runtime.app.test_client()
    assert client.post("/_mock/clock", json={"advance": "2h"}).status_code == 200
    assert client.get("/jobs", headers=ALICE).status_code == 200
    metrics = client.get("/_mock/metrics").text
    assert 'mock_runtime_request_duration_seconds_sum{operation="list-jobs"} 0.0' in metrics
    assert "7200" not in metrics


def test_nobody_of_a_name_has_tokens(tmp_path: Path) -> None:
    """Where it is known who there is."""
    runtime = fake(tokens=[{"token": "alice", "name": "alice"}])
    client = runtime.app.test_client()
    answer = client.post("/_mock/tokens", json={"event": "revoke", "caller": "alcie"})
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (404, "no caller 'alcie'")
    assert client.post("/_mock/tokens", json={"event": "revoke", "caller": "alice"}).status_code == 204
    assert get(runtime, "/jobs") == 401
