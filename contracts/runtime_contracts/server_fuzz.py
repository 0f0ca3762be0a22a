"""Holding a running server to the contract: probes, schemathesis in all its phases, and the lifecycle of jobs."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeVar, Unpack
from urllib.parse import urlsplit

from runtime_contracts import documents, engine, lifecycle, probes, profiles, variations
from runtime_contracts.asking import edition_of
from runtime_contracts.collector import Collector, silent
from runtime_contracts.contract import Contract
from runtime_contracts.exchange import Exchange, OperationMissingError, ServerUnreachableError
from runtime_contracts.gate import Gate, NotReadOnlyError, TimeIsUpError
from runtime_contracts.journeys import run_journeys
from runtime_contracts.lifecycle_model import NONSENSE, nonsense
from runtime_contracts.options import (
    JOURNEYS,
    PROFILE,
    SERVER_PHASES,
    ServerFuzzOptions,
    ServerSettings,
    refuse_unknown,
)
from runtime_contracts.profiles.profile import CouldNotRunError, Keys
from runtime_contracts.report import Report
from runtime_contracts.reproducing import BodyFiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runtime_contracts.profiles.profile import Access, Known, Profile

PHASES = SERVER_PHASES
T = TypeVar("T")
# The phases that visit every operation; the others only walk where links and models lead.
_VISITING = frozenset({"probes", "coverage", "fuzzing"})
_TOO_MANY = 429


def fuzz_server(
    url: str,
    *,
    token: str,
    edition: str | None = None,
    access_token: str | None = None,
    report_dir: Path | None = None,
    progress: Callable[[str], None] | None = None,
    **options: Unpack[ServerFuzzOptions],
) -> Report:
    """Drive the server at `url` through every operation of the contract, and report what broke it.

    The run creates jobs, programs and sessions on the server and leaves most of them there, apart from those of the
    journeys and the lifecycle; with `read_only` it creates, changes and charges nothing. Without `edition` the server
    is asked which one it is, and taken for one of today if it does not say. Without `access_token` the run logs in.
    `options` are those of ServerFuzzOptions.

    `progress` gets a short line now and then; one that is a `collector.Fleeting` may be overwritten. The report never
    holds a token; it is written into `report_dir` if given. Ctrl-C ends the run early; the report then says so and
    holds what was found.

    Raises:
        UnknownDocumentError: there is no such edition.
        ValueError: a profile, a phase or an operation does not exist, or `url` is no http or https URL.
        OSError: the report cannot be written.
    """
    settings = ServerSettings(**options)
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is no http or https URL")
    name = documents.canonical(edition or edition_of(url))
    profile = profiles.of(name)
    origin = profile.server.address(url)
    document = copy.deepcopy(settings.document) if settings.document is not None else documents.load(name)
    profile.server.links(document)
    contract = Contract(documents.pointed_at(document, origin))
    selected = tuple(contract.operations if settings.operations is None else settings.operations)
    refuse_unknown("operation", selected, contract.operations)
    refuse_unknown("phase", settings.chosen_phases, PHASES)
    refuse_unknown("journey", settings.journeys or (), [journey.name for journey in profile.server.journeys])
    keys = Keys(
        token=token,
        other_token=settings.other_token,
        access_token=access_token,
        instance=settings.instance,
        other_instance=settings.other_instance,
        iam_url=settings.iam_url,
        read_only=settings.read_only,
    )
    reading = [name for name in selected if not settings.read_only or contract.operations[name].method == "GET"]
    collector = Collector(
        kind="server",
        target=origin,
        edition=name,
        seed=settings.seed,
        documented={name: tuple(sorted(contract.operations[name].responses)) for name in reading},
        progress=progress or silent,
        secrets=keys.secrets,
        files=None if report_dir is None else BodyFiles(),
        profile=_profile_shown(settings),
        forgiven=frozenset() if settings.rate is None else frozenset({_TOO_MANY}),
    )
    _left_out(settings, [name for name in selected if name not in reading], collector)
    gate = Gate(
        origin,
        read_only=settings.read_only,
        exchanges=profile.server.exchanges(origin, keys),
        rate_per_s=settings.rate,
        time_limit_s=settings.time_limit_s,
    )
    collector.progress(f"seed {settings.seed}{f', profile {collector.profile}' if collector.profile else ''}")
    run = _Run(contract, profile, origin, keys=keys, settings=settings, collector=collector, gate=gate)
    with gate.standing():
        problem = run.everything(document, tuple(reading))
    report = collector.report(problem)
    if report_dir is not None:
        report.write(report_dir)
    return report


def _profile_shown(settings: ServerSettings) -> str:
    """Return the name of the profile, if the run is as that says."""
    return "" if settings.phases is not None and settings.profile is None else settings.profile or PROFILE


def _left_out(settings: ServerSettings, writing: list[str], collector: Collector) -> None:
    """Say what a run that only reads leaves out."""
    if not settings.read_only:
        return
    if writing:
        collector.not_done.append(f"{', '.join(writing)}: they create or change something, and the run is read-only")
    phases = [name for name in settings.run_profile.phases if name not in settings.chosen_phases]
    if phases and settings.phases is None:
        collector.not_done.append(f"the phases {', '.join(phases)}: they write, or send very much")


class _Run:
    """One run against one server."""

    def __init__(
        self,
        contract: Contract,
        profile: Profile,
        origin: str,
        *,
        keys: Keys,
        settings: ServerSettings,
        collector: Collector,
        gate: Gate,
    ) -> None:
        self._contract = contract
        self._gate = gate
        self._phases = frozenset(settings.chosen_phases)
        self._side = profile.server
        self._origin = origin
        self._keys = keys
        self._settings = settings
        self._collector = collector
        root = "{0.scheme}://{0.netloc}".format(urlsplit(origin))
        self._exchange = Exchange(
            contract,
            origin,
            collector,
            probes.PHASE,
            max_response_time_s=settings.max_response_time_s,
            gate=gate,
            makers=self._side.makers,
            preamble={name: line.replace("{origin}", root) for name, line in self._side.preamble.items()},
        )

    def everything(self, document: dict[str, Any], selected: tuple[str, ...]) -> str | None:
        """Run what was asked for, and return why it could not be run, or None."""
        try:
            access = self._signed_in()
            if access.remark is not None:
                self._collector.note(access.remark)
            selected = self._callable(selected, access)
            self._phase(probes.PHASE, lambda: probes.run_probes(self._exchange, self._side, access, selected))
            self._phase(variations.PHASE, lambda: self._variations(selected, access))
            self._engine(document, selected, access)
            self._phase(JOURNEYS, lambda: self._journeys(access))
            self._phase(lifecycle.PHASE, lambda: self._lifecycle(access))
            self._completeness(selected)
        except KeyboardInterrupt:
            self._collector.interrupted = True
        except TimeIsUpError:
            self._collector.time_limit_s = self._settings.time_limit_s
        except (CouldNotRunError, OperationMissingError, engine.EngineError, NotReadOnlyError) as error:
            return str(error)
        except ServerUnreachableError as error:
            message = f"no answer to {error}"
            self._collector.fail("server_answers", "", phase=self._exchange.phase, message=message)
        finally:
            self._exchange.close()
        return None

    def _signed_in(self) -> Access:
        try:
            access: Access = self._side.sign_in(self._exchange, self._keys)
        except NONSENSE as error:
            raise CouldNotRunError(f"{self._origin}: {nonsense(error)}") from None
        return access

    def _callable(self, selected: tuple[str, ...], access: Access) -> tuple[str, ...]:
        """Return the operations for which the caller has credentials, and leave the others out of the report."""
        kept = tuple(name for name in selected if access.may_call(self._contract.operations[name]))
        documented = self._collector.documented
        self._collector.documented = {name: documented[name] for name in kept}
        return kept

    def _phase(self, name: str, run: Callable[[], None]) -> None:
        """Run a phase of our own, if it belongs to the run."""
        if name in self._phases:
            self._collector.progress(f"phase {name}")
            self._exchange.phase = name
            self._sensibly(run)

    def _sensibly(self, run: Callable[[], T]) -> T | None:
        """Run something; an answer that nobody could read, or a login that is refused by now, is a failure."""
        try:
            return run()
        except CouldNotRunError as error:
            self._broken_off("credentials_accepted", str(error))
        except NONSENSE as error:
            self._broken_off("answer_makes_sense", nonsense(error))
        return None

    def _broken_off(self, check: str, message: str) -> None:
        exchange = self._exchange
        cause = f"{check} {exchange.operation}"
        self._collector.fail(
            check, exchange.operation, phase=exchange.phase, message=message, reproduce=exchange.line, cause=cause
        )

    def _variations(self, selected: tuple[str, ...], access: Access) -> None:
        operations = [self._contract.operations[name] for name in selected]
        goods = self._side.goods(self._exchange, access, operations, self._settings.read_only)
        variations.run_variations(self._exchange, [good for good in goods if good.operation in selected])

    def _journeys(self, access: Access) -> None:
        scene = self._side.scene(self._exchange, access, self._lifecycle_options())
        if scene is not None:
            wanted = self._settings.journeys
            chosen = [one for one in self._side.journeys if wanted is None or one.name in wanted]
            run_journeys(scene, chosen, read_only=self._settings.read_only)

    def _lifecycle_options(self) -> lifecycle.LifecycleOptions:
        return lifecycle.LifecycleOptions(
            seed=self._collector.seed,
            advance=self._settings.advance,
            max_examples=self._settings.walks,
            tour=self._settings.run_profile.tour or JOURNEYS not in self._phases,
        )

    def _engine(self, document: dict[str, Any], selected: tuple[str, ...], access: Access) -> None:
        phases = [phase for phase in engine.PHASES if phase in self._phases]
        if not phases:
            return
        if not self._settings.run_profile.whole_bodies:
            document = copy.deepcopy(document)
            self._side.usual(document)
        # Walking along links must not mix what it was led to with what was there before.
        alone = [phase for phase in phases if phase != "stateful"]
        for chosen, known in ((alone, self._known(selected, access) if alone else ()), (phases[len(alone) :], ())):
            if not chosen:
                continue
            settings = engine.EngineSettings(
                origin=self._origin,
                seed=self._collector.seed,
                max_examples=self._settings.examples,
                phases=chosen,
                operations=selected,
                known=known,
                max_response_time_s=self._settings.max_response_time_s,
                secret_in=self._side.secret_in,
                read_only=self._settings.read_only,
            )
            engine.run_engine(
                document,
                settings,
                contract=self._contract,
                access=access,
                collector=self._collector,
                gate=self._gate,
            )

    def _known(self, selected: tuple[str, ...], access: Access) -> tuple[Known, ...]:
        """Let the profile make some things, so that random requests find something now and then."""
        operations = [self._contract.operations[name] for name in selected]
        if self._settings.read_only:
            return self._sensibly(lambda: self._side.existing(self._exchange, access, operations)) or ()
        known = self._sensibly(lambda: self._side.known(self._exchange, access, operations, self._collector.seed)) or ()
        if self._settings.advance is not None:
            self._settings.advance()
        return known

    def _lifecycle(self, access: Access) -> None:
        options = self._lifecycle_options()
        lives = self._side.lifecycle(self._exchange, access, options)
        if lives is not None:
            lifecycle.run_lifecycle(self._exchange, lives, options)

    def _completeness(self, selected: tuple[str, ...]) -> None:
        """Fail for every operation that was left out, or that never once succeeded in a full run."""
        report = self._collector.report()
        if report.left_out and _VISITING & self._phases:
            message = f"no case was sent to {', '.join(report.left_out)}"
            self._collector.fail("operation_left_out", "", phase="run", message=message)
        if not set(PHASES) <= self._phases:
            return
        for name in selected:
            if not any(200 <= status < 300 for status in report.statuses.get(name, {})):
                message = f"never answered with success; met {dict(report.statuses.get(name, {}))}"
                self._collector.fail("never_succeeded", name, phase="run", message=message)
