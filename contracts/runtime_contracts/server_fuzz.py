"""Holding a running server to the contract: probes, schemathesis in all its phases, and the lifecycle of jobs."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Unpack
from urllib.parse import urlsplit

from runtime_contracts import documents, engine, lifecycle, probes, profiles
from runtime_contracts.asking import edition_of
from runtime_contracts.collector import Collector, silent
from runtime_contracts.contract import Contract
from runtime_contracts.exchange import Exchange, ServerUnreachableError
from runtime_contracts.options import SERVER_PHASES, ServerFuzzOptions, ServerSettings, refuse_unknown
from runtime_contracts.profiles.profile import CouldNotRunError, Keys
from runtime_contracts.report import Report
from runtime_contracts.reproducing import BodyFiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runtime_contracts.profiles.profile import Access, Known, Profile

PHASES = SERVER_PHASES
# The phases that visit every operation; the others only walk where links and models lead.
_VISITING = frozenset({"probes", "coverage", "fuzzing"})


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
    lifecycle. Without `edition` the server is asked which one it is, and taken for one of today if it does not say.
    Without `access_token` the run logs in. `options` are those of ServerFuzzOptions.

    `progress` gets a short line now and then. The report never holds a token; it is written into `report_dir` if given.
    Ctrl-C ends the run early; the report then says so and holds what was found.

    Raises:
        UnknownDocumentError: there is no such edition.
        ValueError: a phase or an operation does not exist, or `url` is no http or https URL.
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
    refuse_unknown("phase", settings.phases, PHASES)
    keys = Keys(
        token=token,
        other_token=settings.other_token,
        access_token=access_token,
        instance=settings.instance,
        other_instance=settings.other_instance,
        iam_url=settings.iam_url,
    )
    collector = Collector(
        kind="server",
        target=origin,
        edition=name,
        seed=settings.seed,
        documented={name: tuple(sorted(contract.operations[name].responses)) for name in selected},
        progress=progress or silent,
        secrets=keys.secrets,
        files=None if report_dir is None else BodyFiles(),
    )
    run = _Run(contract, profile, origin, keys=keys, settings=settings, collector=collector)
    problem = run.everything(document, selected)
    report = collector.report(problem)
    if report_dir is not None:
        report.write(report_dir)
    return report


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
    ) -> None:
        self._contract = contract
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
            makers=self._side.makers,
            preamble={name: line.replace("{origin}", root) for name, line in self._side.preamble.items()},
        )

    def everything(self, document: dict[str, Any], selected: tuple[str, ...]) -> str | None:
        """Run what was asked for, and return why it could not be run, or None."""
        try:
            access = self._side.sign_in(self._exchange, self._keys)
            if access.remark is not None:
                self._collector.note(access.remark)
            if probes.PHASE in self._settings.phases:
                self._collector.progress(f"phase {probes.PHASE}")
                probes.run_probes(self._exchange, self._side, access, selected)
            self._engine(document, selected, access)
            if lifecycle.PHASE in self._settings.phases:
                self._lifecycle(access)
            self._completeness(selected)
        except KeyboardInterrupt:
            self._collector.interrupted = True
        except (CouldNotRunError, engine.EngineError) as error:
            return str(error)
        except ServerUnreachableError as error:
            message = f"no answer to {error}"
            self._collector.fail("server_answers", "", phase=self._exchange.phase, message=message)
        finally:
            self._exchange.close()
        return None

    def _engine(self, document: dict[str, Any], selected: tuple[str, ...], access: Access) -> None:
        phases = [phase for phase in engine.PHASES if phase in self._settings.phases]
        if not phases:
            return
        # Walking along links must not mix what it was led to with what was there before.
        alone = [phase for phase in phases if phase != "stateful"]
        for chosen, known in ((alone, self._known(selected, access) if alone else ()), (phases[len(alone) :], ())):
            if not chosen:
                continue
            settings = engine.EngineSettings(
                origin=self._origin,
                seed=self._collector.seed,
                max_examples=self._settings.max_examples,
                phases=chosen,
                operations=selected,
                known=known,
                max_response_time_s=self._settings.max_response_time_s,
                secret_in=self._side.secret_in,
            )
            engine.run_engine(document, settings, contract=self._contract, access=access, collector=self._collector)

    def _known(self, selected: tuple[str, ...], access: Access) -> tuple[Known, ...]:
        """Let the profile make some things, so that random requests find something now and then."""
        operations = [self._contract.operations[name] for name in selected]
        known = self._side.known(self._exchange, access, operations, self._collector.seed)
        if self._settings.advance is not None:
            self._settings.advance()
        return known

    def _lifecycle(self, access: Access) -> None:
        self._collector.progress(f"phase {lifecycle.PHASE}")
        self._exchange.phase = lifecycle.PHASE
        options = lifecycle.LifecycleOptions(
            seed=self._collector.seed, advance=self._settings.advance, max_examples=self._settings.max_examples
        )
        journey = self._side.journey(self._exchange, access, options)
        if journey is not None:
            lifecycle.run_lifecycle(self._exchange, journey, options)

    def _completeness(self, selected: tuple[str, ...]) -> None:
        """Fail for every operation that was left out, or that never once succeeded in a full run."""
        report = self._collector.report()
        if report.left_out and _VISITING & set(self._settings.phases):
            message = f"no case was sent to {', '.join(report.left_out)}"
            self._collector.fail("operation_left_out", "", phase="run", message=message)
        if not set(PHASES) <= set(self._settings.phases):
            return
        for name in selected:
            if not any(200 <= status < 300 for status in report.statuses.get(name, {})):
                message = f"never answered with success; met {dict(report.statuses.get(name, {}))}"
                self._collector.fail("never_succeeded", name, phase="run", message=message)
