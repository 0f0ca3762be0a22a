"""Texts and numbers that a schema allows, by what is special about them.

Every kind is tried against the schema by a validator, so a kind that does not fit is not there. The spellings of
moments are those of RFC 3339, section 5.6, which the format `date-time` stands for.
"""

from __future__ import annotations

import base64
import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.answers.draws import Draws
from runtime_contracts.answers.patterns import PatternNotReadError, text_of
from runtime_contracts.operation import Judge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

USUAL: Final = "usual"
_LONG: Final = 3000
_LONGEST: Final = 65_536
_KINDS: Final[Mapping[str, str]] = {
    "astral": "\U0001f300\U0001d4b6\U00020bb7",
    "right to left": "\u202e\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627\u202c",
    "combining": "e\u0301\u0327a\u0308\u0332Z\u0351\u036b\u0343\ufb01",
    "zero width": "a\u200bb\u200d\ufeffc\u2060",
    "control characters": "a\x00\x07\x1b[31m\x7f\x85",
    "line ends": "a\r\nb\nc\u2028d\u2029e",
    "blanks": " \t \u00a0\u3000",
    "quotes": '"\'\\`\\u0041\\\\"',
    "markup": "<script>alert(1)</script>&amp;",
    "a path": "../../etc/passwd%2F%00",
    "null": "null",
    "a number": "-0",
    "JSON": '{"a": [1, null]}',
    "format signs": "%s %d {0} {} ${HOME} $(id)",
    "the last characters": "\uffff\U0010ffff",
}
_MOMENTS: Final = (
    "2026-03-04T05:06:07Z", "2026-03-04T05:06:07.8Z", "2026-03-04T05:06:07.123456Z", "2026-03-04T05:06:07.123456789Z",
    "2026-03-04T05:06:07+00:00", "2026-03-04T05:06:07-00:00", "2026-03-04T05:06:07.5+05:45",
    "2026-03-04T05:06:07-12:00", "2026-03-04t05:06:07z", "2026-03-04T05:06:07z", "2026-03-04t05:06:07.25+14:00",
    "2024-02-29T00:00:00Z", "2026-12-31T23:59:60Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
    "1969-12-31T23:59:59Z", "2026-03-04T05:06:07.000001Z", "2026-03-04T05:06:07",
)  # fmt: skip
_FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "date-time": _MOMENTS,
    "date": ("2026-03-04", "2024-02-29", "0001-01-01", "9999-12-31", "1969-12-31"),
    "time": ("05:06:07Z", "05:06:07.123456+05:45", "23:59:60Z"),
    "uuid": ("0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", "00000000-0000-0000-0000-000000000000",
             "0A1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "uri": ("https://runtime.test/page", "urn:a", "https://runtime.test/?a=%20#b", "HTTP://[::1]:8080/"),
    "email": ("a@runtime.test", "\"a b\"@runtime.test", "a+b@runtime.test"),
    "hostname": ("runtime.test", "a", "xn--bcher-kva.test"),
    "ipv4": ("127.0.0.1", "255.255.255.255"),
    "ipv6": ("::1", "2001:db8::ffff:1.2.3.4"),
    "byte": (base64.b64encode(b"bytes").decode(), "", "AA=="),
}  # fmt: skip
_INT_FORMATS: Final = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?Z?)?", re.ASCII)
_NO_MOMENT: Final = "0 1a"
_DOUBLE: Final = 1.7976931348623157e308


def texts(schema: Mapping[str, Any], seed: int) -> Mapping[str, str]:
    """Return the texts that fit a schema of type string, by kind; the first is the usual one.

    A schema that is fitted by none of those thought of here has no entry.
    """
    judge = _judge(schema)
    found: dict[str, str] = {}
    for kind, text in _candidates(schema, seed):
        fresh = kind not in found and text not in found.values()
        if fresh and judge.accepts(text) and not _is_in_no_calendar(text):
            found[kind] = text
    if found and USUAL not in found:
        found = {USUAL: next(iter(found.values()))} | found
    return found


