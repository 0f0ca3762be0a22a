"""Driving schemathesis: its engine is configured, run, and its events are turned into counts and failures.

The engine's event stream is used directly, as schemathesis' own command line does, because that leaves nothing behind
in the process: no configuration file of the working directory is read, no global hook is registered, nothing is
printed, and a run that is interrupted keeps what it found. The stream is no documented interface, so the dependency is
pinned to one minor version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from runtime_contracts.exemplifying import exemplified
from runtime_contracts.locating import located
from runtime_contracts.operation import METHODS, Operation
from runtime_contracts.options import ENGINE_PHASES
from runtime_contracts.reproducing import curl, fits_in_a_line
from runtime_contracts.strict_json import InvalidJsonError, decode_json
from runtime_contracts.violation import generalised

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from schemathesis.engine.recorder import CheckNode, Interaction, ScenarioRecorder

    from runtime_contracts.collector import Collector
    from runtime_contracts.contract import Contract
    from runtime_contracts.gate import Gate
    from runtime_contracts.locating import Located
    from runtime_contracts.profiles.profile import Access, Known

PHASES = ENGINE_PHASES
_REJECTED = [400, 401, 403, 404, 405, 406, 413, 415, 422]
_ACCEPTED = ["2xx", 401, 403, 404, 409]
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
_ORACLE_CHECKS = frozenset({"negative_data_rejection", "positive_data_acceptance"})
# What is wrong with the answer itself; the contract says where.
_SHAPE_CHECKS = frozenset({"response_schema_conformance", "content_type_conformance", "status_code_conformance"})
_HIDDEN = "[Filtered]"
_FORM = "in a form every value is text"


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What a run of the engine depends on.

    Attributes:
        phases: those of `PHASES` to run.
        operations: ids of the operations to run.
        known: what exists on the server, so that some requests find something.
        secret_in: the secret in the answer of an operation, or None.
        read_only: no methods are tried but those of the operations.
    """

    origin: str
    seed: int
    max_examples: int
    phases: Collection[str]
    operations: Collection[str]
    known: Collection[Known]
    max_response_time_s: float
    secret_in: Callable[[str, Any], str | None]
    read_only: bool = False


class EngineError(Exception):
    """The engine itself failed; nothing is said about the server."""


def run_engine(
    document: dict[str, Any],
    settings: EngineSettings,
    *,
    contract: Contract,
    access: Access,
    collector: Collector,
    gate: Gate,
) -> None:
    """Run the engine over the document; what it finds goes into `collector`.

    Raises:
        EngineError: the engine failed.
        KeyboardInterrupt: the user stopped it; the collector holds what was found until then.
        TimeIsUpError: the time of the run was over.
    """
    config = SchemathesisConfig.from_dict(_configuration(document, settings))
    told = exemplified(document, settings.known, access.headers)
    selected = schemathesis.openapi.from_dict(told, config=config)
    _authenticate(selected, access, contract)
    reader = _EventReader(collector, contract, settings)
    stream = from_schema(selected).execute()
    gate.stop = stream.stop
    try:
        for event in stream.generator:
            if gate.is_over and isinstance(event, events.Interrupted):
                break
            reader.read(event)
    finally:
        gate.stop = None
        stream.stop()
        stream.generator.close()
    gate.refuse_if_over()


def _configuration(document: dict[str, Any], settings: EngineSettings) -> dict[str, Any]:
    phases: dict[str, Any] = {name: {"enabled": name in settings.phases} for name in PHASES}
    methods = [] if settings.read_only else _METHODS
    phases["coverage"] |= {"generate-duplicate-query-parameters": True, "unexpected-methods": methods}
    # Inferred links follow nulls and names that mean something else; the document has links of its own.
    phases["stateful"] |= {"inference": {"algorithms": []}}
    known = [found for found in settings.known if found.values]
    return {
        "base-url": settings.origin,
        "seed": settings.seed,
        # More workers are no faster here, and only one gives the same run again.
        "workers": 1,
        "continue-on-failure": True,
        "request-timeout": 10,
        "cache": {"enabled": False},
        "analysis": {"constants": {"enabled": False}},
        "generation": {
            "deterministic": True,
            "database": "none",
            "max-examples": settings.max_examples,
            # Generated credentials would be overwritten by the real ones; the check ignored_auth works without them.
            "with-security-parameters": False,
        },
        "phases": phases,
        "checks": {
            "negative_data_rejection": {"expected-statuses": _REJECTED},
            "positive_data_acceptance": {"expected-statuses": _ACCEPTED},
            "max_response_time": settings.max_response_time_s,
        },
        "dictionaries": {found.name: {"values": list(found.values)} for found in known},
        "operations": [
            *({"include-operation-id": name, "enabled": False} for name in _left_out(document, settings.operations)),
            *({"include-operation-id": name, "parameters": _bound(known, name)} for name in settings.operations),
        ],
    }


