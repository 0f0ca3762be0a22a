"""Operations on worlds as a whole: scopes, snapshots, world files, and the fake itself."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from mock_runtime.control.world import MOST
from mock_runtime.worlds.exporting_backends import CannotExport
from tests.mock_runtime.control.steering import Steering
from tests.mock_runtime.fakes import Account, Fake


def test_a_scope_is_a_world_of_its_own(fake: Fake, alice: Account, steering: Steering) -> None:
    """Reached by its header or its path; gone when it is dropped."""
    made = steering.json("POST", "/scopes", {"name": "one", "polls": 1, "seed": 7}, status=201)
    assert (made["name"], made["header"]) == ("one", {"Mock-Runtime-Scope": "one"})
    assert made["url"] == "http://localhost/_scope/one/"
    job = alice.submit()
    there = Steering(fake.client, "one")
    assert there.json("GET", "/jobs")["count"] == 0
    assert there.json("GET", "/state")["scope"] == "one"
    assert there.json("GET", "/health")["seed"] == 7
    answer = fake.client.post(
        "/_scope/one/jobs", json={"programId": "runtime-simple"}, headers={"Authorization": "Bearer x"}
    )
    assert there.json("GET", f"/jobs/{answer.get_json()['id']}")["submission"] == 1
    there.json("POST", "/clock", {"advance": "1h"})
    assert steering.json("GET", f"/jobs/{job}")["status"] == "queued"
    found = {one["name"]: (one["jobs"], one["exchanges"]) for one in there.json("GET", "/scopes")["scopes"]}
    assert found == {"": (1, 1), "one": (1, 1)}
    assert steering.json("GET", "/scopes/one")["jobs"] == 1
    steering.done("DELETE", "/scopes/one")
    assert there.refused(404, "GET", "/jobs").startswith("no scope 'one'")
    assert len(steering.json("GET", "/scopes")["scopes"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "expected"),
    [
        ("POST", "/scopes", {"name": "a b"}, 400, "'a b' is no name of a scope"),
        ("POST", "/scopes", {"name": 5}, 400, "name: expected a text"),
        ("POST", "/scopes", {"name": ""}, 400, "'' is no name of a scope"),
        ("POST", "/scopes", {"pols": 5}, 400, "pols: unknown setting"),
        ("POST", "/scopes", {"polls": -5}, 400, "polls: expected a whole number"),
        ("POST", "/scopes", {"edition": "1999"}, 400, "edition: there is no '1999'"),
        ("POST", "/scopes", {"clock": "fast"}, 400, "clock: 'fast' is no speed of time"),
        ("POST", "/scopes", {"faults": [{"act": {"stauts": 5}}]}, 400, "faults[0].act.stauts: "),
        ("POST", "/scopes", [], 400, "the body must be a JSON object"),
        ("GET", "/scopes/nothing", None, 404, "no scope 'nothing'"),
        ("DELETE", "/scopes/nothing", None, 404, "no scope 'nothing'"),
    ],
)
def test_an_odd_scope_is_refused(
    steering: Steering, method: str, path: str, body: Any, status: int, expected: str
) -> None:
    """And none is made."""
    assert steering.refused(status, method, path, body).startswith(expected)
    assert len(steering.json("GET", "/scopes")["scopes"]) == 1


def test_scopes_get_names_and_keep_them(fake: Fake, steering: Steering) -> None:
    """Each one of its own; nobody saws off the branch that he sits on."""
    first, second = (steering.json("POST", "/scopes", status=201)["name"] for _ in range(2))
    assert first != second
    assert "there is a scope" in steering.refused(400, "POST", "/scopes", {"name": first})
    inside = Steering(fake.client, first)
    assert inside.refused(400, "DELETE", f"/scopes/{first}").startswith("name: the scope of this very request")
    inside.done("DELETE", f"/scopes/{second}")
    assert len(inside.json("GET", "/scopes")["scopes"]) == 2


def test_everything_is_put_back_to_a_snapshot(fake: Fake, alice: Account, steering: Steering) -> None:
    """Jobs, scenario, faults, journal and time, as often as one likes."""
    job = alice.submit()
    before, begun = steering.json("GET", "/journal"), fake.clock.now()
    taken = steering.json("POST", "/snapshots", {"name": "before"}, status=201)
    assert (taken["name"], taken["at"], taken["jobs"]) == ("before", begun, 1)
    for _ in range(2):
        alice.submit()
        steering.json("PATCH", "/scenario", {"polls": 3})
        steering.json("POST", "/faults", {"act": {"slow": "1s"}}, status=201)
        steering.json("POST", "/clock", {"advance": "1h"})
        steering.done("POST", "/snapshots/before/rollback")
        assert [one["id"] for one in steering.json("GET", "/jobs")["jobs"]] == [job]
        assert steering.json("GET", "/scenario") == {"programs": {}, "jobs": []}
        assert steering.json("GET", "/faults")["faults"] == []
        assert steering.json("GET", "/clock")["now"] == begun
        assert steering.json("GET", "/journal")["exchanges"] == before["exchanges"]
    steering.done("DELETE", "/snapshots/before")
    assert steering.json("GET", "/snapshots") == {"snapshots": []}


def test_snapshots_are_named_and_bounded(steering: Steering) -> None:
    """One without a name gets one; a name is there once."""
    named = steering.json("POST", "/snapshots", status=201)["name"]
    assert "there is a snapshot" in steering.refused(409, "POST", "/snapshots", {"name": named})
    assert steering.refused(400, "POST", "/snapshots", {"name": "a/b"}).startswith("name: 'a/b' is none")
    assert steering.refused(400, "POST", "/snapshots", {"nmae": "a"}).startswith("'nmae' is no key here")
    for method, path in (("POST", "/snapshots/x/rollback"), ("DELETE", "/snapshots/x")):
        assert steering.refused(404, method, path) == "no snapshot 'x'"
    steering.json("POST", "/snapshots", {"name": "snapshot-2"}, status=201)
    for _ in range(MOST - 2):
        steering.json("POST", "/snapshots", status=201)
    assert f"there are {MOST} snapshots already" in steering.refused(409, "POST", "/snapshots")
    assert len({one["name"] for one in steering.json("GET", "/snapshots")["snapshots"]}) == MOST


def test_a_world_is_exported_and_loaded_again(fake: Fake, alice: Account, steering: Steering) -> None:
    """As YAML or as JSON; what is wrong with one is told by its lines, and nothing is changed."""
    steering.json("PATCH", "/scenario", {"polls": 3})
    job = alice.submit()
    answer = steering.call("GET", "/world")
    assert answer.mimetype == "application/yaml"
    exported = yaml.safe_load(answer.text)
    assert exported["edition"] == "legacy-2021"
    assert steering.json("GET", "/world?format=json")["scenario"] == exported["scenario"]
    steering.done("POST", "/reset")
    steering.done("PUT", "/world", data=answer.data, content_type="application/yaml")
    assert [one["id"] for one in steering.json("GET", "/jobs")["jobs"]] == [job]
    wrong = steering.refused(400, "PUT", "/world", data=b"seed: 1\nscenarioo: {}\n", content_type="application/yaml")
    assert "line 2" in wrong
    assert "scenario" in wrong
    assert steering.refused(400, "PUT", "/world", data=b"\xff", content_type="application/yaml").startswith(
        "the body is"
    )
    assert steering.refused(400, "GET", "/world?format=xml").startswith("query parameter format: expected one of yaml")
    assert [one["id"] for one in steering.json("GET", "/jobs")["jobs"]] == [job]
    steering.done("PUT", "/world", {"seed": 11, "scenario": {"polls": 1}})
    assert steering.json("GET", "/scenario")["run"] == "1 poll"
    assert steering.json("GET", "/jobs")["count"] == 0


def test_what_no_file_can_say_is_not_exported(fake: Fake, steering: Steering, monkeypatch: pytest.MonkeyPatch) -> None:
    """409, with what that is."""

    def refuse() -> str:
        raise CannotExport("backend 'mine': its calibrations are made by a program")

    monkeypatch.setattr(fake.runtime, "export_world", refuse)
    assert steering.refused(409, "GET", "/world") == "backend 'mine': its calibrations are made by a program"


def test_the_schema_of_a_world_is_there_for_editors(steering: Steering) -> None:
    """With all that it refers to in it."""
    schema = steering.json("GET", "/world.schema.json")
    assert "scenario" in schema["properties"]


def test_the_state_is_one_answer(fake: Fake, alice: Account, steering: Steering) -> None:
    """With everything that a page wants to know often."""
    alice.submit()
    steering.json("POST", "/faults", {"act": {"slow": "1s"}, "on": False}, status=201)
    state = steering.json("GET", "/state")
    assert (state["edition"], state["scope"], state["scopes"], state["jobs"]) == ("legacy-2021", "", 1, {"queued": 1})
    assert state["journal"] == {"last": 1, "position": 1, "entries": 1, "dropped": 0}
    assert state["faults"] == {"armed": 1, "on": 0, "met": 0}
    assert state["clock"] == steering.json("GET", "/clock")


def test_readiness_and_numbers_are_there(fake: Fake, steering: Steering) -> None:
    """For those who watch over servers."""
    assert steering.json("GET", "/ready") == {"status": "ready"}
    fake.runtime.readiness.stopping()
    assert steering.json("GET", "/ready", status=503) == {"status": "stopping"}
    assert "mock_runtime" in steering.call("GET", "/metrics").text
    numbers = steering.call("GET", "/metrics", headers={"Accept": "application/openmetrics-text"})
    assert numbers.mimetype == "application/openmetrics-text"
