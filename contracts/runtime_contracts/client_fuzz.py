"""Holding a client library to the contract: every answer that the document allows, and many that it does not.

For each operation and status the client is fed the documented answer, every mutation of it in one place, and every
fault of the wire. Then schemathesis draws more answers: each response schema is turned round into the request body of
an operation of its own, for which schemathesis makes valid and invalid values. A validator, not the generator, says
which are which. Nothing leaves the process.
"""

from __future__ import annotations

from contextlib import ExitStack
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Unpack

from runtime_contracts import documents, profiles
from runtime_contracts.asking import edition_for
from runtime_contracts.calling import UnknownParameterError, name_of
from runtime_contracts.client_calls import Ground, SessionNotUsedError, UnknownTransportError
from runtime_contracts.client_driver import ClientDriver
from runtime_contracts.client_run import ClientRun
from runtime_contracts.collector import Collector, silent
from runtime_contracts.contract import Contract
from runtime_contracts.driver_faults import DriverFaultError
from runtime_contracts.feeding import Feeder
from runtime_contracts.feeding_seam import seam
from runtime_contracts.inferring import Wishes
from runtime_contracts.offline import offline
from runtime_contracts.options import CLIENT_PHASES, EDITION, ClientFuzzOptions, ClientSettings, refuse_unknown
from runtime_contracts.strangers import NothingSeenError, strangers_of
from runtime_contracts.waiting import waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runtime_contracts.report import Report

PHASES = CLIENT_PHASES


def fuzz_client(
    subject: Any,
    *,
    edition: str | None = None,
    wishes: Wishes | None = None,
    again: Callable[[str, int], str] | None = None,
    report_dir: Path | None = None,
    progress: Callable[[str], None] | None = None,
    **options: Unpack[ClientFuzzOptions],
) -> Report:
    """Feed answers to a client, and report where it breaks the contract.

    `subject` is a ClientDriver, or any function or class on requests, urllib3 or httpx, blocking or not; what the
    latter send is met where it leaves the process, whatever address they use. A good answer must be understood, and as
    is expected; a broken one, and every error, must raise one of the declared exceptions; `wire_faults.Policy` has the
    few cases between. No other exception may leave the client, every request that it sends must be one that the
    document describes, and no token may show in what it raises, returns, logs or prints.

    `wishes` says more about a client without a driver. `options` are those of ClientFuzzOptions. Without `edition` it
    is the one whose operations the driver names, or whose paths the client asks for. If nothing can be said about the
    client, the report says why as its problem; so it does if a client tries to reach a network past what it is given,
    which nothing in this process can do for the time of the run.

    `progress` gets a short line now and then. `again` says in words how the case of an operation with a number is seen
    again. The report is written into `report_dir` if given. Ctrl-C ends the run early; the report then says so and
    holds what was found.

    Raises:
        UnknownDocumentError: there is no such edition.
        ValueError: a phase, an operation, a level or a profile does not exist.
        OSError: the report cannot be written.
    """
    settings = ClientSettings(**options)
    settings.check()
    full = None if edition is None else documents.canonical(edition)
    with ExitStack() as stack:
        ground = Ground(
            feeder=Feeder(),
            waits=stack.enter_context(waiting()),
            attempts=stack.enter_context(offline()),
            call_s=settings.max_call_time_s,
        )
        fuzz = _Fuzz(settings, ground, again or _again(settings), progress or silent)
        if isinstance(subject, ClientDriver):
            report = fuzz.driven(subject, full)
        else:
            stack.enter_context(seam(ground.feeder))
            report = fuzz.met(subject, wishes or Wishes(), full)
    if report_dir is not None:
        report.write(report_dir)
    return report


