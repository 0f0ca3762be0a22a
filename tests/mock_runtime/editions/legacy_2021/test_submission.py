"""Submitting jobs, and the job object, over the wire of 2021."""

from __future__ import annotations

import json
import re

import pytest

from mock_runtime.ids import xid_time
from tests.mock_runtime.fakes import Account, Fake


def test_a_submission_answers_an_id_and_nothing_else(fake: Fake, alice: Account) -> None:
    """With 200, as in the transcripts; the id tells the time."""
    answer = alice.post("/jobs", json={"programId": "runtime-simple"})
    assert answer.status_code == 200
    assert list(answer.get_json()) == ["id"]
    assert re.fullmatch("[0-9a-v]{20}", answer.get_json()["id"])
    assert xid_time(answer.get_json()["id"]) == int(fake.clock.now())


def test_the_first_job_has_the_keys_that_clients_read(alice: Account) -> None:
    """All the fields of a submission of the walkthrough come back."""
    inputs = json.dumps({"iterations": 2})
    job = alice.submit(
        hub="ibm-q-internal", group="near-time", project="qiskit-runtime", backend="ibmq_montreal", params=[inputs]
    )
    assert alice.get(f"/jobs/{job}").get_json() == {
        "id": job,
        "hub": "ibm-q-internal",
        "group": "near-time",
        "project": "qiskit-runtime",
        "backend": "ibmq_montreal",
        "status": "Queued",
        "params": [inputs],
        "program": {"id": "runtime-simple"},
        "created": "2021-05-08T03:15:11.000000Z",
    }


def test_only_a_program_is_required(alice: Account) -> None:
    """The rest is the caller's default."""
    shown = alice.get(f"/jobs/{alice.submit()}").get_json()
    assert (shown["hub"], shown["group"], shown["project"]) == ("ibm-q", "open", "main")
    assert (shown["backend"], shown["params"]) == ("ibmq_qasm_simulator", [])


def test_each_part_of_a_project_has_its_own_default(alice: Account) -> None:
    """A hub alone does not leave the group empty."""
    shown = alice.get(f"/jobs/{alice.submit(hub='mine')}").get_json()
    assert (shown["hub"], shown["group"], shown["project"]) == ("mine", "open", "main")


@pytest.mark.parametrize("image", ["", "my-image:latest"])
def test_an_image_that_was_asked_for_comes_back(alice: Account, image: str) -> None:
    """Also the empty one of IBM's client 0.17.0, which means the default."""
    assert alice.get(f"/jobs/{alice.submit(runtime=image)}").get_json()["runtime"] == image


def test_unknown_keys_are_ignored(alice: Account) -> None:
    """Also at their worst."""
    assert alice.submit(shots=None, id="x", status="Completed", **{"": {"a": []}})


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data", "nonsense", ""])
def test_the_type_of_the_body_is_not_looked_at(alice: Account, content_type: str) -> None:
    """Old clients sent none at all."""
    answer = alice.post("/jobs", data=b'{"programId": "vqe"}', headers={"Content-Type": content_type})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "the body is not JSON: it is empty"),
        (b"{", "the body is not JSON: Expecting"),
        (b"programId=vqe", "the body is not JSON: Expecting"),
        (b"\xff{}", "the body is not UTF-8: byte 0 is 0xff"),
        (b'{"programId": NaN}', "the body is not readable JSON: NaN is not JSON"),
        (b"[]", "the body must be a JSON object, not an array"),
        (b"{}", "'programId' is missing"),
        (b'{"programId": null}', "'programId' must be a string, not null"),
        (b'{"programId": 5}', "'programId' must be a string, not a number"),
        (b'{"programId": "vqe", "params": "x"}', "'params' must be an array of strings, not a string"),
        (b'{"programId": "vqe", "params": [{}]}', "'params[0]' must be a string, not an object"),
        (b'{"programId": "vqe", "params": null}', "'params' must be an array of strings, not null"),
        (b'{"programId": "vqe", "backend": null}', "'backend' must be a string, not null"),
        (b'{"programId": "vqe", "hub": []}', "'hub' must be a string, not an array"),
        (b'{"programId": "vqe", "runtime": true}', "'runtime' must be a string, not a boolean"),
    ],
)
def test_a_malformed_submission_is_refused(alice: Account, body: bytes, sentence: str) -> None:
    """With one sentence about what is wrong and where, and no job comes of it."""
    answer = alice.post("/jobs", data=body)
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["message"].startswith(sentence)
    assert alice.get("/jobs").get_json() == {"jobs": [], "count": 0}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"programId": "nothing"}, "no program 'nothing'"),
        ({"programId": ""}, "no program ''"),
        ({"programId": "x" * 1_000_000}, "no program 'xxx"),
        ({"backend": "ibmq_atlantis"}, "no backend 'ibmq_atlantis'"),
        ({"backend": ""}, "no backend ''"),
    ],
)
def test_a_submission_to_what_is_not_there_is_refused(alice: Account, fields: dict[str, str], sentence: str) -> None:
    """With 404 and a sentence of bounded length."""
    answer = alice.post("/jobs", json={"programId": "vqe", **fields})
    assert answer.status_code == 404
    assert answer.get_json()["errors"][0]["message"].startswith(sentence)
    assert len(answer.data) < 500


def test_a_refused_submission_uses_up_no_plan(fake: Fake, alice: Account) -> None:
    """The plan for the next job is for the next job."""
    fake.runtime.script.next_job(outcome="failed", queue=0, run=0)
    alice.post("/jobs", json={"programId": "nothing"})
    alice.post("/jobs", json={"programId": "vqe", "backend": "nowhere"})
    alice.post("/jobs", data=b"{")
    assert alice.status(alice.submit()) == "Failed"
    assert alice.status(alice.submit()) == "Queued"


def test_text_of_any_kind_comes_back_as_it_was_sent(alice: Account) -> None:
    """Also half a surrogate pair, which UTF-8 cannot carry and JSON can."""
    sent = ["{}", "Größe ☃ \U0001f600", "\ud800", "\x00\u2028"]
    job = alice.post("/jobs", data=json.dumps({"programId": "vqe", "params": sent})).get_json()["id"]
    assert json.loads(alice.get(f"/jobs/{job}").data)["params"] == sent
