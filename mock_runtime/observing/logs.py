"""The log: a line for each exchange and for each of our own warnings, for people or for programs.

What strangers send is in these lines, so it is cut short and cannot break out of its line; queries, headers and bodies,
which may hold secrets, are not in them at all.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, Self, TextIO, TypeAlias

from mock_runtime.observing.paths import inside_of, path_of

if TYPE_CHECKING:
    from mock_runtime.clock import Clock
    from mock_runtime.journal.entry import Entry
    from mock_runtime.observing import Observer

Kind: TypeAlias = Literal["json", "pretty", "none"]
"""What a log looks like; `none` shows no exchanges, and of the rest the warnings only."""

_LONGEST: Final = 200
_LONGEST_MESSAGE: Final = 2_000
_LONGEST_TRACEBACK: Final = 100
_LOGGERS: Final = {"mock_runtime": logging.DEBUG, "uvicorn.error": logging.ERROR, "opentelemetry": logging.WARNING}
"""Whose records are in the log, and from which level on at least."""
_COLOURS: Final = {0: "35", 1: "36", 2: "32", 3: "36", 4: "33", 5: "31"}
_DIM: Final = "2"
_EARLIEST: Final = -62_135_596_800.0  # 0001-01-01T00:00:00Z
_LATEST: Final = 253_402_300_799.0  # 9999-12-31T23:59:59Z


class _Form(Protocol):
    """How things are written on lines, each with the line end that it has."""

    def exchange(self, entry: Entry, level: int) -> str: ...

    def record(self, record: logging.LogRecord) -> str: ...

    def note(self, event: str, sentence: str, fields: Mapping[str, Any]) -> str: ...


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether to write in colours: to a terminal, unless NO_COLOR is set to something or the terminal is a dumb one.

    Evidence: https://no-color.org.
    """
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    try:
        return stream.isatty()
    except ValueError:
        return False


def pretty(stream: TextIO, *, colour: bool = False, level: int = logging.INFO) -> Observer:
    """A line for people: `204 GET    /v1/jobs/c2b0  1.2 ms  running  !storm  cut within  @alice  [trace]`."""
    return _observer(stream, _Pretty(colour=colour), level)


def json_lines(stream: TextIO, *, clock: Clock, level: int = logging.INFO) -> Observer:
    """A JSON object on each line, in ASCII. `clock` is the real time, for `timestamp`; `at` is the fake's."""
    return _observer(stream, _JSON(clock), level)


class Log:
    """The log of one server, from `configure` to `close`, or as long as a `with` lasts."""

    def __init__(self, stream: TextIO, form: _Form, *, level: int, shows_exchanges: bool) -> None:
        self._stream = stream
        self._form = form
        self._level = level
        self._handler = _Handler(stream, form)
        self.observe: Observer = _observer(stream, form, level) if shows_exchanges else _nothing
        for name, least in _LOGGERS.items():
            logger = logging.getLogger(name)
            self._handler.levels[name] = logger.level
            for handler in [handler for handler in logger.handlers if isinstance(handler, _Handler)]:
                logger.removeHandler(handler)
                self._handler.levels[name] = handler.levels[name]
            logger.addHandler(self._handler)
            logger.setLevel(max(level, least))

    def note(self, event: str, sentence: str, **fields: object) -> None:
        """Say something of the server itself, in the form of the log: that it listens, that it stopped.

        `event` is its name for programs, `fields` what they may want to know; people read the sentence.
        """
        if self._level <= logging.INFO:
            _write(self._stream, self._form.note(event, sentence, fields))

    def close(self) -> None:
        """Write no more, and leave Python's loggers as they were."""
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            if self._handler in logger.handlers:
                logger.removeHandler(self._handler)
                logger.setLevel(self._handler.levels[name])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def configure(kind: Kind, stream: TextIO, *, clock: Clock, level: int = logging.INFO, colour: bool = False) -> Log:
    """Let exchanges, and what Python's logger `mock_runtime` is told, be written to a stream in one form.

    A log that was configured before is replaced. The root logger stays as it is. `clock` is the real time. ValueError
    if there is no such kind.
    """
    if kind not in {"json", "pretty", "none"}:
        raise ValueError(f"there is no log of the kind {kind!r}; known are json, pretty and none")
    form: _Form = _JSON(clock) if kind == "json" else _Pretty(colour=colour)
    least = max(level, logging.WARNING) if kind == "none" else level
    return Log(stream, form, level=least, shows_exchanges=kind != "none")


def level_of(entry: Entry) -> int:
    """How much an exchange matters: a warning if it was answered with 5xx, cut, or not answered at all."""
    return logging.WARNING if entry.status >= 500 or entry.status == 0 or entry.cut else logging.INFO


def _observer(stream: TextIO, form: _Form, level: int) -> Observer:
    def observe(entry: Entry) -> None:
        own = level_of(entry)
        if own >= level:
            _write(stream, form.exchange(entry, own))

    return observe


def _nothing(_entry: Entry) -> None:
    """Nobody wants to know."""


def _write(stream: TextIO, text: str) -> None:
    """Write in one piece, whoever has closed the stream."""
    try:
        stream.write(text)
    except UnicodeEncodeError:
        with contextlib.suppress(OSError, ValueError):
            stream.write(text.encode("ascii", "backslashreplace").decode("ascii"))
    except (OSError, ValueError):
        return
    with contextlib.suppress(OSError, ValueError):
        stream.flush()


