"""Answering from a recording: the same requests get the same answers, in the same order."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from runtime_contracts.recording.placeholders import decoded_segment, encoded_segment
from runtime_contracts.recording.shapes import kind_of
from runtime_contracts.watching.message import UndecodableBodyError, header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_contracts.recording.record import Recording
    from runtime_contracts.watching.message import Answer, Exchange, Request

_COMPARED: Final = 2000
_VOLATILE: Final = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive", "date"})
_BOUNDARY: Final = re.compile(r'boundary="?([^";,\s]+)')
_KEPT: Final = frozenset({"program_id", "backend", "mode", "accepting_jobs"})
"""Values that make a request another one; of all others the kind is enough."""


@dataclass(slots=True)
class _Answers:
    """What was recorded for requests of one form, in order."""

    exchanges: list[Exchange] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    last: dict[str, Exchange] = field(default_factory=dict)


class Replay:
    """Answers requests from a recording.

    A request is known by its method, its path, its query and the shape of its body. The answers to requests of one
    form come in the order in which they were recorded; the last one stays. Of several, one to the same body goes first.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.unmatched = 0
        self._by_form: dict[tuple[str, ...], _Answers] = {}
        for exchange in recording.exchanges:
            self._by_form.setdefault(_form(exchange.request), _Answers()).exchanges.append(exchange)

    def find(self, request: Request) -> Exchange | None:
        """Return the exchange whose answer is next for a request, or None if there is none like it."""
        answers = self._by_form.get(_form(request))
        if answers is None and request.method == "HEAD":
            answers = self._by_form.get(("GET", *_form(request)[1:]))
        if answers is None:
            self.unmatched += 1
            return None
        digest = _digest(request)
        unused = [each for each in answers.exchanges if each.number not in answers.used]
        same = [each for each in unused if _digest(each.request) == digest]
        if not same and digest in answers.last:
            return answers.last[digest]
        if not same and not unused:
            return answers.exchanges[-1]
        found = (same or unused)[0]
        answers.used.add(found.number)
        answers.last[digest] = found
        return found

    def nearest(self, request: Request) -> Exchange | None:
        """Return the recorded exchange whose request is most like an unmatched one; None if nothing was recorded."""
        wanted = _label(request)
        of_form: dict[str, Exchange] = {}
        for exchange in self.recording.exchanges[:_COMPARED]:
            of_form.setdefault(_label(exchange.request), exchange)
        found = difflib.get_close_matches(wanted, of_form, n=1, cutoff=0.0)
        return of_form[found[0]] if found else None

    def sentence(self, request: Request) -> str:
        """Return what to say of a request that nothing was recorded for."""
        nearest = self.nearest(request)
        if nearest is None:
            return f"the recording has no {_label(request)}: it is empty"
        label = _label(nearest.request)
        differs = "; its query or body is of another form" if label == _label(request) else ""
        return f"the recording has no {_label(request)}; the nearest is {label} (exchange {nearest.number}{differs})"


def answer_headers(answer: Answer) -> list[tuple[str, str]]:
    """Return the headers of a recorded answer that do not belong to how it travelled."""
    return [(name, value) for name, value in answer.headers if name.lower() not in _VOLATILE]


def renewed(request: Request, answer: Answer, *, now: float) -> bytes | None:
    """Return the body of a recorded answer; tokens of IAM are good for as long as they were, from `now` on.

    A client would otherwise ask for another one before each request.
    """
    if not request.path.startswith("/identity/token") or answer.body is None:
        return answer.body
    try:
        value = json.loads(answer.body)
        head, payload, signature = str(value["access_token"]).split(".")
        claims: Any = decoded_segment(payload)
        shift = int(now) - int(claims["iat"])
        claims |= {"iat": int(claims["iat"]) + shift, "exp": int(claims["exp"]) + shift}
        value["access_token"] = ".".join((head, encoded_segment(claims), signature))
        if isinstance(value.get("expiration"), int):
            value["expiration"] += shift
    except (ValueError, KeyError, TypeError, RecursionError):
        return answer.body
    return json.dumps(value, separators=(",", ":")).encode()


def _label(request: Request) -> str:
    return f"{request.method} {request.target}"[:400]


def _form(request: Request) -> tuple[str, ...]:
    query = "&".join(sorted(f"{name}={value}" for name, value in parse_qsl(request.query, keep_blank_values=True)))
    return request.method, request.path, query, _body_form(request)


def _body_form(request: Request) -> str:
    """What of a body has to be the same."""
    try:
        body = request.decoded()
    except UndecodableBodyError:
        body = None
    if not body:
        return ""
    content_type = header(request.headers, "content-type")
    media = content_type.partition(";")[0].strip().lower()
    if media == "application/x-www-form-urlencoded":
        pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
        return ",".join(sorted(name for name, _ in pairs))
    if media == "multipart/form-data":
        found = re.findall(rb'form-data;[^\r\n]*?name="([^"\r\n]{1,200})"', body)
        return ",".join(sorted(name.decode("latin-1") for name in found))
    try:
        return json.dumps(_shape(json.loads(body)), sort_keys=True)
    except (ValueError, RecursionError):
        return media or "bytes"


def _shape(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _shape(item, key) for key, item in value.items()}
    if isinstance(value, list):
        kinds = sorted({json.dumps(_shape(item), sort_keys=True) for item in value})
        return [json.loads(kind) for kind in kinds]
    kind = kind_of(value)
    return f"={value}" if name in _KEPT else "number" if kind == "integer" else kind


def _digest(request: Request) -> str:
    body = request.body or b""
    boundary = _BOUNDARY.search(header(request.headers, "content-type"))
    if boundary:
        body = body.replace(boundary[1].encode("latin-1", "replace"), b"")
    return hashlib.sha256(body).hexdigest()


def crns_in(recording: Recording) -> Mapping[str, None]:
    """Return the CRNs that the requests of a recording name, in order."""
    found = (header(exchange.request.headers, "service-crn") for exchange in recording.exchanges)
    return dict.fromkeys(crn for crn in found if crn)