def spellings(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return how else a text of a known format may be spelled, such as a moment in another zone."""
    judge = _judge(schema)
    known = _FORMATS.get(schema.get("format", ""), ())
    if not known and "pattern" in schema and not judge.accepts(_NO_MOMENT):
        known = (*_MOMENTS, *_FORMATS["date"])
    return tuple(text for text in known[1:] if judge.accepts(text))


def numbers(schema: Mapping[str, Any]) -> Mapping[str, float]:
    """Return the numbers that fit a schema of type integer or number, by kind; the first is the usual one."""
    judge = _judge(schema)
    found: dict[str, float] = {}
    for kind, number in _number_candidates(schema):
        if kind not in found and not _is_among(number, found.values()) and judge.accepts(number):
            found[kind] = number
    if found and USUAL not in found:
        found = {USUAL: next(iter(found.values()))} | found
    return found


def fits(schema: Mapping[str, Any], value: object) -> bool:
    """Tell whether a value fits a schema that refers to no other."""
    return _judge(schema).accepts(value)


def _is_in_no_calendar(text: str) -> bool:
    """Tell whether a text has the form of a moment and is none, such as the 31st of February."""
    if _MOMENT.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return True
    return False


def _judge(schema: Mapping[str, Any]) -> Judge:
    return Judge(dict(schema), shared={}, direction="response")


def _candidates(schema: Mapping[str, Any], seed: int) -> Iterator[tuple[str, str]]:
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
    draws = Draws("texts", seed, sorted(map(str, schema.items())))
    word = draws.word(12)
    known = _FORMATS.get(schema.get("format", ""), ())
    moments = (*_MOMENTS[:1], *_MOMENTS[-2:], "2026-03-04")
    others = ("1.2.3", "1", _sized("a", least, most), *_matching(schema, draws))
    for text in (*known[:1], word, *moments, *others):
        yield USUAL, text
    for length in dict.fromkeys((least, 1)):
        yield "shortest", word[:length] if length <= len(word) else _sized(word, length, most)
    yield "longest", _sized(word, int(most) if most is not None and most <= _LONGEST else _LONG, most)
    for kind, text in _KINDS.items():
        yield kind, _sized(text, least, most)
    for number, text in enumerate(_matching(schema, draws)):
        yield f"matching {number + 1}", text


def _matching(schema: Mapping[str, Any], draws: Draws) -> Iterator[str]:
    if "pattern" not in schema:
        return
    for more in (2, 8, 40):
        try:
            yield text_of(str(schema["pattern"]), draws, more=more)
        except PatternNotReadError:
            return


def _sized(text: str, least: int, most: int | None) -> str:
    """Repeat or cut a text so that it has at least and at most so many characters."""
    repeated = text * math.ceil(least / len(text)) if least > len(text) else text
    return repeated if most is None else repeated[: max(int(most), 0)]


def _number_candidates(schema: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    whole = schema.get("type") == "integer"
    low, high = _bounds(schema)
    step = schema.get("multipleOf") or 1
    middle = 7 if whole else 1.5
    inside = ((low or 0) + (high if high is not None else (low or 0) + 14)) / 2
    for number in (middle, 1, 0, low, high, inside, step):
        if number is not None:
            yield USUAL, int(number) if whole else number
    if low is not None:
        yield from (("the lowest", low + away * step) for away in (0, 1))
    if high is not None:
        yield from (("the highest", high - away * step) for away in (0, 1))
    yield "zero", 0
    yield "negative", -1 * step
    yield "beyond 32 bits", 2**31 * step
    yield "beyond a double's integers", (2**53 + 1) * step
    if whole:
        yield from (("the lowest", -(2**63)), ("the highest", 2**63 - 1), ("beyond 64 bits", 10**30 * step))
        return
    yield from (
        ("whole", 3), ("whole, with a point", 3.0), ("minus zero", -0.0), ("tiny", 5e-324), ("a tenth", 0.1),
        ("the lowest", -_DOUBLE), ("the highest", _DOUBLE), ("all digits", 0.30000000000000004),
    )  # fmt: skip


def _bounds(schema: Mapping[str, Any]) -> tuple[float | None, float | None]:
    low, high = _INT_FORMATS.get(schema.get("format", ""), (None, None))
    least, most = schema.get("minimum"), schema.get("maximum")
    low = least if low is None or (least is not None and least > low) else low
    high = most if high is None or (most is not None and most < high) else high
    return low, high


def _is_among(number: float, others: Any) -> bool:
    # 3 and 3.0 are equal, and so are 0 and -0.0, but they are not written alike.
    return any(repr(number) == repr(other) for other in others)
