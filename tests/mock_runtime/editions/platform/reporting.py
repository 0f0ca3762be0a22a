"""A fake whose jobs are submitted behind its doors, and an instance that asks over HTTP what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mock_runtime import Config, ManualClock, create_app, runtime_of
from mock_runtime.domain.results import Output
from mock_runtime.domain.sessions import Mode
from mock_runtime.service import OpenSession, SubmitJob
from runtime_contracts.contract import Contract

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from mock_runtime import Runtime
    from mock_runtime.domain.instances import Caller
    from mock_runtime.execution import Submission
    from mock_runtime.ids import Rng

T0 = 1_790_000_000.0
"""2026-09-21T14:13:20Z, when these fakes begin."""

DEVICE, OTHER, SIMULATOR = "ibm_fez", "ibm_torino", "ibmq_qasm_simulator"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Computes nothing: each job fails for the reason in its inputs, or answers `{}`."""

    def start(self, submission: Submission, _rng: Rng) -> Output:
        """The output of a job."""
        return Output(result="{}", error=submission.inputs.get("error"))

    def close(self) -> None:
        """Nothing is open."""


@lru_cache(maxsize=1)
def contract() -> Contract:
    """The contract of the edition, read once."""
    return Contract.of("platform")


@dataclass(frozen=True, slots=True)
class Tenant:
    """A user at work on an instance of a fake."""

    runtime: Runtime
    clock: ManualClock
    client: FlaskClient
    key: str
    caller: Caller

    @property
    def crn(self) -> str:
        """The instance."""
        return self.caller.tenant

    def submit(self, backend: str = DEVICE, **details: Any) -> str:
        """The id of a new job; it waits for one second and works for two."""
        inputs = {"error": details.pop("error")} if "error" in details else {}
        command = SubmitJob(caller=self.caller, program_id="sampler", backend=backend, inputs=inputs, **details)
        return self.runtime.service.jobs.submit(command).id

    def open(self, mode: Mode = Mode.BATCH, backend: str | None = DEVICE) -> str:
        """The id of a new session."""
        return self.runtime.service.sessions.open(
            OpenSession(caller=self.caller, mode=mode, backend=backend)
        ).session.id

    def ask(self, target: str, **headers: str) -> TestResponse:
        """The answer to a GET of a path below `/api`."""
        credentials = {"Authorization": f"apikey {self.key}", "Service-CRN": self.crn}
        return self.client.get(f"/api{target}", headers={**credentials, **headers})

    def read(self, target: str) -> dict[str, Any]:
        """The object that a GET answers; request and answer both keep the contract."""
        answer = self.ask(target)
        assert answer.status_code == 200, answer.text
        self.judge(target, answer)
        found: dict[str, Any] = answer.get_json()
        return found

    def refused(self, target: str, status: int) -> dict[str, Any]:
        """The one error that a GET is refused with; the answer keeps the contract."""
        answer = self.ask(target)
        assert answer.status_code == status, answer.text
        self.judge(target, answer)
        (error,) = answer.get_json()["errors"]
        assert isinstance(error, dict)
        return error

    def judge(self, target: str, answer: TestResponse) -> None:
        """Hold an answer to the contract."""
        operation = contract().operation_for("GET", f"/api{target}".partition("?")[0])
        assert operation is not None
        headers = dict(answer.headers.items())
        assert contract().check_response(operation, answer.status_code, headers=headers, body=answer.data) == []


def tenants(*keys: str, **settings: Any) -> list[Tenant]:
    """The users of a new fake with those keys, each on the first instance it has."""
    clock = ManualClock(T0)
    app = create_app(Config(edition="platform", seed=0, **settings), clock=clock, execution=Prepared())
    runtime = runtime_of(app)
    client = app.test_client()
    made = []
    for key in keys:
        user = runtime.directory.by_api_key(key)
        made.append(Tenant(runtime, clock, client, key, user.on(runtime.directory.instances_of(user)[0])))
    return made
