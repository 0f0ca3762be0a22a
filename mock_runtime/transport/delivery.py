"""An answer and the way it reaches the caller: late, in pieces, cut off, or as usual.

What is decided elsewhere is described here, and enacted by each transport with what it has: the event loop waits and
cuts a connection, urllib3's pool and httpx's transport raise what a cut connection would have made them raise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from mock_runtime.transport.wsgi import Headers


class Cut(StrEnum):
    """Where a connection is cut. Only with `REQUEST` is the request not carried out."""

    REQUEST = "request"
    """When the request is there, before anything is done about it."""
    BEFORE = "before"
    """After the request was carried out, before the first byte of the answer."""
    WITHIN = "within"
    """In the answer, after a part of its body."""
    AFTER = "after"
    """After the whole answer, instead of keeping the connection."""


@dataclass(frozen=True, slots=True)
class Pace:
    """A body in pieces: each `size` bytes come `pause_s` seconds after those before them."""

    size: int
    pause_s: float

    def pieces(self, body: bytes) -> list[bytes]:
        """The body as it is sent."""
        return [body[at : at + self.size] for at in range(0, len(body), self.size)]

    def seconds(self, body: bytes) -> float:
        """How long the body takes."""
        return self.pause_s * len(self.pieces(body))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An answer, and how it is brought.

    `hold_s` is how long its first byte is held back, in seconds, beside the latency. `pace` lets the body trickle.
    `cut` ends the connection, with `reset` by a reset instead of an orderly end; `cut_at` is how many bytes of the body
    come before that (for `Cut.WITHIN`; the announced length is that of the whole). `raw` are the bytes on the wire
    instead of all this, after which the connection closes.
    """

    status: int
    headers: Headers
    body: bytes
    hold_s: float = 0.0
    pace: Pace | None = None
    cut: Cut | None = None
    cut_at: int = 0
    reset: bool = False
    raw: bytes | None = None

    def with_body(self, body: bytes, content_type: str | None = None) -> Delivery:
        """The same with another body, announced in its length; and in its type, if one is given."""
        gone = {"content-length"} | ({"content-type"} if content_type is not None else set())
        headers = [(name, value) for name, value in self.headers if name.lower() not in gone]
        if content_type:
            headers.append(("Content-Type", content_type))
        return replace(self, headers=[*headers, ("Content-Length", str(len(body)))], body=body)

    @property
    def is_plain(self) -> bool:
        """Whether it is brought as usual."""
        return self.cut is None and self.pace is None and self.raw is None and not self.hold_s


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing comes for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Head:
    """The status and the headers come."""

    status: int
    headers: Headers


@dataclass(frozen=True, slots=True)
class Data:
    """A piece of the body comes, or, where no head came before it, bytes that are no HTTP of ours."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """The connection ends here, with `reset` by a reset."""

    reset: bool


Step: TypeAlias = Wait | Head | Data | Close


def steps(delivery: Delivery) -> Iterator[Step]:
    """What a transport does, one after the other. Without a `Close` the connection is kept."""
    if delivery.hold_s:
        yield Wait(delivery.hold_s)
    if delivery.cut in (Cut.REQUEST, Cut.BEFORE):
        yield Close(delivery.reset)
        return
    if delivery.raw is not None:
        yield Data(delivery.raw)
        yield Close(reset=False)
        return
    yield Head(delivery.status, delivery.headers)
    body = delivery.body[: delivery.cut_at] if delivery.cut is Cut.WITHIN else delivery.body
    for piece in [body] if delivery.pace is None else delivery.pace.pieces(body):
        if delivery.pace is not None:
            yield Wait(delivery.pace.pause_s)
        yield Data(piece)
    if delivery.cut is not None:
        yield Close(delivery.reset)
