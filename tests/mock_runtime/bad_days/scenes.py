"""A reference client, a fake that misbehaves, and a way between them; the whole journey of a program, in virtual time.

A journey is what a program does on any day: it logs in, looks at the backends, opens a session, submits a job, waits
for its result, cancels another job and closes the session. Each step that does not go well is noted, and the rest goes
on as far as it can.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from tempfile import NamedTemporaryFile
from typing import Any, Final, Self, TypeAlias

import requests

import runtime_client
from mock_runtime import Config, LiveServer, ManualClock, SystemClock, create_app, intercept, runtime_of
from mock_runtime.commands.meddling import Meddling
from mock_runtime.faults.armed import Faults
from mock_runtime.faults.rule import Fault
from mock_runtime.runtime import Runtime
from mock_runtime.transport.asgi import FlaskOnASGI
from mock_runtime.transport.certificates import issue
from mock_runtime.transport.faulty import Faulty
from mock_runtime.transport.in_process import HOST, WSGIAdapter
from mock_runtime.transport.proxy import ForwardProxy
from mock_runtime.transport.server import ProxyServer
from runtime_client import JobCancelled, NotAuthorized, RuntimeClientError, TransportError
from tests.mock_runtime.platform_fakes import RESULT, Told
from tests.runtime_client.awaited import Loop

Rules: TypeAlias = Iterable[Fault | Mapping[str, Any]]

EDITIONS: Final = ("2021", "platform")
KEY: Final = "alices-key-4711"
SEED: Final = 7
NOON: Final = 1_795_000_000.0
"""When each day begins: 2026-11-18, so that every version of the API is there."""
TIMES: Final = {"queue": "3s", "run": "6s"}
"""Each job is done after nine seconds: a client that looks every other second looks six times."""
ANSWER: Final = {"2021": {"counts": {"0": 51, "1": 49}}, "platform": json.loads(RESULT)}
"""The result of a job, as the client of that edition gives it."""

PROGRAM: Final = {"2021": "runtime-simple", "platform": "sampler"}
"""The program of the job whose result is waited for."""
OTHER_PROGRAM: Final = {"2021": "vqe", "platform": "estimator"}
"""That of the job that is cancelled."""
POLLS_BY: Final = {"2021": "get-results", "platform": "get-job"}
"""The operation by which the client of that edition learns that a job is over."""
BACKEND: Final = {"2021": "ibmq_montreal", "platform": "ibm_fez"}
BREAK_S: Final = 10.0
PATIENCE_S: Final = 60.0
"""How long the journey waits for a job."""

IBM_URL: Final = {
    "2021": "https://runtime-us-east.quantum-computing.ibm.com",
    "platform": "https://quantum.cloud.ibm.com/api",
}
IBM_LOG_IN: Final = "https://auth.quantum-computing.ibm.com/api"
"""Where one logs in in 2021; of today's API the client knows it."""
PREFIX: Final = {"2021": "", "platform": "/api"}


@dataclass(frozen=True, slots=True)
class Way:
    """A kind of client, and how it gets to the fake."""

    kind: str
    by: str

    def __str__(self) -> str:
        return f"{self.kind}, {self.by}"


ALL_WAYS: Final = (
    Way("requests", "socket"),
    Way("awaited", "socket"),
    Way("requests", "adapter"),
    Way("requests", "interception"),
    Way("httpx", "interception"),
    Way("awaited", "interception"),
    Way("httpx", "proxy"),
    Way("requests", "tls"),
    Way("awaited", "tls"),
)
"""The kinds of client, to a fake whose own faults are met, and to one that behaves, through a proxy that does not.

By `tls`, IBM's hosts are asked through a fake that is the forward proxy of its client.
"""


