"""A fake of 2021 for one test, and how an account calls it in-process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mock_runtime import Config, ManualClock, create_app, runtime_of
from mock_runtime.journal.entry import Entry

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from mock_runtime import Runtime

EDITION_2021 = "legacy-2021"
"""What these fakes are, and what tests of generic things stand on: its operations are few and its answers short."""

ALICE = "alice-4711"
BOB = "bob-0815"
SUBMISSION = {"programId": "runtime-simple"}


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with credentials, calling a fake without a socket."""

    client: FlaskClient
    headers: Mapping[str, str]

    def call(self, method: str, path: str, **request: Any) -> TestResponse:
        """The answer to one request with the account's credentials."""
        headers = {**self.headers, **request.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **request)

    def get(self, path: str, **request: Any) -> TestResponse:
        """The answer to a GET."""
        return self.call("GET", path, **request)

    def post(self, path: str, **request: Any) -> TestResponse:
        """The answer to a POST."""
        return self.call("POST", path, **request)

    def put(self, path: str, **request: Any) -> TestResponse:
        """The answer to a PUT."""
        return self.call("PUT", path, **request)

    def delete(self, path: str, **request: Any) -> TestResponse:
        """The answer to a DELETE."""
        return self.call("DELETE", path, **request)

    def submit(self, **fields: Any) -> str:
        """The id of a new job, of runtime-simple unless `programId` says otherwise."""
        answer = self.post("/jobs", json={**SUBMISSION, **fields})
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["id"])

    def status(self, job: str) -> str:
        """The status of a job."""
        answer = self.get(f"/jobs/{job}")
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["status"])

    def upload(self, name: str = "mine", source: str = "print()", **fields: str) -> TestResponse:
        """The answer to the upload of a program; its source goes as a plain field of the form."""
        form = {"name": name, "program": source, **fields}
        return self.post("/programs", data=form, content_type="multipart/form-data")


@dataclass(frozen=True, slots=True)
class Fake:
    """A fake with virtual time, and everything behind it."""

    runtime: Runtime
    clock: ManualClock
    client: FlaskClient = field(repr=False)

    def account(self, token: str = ALICE) -> Account:
        """Somebody who presents that API token."""
        return Account(self.client, {"Authorization": f"Bearer {token}"})

    def stranger(self, **headers: str) -> Account:
        """Somebody with these headers instead of a token."""
        return Account(self.client, {name.replace("_", "-"): value for name, value in headers.items()})


def new_fake(**settings: Any) -> Fake:
    """A fake with the settings of `Config`; of 2021, with seed 0 and a clock of its own unless they say otherwise."""
    clock = ManualClock()
    app = create_app(Config(**{"edition": EDITION_2021, "seed": 0, **settings}), clock=clock)
    return Fake(runtime_of(app), clock, app.test_client())


def shown(method: str, path: str, status: int, seconds: float) -> Entry:
    """An exchange as an observer sees it."""
    return Entry(
        number=1,
        trace="c2b04fo5n43h1gfr4btg",
        at=0.0,
        seconds=seconds,
        method=method,
        path=path,
        target=path,
        inside=path,
        host="localhost",
        status=status,
    )
