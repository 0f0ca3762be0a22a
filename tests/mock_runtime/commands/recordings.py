"""Recordings of our own fake, made in this process, and spoiled in one place if a test wants that."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from mock_runtime import Config, ManualClock, create_app
from mock_runtime.commands.fresh_fake import wsgi_environ
from mock_runtime.transport.wsgi import call
from runtime_contracts.recording import Recorder, Redaction
from runtime_contracts.watching import Answer, Exchange, Request

CRN: Final = (
    "crn:v1:bluemix:public:quantum-computing:us-east:"
    "a/0a1b2c3d4e5f60718293a4b5c6d7e8f9:6c1f2d3e-4a5b-4c6d-8e7f-90a1b2c3d4e5::"
)
KEY: Final = "nUx7Qv-k3Rr_9Zt4Ww8Yy2Bb6Dd0Ff5Hh1Jj7LlPp3S"
PUB: Final = ['OPENQASM 3.0; include "stdgates.inc"; bit[1] meas; x $0; meas[0] = measure $0;', None, 10]

Spoil = Callable[[Exchange], Exchange]


class Talk:
    """A client that talks to a fake in this process, and what it keeps."""

    def __init__(self, edition: str, **settings: Any) -> None:
        scenario = settings.pop("scenario", {"queue": "2s", "run": "2s"})
        self.edition = edition
        self.clock = ManualClock()
        self.app = create_app(
            Config(edition=edition, seed=5, engine="synthetic", scenario=scenario, **settings), clock=self.clock
        )
        self.exchanges: list[Exchange] = []
        self.headers: dict[str, str] = {}

    def ask(self, method: str, target: str, body: Any = None, **headers: str) -> Any:
        """Ask, keep the exchange, and return the JSON value of the answer, or its text."""
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = b""
        if isinstance(body, bytes):
            data = body
        elif body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        request = Request(method=method, target=target, headers=tuple(sent.items()), body=data, host="fake.test")
        status, answered, content = call(self.app.wsgi_app, wsgi_environ(request))
        answer = Answer(status=status, headers=tuple(answered), body=content)
        number = len(self.exchanges) + 1
        self.exchanges.append(Exchange(number=number, request=request, answer=answer, at_s=float(number)))
        try:
            return json.loads(content)
        except ValueError:
            return content.decode()

    def write(self, file: Path, spoil: Spoil = lambda exchange: exchange, **redaction: Any) -> Path:
        """Write a recording of what was said."""
        inputs = not redaction.get("drop_inputs")
        with Recorder(
            file,
            redaction=Redaction(b"of this test", **redaction),
            edition=self.edition,
            upstream="https://fake.test",
            has_inputs=inputs,
        ) as recorder:
            for exchange in self.exchanges:
                recorder.record(spoil(exchange))
        return file


def platform(**settings: Any) -> Talk:
    """A user of today: signs in, looks around, submits a job, waits, reads, opens a session, goes astray."""
    talk = Talk("platform", **{"tokens": [KEY], **settings})
    form = f"grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey={KEY}".encode()
    token = talk.ask("POST", "/identity/token", form, Content_Type="application/x-www-form-urlencoded")["access_token"]
    talk.headers = {"Authorization": f"Bearer {token}", "Service-CRN": CRN, "IBM-API-Version": "2026-04-15"}
    search = {"query": "service_name:quantum-computing", "fields": ["crn", "name", "service_plan_unique_id", "doc"]}
    talk.ask("POST", "/v3/resources/search?limit=100", search)
    talk.ask("GET", "/v2/resource_instances")
    talk.ask("GET", "/api/v1/backends")
    talk.ask("GET", "/api/v1/backends/ibm_fez/status")
    job = {"program_id": "sampler", "backend": "ibm_fez", "params": {"version": 2, "pubs": [PUB]}, "tags": ["a"]}
    made = talk.ask("POST", "/api/v1/jobs", job)["id"]
    for _ in range(6):
        talk.ask("GET", f"/api/v1/jobs/{made}?exclude_params=true")
        talk.ask("GET", f"/api/v1/jobs/{made}/results")
        talk.clock.advance(1.0)
    talk.ask("GET", f"/api/v1/jobs/{made}/metrics")
    talk.ask("GET", "/api/v1/jobs?limit=5&exclude_params=true")
    talk.ask("PUT", f"/api/v1/jobs/{made}/tags", {"tags": ["b"]})
    session = talk.ask("POST", "/api/v1/sessions", {"mode": "batch", "backend": "ibm_fez"})["id"]
    talk.ask("GET", f"/api/v1/sessions/{session}")
    talk.ask("GET", "/api/v1/instances/usage")
    talk.ask("POST", f"/api/v1/jobs/{made}/cancel")
    talk.ask("GET", "/api/v1/jobs/cq2g5h1n7fc0008z8v3g")
    talk.ask("POST", "/api/v1/jobs", {"program_id": "sampler"})
    talk.ask("DELETE", f"/api/v1/jobs/{made}")
    talk.ask("GET", "/api/v1/instance", Authorization="Bearer of-nobody")
    return talk


def legacy_2021(**settings: Any) -> Talk:
    """A user of 2021."""
    talk = Talk("legacy-2021", **settings)
    session = talk.ask("POST", "/api/users/loginWithToken", {"apiToken": KEY})["id"]
    talk.ask("GET", "/api/users/me", X_Access_Token=session)
    talk.headers = {"Authorization": f"Bearer {KEY}"}
    talk.ask("GET", "/api/version")
    talk.ask("GET", "/programs")
    job = {
        "programId": "runtime-simple",
        "hub": "ibm-q",
        "group": "open",
        "project": "main",
        "backend": "ibmq_qasm_simulator",
        "params": ['{"iterations": 2}'],
    }
    made = talk.ask("POST", "/jobs", job)["id"]
    for _ in range(6):
        talk.ask("GET", f"/jobs/{made}")
        talk.ask("GET", f"/jobs/{made}/results")
        talk.clock.advance(1.0)
    talk.ask("GET", "/jobs?limit=3")
    talk.ask("GET", f"/jobs/{made}/logs")
    talk.ask("POST", f"/jobs/{made}/cancel")
    talk.ask("DELETE", f"/jobs/{made}")
    talk.ask("GET", f"/jobs/{made}")
    return talk


TALKS: Final = {"platform": platform, "legacy-2021": legacy_2021}


def in_answer(label: str, change: Callable[[Any], Any]) -> Spoil:
    """Change the JSON of each 200 to a request, named by its method and the end of its path."""

    def spoil(exchange: Exchange) -> Exchange:
        method, _, end = label.partition(" ")
        request = exchange.request
        if request.method != method or not request.path.endswith(end) or exchange.answer.status != 200:
            return exchange
        value = json.loads(exchange.answer.body or b"")
        changed = change(value)
        body = json.dumps(value if changed is None else changed).encode()
        return replace(exchange, answer=replace(exchange.answer, body=body))

    return spoil


def with_answer(label: str, **changes: Any) -> Spoil:
    """Change the status, the headers or the body of each answer to a request."""

    def spoil(exchange: Exchange) -> Exchange:
        method, _, end = label.partition(" ")
        if exchange.request.method != method or not exchange.request.path.endswith(end):
            return exchange
        return replace(exchange, answer=replace(exchange.answer, **changes))

    return spoil
