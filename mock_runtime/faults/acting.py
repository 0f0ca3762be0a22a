"""What a rule makes of an answer: a delivery becomes another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from email.utils import formatdate
from html import escape
from typing import Final, TypeAlias

from mock_runtime.durations import Duration
from mock_runtime.faults.injected import Injected, default_message, phrase
from mock_runtime.faults.rule import NO_BODY, Act, Body, RetryAfter, Verbatim
from mock_runtime.ids import Rng
from mock_runtime.transport.delivery import Cut, Delivery, Pace

Render: TypeAlias = Callable[[Injected], Delivery]
"""How the surface that the request is for says a refusal."""
Draw: TypeAlias = Callable[[str], Rng]
"""The random numbers of one call that met a rule, by what they are for."""

LONGEST_S: Final = 1e9
_LATEST: Final = 253_402_300_799.0  # 9999-12-31T23:59:59Z
_FEWEST_BYTES: Final = 16
_CUTS: Final = tuple(Cut)


@dataclass(frozen=True, slots=True)
class Doing:
    """One rule that a call met: what it does, its random numbers, and whether it answers in place of the fake."""

    act: Act
    draw: Draw
    refuses: bool = False


def refusal(act: Act, draw: Draw, *, at: float, default: int, wait_s: float | None, message: str | None) -> Injected:
    """The refusal of a rule for a call that came `at` that instant.

    It goes by `default`, and asks to wait for `wait_s` seconds, as far as the rule says nothing else.
    """
    said = act.retry_after
    headers: dict[str, str] = {}
    if said is not None:
        wait_s = None if said.length is None else seconds(said.length, draw("retry-after"))
        headers = _as_date(said, at, wait_s)
    return Injected(
        default if act.status is None else act.status,
        code=act.code,
        message=act.message or message,
        solution=act.solution,
        retry_after_s=wait_s,
        headers=headers,
    )


def seconds(length: Duration, rng: Rng) -> float:
    """A length of time, in seconds, that a clock can wait for."""
    return min(max(0.0, length.sample(rng)), LONGEST_S)


def changed(delivery: Delivery, doings: Iterable[Doing], *, method: str) -> Delivery:
    """The delivery after all that was met, in this order.

    Of a HEAD there is no body to change. Cuts come last: they are of the body as it will be, and the earliest wins.
    """
    doings = list(doings)
    for doing in doings:
        if method != "HEAD":
            delivery = _with_body(delivery, doing)
        delivery = _with_headers(delivery, doing.act)
        delivery = _paced(delivery, doing)
    delivery = _framed(delivery)
    for doing in doings:
        delivery = _cut(delivery, doing.act)
    return delivery


def replaced(delivery: Delivery, doing: Doing, status: int, *, at: float, render: Render) -> Delivery:
    """An answer of another status in place of one that was there: an error in its envelope, or else the same body."""
    if status >= 400:
        rendered = render(refusal(doing.act, doing.draw, at=at, default=status, wait_s=None, message=None))
        return replace(delivery, status=rendered.status, headers=rendered.headers, body=rendered.body, raw=None)
    return replace(delivery, status=status)


def _with_body(delivery: Delivery, doing: Doing) -> Delivery:
    act = doing.act
    if isinstance(act.body, Verbatim):
        return delivery.with_body(act.body.data, act.body.content_type)
    if act.body is Body.HTML:
        return delivery.with_body(page(delivery.status, act), "text/html; charset=utf-8")
    if act.body is not None:
        return delivery.with_body(_spoilt(delivery.body, act.body, doing.draw))
    if doing.refuses and act.status is not None and act.status < 400:
        return delivery.with_body(b"", "")
    return delivery


def _spoilt(body: bytes, how: Body, draw: Draw) -> bytes:
    if how is Body.TRUNCATED:
        return body[: len(body) // 2]
    if how is Body.DUPLICATED:
        return body + body
    if how is Body.EMPTY:
        return b""
    # No text begins with this byte, so that chance makes none of it.
    return b"\xff" + draw("garbage").randbytes(max(_FEWEST_BYTES, len(body)) - 1)


def page(status: int, act: Act) -> bytes:
    """A page as something in front of the service would show it. Its words are a guess."""
    title = escape(f"{status} {phrase(status)}".strip())
    said = escape(act.message or default_message(status))
    head = f"<!DOCTYPE html>\n<html>\n<head><title>{title}</title></head>\n"
    text = f"{head}<body><h1>{title}</h1><p>{said}</p></body>\n</html>\n"
    return text.encode("utf-8", "backslashreplace")


def _with_headers(delivery: Delivery, act: Act) -> Delivery:
    new = [*act.headers] + ([("Content-Type", act.content_type)] if act.content_type is not None else [])
    if not new:
        return delivery
    gone = {name.lower() for name, _value in new}
    kept = [(name, value) for name, value in delivery.headers if name.lower() not in gone]
    return replace(delivery, headers=[*kept, *((name, value) for name, value in new if value is not None)])


def _paced(delivery: Delivery, doing: Doing) -> Delivery:
    act = doing.act
    if act.slow is not None:
        hold_s = min(delivery.hold_s + seconds(act.slow, doing.draw("slow")), LONGEST_S)
        delivery = replace(delivery, hold_s=hold_s)
    if act.trickle is not None:
        pause_s = seconds(act.trickle.every, doing.draw("trickle"))
        delivery = replace(delivery, pace=Pace(act.trickle.size, pause_s))
    return delivery


def _framed(delivery: Delivery) -> Delivery:
    """The same, without a body where its status has none."""
    if delivery.status not in NO_BODY:
        return delivery
    about_body = {"content-length", "content-type"}
    headers = [(name, value) for name, value in delivery.headers if name.lower() not in about_body]
    # 205 says how long nothing is; the others must not.
    headers += [("Content-Length", "0")] if delivery.status == 205 else []
    return replace(delivery, headers=headers, body=b"", pace=None)


def _cut(delivery: Delivery, act: Act) -> Delivery:
    if act.cut is None:
        return delivery
    size = len(delivery.body)
    # Where there is no body to be cut in, the answer is whole: whoever asked has heard it.
    where = Cut.AFTER if act.cut is Cut.WITHIN and not size else act.cut
    wanted = int(size * act.at) if act.at < 1 else int(act.at)
    at = min(wanted, size - 1) if where is Cut.WITHIN else 0
    if delivery.cut is not None and (_CUTS.index(delivery.cut), delivery.cut_at) <= (_CUTS.index(where), at):
        return delivery
    return replace(delivery, cut=where, cut_at=at, reset=act.reset)


def _as_date(said: RetryAfter, at: float, wait_s: float | None) -> dict[str, str]:
    """The date until which to wait, and what time it is: a date alone says nothing to whose clock is another."""
    if not said.as_date or wait_s is None:
        return {}
    return {
        "Retry-After": formatdate(min(at + wait_s, _LATEST), usegmt=True),
        "Date": formatdate(at, usegmt=True),
    }