def new_fake(edition: str, **settings: Any) -> Runtime:
    """A fake of that edition whose jobs are done after nine seconds, and whose results are there at once then."""
    # Today's results are those of the execution, which is told them here.
    scenario, told = ({**TIMES, "result": ANSWER[edition]}, None) if edition == "2021" else (TIMES, Told())
    config = Config(**{"edition": edition, "tokens": [KEY], "seed": SEED, "scenario": scenario, **settings})
    return runtime_of(create_app(config, clock=ManualClock(NOON), execution=told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A fake, and where it is reached; with `origin` None at IBM's hosts. `faults` are those that are met on the way.

    `forward` are the options of a client that goes there through a forward proxy.
    """

    edition: str
    by: str
    runtime: Runtime
    clock: ManualClock
    faults: Faults
    origin: str | None
    forward: Mapping[str, Any] = field(default_factory=dict)

    def begin(self, rules: Rules) -> None:
        """Begin another day, on which these rules are armed: nothing is left of the one before."""
        self.runtime.reset()
        self.clock.set(NOON)
        self.faults.replace(rules)


class Places:
    """The fakes of all tests, each made once and begun anew for each of them; they stop with this."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._stack = ExitStack()
        self._made: dict[tuple[str, str, int], Place] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def place(self, edition: str, by: str, seed: int = SEED) -> Place:
        """The fake of that edition that is reached so."""
        key = (edition, by, seed)
        if key not in self._made:
            self._made[key] = self._new(edition, by, seed)
        return self._made[key]

    @contextmanager
    def scene(self, edition: str, way: Way, rules: Rules) -> Iterator[Scene]:
        """A client on its way to a fake, with these rules armed; at its end no bug of the fake's own may have shown."""
        place = self.place(edition, way.by)
        place.begin(rules)
        with ExitStack() as stack:
            if way.by == "interception":
                stack.enter_context(intercept(place.runtime.app))
            client = stack.enter_context(connected(way, place, self._loop))
            yield Scene(place=place, client=client)
        place.runtime.check()

    def _new(self, edition: str, by: str, seed: int) -> Place:
        runtime = new_fake(edition, seed=seed)
        self._stack.callback(runtime.close)
        clock, faults, origin, forward = runtime.clock, runtime.faults, None, {}
        assert isinstance(clock, ManualClock)
        if by == "proxy":
            origin, faults = self._stack.enter_context(meddled(runtime, clock, seed))
        elif by == "socket":
            origin = self._stack.enter_context(LiveServer(runtime.app)).origin
        elif by == "adapter":
            origin = f"http://{HOST}"
        elif by == "tls":
            forward = self._stack.enter_context(forwarded(runtime))
        return Place(
            edition=edition, by=by, runtime=runtime, clock=clock, faults=faults, origin=origin, forward=forward
        )


@contextmanager
def forwarded(runtime: Runtime) -> Iterator[dict[str, Any]]:
    """The options of a client whose proxy is a fake, which ends TLS for IBM's hosts."""
    certificates = issue(runtime.hosts.names, now=SystemClock().now())
    proxy = ForwardProxy(hosts=runtime.hosts, tls=certificates.tls)
    with NamedTemporaryFile(suffix=".pem") as authority, LiveServer(runtime.app, proxy=proxy) as server:
        authority.write(certificates.authority_pem)
        authority.flush()
        yield {"proxy": server.origin, "verify": authority.name}


@contextmanager
def meddled(upstream: Runtime, clock: ManualClock, seed: int) -> Iterator[tuple[str, Faults]]:
    """A proxy before a fake, and the rules that are met in it; both have the same time."""
    own = runtime_of(create_app(Config(edition=upstream.edition.name, seed=seed, control=False), clock=clock))
    meddling = Meddling(own, [], lambda _line: None)
    inner = FlaskOnASGI(responder=upstream.scopes, app=upstream.wsgi, max_body_bytes=1_000_000)
    with ProxyServer(Faulty(inner=inner, app=upstream.wsgi, decide=meddling.decide, clock=clock)) as server:
        yield server.origin, meddling.faults
    own.check()
    own.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A client, and the place that it reaches. The client looks like one that blocks, also if it awaits."""

    place: Place
    client: Any

    @property
    def edition(self) -> str:
        """The edition of the fake and of the client."""
        return self.place.edition

    @property
    def runtime(self) -> Runtime:
        """The fake."""
        return self.place.runtime

    @property
    def clock(self) -> ManualClock:
        """The time of all."""
        return self.place.clock

    @property
    def faults(self) -> Faults:
        """The rules that are met on the way."""
        return self.place.faults

    def program(self) -> Program:
        """What uses the client."""
        return Program(self.edition, self.client, self.clock)


@contextmanager
def connected(way: Way, place: Place, loop: Loop) -> Iterator[Any]:
    """A client of that kind, whose time is the fake's."""
    edition, clock, runtime, origin = place.edition, place.clock, place.runtime, place.origin
    url = IBM_URL[edition] if origin is None else f"{origin}{PREFIX[edition]}"
    options: dict[str, Any] = {"token": KEY, "edition": edition, "monotonic": clock.now, "jitter": lambda: 1.0}
    options |= place.forward
    if edition == "2021":
        options["account_url"] = IBM_LOG_IN if origin is None else f"{origin}/api"
    else:
        options["instance"] = runtime.directory.instances_of(runtime.directory.by_api_key(KEY))[0].crn
    if way.kind == "awaited":
        yield loop.blocking(runtime_client.connect_async(url, sleep=clock.sleep_async, **options))
        loop.close_clients()
        return
    with requests.Session() as session:
        if way.by == "adapter":
            session.mount("http://", WSGIAdapter(runtime.app))
            options["session"] = session
        with runtime_client.connect(url, transport=way.kind, sleep=clock.sleep, **options) as client:
            yield client


@dataclass
class Program:
    """What uses a client: journeys with it, one after the other, each with jobs of its own."""

    edition: str
    client: Any
    clock: ManualClock
    journeys: int = 0
    is_logged_in: bool = False

    def journey(self) -> dict[str, str]:
        """What did not go well of another journey: the error, by step.

        Nothing else may come out of a client than errors of its own tree. A program logs in once, and again when it is
        told that it is not; where the backends are it asks once. Between two journeys it takes a break.
        """
        if self.journeys:
            self.clock.advance(BREAK_S)
        self.journeys += 1
        return Journey(self).made()


@dataclass
class Journey:
    """One way through all that a program does; `errors` are the steps that did not go well, and how they ended."""

    program: Program
    errors: dict[str, str] = field(default_factory=dict)
    session: str | None = None
    job: Any = None

    def made(self) -> dict[str, str]:
        """Make it, and tell what went wrong."""
        if not self.program.is_logged_in:
            self._step("log in", self._log_in)
        if self.program.journeys == 1:
            self._step("look", self._look)
        self._step("open", self._open)
        self._step("submit", self._submit)
        if self.job is not None:
            self._step("result", self._result)
        self._step("cancel", self._cancel)
        if self.session is not None:
            self._step("close", self._close)
        return self.errors

    @property
    def _client(self) -> Any:
        return self.program.client

    @property
    def _edition(self) -> str:
        return self.program.edition

    def _step(self, name: str, do: Callable[[], str | None]) -> None:
        try:
            found = do()
        except RuntimeClientError as error:
            self.program.is_logged_in &= not isinstance(error, NotAuthorized)
            found = named(error)
        if found is not None:
            self.errors[name] = found

    def _log_in(self) -> None:
        # Today's client does so by itself, when the first call needs a token.
        if self._edition == "2021":
            self._client.login()
        self.program.is_logged_in = True

    def _look(self) -> None:
        if self._edition == "2021":
            self._client.list_devices("ibm-q", "open", "main")
        else:
            self._client.list_backends()

    def _open(self) -> None:
        if self._edition == "platform":
            self.session = self._client.create_session(BACKEND[self._edition]).id

    def _submit(self) -> None:
        self.job = submitted(self._client, self._edition, PROGRAM, self.program.journeys, session=self.session)

    def _result(self) -> str | None:
        result = self.job.result(timeout=PATIENCE_S)
        found = result if self._edition == "2021" else result.json()
        return None if found == ANSWER[self._edition] else "another result"

    def _cancel(self) -> str | None:
        job = submitted(self._client, self._edition, OTHER_PROGRAM, self.program.journeys, session=self.session)
        job.cancel()
        try:
            job.result(timeout=PATIENCE_S)
        except JobCancelled:
            return None
        return "Completed"

    def _close(self) -> None:
        self._client.close_session(self.session)


def submitted(
    client: Any, edition: str, programs: Mapping[str, str], number: int = 1, *, session: str | None = None
) -> Any:
    """The handle of a new job, which says in its inputs which `number` it has."""
    program = programs[edition]
    if edition == "2021":
        return client.submit_job(program, {"number": number}, backend=BACKEND[edition])
    pub = ["OPENQASM 3.0;"] if program == "sampler" else ["OPENQASM 3.0;", "Z"]
    params = {"pubs": [pub], "version": 2}
    tags = [f"number-{number}"]
    return client.submit_job(program, BACKEND[edition], params=params, session_id=session, tags=tags)


def named(error: RuntimeClientError) -> str:
    """An error as the tables have it; of a lost connection, whether the request may have arrived."""
    if isinstance(error, TransportError):
        return f"TransportError, {'sent' if error.sent else 'not sent'}"
    return type(error).__name__