class _Handler(logging.Handler):
    """Writes what Python's loggers are told in the form of the log. `levels` are those that they had before it came."""

    def __init__(self, stream: TextIO, form: _Form) -> None:
        super().__init__()
        self._stream = stream
        self._form = form
        self.levels: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        _write(self._stream, self._form.record(record))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pretty:
    """For people."""

    colour: bool

    def exchange(self, entry: Entry, level: int) -> str:  # noqa: ARG002 - people see the status
        status = f"{entry.status:03d}" if entry.status else "---"
        status = self._in(_COLOURS.get(entry.status // 100, _COLOURS[5]), status)
        begin = f"{status} {_shown(entry.method, 20):<6} {_shown(inside_of(entry))}"
        # What steers a fake may move its clock: that is no time that a request took.
        seconds = entry.seconds if entry.number else entry.elapsed_s
        parts = [begin, f"{seconds * 1000:.1f} ms", *self._what(entry)]
        if entry.trace:
            parts.append(self._in(_DIM, f"[{_shown(entry.trace, 80)}]"))
        return "  ".join(parts) + "\n"

    def _what(self, entry: Entry) -> list[str]:
        """The job, the rules that were met, how it ended, who asked and where."""
        parts = []
        # Most paths name their job; a submission's does not.
        job = "" if entry.job is None or entry.job in entry.inside else f"job {_shown(entry.job, 80)}"
        told = " ".join(filter(None, (job, _shown(entry.job_status or "", 40))))
        if told:
            parts.append(told)
        parts.extend(self._in(_COLOURS[5], f"!{_shown(rule, 80)}") for rule in entry.faults)
        if entry.cut is not None:
            parts.append(self._in(_COLOURS[5], f"cut {_shown(entry.cut, 40)}"))
        if entry.left:
            parts.append("the caller was gone")
        if entry.caller:
            parts.append(f"@{_shown(entry.caller, 80)}")
        if entry.scope:
            parts.append(f"scope {_shown(entry.scope, 80)}")
        return parts

    def record(self, record: logging.LogRecord) -> str:
        lines = [f"{record.levelname}: {_shown(_message(record), _LONGEST_MESSAGE)}", *_traceback(record)]
        if record.levelno >= logging.WARNING:
            lines[0] = self._in(_COLOURS[5 if record.levelno >= logging.ERROR else 4], lines[0])
        # The indentation tells a line of a traceback from one of the log, whatever an error says.
        return "\n    ".join(lines) + "\n"

    def note(self, event: str, sentence: str, fields: Mapping[str, Any]) -> str:  # noqa: ARG002 - for programs
        return f"{sentence}\n"

    def _in(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colour else text


@dataclass(frozen=True, slots=True)
class _JSON:
    """For programs."""

    clock: Clock

    def exchange(self, entry: Entry, level: int) -> str:
        return self._line(
            level,
            "exchange",
            {
                "at": rfc3339(entry.at),
                "number": entry.number,
                "method": entry.method[:20],
                "host": _short(entry.host) or None,
                "path": _short(path_of(entry)),
                "inside": _short(inside_of(entry)) if entry.inside != entry.path else None,
                "status": entry.status,
                "seconds": round(entry.seconds, 6),
                "elapsed_s": round(entry.elapsed_s, 6),
                "trace": entry.trace,
                "operation": entry.operation or entry.operation_id,
                "caller": _short(entry.caller),
                "job": _short(entry.job),
                "job_status": entry.job_status,
                "session": _short(entry.session),
                "backend": _short(entry.backend),
                "faults": [_short(rule) for rule in entry.faults] or None,
                "cut": entry.cut,
                "left": entry.left or None,
                "scope": _short(entry.scope) or None,
                "edition": entry.edition or None,
            },
        )

    def record(self, record: logging.LogRecord) -> str:
        lines = _traceback(record)
        fields = {
            "message": _short(_message(record), _LONGEST_MESSAGE),
            "logger": record.name,
            "traceback": "\n".join(lines) if lines else None,
        }
        return self._line(record.levelno, "message", fields)

    def note(self, event: str, sentence: str, fields: Mapping[str, Any]) -> str:
        return self._line(logging.INFO, event, {"message": sentence, **fields})

    def _line(self, level: int, event: str, fields: Mapping[str, Any]) -> str:
        head = {
            "timestamp": rfc3339(self.clock.now()),
            "level": logging.getLevelName(level).lower(),
            "event": event,
        }
        told = {name: value for name, value in fields.items() if value is not None}
        # ASCII: no character of a stranger's can end the line, or turn it around in a terminal.
        return json.dumps({**head, **told}, default=str).replace("\x7f", "\\u007f") + "\n"


def rfc3339(instant: float) -> str:
    """Seconds since 1970 as `2021-05-08T03:15:11.250Z`; what no date can say is the first or the last there is."""
    held = min(max(instant, _EARLIEST), _LATEST) if math.isfinite(instant) else _EARLIEST
    text = datetime.fromtimestamp(held, UTC).isoformat(timespec="milliseconds")
    return f"{text.removesuffix('+00:00')}Z"


def _short(text: str | None, limit: int = _LONGEST) -> str | None:
    return text if text is None or len(text) <= limit else text[: limit - 1] + "…"


def _shown(text: str, limit: int = _LONGEST) -> str:
    """A text on a line for people: bounded, and with a question mark for what cannot be seen."""
    short = _short(text, limit) or ""
    return short if short.isprintable() else "".join(c if c.isprintable() else "?" for c in short)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a log that is told nonsense says so, and does not break what it is about
        return f"{record.msg!r} with {record.args!r}"


def _traceback(record: logging.LogRecord) -> list[str]:
    if not record.exc_info or record.exc_info[1] is None:
        return []
    text = "".join(traceback.format_exception(record.exc_info[1]))
    # Its end says what happened.
    return [_shown(line, _LONGEST_MESSAGE) for line in text.splitlines()[-_LONGEST_TRACEBACK:]]
