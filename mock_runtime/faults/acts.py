"""Reading what a rule does, and refusing what contradicts itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from mock_runtime.durations import Duration
from mock_runtime.faults import values
from mock_runtime.faults.events import Happening
from mock_runtime.faults.rule import (
    NO_BODY,
    Act,
    BackendChange,
    Body,
    JobChange,
    Maintenance,
    Rate,
    RetryAfter,
    Trickle,
    Verbatim,
)
from mock_runtime.faults.values import InvalidFault, below, read, refuse
from mock_runtime.transport.delivery import Cut

ACT_KEYS: Final = (
    *("status", "code", "message", "solution", "retry_after", "headers", "body", "content_type"),
    *("slow", "trickle", "cut", "at", "reset"),
    *("token", "rate", "job", "reason", "backend", "maintenance"),
)
JOB_EVENTS: Final = (
    *(Happening.REQUEUE, Happening.FINISH, Happening.FAIL, Happening.CANCEL),
    *(Happening.LOSE_RESULT, Happening.WITHHOLD_RESULT, Happening.OUTRUN_CANCEL),
)
BACKEND_EVENTS: Final = ("offline", "paused", "online")
TOKEN_EVENTS: Final = ("expired", "revoked")
OWN_HEADERS: Final = frozenset(
    {"content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer"}
)
"""Headers that say how an answer is sent, which is the business of `cut`, `trickle` and `body`."""

_LARGEST_BODY: Final = 1 << 20
_JOB_NUMBER: Final = re.compile("#[1-9][0-9]{0,8}")
_JOB_ID: Final = re.compile(r"[^*#\s][^*\s]{0,199}")


def act(value: object, at: str, *, on_answer: bool) -> Act:
    """What a mapping says that happens; `on_answer`: the rule waits for the status of an answer. InvalidFault."""
    entries = values.mapping(value, at, ACT_KEYS, "status: 503")
    if not entries:
        raise InvalidFault(at, f"expected at least one thing to happen, of {', '.join(ACT_KEYS)}")
    found = Act(
        status=read(entries, "status", at, values.whole(200, 599, "a status")),
        code=read(entries, "code", at, _code),
        message=read(entries, "message", at, values.text),
        solution=read(entries, "solution", at, values.text),
        retry_after=read(entries, "retry_after", at, _retry_after),
        headers=read(entries, "headers", at, _headers) or (),
        body=read(entries, "body", at, _body),
        content_type=read(entries, "content_type", at, values.header_value),
        slow=read(entries, "slow", at, values.length),
        trickle=read(entries, "trickle", at, _trickle),
        cut=Cut(entries["cut"]) if read(entries, "cut", at, _one_of(tuple(Cut))) else None,
        at=read(entries, "at", at, _place, 0.5) or 0.0,
        reset=read(entries, "reset", at, values.flag) or False,
        token=read(entries, "token", at, _token),
        rate=read(entries, "rate", at, _rate),
        job=read(entries, "job", at, _job),
        reason=read(entries, "reason", at, values.text),
        backend=read(entries, "backend", at, _backend),
        maintenance=read(entries, "maintenance", at, _maintenance),
    )
    for key, sentence in _contradictions(found, entries, on_answer=on_answer):
        raise InvalidFault(below(at, key), sentence)
    return found


def _contradictions(found: Act, given: Mapping[str, Any], *, on_answer: bool) -> list[tuple[str, str]]:
    """What cannot be together: the key, and why."""
    problems = _alone(found, given)
    problems += _of_a_refusal(found, given)
    problems += _of_a_body(found, given, on_answer=on_answer)
    problems += _of_a_cut(found, given)
    if on_answer:
        early = [key for key in ("token", "rate", "job", "backend", "maintenance") if key in given]
        early += ["cut"] if found.cut is Cut.REQUEST else []
        problems += [(key, "`match.status` waits for the answer: only that can be changed then") for key in early]
    return problems


def _alone(found: Act, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    problems = [(key, "it belongs to a cut: give `cut` as well") for key in ("at", "reset") if key in given]
    problems = problems if found.cut is None else []
    if "at" in given and found.cut not in {None, Cut.WITHIN}:
        problems.append(("at", "it belongs to `cut: within`"))
    if "reason" in given and found.job is None and found.backend is None:
        problems.append(("reason", "it belongs to `job` or `backend`: give one of them as well"))
    if found.rate is not None and found.maintenance is not None:
        problems.append(("maintenance", "one rule has one way to refuse: `rate` is another"))
    if found.job is not None and found.happens_later and found.refuses:
        problems.append(("job", f"`{found.job.event}` comes after the request, which this rule refuses"))
    if found.job is not None and found.happens_later and found.cut is Cut.REQUEST:
        problems.append(("job", f"`{found.job.event}` comes after the request, which `cut: request` drops"))
    return problems


def _of_a_refusal(found: Act, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    said = [key for key in ("code", "message", "solution", "retry_after") if key in given]
    if not found.refuses:
        return [(key, "it belongs to a refusal: give `status` as well") for key in said]
    problems: list[tuple[str, str]] = []
    if found.status is not None and found.status < 400:
        problems += [(key, f"it belongs to a refusal, which {found.status} is not") for key in said]
        if found.rate is not None or found.maintenance is not None:
            problems.append(("status", "expected a status from 400 to 599: the request is refused"))
    hidden = isinstance(found.body, Verbatim) or found.body in {Body.EMPTY, Body.GARBAGE, Body.HTML}
    if hidden:
        problems += [(key, "it cannot be seen: `body` is another") for key in said if key != "retry_after"]
    if "retry_after" in given and any(name.lower() == "retry-after" for name, _value in found.headers):
        problems.append(("headers", "Retry-After is there twice: `retry_after` is another"))
    return problems


def _of_a_body(found: Act, given: Mapping[str, Any], *, on_answer: bool) -> list[tuple[str, str]]:
    problems: list[tuple[str, str]] = []
    if found.status in NO_BODY:
        problems += [
            (key, f"an answer of {found.status} has no body") for key in ("content_type", "trickle") if key in given
        ]
        if found.body not in {None, Body.EMPTY}:
            problems.append(("body", f"an answer of {found.status} has none"))
        if found.cut is Cut.WITHIN:
            problems.append(("cut", f"an answer of {found.status} has no body to be cut in"))
    elif found.status is not None and found.status < 300 and found.body is None and not on_answer:
        problems.append(("body", f"it is missing: {found.status} is no refusal, which would have one of its own"))
    if found.content_type is not None and any(name.lower() == "content-type" for name, _value in found.headers):
        problems.append(("headers", "Content-Type is there twice: `content_type` is another"))
    return problems


def _of_a_cut(found: Act, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    if found.cut not in {Cut.REQUEST, Cut.BEFORE}:
        return []
    unseen = ["status", "code", "message", "solution", "retry_after", "headers", "body", "content_type", "trickle"]
    if found.cut is Cut.REQUEST:
        unseen += ["rate", "maintenance"]
    return [(key, f"it cannot be seen: `cut: {found.cut}` leaves no answer") for key in unseen if key in given]


def _one_of(known: tuple[str, ...]) -> Callable[[object, str], str]:
    return lambda value, at: values.choice(value, at, known)


def _code(value: object, at: str) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= values.MOST:
        return value
    return values.text(value, at)


def _retry_after(value: object, at: str) -> RetryAfter:
    if value is False:
        return RetryAfter(None)
    if not isinstance(value, dict):
        return RetryAfter(_length_or_not(value, at))
    entries = values.mapping(value, at, ("in", "as"), "{in: 5s, as: date}")
    if "in" not in entries:
        raise InvalidFault(below(at, "in"), "it is missing: expected a length of time such as 5s")
    form = read(entries, "as", at, _one_of(("seconds", "date")), "seconds")
    return RetryAfter(values.length(entries["in"], below(at, "in")), form == "date")


def _length_or_not(value: object, at: str) -> Duration:
    if value is True:
        refuse(at, "a length of time such as 5s, {in: 5s, as: date}, or false for none", value)
    return values.length(value, at)


def _headers(value: object, at: str) -> tuple[tuple[str, str | None], ...]:
    if not isinstance(value, dict) or not 0 < len(value) <= 50:
        refuse(at, "headers and values such as {X-Served-By: proxy}, null for one that is left out", value)
    found: dict[str, tuple[str, str | None]] = {}
    for name, entry in value.items():
        place = below(at, name[:100])
        lower = values.header_name(name, place).lower()
        if lower in OWN_HEADERS:
            raise InvalidFault(place, "it says how the answer is sent: that is for `cut`, `trickle` and `body`")
        if lower in found:
            raise InvalidFault(place, "expected each header once: their case does not count")
        found[lower] = (name, None if entry is None else values.header_value(entry, place))
    return tuple(found.values())


def _body(value: object, at: str) -> Body | Verbatim:
    if not isinstance(value, dict):
        if not isinstance(value, str) or value not in tuple(Body):
            refuse(at, f"one of {', '.join(Body)}, or {{json: ...}} or {{text: ...}}", value)
        return Body(value)
    if len(value) != 1 or not set(value) <= {"json", "text"}:
        refuse(at, "either json or text in it", value)
    if "json" in value:
        data = json.dumps(value["json"], separators=(",", ":"), ensure_ascii=False)
        found = Verbatim(data.encode("utf-8", "backslashreplace") + b"\n", "application/json")
    elif isinstance(value["text"], str):
        found = Verbatim(value["text"].encode("utf-8", "backslashreplace"), "text/plain; charset=utf-8")
    else:
        refuse(below(at, "text"), "a text", value["text"])
    if len(found.data) > _LARGEST_BODY:
        raise InvalidFault(at, f"expected at most {_LARGEST_BODY} bytes, found {len(found.data)}")
    return found


def _trickle(value: object, at: str) -> Trickle:
    entries = values.mapping(value, at, ("bytes", "every"), "{bytes: 16, every: 100ms}")
    size = read(entries, "bytes", at, values.whole(1))
    every = read(entries, "every", at, values.length)
    if size is None or every is None:
        refuse(at, "both bytes and every, as in {bytes: 16, every: 100ms}", value)
    return Trickle(size, every)


def _place(value: object, at: str) -> float:
    """A part of the body, below 1, or a number of bytes."""
    number = values.number(value, at, 0, values.MOST)
    if number >= 1 and number != int(number):
        refuse(at, "a part of the body below 1, such as 0.5, or a whole number of bytes", value)
    return number


def _token(value: object, at: str) -> Happening:
    return Happening(f"token-{values.choice(value, at, TOKEN_EVENTS)}")


def _rate(value: object, at: str) -> Rate:
    entries = values.mapping(value, at, ("requests", "per", "burst", "by"), "{requests: 5, per: 60s}")
    requests = read(entries, "requests", at, values.whole(1))
    per_s = read(entries, "per", at, values.span)
    if requests is None or per_s is None:
        refuse(at, "both requests and per, as in {requests: 5, per: 60s}", value)
    burst = read(entries, "burst", at, values.whole(1)) or requests
    by = read(entries, "by", at, _one_of(("caller", "everybody")), "caller")
    return Rate(requests=requests, per_s=per_s, burst=burst, by_caller=by == "caller")


def _job(value: object, at: str) -> JobChange:
    if not isinstance(value, dict):
        return JobChange(event=Happening(values.choice(value, at, JOB_EVENTS)))
    entries = values.mapping(value, at, ("event", "id", "queue"), "{event: fail, id: '#2'}")
    if "event" not in entries:
        raise InvalidFault(below(at, "event"), f"it is missing: expected one of {', '.join(JOB_EVENTS)}")
    event = Happening(values.choice(entries["event"], below(at, "event"), JOB_EVENTS))
    if "queue" in entries and event is not Happening.REQUEUE:
        raise InvalidFault(below(at, "queue"), "it belongs to `event: requeue`")
    id_ = read(entries, "id", at, _job_id)
    number = int(id_[1:]) if id_ is not None and id_.startswith("#") else None
    queue = read(entries, "queue", at, values.length_or_polls)
    return JobChange(event=event, id=None if number else id_, number=number, queue=queue)


def _job_id(value: object, at: str) -> str:
    id_ = values.text(value, at)
    if not (_JOB_NUMBER if id_.startswith("#") else _JOB_ID).fullmatch(id_):
        refuse(at, "the id of one job, or '#2' for the second submission", value)
    return id_


def _backend(value: object, at: str) -> BackendChange:
    if not isinstance(value, dict):
        return BackendChange(event=Happening(f"backend-{values.choice(value, at, BACKEND_EVENTS)}"))
    entries = values.mapping(value, at, (*BACKEND_EVENTS, "for"), "{offline: ibm_torino, for: 1h}")
    said = [event for event in BACKEND_EVENTS if event in entries]
    if len(said) != 1:
        refuse(at, f"exactly one of {', '.join(BACKEND_EVENTS)}", value)
    name = values.text(entries[said[0]], below(at, said[0]))
    for_s = read(entries, "for", at, values.span)
    if for_s is not None and said[0] == "online":
        raise InvalidFault(below(at, "for"), "it belongs to `offline` and `paused`")
    return BackendChange(event=Happening(f"backend-{said[0]}"), name=name, for_s=for_s)


def _maintenance(value: object, at: str) -> Maintenance:
    entries = values.mapping(value, at, ("for", "in", "message"), "{for: 2h, in: 10m}")
    if "for" not in entries:
        raise InvalidFault(below(at, "for"), "it is missing: expected how long it takes, such as 2h")
    return Maintenance(
        for_s=values.span(entries["for"], below(at, "for")),
        in_s=read(entries, "in", at, values.seconds) or 0.0,
        message=read(entries, "message", at, values.text),
    )
