"""A fake of today's API for one test, and how a tenant calls it in-process; every answer is held to the document."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from mock_runtime import Config, ManualClock, create_app, runtime_of
from mock_runtime.domain.results import Output
from runtime_contracts.contract import Contract

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from mock_runtime import Runtime
    from mock_runtime.execution import Started, Submission
    from mock_runtime.ids import Rng

ALICE = "alice-key-4711"
BOB = "bob-key-0815"
NOW = 1_795_000_000.0
"""2026-11-18, so that every version of the API is there."""

NEWEST = "2026-04-15"
GRANT = "urn:ibm:params:oauth:grant-type:apikey"
RESULT = '{"__type__": "PrimitiveResult", "__value__": {}}'
JOB = {"program_id": "sampler", "backend": "ibm_fez", "params": {"pubs": [["OPENQASM 3.0;"]], "version": 2}}


@cache
def contract() -> Contract:
    """The document that answers are held to, with its overlay."""
    return Contract.of("platform")


@dataclass
class Told:
    """An execution whose outcome a test tells: at once, or later by the futures in `begun`."""

    output: Output = field(default=Output(result=RESULT, logs="it ran\n"))
    later: bool = False
    begun: list[Future[Output]] = field(default_factory=list)
    seen: list[Submission] = field(default_factory=list)

    def start(self, submission: Submission, rng: Rng) -> Started:  # noqa: ARG002 - nothing is drawn
        """The output, or a future of it."""
        self.seen.append(submission)
        if not self.later:
            return self.output
        self.begun.append(Future())
        return self.begun[-1]

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """Somebody with an IAM token and an instance."""

    client: FlaskClient = field(repr=False)
    token: str = field(repr=False)
    crn: str
    version: str | None = NEWEST

    def call(self, method: str, path: str, **request: Any) -> TestResponse:
        """The answer to one request below `/api/v1`; what the document does not allow fails the test."""
        headers: dict[str, str] = {"Authorization": f"Bearer {self.token}", "Service-CRN": self.crn}
        if self.version is not None:
            headers["IBM-API-Version"] = self.version
        headers |= request.pop("headers", {})
        answer = self.client.open(f"/api/v1{path}", method=method, headers=headers, **request)
        operation = contract().operation_for(method, f"/api/v1{path.partition('?')[0]}")
        if operation is not None:
            found = contract().check_response(
                operation, answer.status_code, headers=dict(answer.headers), body=answer.data
            )
            assert not found, found
        return answer

    def get(self, path: str, **request: Any) -> TestResponse:
        """The answer to a GET."""
        return self.call("GET", path, **request)

    def post(self, path: str, **request: Any) -> TestResponse:
        """The answer to a POST."""
        return self.call("POST", path, **request)

    def json(self, path: str, **request: Any) -> Any:
        """The JSON of a GET that is answered with 200."""
        answer = self.get(path, **request)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def submit(self, **fields: Any) -> str:
        """The id of a new job of the sampler."""
        answer = self.post("/jobs", json={**JOB, **fields})
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["id"])

    def open(self, **fields: Any) -> str:
        """The id of a new session on ibm_fez."""
        answer = self.post("/sessions", json={"mode": "dedicated", "backend": "ibm_fez", **fields})
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["id"])

    def state(self, job: str) -> str:
        """Where a job stands."""
        return str(self.json(f"/jobs/{job}")["state"]["status"])

    def code(self, answer: TestResponse) -> tuple[int, int]:
        """The status of a refusal, and IBM's number in it."""
        return answer.status_code, answer.get_json()["errors"][0]["code"]


@dataclass(frozen=True, slots=True)
class PlatformFake:
    """A fake with virtual time, and everything behind it."""

    runtime: Runtime
    clock: ManualClock
    execution: Told
    client: FlaskClient = field(repr=False)

    def log_in(self, key: str = ALICE) -> str:
        """An IAM token for an API key."""
        answer = self.client.post("/identity/token", data={"grant_type": GRANT, "apikey": key})
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["access_token"])

    def instances(self, token: str) -> list[str]:
        """The CRNs of the instances that Global Search finds for the owner of a token."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = self.client.post("/v3/resources/search?limit=100", json={"query": "*"}, headers=headers)
        return [item["crn"] for item in answer.get_json()["items"]]

    def tenant(self, key: str = ALICE, *, crn: str | None = None, version: str | None = NEWEST) -> Tenant:
        """The owner of an API key, at the first of their instances or at another."""
        token = self.log_in(key)
        return Tenant(self.client, token, crn or self.instances(token)[0], version)


def new_platform(execution: Told | None = None, **settings: Any) -> PlatformFake:
    """A fake with the settings of `Config`; with seed 0 unless they say otherwise."""
    clock, told = ManualClock(NOW), execution or Told()
    app = create_app(Config(**{"edition": "platform", "seed": 0, **settings}), clock=clock, execution=told)
    return PlatformFake(runtime_of(app), clock, told, app.test_client())
