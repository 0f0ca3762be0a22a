"""Fixed probes: a handful of requests to every operation and path whose answer is certain.

Random search seldom asks these questions one at a time: does each way to authenticate work alone, is each wrong one
refused, what do unknown methods and paths get.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime_contracts.exchange import ABSENT_ID, Answer, Exchange, bearer, json_body, session_header, target
from runtime_contracts.options import PROBES
from runtime_contracts.reproducing import NOBODYS_TOKEN
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from runtime_contracts.operation import Operation

PHASE = PROBES
_METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH")
# A server may add these to Allow by itself.
_IMPLIED_METHODS = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """What lets a caller in.

    `login` returns a new session token each time, so that a probe may spend one.
    """

    token: str
    access_token: str
    login: Callable[[], str]


def run_probes(exchange: Exchange, credentials: Credentials, operations: Collection[str]) -> None:
    """Send every probe that concerns `operations`; what goes wrong becomes failures of the collector.

    Raises:
        ServerUnreachableError: the server stopped answering.
    """
    wanted = [exchange.contract.operations[name] for name in operations]
    for operation in wanted:
        _probe_credentials(exchange, credentials, operation)
        _probe_large_numbers(exchange, credentials, operation)
    for path in dict.fromkeys(operation.path for operation in wanted):
        _probe_methods(exchange, credentials, path)
    for prefix in {"/api" if operation.path.startswith("/api/") else "" for operation in wanted}:
        _probe_unknown_path(exchange, credentials, f"{prefix}/no/such/path")


def _probe_credentials(exchange: Exchange, credentials: Credentials, operation: Operation) -> None:
    if not operation.security:
        _probe_open_operation(exchange, operation)
        return
    for what, headers in _refused(operation, credentials):
        answer = _call(exchange, operation, headers)
        if answer.status != 401:
            check = "credentials_required" if not headers else "credentials_refused"
            _fail(exchange, check, operation.id, f"{what}: expected 401, found {answer.status}", kind=what)
    for what, headers in _accepted(operation, credentials):
        answer = _call(exchange, operation, headers)
        if answer.status == 401:
            _fail(exchange, "credentials_accepted", operation.id, f"{what}: refused with 401", kind=what)


def _probe_open_operation(exchange: Exchange, operation: Operation) -> None:
    # Real clients may send what they have; it must not get in the way.
    if operation.id == "get-version" and _call(exchange, operation, {}).status != 200:
        _fail(exchange, "credentials_accepted", operation.id, "an open operation refuses a call without credentials")


def _refused(operation: Operation, credentials: Credentials) -> Iterator[tuple[str, dict[str, str]]]:
    kinds = {kind for alternative in operation.security for kind, _ in alternative}
    yield "no credentials", {}
    yield "an unknown API token", bearer(NOBODYS_TOKEN)
    yield "an unknown session token", session_header(NOBODYS_TOKEN)
    yield "an empty session token", session_header("")
    yield "an API token under another scheme", {"Authorization": f"Basic {credentials.token}"}
    if "bearer" not in kinds:
        yield "an API token in place of a session token", bearer(credentials.token)


def _accepted(operation: Operation, credentials: Credentials) -> Iterator[tuple[str, dict[str, str]]]:
    kinds = {kind for alternative in operation.security for kind, _ in alternative}
    if "bearer" in kinds:
        yield "the API token alone", bearer(credentials.token)
    if "header" in kinds:
        # Ending the session that the whole run uses would break everything after it.
        spent = operation.id == "logout-user"
        yield "the session token alone", session_header(credentials.login() if spent else credentials.access_token)


def _probe_large_numbers(exchange: Exchange, credentials: Credentials, operation: Operation) -> None:
    """Send numbers that fit no machine word; they are integers like any other, and certainly no reason to break."""
    for parameter in operation.parameters:
        if parameter.location != "query" or parameter.type != "integer":
            continue
        for number in (2**31, 2**63, 10**30):
            query = f"{parameter.name}={number}"
            answer = exchange.call(operation.id, headers=bearer(credentials.token), query=query, conforming=False)
            if not parameter.judge.accepts(number) or answer.status == 200:
                continue
            message = f"{query}: expected 200, found {answer.status}"
            _fail(exchange, "large_numbers", operation.id, message, kind=parameter.name)


def _call(exchange: Exchange, operation: Operation, headers: Mapping[str, str]) -> Answer:
    # Bodies that change nothing even where the call is let in.
    body, content_type = b"", ""
    if "application/json" in operation.bodies:
        body, content_type = json_body({"programId": f"no-such-program-{ABSENT_ID}"}), "application/json"
    elif "text/plain" in operation.bodies:
        body, content_type = b"# nothing\n", "text/plain"
    extra = {"Content-Type": content_type} if content_type else {}
    return exchange.call(operation.id, headers={**headers, **extra}, body=body)


def _probe_methods(exchange: Exchange, credentials: Credentials, path: str) -> None:
    operations = [found for found in exchange.contract.operations.values() if found.path == path]
    documented = {operation.method for operation in operations}
    where = operations[0].id
    headers = {**bearer(credentials.token), **session_header(credentials.access_token)}
    for method in _METHODS:
        if method in documented:
            continue
        answer = exchange.send(method, target(operations[0], {}), headers=headers)
        exchange.collector.count(where, phase=PHASE, status=None)
        if answer.status != 405:
            message = f"{method} {path} is not documented: expected 405, found {answer.status}"
            _fail(exchange, "method_not_allowed", where, message, kind=f"{path} status")
            continue
        allowed = {name.strip() for name in answer.headers.get("Allow", "").split(",")} - {""}
        if allowed - _IMPLIED_METHODS != documented:
            message = f"{method} {path}: expected Allow: {', '.join(sorted(documented))}, found {sorted(allowed)}"
            _fail(exchange, "allow_header", where, message, kind=f"{path} allow")
        _hold_error_body(exchange, where, path, answer)


def _probe_unknown_path(exchange: Exchange, credentials: Credentials, path: str) -> None:
    headers = {**bearer(credentials.token), **session_header(credentials.access_token)}
    answer = exchange.send("GET", path, headers=headers)
    if answer.status != 404:
        _fail(exchange, "unknown_path", "", f"{path}: expected 404, found {answer.status}", kind=path)
    else:
        _hold_error_body(exchange, "", path, answer)


def _hold_error_body(exchange: Exchange, where: str, path: str, answer: Answer) -> None:
    schema = "AccountError" if path.startswith("/api/") else "Error"
    media = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        message = f"{answer.status} on {path}: expected application/json, found {shown(media) or 'no content type'}"
        _fail(exchange, "error_body", where, message, kind=f"{path} {answer.status}")
        return
    for violation in exchange.contract.check_component(schema, answer.json()):
        _fail(exchange, "error_body", where, f"{answer.status} on {path}: {violation}", kind=f"{path} {answer.status}")


def _fail(exchange: Exchange, check: str, operation: str, message: str, *, kind: str = "") -> None:
    exchange.collector.fail(check, operation, phase=PHASE, message=message, reproduce=exchange.line, kind=kind)
