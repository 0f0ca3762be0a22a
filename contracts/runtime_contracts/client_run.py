"""One run against one client: its phases, what is counted, and what is told of what was found."""

from __future__ import annotations

from dataclasses import replace
from threading import Event, Timer
from typing import TYPE_CHECKING, Final

from runtime_contracts.client_calls import SEAM
from runtime_contracts.client_catalogue import Catalogue, NumberedCase, thinned
from runtime_contracts.client_findings import Findings, root, smallest, told
from runtime_contracts.client_judge import ClientJudge, Verdict
from runtime_contracts.discovering import Answering
from runtime_contracts.options import CLIENT_PHASES
from runtime_contracts.own_lines import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from runtime_contracts.client_calls import Ground
    from runtime_contracts.client_driver import ClientDriver
    from runtime_contracts.client_findings import Finding
    from runtime_contracts.collector import Collector
    from runtime_contracts.contract import Contract
    from runtime_contracts.operation import Operation
    from runtime_contracts.options import ClientSettings
    from runtime_contracts.profiles.profile import ClientSide


PAGES: Final = 0
"""The number of the case that is a list on several pages."""


class _TimeIsUpError(Exception):
    """The run has taken as long as it may."""


class ClientRun:
    """One run against the client behind some drivers; what it finds goes into `collector`."""

    def __init__(
        self,
        contract: Contract,
        side: ClientSide,
        settings: ClientSettings,
        ground: Ground,
        *,
        collector: Collector,
        again: Callable[[str, int], str],
    ) -> None:
        self._contract = contract
        self._side = side
        self._settings = settings
        self._ground = ground
        self._collector = collector
        self._again = again
        self._judges: list[ClientJudge] = []
        self._findings = Findings()
        self._over = Event()
        self._catalogue = Catalogue(
            contract=contract, seed=settings.seed, max_examples=settings.examples, strategy=side.strategy
        )

    def close(self) -> None:
        """Let go of what the drivers were given."""
        for judge in self._judges:
            judge.close()

    def everything(self, drivers: Sequence[ClientDriver]) -> None:
        """Go through all phases, and report what was found however that ends.

        Raises:
            DriverFaultError: a driver went wrong.
            SessionNotUsedError: the client goes to a network by itself.
            UnknownTransportError: a driver asks for a transport that is not there.
        """
        limit_s = self._settings.time_limit_s
        timer = None if limit_s is None else Timer(limit_s, self._over.set)
        try:
            if timer is not None:
                timer.daemon = True
                timer.start()
            pairs = [pair for driver in drivers for pair in self._begun(driver)]
            for phase in CLIENT_PHASES:
                if phase in self._settings.chosen_phases:
                    self._phase(phase, pairs)
            self._shrink()
        except _TimeIsUpError:
            self._collector.time_limit_s = limit_s
        finally:
            if timer is not None:
                timer.cancel()
            self._tell()

    def _begun(self, driver: ClientDriver) -> list[tuple[ClientJudge, Operation]]:
        """Return what a driver has to be tried with, after looking whether it works at all."""
        inferred = getattr(driver, "transport", "") == SEAM
        answering = Answering(self._contract) if inferred else None
        judge = ClientJudge(
            self._contract, driver, self._side, settings=self._settings, ground=self._ground, answering=answering
        )
        self._judges.append(judge)
        selected = self._collector.documented
        left_out = [name for name in selected if name not in driver.operations]
        if left_out and not inferred:
            message = f"the driver has no call for {', '.join(left_out)}"
            self._collector.fail("operation_left_out", "", phase="run", message=message)
        pairs = [(judge, self._contract.operations[name]) for name in selected if name in driver.operations]
        for _, operation in pairs:
            if inferred:
                judge.look(self._catalogue.good(operation))
            else:
                judge.try_driver(self._catalogue.good(operation))
        return pairs

    def _phase(self, phase: str, pairs: Sequence[tuple[ClientJudge, Operation]]) -> None:
        self._collector.progress(f"phase {phase}")
        for judge, operation in pairs:
            if phase == "answers" and self._settings.case in {None, PAGES}:
                self._pages(judge, operation)
            for numbered in self._chosen(judge, operation, phase):
                if self._over.is_set():
                    raise _TimeIsUpError
                self._try(judge, numbered)
            self._collector.fleeting(f"phase {phase}: {judge.driver.name} {operation.id}")
        if phase == "arguments":
            self._vanished(pairs)

    def _pages(self, judge: ClientJudge, operation: Operation) -> None:
        case = replace(self._catalogue.good(operation), name="a list on several pages")
        verdicts = judge.pages(case)
        if verdicts is not None:
            self._collector.count(operation.id, phase="answers", status=case.feed.status)
        for verdict in verdicts or ():
            self._keep(judge, NumberedCase(number=PAGES, phase="answers", case=case), verdict)

    def _chosen(self, judge: ClientJudge, operation: Operation, phase: str) -> Iterator[NumberedCase]:
        if phase == "arguments" and not judge.passes_arguments:
            return
        wanted = self._settings.case
        found = self._catalogue.of(operation, phase)
        if wanted is not None:
            yield from (numbered for numbered in found if numbered.number == wanted)
        elif self._settings.is_whole:
            yield from found
        else:
            yield from thinned(found)

    def _try(self, judge: ClientJudge, numbered: NumberedCase) -> None:
        case = numbered.case
        if judge.gives_up(case.operation):
            self._collector.note(f"{case.operation.id}: calls have no end, so the remaining cases were left out")
            return
        self._collector.count(case.operation.id, phase=numbered.phase, status=case.feed.status)
        for verdict in judge.judge(case, numbered.arguments):
            self._keep(judge, numbered, verdict)

    def _keep(self, judge: ClientJudge, numbered: NumberedCase, verdict: Verdict) -> None:
        if self._findings.add(judge, numbered, verdict):
            self._collector.progress(f"{verdict.check}: {numbered.case.operation.id}")

    def _vanished(self, pairs: Sequence[tuple[ClientJudge, Operation]]) -> None:
        for judge in dict.fromkeys(judge for judge, _ in pairs):
            for operation_id, message in judge.travelling.vanished():
                case = self._catalogue.good(self._contract.operations[operation_id])
                numbered = NumberedCase(number=1, phase="arguments", case=case)
                place = message.partition(":")[0]
                self._keep(judge, numbered, Verdict("argument_lost", message, place))

    def _shrink(self) -> None:
        for _, finding in self._findings.in_order():
            if self._over.is_set():
                raise _TimeIsUpError
            finding.shown = smallest(finding)

    def _tell(self) -> None:
        for key, finding in self._findings.in_order():
            self._fail(key, finding)

    def _fail(self, key: tuple[str, ...], finding: Finding) -> None:
        operation = finding.case.operation.id
        driver = finding.judge.driver
        function = getattr(driver, "function", None)
        label = "" if function is None else f"{driver.name}, {place_of(function)}"
        message, reproduce = told(finding, label=label, again=self._again(operation, finding.numbered.number))
        for _ in range(finding.count):
            self._collector.fail(
                finding.verdict.check,
                operation,
                phase=finding.numbered.phase,
                message=message,
                reproduce=reproduce,
                kind=f"{key[0]} {key[-1]}",
                cause=root(finding),
                place=finding.case.place if finding.case.place.startswith("/") else finding.verdict.place,
            )
