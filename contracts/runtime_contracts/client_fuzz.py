"""Holding a client library to the contract: every answer that the document allows, and many that it does not.

For each operation and status the client is fed the documented answer, every mutation of it in one place, and every
fault of the wire. Then schemathesis draws more answers: each response schema is turned round into the request body of
an operation of its own, for which schemathesis makes valid and invalid values. A validator, not the generator, says
which are which. Nothing leaves the process.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from runtime_contracts import documents, profiles
from runtime_contracts.asking import edition_for
from runtime_contracts.client_cases import ClientCase, cases, judged
from runtime_contracts.client_judge import ClientJudge, SessionNotUsedError, Verdict
from runtime_contracts.collector import Collector, silent
from runtime_contracts.contract import Contract
from runtime_contracts.driver_faults import DriverFaultError
from runtime_contracts.offline import offline
from runtime_contracts.options import CLIENT_PHASES, ClientFuzzOptions, ClientSettings, refuse_unknown
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runtime_contracts.client_driver import ClientDriver
    from runtime_contracts.operation import Judge, Operation
    from runtime_contracts.profiles.profile import ClientSide
    from runtime_contracts.report import Report

PHASES = CLIENT_PHASES


def fuzz_client(
    driver: ClientDriver,
    *,
    edition: str | None = None,
    report_dir: Path | None = None,
    progress: Callable[[str], None] | None = None,
    **options: Unpack[ClientFuzzOptions],
) -> Report:
    """Feed answers to the client behind `driver`, and report where it breaks the contract.

    A good answer must be understood as `driver.expected` says; a broken one, and every error, must raise one of
    `driver.error_class`; `wire_faults.Policy` has the few cases between. No other exception may leave the client, every
    request that it sends must be one that the document describes, and no token may show in what it raises. `options`
    are those of ClientFuzzOptions. Without `edition` it is the one whose operations the driver names. If it is the
    driver that goes wrong, the report says so as its problem; so it does if the client tries to reach a network, which
    nothing in this process can do for the time of the run.

    `progress` gets a short line now and then. The report is written into `report_dir` if given. Ctrl-C ends the run
    early; the report then says so and holds what was found.

    Raises:
        UnknownDocumentError: there is no such edition.
        ValueError: a phase or an operation does not exist.
        OSError: the report cannot be written.
    """
    settings = ClientSettings(**options)
    name = documents.canonical(edition or edition_for(driver.operations))
    side = profiles.of(name).client
    contract = Contract(settings.document if settings.document is not None else documents.load(name))
    selected = tuple(contract.operations if settings.operations is None else settings.operations)
    refuse_unknown("operation", selected, contract.operations)
    refuse_unknown("phase", settings.phases, PHASES)
    collector = Collector(
        kind="client",
        target=driver.name,
        edition=name,
        seed=settings.seed,
        documented={name: tuple(sorted(contract.operations[name].responses)) for name in selected},
        progress=progress or silent,
        secrets=set(driver.secrets),
    )
    problem = _misnamed(driver, contract) or _problem_of_run(
        contract, driver, side, collector=collector, settings=settings, selected=selected
    )
    report = collector.report(problem)
    if report_dir is not None:
        report.write(report_dir)
    return report


def _misnamed(driver: ClientDriver, contract: Contract) -> str | None:
    """Return what is wrong with the names of operations in the driver, or None."""
    unknown = [name for name in driver.operations if name not in contract.operations]
    if not unknown:
        return None
    near = get_close_matches(unknown[0], contract.operations, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(contract.operations)}"
    return f"the driver {driver.name!r} names an operation that does not exist: {unknown[0]!r}; {hint}"


def _problem_of_run(
    contract: Contract,
    driver: ClientDriver,
    side: ClientSide,
    *,
    collector: Collector,
    settings: ClientSettings,
    selected: tuple[str, ...],
) -> str | None:
    """Make the run without a network, and return why it could not be made, or None."""
    with offline() as attempts:
        run = _Run(contract, driver, side, collector=collector, options=settings, attempts=attempts)
        try:
            run.everything(selected)
        except KeyboardInterrupt:
            collector.interrupted = True
        except (DriverFaultError, SessionNotUsedError) as error:
            return str(error)
        finally:
            run.close()
    return None


_Example = tuple[ClientCase, Any]


class _FoundError(AssertionError):
    """Tells Hypothesis that this example is worth shrinking."""


class _Run:
    """One run against one client."""

    def __init__(
        self,
        contract: Contract,
        driver: ClientDriver,
        side: ClientSide,
        *,
        collector: Collector,
        options: ClientSettings,
        attempts: list[str],
    ) -> None:
        self._contract = contract
        self._driver = driver
        self._collector = collector
        self._side = side
        self._judge = ClientJudge(
            contract, driver, side, lenient=options.lenient, attempts=attempts, call_s=options.max_call_time_s
        )
        self._phases = options.phases
        self._settings = hypothesis_settings(
            max_examples=options.max_examples,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        )

    def close(self) -> None:
        self._judge.close()

    def everything(self, selected: tuple[str, ...]) -> None:
        driven = [self._contract.operations[name] for name in selected if name in self._driver.operations]
        left_out = [name for name in selected if name not in self._driver.operations]
        if left_out:
            message = f"the driver has no call for {', '.join(left_out)}"
            self._collector.fail("operation_left_out", "", phase="run", message=message)
        for operation in driven:
            self._judge.try_driver(self._good(operation))
        runs = {"answers": self._answers, "fuzzing": self._fuzzing, "arguments": self._arguments}
        for phase in PHASES:
            if phase in self._phases:
                self._collector.progress(f"phase {phase}")
                runs[phase](driven)

    def _good(self, operation: Operation) -> ClientCase:
        return next(case for case in cases(self._contract, operation) if case.name in _GOOD)

    def _answers(self, operations: Sequence[Operation]) -> None:
        for operation in operations:
            for case in cases(self._contract, operation):
                self._keep(case, "answers", self._judged(case, "answers"))

    def _fuzzing(self, operations: Sequence[Operation]) -> None:
        # Making values is what costs time, and most answers share a few schemas: each value goes to all of them.
        sharing: dict[str, list[tuple[Operation, int, Judge]]] = {}
        for operation in operations:
            for status, bodies in operation.responses.items():
                for judge in bodies.values():
                    schema = json.dumps(judge.schema, sort_keys=True)
                    sharing.setdefault(schema, []).append((operation, status, judge))
        for group in sharing.values():
            if group[0][2].is_plain_text:
                continue
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                values = _values(self._contract.document, group[0][2], mode)
                self._search("fuzzing", values.map(partial(_random_cases, group)))

    def _arguments(self, operations: Sequence[Operation]) -> None:
        for operation in operations:
            examples = self._side.strategy().map(partial(_with_arguments, self._good(operation)))
            self._search("arguments", examples)
        for operation_id, message in self._judge.travelling.vanished():
            self._collector.fail(
                "argument_lost", operation_id, phase="arguments", message=message, kind=message.partition(":")[0]
            )

    def _search(self, phase: str, examples: st.SearchStrategy[list[_Example]]) -> None:
        """Judge random examples; of those that fail, keep the smallest that Hypothesis finds.

        What was found hides what else there is, so the search begins again until nothing new comes.
        """
        for _ in range(_ROUNDS):
            if not self._found_more(phase, examples):
                break

    def _found_more(self, phase: str, examples: st.SearchStrategy[list[_Example]]) -> bool:
        smallest: list[tuple[ClientCase, list[Verdict], Any]] = []

        @seed(self._collector.seed)
        @self._settings
        @given(examples)
        def search(example: list[_Example]) -> None:
            found = []
            for case, arguments in example:
                verdicts = [new for new in self._judged(case, phase, arguments) if not self._is_known(case, new)]
                found += [(case, verdicts, arguments)] if verdicts else []
            if found:
                smallest[:] = found
                raise _FoundError

        try:
            search()
        except _FoundError:
            for case, verdicts, arguments in smallest:
                self._keep(case, phase, verdicts, arguments)
            return True
        return False

    def _judged(self, case: ClientCase, phase: str, arguments: Any = None) -> list[Verdict]:
        if self._judge.gives_up(case.operation):
            self._collector.note(f"{case.operation.id}: calls have no end, so the remaining cases were left out")
            return []
        self._collector.count(case.operation.id, phase=phase, status=case.feed.status)
        return self._judge.judge(case, arguments)

    def _is_known(self, case: ClientCase, verdict: Verdict) -> bool:
        return (verdict.check, case.operation.id, _kind(case, verdict)) in self._collector.failures

    def _keep(self, case: ClientCase, phase: str, verdicts: list[Verdict], arguments: Any = None) -> None:
        for verdict in verdicts:
            called = "" if arguments is None else f"\ncalled with {arguments!r}"
            self._collector.fail(
                verdict.check,
                case.operation.id,
                phase=phase,
                message=f"{case.name} (status {case.feed.status}): {verdict.message}{called}",
                reproduce=_described(case),
                kind=_kind(case, verdict),
            )


_OF_THE_ANSWER = frozenset({"leaks_exception", "accepts_broken", "refuses_valid", "decodes_wrong"})
_ROUNDS = 8
_GOOD = ("as documented", "the text 'All done!'", "the text ''")


def _random_cases(group: Sequence[tuple[Operation, int, Judge]], value: Any) -> list[_Example]:
    return [
        (judged(operation, status, "a random answer", judge=judge, value=value), None)
        for operation, status, judge in group
    ]


def _with_arguments(case: ClientCase, arguments: Any) -> list[_Example]:
    return [(case, arguments)]


def _values(document: dict[str, Any], judge: Judge, mode: GenerationMode) -> st.SearchStrategy[Any]:
    """Return JSON values that schemathesis makes for a response schema, turned round into a request body."""
    inverted = {
        "openapi": "3.0.3",
        "info": {"title": "inverted", "version": "1"},
        "paths": {
            "/answer": {
                "post": {
                    "operationId": "answer",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": judge.schema}}},
                    "responses": {"204": {"description": "understood"}},
                }
            }
        },
        "components": {"schemas": document["components"]["schemas"]},
    }
    operation = schemathesis.openapi.from_dict(inverted)["/answer"]["POST"]
    strategy: st.SearchStrategy[Any] = operation.as_strategy(generation_mode=mode)
    return strategy.map(lambda case: case.body).filter(_is_json)


def _is_json(value: Any) -> bool:
    # Negative bodies may be raw bytes, or the mark for no body at all; the faults of the wire see to those.
    return value is None or isinstance(value, (bool, int, float, str, list, dict))


def _kind(case: ClientCase, verdict: Verdict) -> str:
    # One defect shows in many answers: the class of an exception, and the place in answer or request, tell them apart.
    if verdict.check in _OF_THE_ANSWER:
        return f"{verdict.message.partition(':')[0] if verdict.check == 'leaks_exception' else ''} {case.place}"
    return verdict.place


def _described(case: ClientCase) -> str:
    headers = ", ".join(f"{name}: {value}" for name, value in case.feed.headers.items())
    if case.feed.cut:
        return f"answer to {case.operation.label}: the connection is cut"
    body = shown(case.feed.body.decode("utf-8", errors="backslashreplace"), limit=1000)
    return f"answer to {case.operation.label}: {case.feed.status}; {headers or 'no headers'}; body {body or 'empty'}"
