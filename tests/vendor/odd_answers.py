"""Real clients against odd but right answers: which calls there are, what was found, and how a call is made once.

`scripts/fuzz_clients.py` makes the calls and holds them to `FINDINGS`; `docs/compatibility-answers.md` shows that list.
"""

from __future__ import annotations

import contextlib
import json
import select
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from mock_runtime.answers import Answering, Front
from mock_runtime.app import create_app, runtime_of
from mock_runtime.commands.trust import write_trust
from mock_runtime.config import Config
from mock_runtime.transport.certificates import issue
from mock_runtime.transport.proxy import ForwardProxy
from mock_runtime.transport.server import LiveServer
from runtime_contracts.answers.answers import Answers
from runtime_contracts.contract import Contract
from tests.vendor.clients import CLIENTS, HERE, Client
from tests.vendor.harness import Fake

SEED: Final = 7
CALL_S: Final = 30.0
START_S: Final = 120.0

QISKIT: Final[Mapping[str, str]] = {
    "backends": "list_backends",
    "configuration": "get_backend_configuration",
    "properties": "get_backend_properties",
    "target": "get_backend_properties",
    "backend_status": "get_backend_status",
    "retrieve": "get_job",
    "status": "get_job",
    "inputs": "get_job",
    "result": "get_job_results_jid",
    "logs": "get_jog_logs_jid",
    "metrics": "get_job_metrics_jid",
    "usage_of_job": "get_job_metrics_jid",
    "jobs": "list_jobs",
    "usage": "get_usage",
    "submit": "create_job",
    "tags": "replace_job_tags",
    "cancel": "cancel_job_jid",
    "delete": "delete_job",
    "open_session": "create_session",
    "details": "get_session",
    "session_status": "get_session",
    "session_from_id": "get_session",
    "close_session": "update_session",
    "cancel_session": "delete_session_close",
}
QRMI: Final[Mapping[str, str]] = {
    "resources": "list_backends",
    "least_busy": "list_backends",
    "accessible": "get_backend_status",
    "backend_status": "get_backend_status",
    "target_configuration": "get_backend_configuration",
    "target_properties": "get_backend_properties",
    "metadata": "get_backend_status",
    "submit": "create_job",
    "task_status": "get_job",
    "result": "get_job_results_jid",
    "logs": "get_jog_logs_jid",
    "stop": "cancel_job_jid",
    "open_session": "create_session",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """A client with the script that makes its calls, and the operation whose answer each of them depends on."""

    client: Client
    suite: str
    calls: Mapping[str, str]

    @property
    def key(self) -> str:
        """The name of its environment."""
        return self.client.key

    @property
    def script(self) -> Path:
        """What makes the calls."""
        return HERE / "suites" / f"{self.suite}.py"


_BY_KEY: Final = {client.key: client for client in CLIENTS}
DRIVEN: Final = (
    *(
        Driven(client=_BY_KEY[f"qiskit-ibm-runtime-{label}"], suite="answers_qiskit", calls=QISKIT)
        for label in ("0.51", "0.47")
    ),
    Driven(client=_BY_KEY["qrmi"], suite="answers_qrmi", calls=QRMI),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OddFinding:
    """A right answer that a client cannot take.

    `case` is the name of a designed case, `error` the beginning of what the client says; `leaked` and `declared` are
    as `Told` has them: an error that is not the client's own, or one of its own where there is nothing wrong.
    """

    client: str
    call: str
    case: str
    outcome: str
    error: str
    why: str


_SECOND: Final = "60 is a second that RFC 3339, section 5.7, has"
_QISKIT_FINDINGS: Final = (
    ("jobs", "/count is absent", "leaked", "KeyError: 'count'", "`JobsResponse` does not require `count`"),
    ("retrieve", "/created is 2026-12-31T23:59:60Z", "leaked", "ParserError: second must be in 0..59", _SECOND),
    (
        "session_status",
        "/state is absent",
        "leaked",
        "AttributeError: 'NoneType' object has no attribute",
        "`JobSession` does not require `state`",
    ),
    (
        "properties",
        "/general has one item",
        "leaked",
        "KeyError: 'date'",
        "the items of `general` are objects of which the document says nothing",
    ),
    (
        "properties",
        "/gates/0/parameters/0 has an unknown property",
        "leaked",
        "TypeError: Nduv.__init__() got an unexpected keyword argument",
        "`BackendPropertiesNduv` does not close its properties",
    ),
    (
        "properties",
        "/last_update_date is 2026-12-31T23:59:60Z",
        "leaked",
        "ValueError: second must be in 0..59",
        _SECOND,
    ),
)
_CAPITALS: Final = "the name of a media type has no case: RFC 9110, section 8.3.1"
_QRMI_FINDINGS: Final = tuple(
    (call, "the content type in capitals", "declared", error, _CAPITALS)
    for call, error in (
        ("resources", "QrmiError_: failed to list backends"),
        ("accessible", "QrmiError_: error in serde: Received"),
        ("submit", "QrmiError_: error in serde: Received"),
        ("task_status", "QrmiError_: error in serde: Received"),
        ("open_session", "QrmiError_: error in serde: Received"),
    )
)


def _findings(client: str, rows: tuple[tuple[str, str, str, str, str], ...]) -> tuple[OddFinding, ...]:
    return tuple(
        OddFinding(client=client, call=call, case=case, outcome=outcome, error=error, why=why)
        for call, case, outcome, error, why in rows
    )


FINDINGS: Final = (
    *_findings("qiskit-ibm-runtime-0.51", _QISKIT_FINDINGS),
    *_findings("qiskit-ibm-runtime-0.47", _QISKIT_FINDINGS),
    *_findings("qrmi", _QRMI_FINDINGS),
)
"""What is known; `scripts/fuzz_clients.py` sees whether it is so still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of one call: `returned`, `declared`, `leaked`, or `endless`."""

    outcome: str
    error: str = ""
    place: str = ""

    @property
    def kind(self) -> tuple[str, str]:
        """What tells one defect from another: the class of the exception, and where in the client it came through."""
        return self.error.partition(":")[0] if self.outcome == "leaked" else self.outcome, self.place


@dataclass(slots=True, kw_only=True)
class Worker:
    """A client at work in a process of its own."""

    process: subprocess.Popen[str]
    buffer: str = field(default="")

    def call(self, name: str) -> Told:
        """Let it make a call. One that has no end is `endless`, and so is a process that is gone."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"{name}\n")
            self.process.stdin.flush()
        except OSError:
            return Told(outcome="leaked", error="the process is gone")
        line = self.line(CALL_S)
        if line is None:
            gone = self.process.poll() is not None
            return Told(outcome="leaked", error="the process ended") if gone else Told(outcome="endless")
        return Told(**json.loads(line))

    def line(self, seconds: float) -> str | None:
        """The next line of JSON that it writes; None if there is none in time."""
        assert self.process.stdout is not None
        while True:
            ready, _, _ = select.select([self.process.stdout], [], [], seconds)
            if not ready:
                return None
            line = self.process.stdout.readline()
            if not line:
                return None
            if line.startswith("{"):
                return line

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A fake that answers oddly where it is told to."""

    fake: Fake
    front: Front

    def answer_with(self, operation: str | None, case: int | None = None) -> None:
        """Let one operation answer with a case, all others as ever; without an operation, all."""
        assert self.front.answers is not None
        self.front.answers.choose(operations=() if operation is None else (operation,), case=case)

    def asked(self, worker: Worker, operation: str, call: str, case: int) -> Told:
        """Let a client make a call to which an operation answers with a case."""
        self.answer_with(operation, case)
        try:
            return worker.call(call)
        finally:
            self.answer_with(None)

    def cases_of_success(self, operation: str) -> list[tuple[int, str]]:
        """Number and name of the designed cases of an operation that are no errors."""
        assert self.front.answers is not None
        cases = self.front.answers.listed(operation, offset=0, limit=10_000)
        return [(int(case["case"]), str(case["name"])) for case in cases if case["status"] < 400]

    def start(self, driven: Driven, python: Path) -> Worker:
        """Start a client and let it get ready, with usual answers; RuntimeError if it does not."""
        self.answer_with(None)
        process = subprocess.Popen(
            [str(python), str(driven.script)],
            env={**self.fake.environment("proxy"), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )
        worker = Worker(process=process)
        if worker.line(START_S) is None:
            worker.end()
            raise RuntimeError(f"{driven.key} did not get ready")
        return worker


@contextlib.contextmanager
def stage(seed: int = SEED, mode: str = "generated") -> Iterator[Stage]:
    """A fake with odd answers on a free port, for as long as the context lasts."""
    config: dict[str, Any] = {"seed": seed, "scenario": {"queue": "0s", "run": "0s"}, "engine": "synthetic"}
    app = create_app(Config(**config))
    runtime = runtime_of(app)
    front = Front(runtime, Answering(mode=mode), show=lambda _: None)
    certificates = issue(runtime.hosts.names, now=runtime.clock.now())
    proxy = ForwardProxy(hosts=runtime.hosts, tls=certificates.tls)
    with tempfile.TemporaryDirectory(prefix="mock-runtime-") as folder, contextlib.ExitStack() as stack:
        stack.callback(runtime.close)
        trust = write_trust(certificates.authority_pem, Path(folder), {})
        server = stack.enter_context(LiveServer(app, proxy=proxy, front=front))
        yield Stage(fake=Fake(origin=server.origin, runtime=runtime, trust=trust), front=front)


@lru_cache(maxsize=1)
def _answers() -> Answers:
    return Answers(Contract.of("platform"), seed=SEED)


def number_of(operation: str, name: str) -> int:
    """The number of a designed case with a name; LookupError if there is none any more."""
    cases = _answers().listed(operation, offset=0, limit=10_000)
    found = [int(case["case"]) for case in cases if case["name"] == name and case["status"] < 400]
    if not found:
        raise LookupError(f"{operation} has no case {name!r}")
    return found[0]


_INTRODUCTION: Final = """\
# What real clients make of odd answers

Each answer here is right by the document, and a validator has found it so; see [answers.md](answers.md). The clients
are as their authors published them. `python scripts/fuzz_clients.py` makes each of these calls again and writes this
page; nobody edits it.

An error that *leaks* is not one of the client's own: a user who catches those does not catch it. One that is *declared*
is one of its own, where nothing is wrong with the answer.

| client | call | operation | case | what is odd | what happens | why it is right |
|---|---|---|---|---|---|---|
"""
_HOW: Final = {"leaked": "leaks", "declared": "is declared"}


def page() -> str:
    """The page that shows the list."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _INTRODUCTION.rstrip("\n")
    driven = {one.key: one for one in DRIVEN}
    for finding in FINDINGS:
        one = driven[finding.client]
        operation = one.calls[finding.call]
        name = f"{one.client.package} {one.client.version_of(one.client.package)}"
        number = number_of(operation, finding.case)
        what = f"{_HOW[finding.outcome]}: `{finding.error}`"
        yield f"| {name} | {finding.call} | `{operation}` | {number} | `{finding.case}` | {what} | {finding.why} |"
    yield ""
    yield f"One of them again; the seed is {SEED}:"
    yield ""
    yield "```bash"
    first = FINDINGS[0]
    number = number_of(driven[first.client].calls[first.call], first.case)
    yield f"python scripts/fuzz_clients.py {first.client} --call {first.call} --case {number}"
    yield "```"
    yield ""
    yield "Calls that were tried:"
    yield ""
    for one in DRIVEN:
        yield f"- **{one.client.package} {one.client.version_of(one.client.package)}**: {', '.join(one.calls)}"
