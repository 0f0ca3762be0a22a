"""Holding a running server to the contract: probes, schemathesis in all its phases, and the lifecycle of jobs."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from runtime_contracts import documents, engine, lifecycle, probes
from runtime_contracts.collector import Collector
from runtime_contracts.contract import Contract
from runtime_contracts.exchange import Exchange, ServerUnreachableError, bearer, form_body, json_body
from runtime_contracts.probes import Credentials
from runtime_contracts.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

PHASES = (probes.PHASE, *engine.PHASES, lifecycle.PHASE)
DEFAULT_SEED = 20210507
_KNOWN_JOBS = 24
# The phases that visit every operation; the others only walk where links and models lead.
_VISITING = frozenset({"probes", "coverage", "fuzzing"})
_KNOWN_PROGRAMS = 12
_OPEN_SERVER = (
    "the server lets any token in, so the checks of credentials must fail; start it with fixed tokens, as in "
    "`mock-runtime serve --token TOKEN`, and pass one of them"
)


class CouldNotRunError(Exception):
    """The run cannot begin; the message says why and what to do."""


class ServerFuzzOptions(TypedDict, total=False):
    """What a run may further depend on, as keywords of `fuzz_server`.

    Attributes:
        document: replaces the document of the edition.
        other_token: API token of a second account, for what one caller can see or change of another's.
        seed: makes the same run again on a server in the same state.
        max_examples: how many random cases each operation gets in the phase fuzzing; the other phases grow with it.
        phases: those of `PHASES` to run.
        operations: ids of the operations to run; None for every one.
        max_response_time_s: the longest an answer may take.
        advance: called to let time pass on a server whose clock is moved by hand; None for one that goes by itself.
    """

    document: documents.Document | None
    other_token: str | None
    seed: int | None
    max_examples: int
    phases: Collection[str]
    operations: Collection[str] | None
    max_response_time_s: float
    advance: Callable[[], None] | None


@dataclass(frozen=True, slots=True)
class _Settings:
    """The options, with what holds when one is not given."""

    document: documents.Document | None = None
    other_token: str | None = None
    seed: int | None = None
    max_examples: int = 15
    phases: Collection[str] = PHASES
    operations: Collection[str] | None = None
    max_response_time_s: float = 5.0
    advance: Callable[[], None] | None = None


def fuzz_server(
    url: str,
    *,
    token: str,
    edition: str = "legacy-2021",
    access_token: str | None = None,
    report_dir: Path | None = None,
    progress: Callable[[str], None] | None = None,
    **options: Unpack[ServerFuzzOptions],
) -> Report:
    """Drive the server at `url` through every operation of the contract, and report what broke it.

    The run creates jobs and programs on the server and leaves most of them there, apart from those of the lifecycle.
    Without `access_token` it logs in through the account service. `options` are those of ServerFuzzOptions; their
    defaults are the seed 20210507, 15 examples, every phase, every operation and 5 seconds.

    `progress` gets a short line now and then. The report never holds a token; it is written into `report_dir` if given.
    Ctrl-C ends the run early; the report then says so and holds what was found.

    Raises:
        UnknownDocumentError: there is no such edition.
        ValueError: a phase or an operation does not exist.
        OSError: the report cannot be written.
    """
    settings = _Settings(**options)
    origin = url.rstrip("/")
    name = edition if settings.document is not None else documents.canonical(edition)
    document = copy.deepcopy(settings.document) if settings.document is not None else documents.load(name)
    contract = Contract(document)
    selected = tuple(contract.operations if settings.operations is None else settings.operations)
    _refuse_unknown("operation", selected, contract.operations)
    _refuse_unknown("phase", settings.phases, PHASES)
    collector = Collector(
        kind="server",
        target=origin,
        edition=name,
        seed=DEFAULT_SEED if settings.seed is None else settings.seed,
        documented={name: tuple(sorted(contract.operations[name].responses)) for name in selected},
        progress=progress or _silent,
        secrets={secret for secret in (token, access_token, settings.other_token) if secret},
    )
    run = _Run(contract, origin, token=token, settings=settings, collector=collector)
    problem = run.everything(document, selected, access_token)
    report = collector.report(problem)
    if report_dir is not None:
        report.write(report_dir)
    return report


def _refuse_unknown(kind: str, names: Collection[str], known: Collection[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"there is no {kind} {unknown[0]!r}; known: {', '.join(known)}")


def _silent(_: str) -> None:
    """Ignore a line of progress."""


class _Run:
    """One run against one server."""

    def __init__(
        self,
        contract: Contract,
        origin: str,
        *,
        token: str,
        settings: _Settings,
        collector: Collector,
    ) -> None:
        self._contract = contract
        self._origin = origin
        self._token = token
        self._settings = settings
        self._collector = collector
        self._exchange = Exchange(contract, origin, collector, probes.PHASE)

    def everything(self, document: dict[str, Any], selected: tuple[str, ...], access_token: str | None) -> str | None:
        """Run what was asked for, and return why it could not be run, or None."""
        try:
            credentials = self._credentials(access_token)
            self._warn_if_open()
            if probes.PHASE in self._settings.phases:
                self._collector.progress(f"phase {probes.PHASE}")
                probes.run_probes(self._exchange, credentials, selected)
            self._engine(document, selected, credentials)
            if lifecycle.PHASE in self._settings.phases:
                self._lifecycle(credentials)
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

    def _credentials(self, access_token: str | None) -> Credentials:
        try:
            answer = self._exchange.send("GET", "/programs", headers=bearer(self._token))
        except ServerUnreachableError as error:
            raise CouldNotRunError(f"{self._origin} does not answer ({error})") from None
        if answer.status == 401:
            raise CouldNotRunError(f"{self._origin} refuses the token; pass one that it knows")
        return Credentials(self._token, access_token or self._login(), self._login)

    def _login(self) -> str:
        path = "/api/users/loginWithToken"
        headers = {"Content-Type": "application/json"}
        answer = self._exchange.send("POST", path, headers=headers, body=json_body({"apiToken": self._token}))
        session = answer.get("id")
        if answer.status != 200 or not isinstance(session, str) or not session:
            raise CouldNotRunError(f"logging in at {path} answered {answer.status} without a session token")
        self._collector.secrets.add(session)
        self._collector.count("login-with-token", phase=probes.PHASE, status=answer.status)
        return session

    def _warn_if_open(self) -> None:
        answer = self._exchange.send("GET", "/programs", headers=bearer("not-a-token-of-anybody"))
        if answer.status == 200:
            self._collector.note(_OPEN_SERVER)

    def _engine(self, document: dict[str, Any], selected: tuple[str, ...], credentials: Credentials) -> None:
        phases = [phase for phase in engine.PHASES if phase in self._settings.phases]
        if not phases:
            return
        _point_servers_at(document, self._origin)
        # Walking along links must not mix what it was led to with what was there before.
        alone = [phase for phase in phases if phase != "stateful"]
        for chosen, known in ((alone, self._known(selected) if alone else {}), (phases[len(alone) :], {})):
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
            )
            engine.run_engine(
                document, settings, contract=self._contract, credentials=credentials, collector=self._collector
            )

    def _known(self, selected: tuple[str, ...]) -> dict[str, list[str]]:
        """Create some jobs and programs, so that random requests find something now and then."""
        names = {
            parameter.name
            for operation in map(self._contract.operations.__getitem__, selected)
            for parameter in operation.parameters
            if parameter.location == "path"
        }
        jobs = [self._new_job() for _ in range(_KNOWN_JOBS)] if "jid" in names else []
        programs = [self._new_program(number) for number in range(_KNOWN_PROGRAMS)] if "id" in names else []
        if self._settings.advance is not None:
            self._settings.advance()
        return {"jid": [found for found in jobs if found], "id": [found for found in programs if found]}

    def _new_job(self) -> str | None:
        listed = self._exchange.send("GET", "/programs", headers=bearer(self._token)).json()
        if not isinstance(listed, list) or not listed or not isinstance(listed[0], dict):
            return None
        body = json_body({"programId": listed[0].get("id"), "params": ["{}"]})
        headers = {**bearer(self._token), "Content-Type": "application/json"}
        found = self._exchange.send("POST", "/jobs", headers=headers, body=body).get("id")
        return found if isinstance(found, str) else None

    def _new_program(self, number: int) -> str | None:
        fields = {"name": f"fuzz-{self._collector.seed}-{number}"}
        body, content_type = form_body(fields, source=b"def main(backend, user_messenger, **kwargs):\n    return 1\n")
        headers = {**bearer(self._token), "Content-Type": content_type}
        found = self._exchange.send("POST", "/programs", headers=headers, body=body).get("id")
        return found if isinstance(found, str) else None

    def _lifecycle(self, credentials: Credentials) -> None:
        self._collector.progress(f"phase {lifecycle.PHASE}")
        self._exchange.phase = lifecycle.PHASE
        lifecycle.run_lifecycle(
            self._exchange,
            lifecycle.LifecycleOptions(
                seed=self._collector.seed,
                credentials=credentials,
                other_token=self._settings.other_token,
                advance=self._settings.advance,
                max_examples=self._settings.max_examples,
            ),
        )

    def _completeness(self, selected: tuple[str, ...]) -> None:
        """Fail for every operation that was left out, or that never once succeeded in a full run."""
        report = self._collector.report()
        for name in report.left_out if _VISITING & set(self._settings.phases) else ():
            self._collector.fail("operation_left_out", name, phase="run", message="no case was sent to this operation")
        if not set(PHASES) <= set(self._settings.phases):
            return
        for name in selected:
            if not any(200 <= status < 300 for status in report.statuses.get(name, {})):
                message = f"never answered with success; met {dict(report.statuses.get(name, {}))}"
                self._collector.fail("never_succeeded", name, phase="run", message=message)


def _point_servers_at(document: dict[str, Any], origin: str) -> None:
    document["servers"] = [{"url": origin}]
    for item in document["paths"].values():
        item.pop("servers", None)
