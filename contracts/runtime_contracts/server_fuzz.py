"""Holding a running server to the contract: probes, schemathesis in all its phases, and the lifecycle of jobs."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Unpack

from runtime_contracts import documents, engine, lifecycle, probes
from runtime_contracts.collector import Collector, silent
from runtime_contracts.contract import Contract
from runtime_contracts.exchange import Exchange, ServerUnreachableError, bearer, form_body, json_body
from runtime_contracts.options import EDITION, SERVER_PHASES, ServerFuzzOptions, ServerSettings, refuse_unknown
from runtime_contracts.probes import Credentials
from runtime_contracts.report import Report
from runtime_contracts.reproducing import NOBODYS_TOKEN, BodyFiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PHASES = SERVER_PHASES
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


def fuzz_server(
    url: str,
    *,
    token: str,
    edition: str = EDITION,
    access_token: str | None = None,
    report_dir: Path | None = None,
    progress: Callable[[str], None] | None = None,
    **options: Unpack[ServerFuzzOptions],
) -> Report:
    """Drive the server at `url` through every operation of the contract, and report what broke it.

    The run creates jobs and programs on the server and leaves most of them there, apart from those of the lifecycle.
    Without `access_token` it logs in through the account service. `options` are those of ServerFuzzOptions.

    `progress` gets a short line now and then. The report never holds a token; it is written into `report_dir` if given.
    Ctrl-C ends the run early; the report then says so and holds what was found.

    Raises:
        UnknownDocumentError: there is no such edition.
        ValueError: a phase or an operation does not exist, or `url` is no http or https URL.
        OSError: the report cannot be written.
    """
    settings = ServerSettings(**options)
    origin = url.rstrip("/")
    name = edition if settings.document is not None else documents.canonical(edition)
    document = copy.deepcopy(settings.document) if settings.document is not None else documents.load(name)
    contract = Contract(documents.pointed_at(document, origin))
    selected = tuple(contract.operations if settings.operations is None else settings.operations)
    refuse_unknown("operation", selected, contract.operations)
    refuse_unknown("phase", settings.phases, PHASES)
    collector = Collector(
        kind="server",
        target=origin,
        edition=name,
        seed=settings.seed,
        documented={name: tuple(sorted(contract.operations[name].responses)) for name in selected},
        progress=progress or silent,
        secrets={secret for secret in (token, access_token, settings.other_token) if secret},
        files=None if report_dir is None else BodyFiles(),
    )
    run = _Run(contract, origin, token=token, settings=settings, collector=collector)
    problem = run.everything(document, selected, access_token)
    report = collector.report(problem)
    if report_dir is not None:
        report.write(report_dir)
    return report


class _Run:
    """One run against one server."""

    def __init__(
        self,
        contract: Contract,
        origin: str,
        *,
        token: str,
        settings: ServerSettings,
        collector: Collector,
    ) -> None:
        self._contract = contract
        self._origin = origin
        self._token = token
        self._settings = settings
        self._collector = collector
        variables = (
            {token: "TOKEN"} if settings.other_token is None else {token: "TOKEN", settings.other_token: "OTHER_TOKEN"}
        )
        self._exchange = Exchange(contract, origin, collector, probes.PHASE, variables=variables)

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
        self._exchange.variables[session] = "ACCESS_TOKEN"
        self._collector.count("login-with-token", phase=probes.PHASE, status=answer.status)
        return session

    def _warn_if_open(self) -> None:
        answer = self._exchange.send("GET", "/programs", headers=bearer(NOBODYS_TOKEN))
        if answer.status == 200:
            self._collector.note(_OPEN_SERVER)

    def _engine(self, document: dict[str, Any], selected: tuple[str, ...], credentials: Credentials) -> None:
        phases = [phase for phase in engine.PHASES if phase in self._settings.phases]
        if not phases:
            return
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
        if report.left_out and _VISITING & set(self._settings.phases):
            message = f"no case was sent to {', '.join(report.left_out)}"
            self._collector.fail("operation_left_out", "", phase="run", message=message)
        if not set(PHASES) <= set(self._settings.phases):
            return
        for name in selected:
            if not any(200 <= status < 300 for status in report.statuses.get(name, {})):
                message = f"never answered with success; met {dict(report.statuses.get(name, {}))}"
                self._collector.fail("never_succeeded", name, phase="run", message=message)
