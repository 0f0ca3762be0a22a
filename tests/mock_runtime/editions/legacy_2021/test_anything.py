"""Whatever is asked, the answer is one of the edition's, and never a failure of the fake."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mock_runtime.editions.legacy_2021.test_errors import check_envelope
from tests.mock_runtime.fakes import ALICE, BOB, Account, Fake, new_fake

words = ["programs", "jobs", "vqe", "x", "%2F", "..", "data", "public", "results", "logs", "cancel", "JOB"]
names = st.sampled_from(words)
parts = names | st.text("aä/%\x00 ;:@", max_size=3)
paths = st.tuples(names, st.lists(parts, max_size=3)).map(lambda pair: "/" + "/".join([pair[0], *pair[1]]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
submissions = st.fixed_dictionaries(
    {},
    optional={
        "programId": st.sampled_from(["vqe", "simple", "circuit-runner", "runtime-simple"]) | json_values,
        "params": st.lists(json_values.map(json.dumps) | st.text(max_size=5), max_size=2) | json_values,
        "backend": st.just("ibmq_montreal") | json_values,
        "hub": json_values,
        "runtime": json_values,
    },
)
bodies = st.binary(max_size=20) | submissions.map(lambda value: json.dumps(value).encode())
queries = st.lists(
    st.tuples(st.sampled_from(["limit", "offset", "pending", "x"]), st.sampled_from(["1", "0", "true", "-1", "", "ä"])),
    max_size=3,
)
types = st.sampled_from(["", "application/json", "text/plain", "multipart/form-data; boundary=b", "/"])
methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"])
SUCCESS = {"GET": 200, "HEAD": 200, "PUT": 204, "DELETE": 204}
SUCCESS_OF_POST = {"programs": 201, "jobs": 200, "cancel": 204}


def world() -> tuple[Fake, dict[str, str]]:
    """A fake with two accounts in which something has happened, and the names that paths may use."""
    fake = new_fake(tokens=[ALICE, BOB], scenario={"run": "2s..9s"})
    alice = fake.account()
    alice.upload("mine")
    return fake, {"JOB": alice.submit(), "x": "mine"}


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_request_is_answered(data: st.DataObject) -> None:
    """With a documented success or an error in the envelope; no request breaks what the next one sees."""
    fake, known = world()
    for _ in range(data.draw(st.integers(1, 4))):
        account = fake.account(data.draw(st.sampled_from([ALICE, BOB, "nobody"])))
        path = data.draw(paths)
        for name, meant in known.items():
            path = path.replace(f"/{name}", f"/{meant}")
        ask(account, data.draw(methods), path, data)
        fake.clock.advance(data.draw(st.floats(0, 5)))
    fake.runtime.check()
    assert fake.account().get("/jobs").status_code == 200


def ask(account: Account, method: str, path: str, data: st.DataObject) -> None:
    """Make one request and look at its answer."""
    request: dict[str, Any] = {"query_string": data.draw(queries), "data": data.draw(bodies)}
    headers = {"Content-Type": data.draw(types)}
    answer = account.call(method, path, headers=headers, base_url="http://localhost", **request)
    if answer.status_code >= 400:
        # An answer to HEAD has no body; that of GET to the same question says what it would have been.
        told = answer if method != "HEAD" else account.call("GET", path, base_url="http://localhost", **request)
        body = told.get_json()
        check_envelope(answer.status_code, answer.headers["Content-Type"], body, answer.status_code)
    elif not path.rstrip("/").endswith("/results"):
        last = path.rstrip("/").rpartition("/")[2]
        assert answer.status_code == (SUCCESS_OF_POST[last] if method == "POST" else SUCCESS[method])


programs = st.sampled_from(["vqe", "circuit-runner", "runtime-simple", "quantum-kernel-alignment", "mine"])
inputs = (
    st.dictionaries(st.sampled_from(["shots", "circuits", "iterations", "x"]), json_values, max_size=3) | json_values
)


@settings(max_examples=100, deadline=None)
@given(programs, st.lists(inputs.map(json.dumps) | st.text(max_size=5), max_size=2))
def test_any_job_comes_to_an_end(program: str, params: list[str]) -> None:
    """Completed with JSON that everybody can read, or failed with a traceback."""
    fake = new_fake(scenario={"queue": 0, "run": 0})
    alice = fake.account()
    alice.upload("mine")
    job = alice.submit(programId=program, params=params)
    text = alice.get(f"/jobs/{job}/results").text
    if alice.status(job) == "Completed" and program == "runtime-simple":
        assert text == "All done!"
    elif alice.status(job) == "Completed":
        json.loads(text, parse_constant=refuse)
    else:
        assert alice.status(job) == "Failed"
        assert text.startswith("Traceback (most recent call last):\n")
        assert alice.get(f"/jobs/{job}/logs").text == text


def refuse(name: str) -> None:
    """Object to what JSON does not have."""
    raise AssertionError(f"{name} is not JSON")