def _bound(known: Collection[Known], operation: str) -> dict[str, Any]:
    """Return which parameters of an operation take values that exist."""
    here = (found for found in known if operation in found.operations)
    return {found.parameter: {"dictionary": found.name, "probability": found.share} for found in here}


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from (item[method] for method in METHODS if method in item)


def _left_out(document: dict[str, Any], operations: Collection[str]) -> list[str]:
    # They stay in the document, which has to know which methods a path allows.
    names = [operation["operationId"] for operation in _operations(document)]
    return [name for name in names if name not in operations]


def _authenticate(schema: Any, access: Access, contract: Contract) -> None:
    class Provider:
        """Gives every call its credentials.

        Where one of them is a parameter of the operation as well, a good value is replaced by the caller's; a broken
        one, or none at all, is what the call is about.
        """

        def get(self, case: Any, _: Any) -> Mapping[str, str]:
            return access.turn(str(case.operation.definition.raw["operationId"]))

        def set(self, case: Any, data: Mapping[str, str], _: Any) -> None:
            given = dict(case.headers or {})
            operation = contract.operations[str(case.operation.definition.raw["operationId"])]
            for name, value in data.items():
                if _may_set(operation, name, given):
                    given[name] = value
            case.headers = given

    schema.auth(refresh_interval=None)(Provider)


def _may_set(operation: Operation, name: str, given: Mapping[str, Any]) -> bool:
    parameter = next((one for one in operation.parameters if (one.location, one.name) == ("header", name)), None)
    return parameter is None or (name in given and parameter.judge.accepts(given[name]))