class _Fuzz:
    """What the two kinds of clients have in common."""

    def __init__(
        self,
        settings: ClientSettings,
        ground: Ground,
        again: Callable[[str, int], str],
        progress: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._ground = ground
        self._again = again
        self._progress = progress

    def driven(self, driver: ClientDriver, edition: str | None) -> Report:
        """Hold a client with a driver to the contract."""
        name = edition or edition_for(driver.operations)
        contract = self._contract(name)
        chosen = self._settings.operations
        selected = tuple(contract.operations if chosen is None else chosen)
        refuse_unknown("operation", selected, contract.operations)
        collector = self._collector(driver.name, name, contract, selected, set(driver.secrets))
        problem = _misnamed(driver, contract)
        return self._report(contract, name, [driver], collector, problem)

    def met(self, subject: Any, wishes: Wishes, edition: str | None) -> Report:
        """Hold a client without a driver to the contract."""
        editions = profiles.names() if edition is None else (edition,)
        contracts = {name: self._contract(name) for name in sorted(editions, key=lambda name: name != EDITION)}
        chosen = self._settings.operations
        if chosen is not None:
            refuse_unknown("operation", chosen, [name for known in contracts.values() for name in known.operations])
            contracts = {name: known for name, known in contracts.items() if set(chosen) & set(known.operations)}
        try:
            found = strangers_of(subject, wishes, contracts=contracts, operations=chosen, ground=self._ground)
        except (UnknownParameterError, NothingSeenError, SessionNotUsedError) as error:
            name = next(iter(contracts))
            return self._collector(name_of(subject), name, contracts[name], (), set(wishes.secrets)).report(str(error))
        contract = contracts[found.edition]
        selected = tuple(dict.fromkeys(name for driver in found.drivers for name in driver.operations))
        secrets = {secret for driver in found.drivers for secret in driver.secrets}
        collector = self._collector(name_of(subject), found.edition, contract, selected, secrets)
        for note in found.notes:
            collector.note(note)
        for stray in found.strays:
            collector.fail("wrong_operation", "", phase="run", message=stray, kind=stray)
        return self._report(contract, found.edition, found.drivers, collector, None)

    def _report(
        self,
        contract: Contract,
        edition: str,
        drivers: Sequence[ClientDriver],
        collector: Collector,
        problem: str | None,
    ) -> Report:
        if problem is None:
            side = profiles.of(edition).client
            run = ClientRun(contract, side, self._settings, self._ground, collector=collector, again=self._again)
            try:
                run.everything(drivers)
            except KeyboardInterrupt:
                collector.interrupted = True
            except (DriverFaultError, SessionNotUsedError, UnknownTransportError) as error:
                problem = str(error)
            finally:
                run.close()
        if problem is None and self._settings.case is not None and not (collector.total or collector.interrupted):
            problem = f"there is no case {self._settings.case} of {', '.join(collector.documented)}"
        return collector.report(problem)

    def _contract(self, edition: str) -> Contract:
        document = self._settings.document
        return _contract_of(edition) if document is None else Contract(document)

    def _collector(
        self, target: str, edition: str, contract: Contract, selected: Sequence[str], secrets: set[str]
    ) -> Collector:
        return Collector(
            kind="client",
            target=target,
            edition=edition,
            seed=self._settings.seed,
            documented={name: tuple(sorted(contract.operations[name].responses)) for name in selected},
            progress=self._progress,
            secrets=secrets,
            profile=self._settings.profile or "",
        )


@lru_cache(maxsize=4)
def _contract_of(edition: str) -> Contract:
    # What is made from a contract is kept with it: a test-suite holds many a client to the same one.
    return Contract.of(edition)


def _misnamed(driver: ClientDriver, contract: Contract) -> str | None:
    """Return what is wrong with the names of operations in the driver, or None."""
    unknown = [name for name in driver.operations if name not in contract.operations]
    if not unknown:
        return None
    near = get_close_matches(unknown[0], contract.operations, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(contract.operations)}"
    return f"the driver {driver.name!r} names an operation that does not exist: {unknown[0]!r}; {hint}"


def _again(settings: ClientSettings) -> Callable[[str, int], str]:
    def again(operation: str, number: int) -> str:
        examples = "" if settings.max_examples is None else f", max_examples={settings.max_examples}"
        return f"fuzz_client(..., operations=[{operation!r}], case={number}, seed={settings.seed}{examples})"

    return again
