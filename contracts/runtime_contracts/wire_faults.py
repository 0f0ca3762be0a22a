"""Faults of the wire: what can be wrong with an answer beside the value in it, and what a client has to do then.

`Policy` says what a client has to do with an answer. In no case may an exception that is not its own leave it.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from runtime_contracts.feeding import Feed

if TYPE_CHECKING:
    from collections.abc import Callable


class Policy(Enum):
    """What a client has to do with an answer.

    Attributes:
        ACCEPT: it must understand it.
        REFUSE: it must raise an exception of its own.
        UNUSUAL: the answer breaks the contract, but in a way that a client could make sense of: an unknown word, a
            number out of bounds, another content type, another status of success; or where it cannot be expected to
            notice: an absurd value under a key that it does not know, the end of a compressed body that its library
            does not miss. It must raise like REFUSE; in a lenient run it may do EITHER.
        EITHER: it may raise or make sense of the answer; the contract does not say.
    """

    ACCEPT = "accept"
    REFUSE = "refuse"
    UNUSUAL = "unusual"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class WireFault:
    """One fault of the wire; `plant` makes a broken answer out of a good one."""

    name: str
    policy: Policy
    plant: Callable[[Feed], Feed]


_DEEP = 100_000
_DIGITS = 5_000


def _inside(extra: bytes) -> Callable[[Feed], Feed]:
    """Return a fault that puts a property into the first object of a JSON body."""

    def plant(feed: Feed) -> Feed:
        head, brace, tail = feed.body.partition(b"{")
        comma = b"" if tail.lstrip().startswith(b"}") else b","
        return _with_body(feed, head + brace + extra + comma + tail if brace else extra)

    return plant


def _with_body(feed: Feed, body: bytes) -> Feed:
    return Feed(feed.status, feed.headers, body)


def _with_headers(feed: Feed, **headers: str | None) -> Feed:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in feed.headers.items() if name not in named}
    return Feed(feed.status, kept | {name: value for name, value in named.items() if value is not None}, feed.body)


def _html(status: int) -> Callable[[Feed], Feed]:
    page = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    return lambda _: Feed(status, {"Content-Type": "text/html"}, page)


def _charset(feed: Feed) -> Feed:
    media = feed.headers.get("Content-Type", "").partition(";")[0]
    return _with_headers(feed, Content_Type=f"{media}; charset=utf-16")


def _bad_gzip(feed: Feed) -> Feed:
    return Feed(feed.status, {**feed.headers, "Content-Encoding": "gzip"}, b"\x1f\x8bthis is not gzip")


def _half_gzip(feed: Feed) -> Feed:
    packed = gzip.compress(feed.body + b" " * 4096, mtime=0)
    return Feed(feed.status, {**feed.headers, "Content-Encoding": "gzip"}, packed[: len(packed) // 2])


def _recoded(codec: str) -> Callable[[Feed], Feed]:
    return lambda feed: _with_body(feed, feed.body.decode().encode(codec))


_ERRORS = (400, 401, 403, 404, 405, 409, 410, 418, 422, 429, 500, 502, 503, 504, 599)
REFUSE, UNUSUAL, EITHER = Policy.REFUSE, Policy.UNUSUAL, Policy.EITHER

OF_ANY_BODY = (
    WireFault("the connection is cut", REFUSE, lambda feed: Feed(feed.status, cut=True)),
    WireFault("fewer bytes than announced", REFUSE, lambda feed: Feed(feed.status, feed.headers, feed.body, missing=9)),
    WireFault("a body that is not gzip but says so", REFUSE, _bad_gzip),
    WireFault("half of a gzip body", UNUSUAL, _half_gzip),
    WireFault("no content type", UNUSUAL, lambda feed: _with_headers(feed, Content_Type=None)),
    WireFault("the content type image/png", UNUSUAL, lambda feed: _with_headers(feed, Content_Type="image/png")),
    WireFault("a content type that is none", UNUSUAL, lambda feed: _with_headers(feed, Content_Type=";;\u00e9;=")),
    WireFault("the charset utf-16", UNUSUAL, _charset),
    WireFault("invalid UTF-8", REFUSE, lambda feed: _with_body(feed, feed.body + b"\xff\xfe\xfd")),
)
OF_JSON = (
    WireFault("invalid UTF-8 inside a string", REFUSE, _inside(b'"fault":"\xc3\x28"')),
    WireFault("a byte order mark", REFUSE, _recoded("utf-8-sig")),
    WireFault("UTF-16", REFUSE, _recoded("utf-16")),
    WireFault("NaN", REFUSE, _inside(b'"fault":NaN')),
    WireFault("-Infinity", REFUSE, _inside(b'"fault":-Infinity')),
    WireFault("the number 1e400 under an unknown key", UNUSUAL, _inside(b'"fault":1e400')),
    WireFault("the same key twice under an unknown key", UNUSUAL, _inside(b'"fault":1,"fault":2')),
    WireFault("half of a surrogate pair under an unknown key", UNUSUAL, _inside(b'"fault":"\\ud800"')),
    WireFault("an integer of 5000 digits under an unknown key", UNUSUAL, _inside(b'"fault":' + b"7" * _DIGITS)),
    WireFault("100000 open brackets", REFUSE, lambda feed: _with_body(feed, b"[" * _DEEP)),
    WireFault("100000 nested arrays under an unknown key", UNUSUAL, _inside(b'"fault":' + b"[" * _DEEP + b"]" * _DEEP)),
    WireFault("no bytes at all", REFUSE, lambda feed: _with_body(feed, b"")),
    WireFault("only white space", REFUSE, lambda feed: _with_body(feed, b" \n")),
    WireFault("the last byte missing", REFUSE, lambda feed: _with_body(feed, feed.body.rstrip()[:-1])),
    WireFault("a second value after the first", REFUSE, lambda feed: _with_body(feed, feed.body + b"{}")),
    WireFault("single quotes", REFUSE, lambda feed: _with_body(feed, feed.body.replace(b'"', b"'"))),
    WireFault("an HTML page instead", REFUSE, lambda feed: _html(feed.status)(feed)),
)
OF_NO_BODY = (
    WireFault("the connection is cut", REFUSE, lambda feed: Feed(feed.status, cut=True)),
    WireFault("a body where none belongs", UNUSUAL, lambda feed: _with_body(feed, b'{"surprise": true}')),
)
OF_THE_STATUS = (
    *(WireFault(f"the status {status}", REFUSE, _html(status)) for status in _ERRORS),
    WireFault("the status 500 with a good body", REFUSE, lambda feed: Feed(500, feed.headers, feed.body)),
    WireFault("the status 302", EITHER, lambda _: Feed(302, {"Location": "https://elsewhere.test/"})),
    WireFault("the status 206", UNUSUAL, lambda feed: Feed(206, feed.headers, feed.body)),
    WireFault("the status 299", UNUSUAL, lambda feed: Feed(299, feed.headers, feed.body)),
)
"""302 may be followed or refused; that no credentials go elsewhere is looked at in every case."""