class _EventReader:
    """Turns the engine's events into counts and failures."""

    def __init__(self, collector: Collector, contract: Contract, settings: EngineSettings) -> None:
        self._collector = collector
        self._contract = contract
        self._secret_in = settings.secret_in
        self._selected = settings.operations
        self._met: dict[str, dict[str, None]] = {}

    def read(self, event: events.EngineEvent) -> None:
        match event:
            case events.PhaseStarted(phase=phase) if phase.is_enabled and phase.name.value.lower() in _ENGINE_NAMES:
                self._collector.progress(f"phase {_ENGINE_NAMES[phase.name.value.lower()]}")
            case events.ScenarioFinished():
                self._scenario(_ENGINE_NAMES.get(event.phase.value.lower(), event.phase.value), event.recorder)
            case events.NonFatalError():
                self._error(event)
            case events.FatalError(exception=error):
                raise EngineError(f"{type(error).__name__}: {error}") from error
            case events.Interrupted():
                raise KeyboardInterrupt
            case events.EngineFinished(stop_reason=reason) if reason.value == "server_unavailable":
                message = "the server stopped answering"
                self._collector.fail("server_answers", "", phase="engine", message=message)

    def _error(self, event: events.NonFatalError) -> None:
        phase = "engine" if event.phase is None else event.phase.value
        message = f"{event.label}: {event.info.title}: {event.info.message}"
        operation = self._operation_of(event.label)
        self._collector.fail("engine_error", operation, phase=phase, message=message, kind=event.info.title)

    def _operation_of(self, label: str) -> str:
        return next((found.id for found in self._contract.operations.values() if found.label == label), "")

    def _scenario(self, phase: str, recorder: ScenarioRecorder) -> None:
        self._count(phase, recorder)
        for case_id, checks in recorder.checks.items():
            for check in checks:
                if check.status is Status.FAILURE and check.failure_info is not None:
                    self._failure(phase, recorder, case_id, check)

    def _count(self, phase: str, recorder: ScenarioRecorder) -> None:
        operation = ""
        for case_id, node in recorder.cases.items():
            interaction = recorder.interactions.get(case_id)
            status = None if interaction is None or interaction.response is None else interaction.response.status_code
            operation = self._operation_of(node.value.operation.label)
            if interaction is not None:
                self._learn_secret(operation, interaction)
            self._collector.count(operation, phase=phase, status=status)
        if operation:
            self._met.setdefault(phase, {})[operation] = None
            number, of = len(self._met[phase]), len(self._selected)
            self._collector.fleeting(f"{phase}: operation {number} of {of}, {operation}")

    def _learn_secret(self, operation: str, interaction: Interaction) -> None:
        if interaction.response is None:
            return
        try:
            value = decode_json(interaction.response.content)
        except InvalidJsonError:
            return
        secret = self._secret_in(operation, value)
        if secret is not None:
            self._collector.secrets.add(secret)

    def _failure(self, phase: str, recorder: ScenarioRecorder, case_id: str, check: CheckNode) -> None:
        info = check.failure_info
        if info is None:
            return
        failure = info.failure
        interaction = recorder.interactions.get(failure.case_id or case_id)
        operation = self._operation_of(failure.operation or recorder.cases[case_id].value.operation.label)
        if check.name in _ORACLE_CHECKS and interaction is not None:
            reason = self._why_false(check.name, interaction)
            if reason is not None:
                self._collector.discard(check.name, operation, reason)
                return
        if _status(interaction) in {str(status) for status in self._collector.forgiven}:
            return
        reproduce = self._reproduced(interaction, info.code_sample)
        found = self._located(operation, interaction) if check.name in _SHAPE_CHECKS else []
        for one in found:
            self._collector.fail(
                check.name,
                operation,
                phase=phase,
                message=f"status {_status(interaction)}: {one.violation}\n{_excerpt(interaction)}".rstrip(),
                reproduce=reproduce,
                kind=f"{_status(interaction)} {generalised(one.violation.where)} {one.cause}",
                cause=one.cause,
                place=one.violation.where,
                document_pointer=one.document_pointer,
            )
        if found:
            return
        message = "\n".join(part for part in (failure.title, failure.message, _excerpt(interaction)) if part)
        self._collector.fail(
            check.name,
            operation,
            phase=phase,
            message=message,
            reproduce=reproduce,
            kind=f"{failure.title} {_status(interaction)}",
        )

    def _located(self, operation: str, interaction: Interaction | None) -> list[Located]:
        if interaction is None or interaction.response is None or not operation:
            return []
        response = interaction.response
        headers = {name: values[0] for name, values in response.headers.items()}
        known = self._contract.operations[operation]
        return located(self._contract, known, response.status_code, headers=headers, body=response.content)

    def _reproduced(self, interaction: Interaction | None, command: str) -> str:
        if interaction is None or fits_in_a_line(interaction.request.body or b""):
            return _with_variables(command)
        request = interaction.request
        headers = {name: values[0] for name, values in request.headers.items()}
        return curl(request.method, request.uri, headers=headers, body=request.body or b"", files=self._collector.files)

    def _why_false(self, check: str, interaction: Interaction) -> str | None:
        """Return why an alarm is false, or None if it is not.

        It is when the request that was really sent is the opposite of what the generator meant it to be.

        A form, for one, turns the number 5 into the text "5", which is as good as any other.
        """
        request = interaction.request
        parts = urlsplit(request.uri)
        headers = {name: values[0] for name, values in request.headers.items()}
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        violations = self._contract.check_request(
            request.method, target, headers=headers, body=request.body or b"", extras=True
        )
        if check == "positive_data_acceptance":
            # The value itself differs each time; the place and the rule say what kind of alarm this is.
            return f"as sent it is broken: {violations[0].where}: {violations[0].expected}" if violations else None
        return None if violations else f"as sent it is good: {_FORM if _is_form(headers) else 'nothing in it is wrong'}"


def _is_form(headers: Mapping[str, str]) -> bool:
    given = {name.lower(): value for name, value in headers.items()}
    return given.get("content-type", "").startswith("multipart/form-data")


_ENGINE_NAMES = {"examples": "examples", "coverage": "coverage", "fuzzing": "fuzzing", "stateful": "stateful"}


def _status(interaction: Interaction | None) -> str:
    return "" if interaction is None or interaction.response is None else str(interaction.response.status_code)


def _excerpt(interaction: Interaction | None) -> str:
    if interaction is None or interaction.response is None:
        return ""
    body = interaction.response.content[:400].decode("utf-8", errors="replace")
    return f"answer: {interaction.response.status_code} {body}".rstrip()


def _with_variables(command: str) -> str:
    """Replace the hidden credentials of a curl line by shell variables."""
    command = command.replace(f"-H 'Authorization: {_HIDDEN}'", '-H "Authorization: Bearer $TOKEN"')
    return command.replace(f"-H 'X-Access-Token: {_HIDDEN}'", '-H "X-Access-Token: $ACCESS_TOKEN"')
