"""Single calls to a server under test: sent, counted, held to the contract, and kept as curl lines."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests
from urllib3.filepost import encode_multipart_formdata

from runtime_contracts.locating import located
from runtime_contracts.steps import Step, script
from runtime_contracts.strict_json import InvalidJsonError, decode_json
from runtime_contracts.violation import generalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runtime_contracts.collector import Collector
    from runtime_contracts.contract import Contract
    from runtime_contracts.gate import Gate
    from runtime_contracts.operation import Operation

ABSENT_ID = "0" * 20
_ABSENT_NAME = "no-such-thing"
_REMEMBERED = 32


class ServerUnreachableError(Exception):
    """The server did not answer, or broke the connection."""


class OperationMissingError(LookupError):
    """The document has no such operation, so that it cannot be called."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said, and how long it took, in seconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed_s: float = 0.0

    def json(self) -> Any:
        """Return the JSON value of the body, or None if it is none."""
        try:
            return decode_json(self.body)
        except InvalidJsonError:
            return None

    def get(self, key: str) -> Any:
        """Return the value under `key` if the body is a JSON object, else None."""
        value = self.json()
        return value.get(key) if isinstance(value, dict) else None


@dataclass(slots=True)
class Exchange:
    """Sends calls to the server at `origin` and holds every answer to the contract.

    Attributes:
        journal: the latest calls.
        operation: the id of the operation that was called last, or "".
        max_response_time_s: the longest an answer may take.
        variables: names of shell variables for the credentials of the run, for the steps to repeat.
        slept_s: how long the run has waited in all, in seconds of real time.
        moved: how often the run has moved the server's clock.
        makers: what a POST to a path makes, as the name of a shell variable that holds its id.
        preamble: lines for the shell that a step needs before it, by the variable that it uses.
        gate: ends the run when its time is over; None for a run without end.
    """

    contract: Contract
    origin: str
    collector: Collector
    phase: str
    timeout_s: float = 10.0
    max_response_time_s: float = 10.0
    journal: deque[Step] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    variables: dict[str, str] = field(default_factory=dict)
    slept_s: float = 0.0
    moved: int = 0
    makers: Mapping[str, str] = field(default_factory=dict)
    preamble: dict[str, str] = field(default_factory=dict)
    operation: str = ""
    gate: Gate | None = None
    _number: int = 0
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        # Proxies and .netrc of this machine have no business between us and the server under test.
        self.session.trust_env = False

    def close(self) -> None:
        """Let go of the connections."""
        self.session.close()

    @property
    def line(self) -> str:
        """The latest call as a curl line."""
        return "\n".join(self.script([self.step]))

    @property
    def step(self) -> Step:
        """The latest call."""
        return self.journal[-1]

    def steps(self, count: int) -> list[Step]:
        """Return the latest calls, `count` of them as far as they are remembered."""
        return list(self.journal)[-count:]

    def script(self, steps: Iterable[Step]) -> list[str]:
        """Return the lines that repeat `steps` on a fresh server."""
        lines = script(steps, self.variables, self.collector.files)
        needed = [line for name, line in self.preamble.items() if any(f"${name}" in used for used in lines)]
        return [*needed, *lines]

    def call(
        self,
        operation_id: str,
        *,
        headers: Mapping[str, str],
        values: Mapping[str, str] | None = None,
        query: str = "",
        body: bytes = b"",
        conforming: bool = True,
    ) -> Answer:
        """Call an operation; path parameters that are not in `values` name things that do not exist.

        An answer that breaks the contract becomes a failure of the check "contract_conformance".

        Raises:
            ServerUnreachableError: there was no answer.
            OperationMissingError: the document, which may be somebody's own, has no such operation.
        """
        operation = self.contract.operations.get(operation_id)
        if operation is None:
            raise OperationMissingError(f"the document has no operation {operation_id}")
        self.operation = operation_id
        answer = self.send(operation.method, target(operation, values or {}, query), headers=headers, body=body)
        self.collector.count(operation_id, phase=self.phase, status=answer.status)
        if conforming:
            self._hold_to_contract(operation, answer)
        if answer.elapsed_s > self.max_response_time_s:
            message = f"it took {answer.elapsed_s:.1f} s, and may take {self.max_response_time_s:g} s"
            self.collector.fail(
                "max_response_time", operation_id, phase=self.phase, message=message, reproduce=self.line
            )
        return answer

    def send(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send any request at all.

        Raises:
            ServerUnreachableError: there was no answer.
            TimeIsUpError: the time of the run is over.
            NotReadOnlyError: the run only reads, and this does not.
        """
        if self.gate is not None:
            self.gate.refuse_if_over()
        self._number += 1
        step = Step(
            self._number,
            method,
            self.origin + path,
            dict(headers),
            body,
            slept_s=self.slept_s,
            moved=self.moved,
        )
        self.journal.append(step)
        try:
            response = self.session.request(
                method,
                self.origin + path,
                headers=dict(headers),
                data=body or None,
                timeout=self.timeout_s,
                allow_redirects=False,
            )
        except (requests.RequestException, OSError) as error:
            raise ServerUnreachableError(f"{method} {path}: {_reason(error)}") from None
        answer = Answer(response.status_code, response.headers, response.content, response.elapsed.total_seconds())
        said = hash((answer.status, answer.body))
        made = self._made(method, path, answer)
        self.journal[-1] = replace(step, status=answer.status, said=said, made=made)
        return answer

    def _made(self, method: str, path: str, answer: Answer) -> tuple[str, str] | None:
        kind = self.makers.get(path) if method == "POST" and answer.status in {200, 201} else None
        made = answer.get("id") if kind is not None else None
        return (kind, made) if kind is not None and isinstance(made, str) and made else None

    def _hold_to_contract(self, operation: Operation, answer: Answer) -> None:
        if answer.status in self.collector.forgiven:
            return
        found = located(self.contract, operation, answer.status, headers=answer.headers, body=answer.body)
        for one in found:
            self.collector.fail(
                "contract_conformance",
                operation.id,
                phase=self.phase,
                message=f"status {answer.status}: {one.violation}",
                reproduce=self.line,
                kind=f"{answer.status} {generalised(one.violation.where)}",
                cause=one.cause,
                place=one.violation.where,
                document_pointer=one.document_pointer,
            )


def _reason(error: Exception) -> str:
    """Return the name of an error of the connection, and what our own gate says of it."""
    said = str(error) if str(error).startswith("an answer of") else ""
    return f"{type(error).__name__}{f' ({said})' if said else ''}"


def target(operation: Operation, values: Mapping[str, str], query: str = "") -> str:
    """Return the request target of an operation; path parameters that are not given name nothing that exists."""
    path = operation.path
    for parameter in operation.parameters:
        if parameter.location == "path":
            absent = ABSENT_ID if parameter.name == "jid" else _ABSENT_NAME
            path = path.replace(f"{{{parameter.name}}}", quote(values.get(parameter.name, absent), safe=""))
    return f"{path}?{query}" if query else path


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries an API token."""
    return {"Authorization": f"Bearer {token}"}


def session_header(access_token: str) -> dict[str, str]:
    """Return the header that carries a session token."""
    return {"X-Access-Token": access_token}


def json_body(value: Any) -> bytes:
    """Return `value` as compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


def form_body(fields: Mapping[str, str], *, source: bytes) -> tuple[bytes, str]:
    """Return a multipart form with the file part `program`, and its content type; the same for the same form."""
    parts: list[tuple[str, bytes | tuple[str, bytes]]] = [(name, text.encode()) for name, text in fields.items()]
    parts.append(("program", (fields.get("name", "program"), source)))
    # What separates the parts would be drawn at random, and must not occur in them.
    boundary = hashlib.sha256(repr(parts).encode()).hexdigest()
    body, content_type = encode_multipart_formdata(parts, boundary=boundary)
    return body, content_type
