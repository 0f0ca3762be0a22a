"""A scripted service in memory: answers as the test lined them up, and a clock that only the test moves."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import requests
import respx
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.response import HTTPResponse

URL = "http://runtime.test"
TOKEN = "api-token-k1ngf1sher"
JOB_ID = "c2b04fot418h0qp0peh0"


@dataclass(frozen=True)
class Sent:
    """One request as it left: method, whole URL, headers and body."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    options: Mapping[str, Any]

    @property
    def line(self) -> str:
        """Method and URL behind the origin."""
        return f"{self.method} {self.url.removeprefix(URL)}"

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Scripted:
    """One answer: what the socket would have given, down to the bytes."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(value: object, status: int = 200, **headers: str) -> Scripted:
    """Return a JSON answer; header names may be written with underscores."""
    return raw_json(json.dumps(value).encode(), status, **headers)


def raw_json(body: bytes, status: int = 200, **headers: str) -> Scripted:
    """Return an answer of type application/json with exactly these bytes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Scripted(status=status, body=body, headers={"Content-Type": "application/json", **named})


def text_answer(text: str, status: int = 200) -> Scripted:
    """Return a plain text answer."""
    return Scripted(status=status, body=text.encode(), headers={"Content-Type": "text/plain; charset=utf-8"})


NO_CONTENT = Scripted(status=204)


def job_json(**changes: object) -> dict[str, object]:
    """Return the wire form of a job."""
    return {
        "id": JOB_ID,
        "hub": "ibm-q-internal",
        "group": "near-time",
        "project": "qiskit-runtime",
        "backend": "ibmq_montreal",
        "status": "Running",
        "params": ['{"iterations": 2}'],
        "program": {"id": "runtime-simple"},
        "created": "2021-05-08T03:15:11.000000Z",
    } | changes


def error_json(code: str, message: str, trace: str | None = "c2b0trace") -> dict[str, object]:
    """Return the runtime's error envelope."""
    return {"errors": [{"code": code, "message": message}]} | ({} if trace is None else {"trace": trace})


Step = Scripted | Exception


class Service(BaseAdapter):
    """Answers each request with the next step of the script, or from `route` when one is given; keeps what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.script: list[Step] = []
        self.sent: list[Sent] = []
        self.route: Callable[[Sent], Step] | None = None
        self.closed = False

    def answers(self, *steps: Step) -> None:
        """Line up the next answers."""
        self.script.extend(steps)

    @property
    def lines(self) -> list[str]:
        """Method and path of each request so far."""
        return [sent.line for sent in self.sent]

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answer one request."""
        body = request.body or b""
        sent = Sent(
            method=request.method or "",
            url=request.url or "",
            headers=dict(request.headers),
            body=body.encode() if isinstance(body, str) else bytes(body),
            options={
                "stream": stream,
                "timeout": timeout,
                "verify": verify,
                "proxies": dict(proxies or {}),
                "cert": cert,
            },
        )
        step = self._step(sent)
        if isinstance(step, Exception):
            raise step
        raw = HTTPResponse(
            body=io.BytesIO(step.body),
            headers=dict(step.headers),
            status=step.status,
            request_method=request.method,
            preload_content=False,
        )
        return HTTPAdapter().build_response(request, raw)

    def _step(self, sent: Sent) -> Step:
        self.sent.append(sent)
        return self.script.pop(0) if self.route is None else self.route(sent)

    @property
    def blocking_transport(self) -> httpx.MockTransport:
        """A transport of httpx that gives the same answers to clients that block, by way of respx."""
        return httpx.MockTransport(self._router().handler)

    @property
    def awaited_transport(self) -> httpx.MockTransport:
        """The same for clients that await."""
        return httpx.MockTransport(self._router().async_handler)

    def _router(self) -> respx.Router:
        router = respx.Router()
        router.route().mock(side_effect=self._respond)
        return router

    def _respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request of httpx."""
        sent = Sent(
            method=request.method,
            url=str(request.url),
            headers=requests.structures.CaseInsensitiveDict(request.headers),
            body=request.read(),
            options={"timeout": request.extensions["timeout"]},
        )
        step = self._step(sent)
        if isinstance(step, Exception):
            raise as_httpx(step, request)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in step.headers.items()]
        return httpx.Response(step.status, headers=headers, stream=_Wire(step.body))

    def close(self) -> None:
        """Note that the session was closed."""
        self.closed = True


class _Wire(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that is read by nobody but the client."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


def as_httpx(error: Exception, request: httpx.Request) -> Exception:
    """Return what httpx raises where requests raises this; an error of neither stays."""
    found: list[tuple[type[Exception], type[httpx.RequestError]]] = [
        (requests.exceptions.ProxyError, httpx.ProxyError),
        (requests.ConnectTimeout, httpx.ConnectTimeout),
        (requests.Timeout, httpx.ReadTimeout),
        (requests.ConnectionError, httpx.ConnectError if "refused" in str(error) else httpx.ReadError),
        (requests.exceptions.ChunkedEncodingError, httpx.RemoteProtocolError),
        (requests.exceptions.InvalidHeader, httpx.LocalProtocolError),
    ]
    kind = next((theirs for ours, theirs in found if isinstance(error, ours)), None)
    if kind is None:
        return error
    return kind(str(error), request=request)


class FakeTime:
    """A clock that moves only when slept; `naps` are the sleeps asked for."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.naps: list[float] = []

    def monotonic(self) -> float:
        """Read the clock."""
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.naps.append(seconds)
        self.now_s += seconds

    async def sleep_async(self, seconds: float) -> None:
        """Move the clock, without blocking the loop."""
        self.sleep(seconds)
