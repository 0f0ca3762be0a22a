"""The log, for people and for programs."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from mock_runtime import ManualClock
from mock_runtime.observing.logs import Log, configure, json_lines, pretty, rfc3339, wants_colour
from tests.mock_runtime.observing.entries import SECRET, exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGGER = logging.getLogger("mock_runtime")
REAL = 1_700_000_000.5


@pytest.fixture
def stream() -> io.StringIO:
    """Where a log is written."""
    return io.StringIO()


@pytest.fixture
def clock() -> ManualClock:
    """The real time, as far as the log knows."""
    return ManualClock(REAL)


@pytest.fixture(autouse=True)
def _loggers_as_before() -> Iterator[None]:
    """Python's loggers are those of the whole process."""
    before = LOGGER.level
    yield
    assert LOGGER.level == before
    assert not [handler for handler in LOGGER.handlers if type(handler).__module__ == "mock_runtime.observing.logs"]


def shown(*, colour: bool = False, **changes: Any) -> str:
    """The line for people about an exchange."""
    stream = io.StringIO()
    pretty(stream, colour=colour)(exchange(**changes))
    return stream.getvalue()


def told(clock: ManualClock, **changes: Any) -> dict[str, Any]:
    """The line for programs about an exchange."""
    stream = io.StringIO()
    json_lines(stream, clock=clock)(exchange(**changes))
    (line,) = stream.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "204 GET    /api/v1/jobs/c2b0/results  1.2 ms  running  @alice  [c2b04fot418h0qp0peh0]"),
        (
            {"method": "POST", "inside": "/api/v1/jobs", "status": 200, "job_status": "queued", "caller": None},
            "200 POST   /api/v1/jobs  1.2 ms  job c2b0 queued  [c2b04fot418h0qp0peh0]",
        ),
        (
            {"faults": ("storm", "slow"), "status": 503, "job": None, "job_status": None, "trace": "", "caller": ""},
            "503 GET    /api/v1/jobs/c2b0/results  1.2 ms  !storm  !slow",
        ),
        (
            {"status": 0, "cut": "before", "left": True, "scope": "gw3", "caller": None, "trace": "t"},
            "--- GET    /api/v1/jobs/c2b0/results  1.2 ms  running  cut before  the caller was gone  scope gw3  [t]",
        ),
    ],
)
def test_a_line_says_what_happened(changes: dict[str, Any], line: str) -> None:
    """The status, what was asked, how long it took, where the job stood, which rules were met, who asked and where."""
    assert shown(**changes) == f"{line}\n"


def test_colours_are_those_of_the_status() -> None:
    """Green for success, yellow and red for refusals and failures; what was done on purpose is red, too."""
    assert shown(colour=True).startswith("\x1b[32m204\x1b[0m GET ")
    assert shown(colour=True).endswith("\x1b[2m[c2b04fot418h0qp0peh0]\x1b[0m\n")
    assert shown(colour=True, status=404).startswith("\x1b[33m404")
    assert shown(colour=True, status=799).startswith("\x1b[31m799")
    assert shown(colour=True, status=0, cut="after").startswith("\x1b[35m---")
    assert "\x1b[31m!storm\x1b[0m" in shown(colour=True, faults=("storm",))
    assert "\x1b" not in shown()


@pytest.mark.parametrize(
    ("is_terminal", "environment", "expected"),
    [
        (True, {}, True),
        (True, {"NO_COLOR": ""}, True),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {"TERM": "xterm"}, True),
        (False, {}, False),
    ],
)
def test_colours_are_for_terminals(is_terminal: bool, environment: dict[str, str], expected: bool) -> None:
    """Unless somebody does not want them."""

    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return is_terminal

    assert wants_colour(Stream(), environment) is expected


def test_a_closed_stream_wants_no_colours() -> None:
    """It is no terminal any more."""
    stream = io.StringIO()
    stream.close()
    assert not wants_colour(stream, {})


def test_programs_get_an_object(clock: ManualClock) -> None:
    """With both times: the real one, and the fake's. What is not known is left out."""
    assert told(clock) == {
        "timestamp": "2023-11-14T22:13:20.500Z",
        "level": "info",
        "event": "exchange",
        "at": "2021-05-08T03:15:11.000Z",
        "number": 3,
        "method": "GET",
        "host": "quantum.cloud.ibm.com:443",
        "path": "/v1/jobs/c2b0/results",
        "inside": "/api/v1/jobs/c2b0/results",
        "status": 204,
        "seconds": 0.00125,
        "elapsed_s": 0.002,
        "trace": "c2b04fot418h0qp0peh0",
        "operation": "get-results",
        "caller": "alice",
        "job": "c2b0",
        "job_status": "running",
        "edition": "platform",
    }


def test_programs_learn_what_went_wrong(clock: ManualClock) -> None:
    """The rules that were met, where the connection was cut, and whether the caller was still there."""
    line = told(clock, status=0, cut="within", left=True, faults=("storm",), scope="gw3", operation=None)
    assert line["level"] == "warning"
    assert (line["cut"], line["left"], line["faults"], line["scope"]) == ("within", True, ["storm"], "gw3")
    assert line["operation"] == "get_job_results_jid"


HOSTILE = "x\n200 GET /forged\r\x1b[31m\u2028\u202e\x7f\x85\x00\udcff" + "y" * 5000


@pytest.mark.parametrize("field", ["inside", "path", "method", "job", "caller", "scope", "host", "session", "backend"])
def test_what_strangers_write_stays_on_its_line(clock: ManualClock, field: str) -> None:
    """A line is a line, bounded, and nothing in it moves the cursor or turns the text around."""
    odd: dict[str, Any] = {field: HOSTILE}
    line = shown(**odd)
    assert line.count("\n") == 1
    assert line.removesuffix("\n").isprintable()
    assert len(line) < 600
    stream = io.StringIO()
    json_lines(stream, clock=clock)(exchange(**odd))
    assert stream.getvalue().isascii()
    assert stream.getvalue().removesuffix("\n").isprintable()
    assert len(stream.getvalue()) < 2000
    assert json.loads(stream.getvalue())["event"] == "exchange"


def test_rules_are_written_likewise(clock: ManualClock) -> None:
    """Their names come from tests, which may be odd as well."""
    assert shown(faults=(HOSTILE,)).count("\n") == 1
    assert told(clock, faults=(HOSTILE,))["faults"][0].startswith("x\n200")


def test_no_secret_is_in_the_log(clock: ManualClock) -> None:
    """Neither the query nor a header nor a body."""
    assert SECRET not in shown()
    assert SECRET not in json.dumps(told(clock))


def test_a_level_leaves_out_what_is_below(stream: io.StringIO, clock: ManualClock) -> None:
    """What was answered as usual is of no interest to those who want warnings."""
    for observe in (pretty(stream, level=logging.WARNING), json_lines(stream, clock=clock, level=logging.WARNING)):
        observe(exchange())
        assert stream.getvalue() == ""
    pretty(stream, level=logging.WARNING)(exchange(status=500))
    assert stream.getvalue().startswith("500 ")


def test_a_stream_that_is_closed_is_no_crash(clock: ManualClock) -> None:
    """Whoever closed it does not want to know."""

    class Broken(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    closed = io.StringIO()
    closed.close()
    for stream in (closed, Broken()):
        pretty(stream)(exchange())
        json_lines(stream, clock=clock)(exchange())
        with configure("pretty", stream, clock=clock) as log:
            LOGGER.error("nobody hears this")
            log.note("started", "nor this")


def test_a_stream_that_does_not_know_a_character_gets_its_number() -> None:
    """Rather than no line."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    pretty(stream)(exchange(inside="/ümläut"))
    assert b"/\\xfcml\\xe4ut  1.2 ms" in raw.getvalue()


def test_warnings_are_in_the_log_in_its_form(stream: io.StringIO, clock: ManualClock) -> None:
    """What Python's logger is told, on lines that cannot be taken for others."""
    with configure("pretty", stream, clock=clock):
        LOGGER.warning("%s %s: odd", "GET", "/x\n200 GET /forged")
        LOGGER.info("fine")
    assert stream.getvalue() == "WARNING: GET /x?200 GET /forged: odd\nINFO: fine\n"


def failing() -> None:
    """A bug of the mock."""
    raise ValueError("no\n200 GET /forged\n\x1b[31m")


def test_a_bug_comes_with_its_traceback(stream: io.StringIO, clock: ManualClock) -> None:
    """Indented for people, so that none of its lines passes for one of the log; one field for programs."""
    for kind in ("pretty", "json"):
        with configure(kind, stream, clock=clock, colour=True):
            try:
                failing()
            except ValueError as error:
                LOGGER.error("a bug of the mock", exc_info=error)  # noqa: TRY400 - as the fake does it
    *lines, last = stream.getvalue().splitlines()
    assert lines[0] == "\x1b[31mERROR: a bug of the mock\x1b[0m"
    assert all(line.startswith("    ") for line in lines[1:])
    assert "    200 GET /forged" in lines
    found = json.loads(last)
    assert (found["level"], found["event"], found["logger"]) == ("error", "message", "mock_runtime")
    assert "ValueError: no" in found["traceback"]


def test_a_log_that_is_told_nonsense_says_so(
    stream: io.StringIO, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record whose arguments do not fit is shown as it is."""
    # pytest listens, too, and is not as patient.
    monkeypatch.setattr(LOGGER, "propagate", False)
    with configure("pretty", stream, clock=clock):
        LOGGER.warning("%d bytes", "some")
    assert stream.getvalue() == "WARNING: '%d bytes' with ('some',)\n"


def test_the_server_says_things_of_itself(stream: io.StringIO, clock: ManualClock) -> None:
    """A sentence for people; for programs an event, with what they may want to know."""
    with configure("pretty", stream, clock=clock) as log:
        log.note("started", "ready for requests", url="http://127.0.0.1:8000/")
    with configure("json", stream, clock=clock) as log:
        log.note("started", "ready for requests", url="http://127.0.0.1:8000/")
    first, second = stream.getvalue().splitlines()
    assert first == "ready for requests"
    found = json.loads(second)
    assert (found["event"], found["message"], found["url"]) == (
        "started",
        "ready for requests",
        "http://127.0.0.1:8000/",
    )


def test_none_shows_warnings_only(stream: io.StringIO, clock: ManualClock) -> None:
    """No exchange, however bad; a bug of the mock is told all the same."""
    with configure("none", stream, clock=clock) as log:
        log.observe(exchange(status=500))
        log.note("started", "ready")
        LOGGER.info("fine")
        LOGGER.warning("odd")
    assert stream.getvalue() == "WARNING: odd\n"


def test_exchanges_are_shown_in_the_form_that_was_asked_for(stream: io.StringIO, clock: ManualClock) -> None:
    """By the observer of the log."""
    with configure("json", stream, clock=clock) as log:
        log.observe(exchange())
    assert json.loads(stream.getvalue())["status"] == 204


def test_a_log_replaces_the_one_before(stream: io.StringIO, clock: ManualClock) -> None:
    """Nothing is written twice; closing the first one later changes nothing, and the last one cleans up."""
    level = LOGGER.level
    first = configure("pretty", stream, clock=clock, level=logging.ERROR)
    second: Log = configure("pretty", stream, clock=clock, level=logging.DEBUG)
    first.close()
    LOGGER.debug("once")
    assert stream.getvalue() == "DEBUG: once\n"
    assert LOGGER.level == logging.DEBUG
    second.close()
    assert LOGGER.level == level


def test_the_root_logger_is_left_alone(stream: io.StringIO, clock: ManualClock) -> None:
    """It is the program's."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    with configure("json", stream, clock=clock):
        assert (root.handlers, root.level) == before


def test_there_is_no_other_kind(stream: io.StringIO, clock: ManualClock) -> None:
    """ValueError, which names those there are."""
    with pytest.raises(ValueError, match="no log of the kind 'xml'; known are json, pretty and none"):
        configure("xml", stream, clock=clock)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (0.0015, "1970-01-01T00:00:00.001Z"),
        (253_402_300_799.9, "9999-12-31T23:59:59.000Z"),
        (-1e300, "0001-01-01T00:00:00.000Z"),
        (float("nan"), "0001-01-01T00:00:00.000Z"),
        (float("inf"), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_an_instant_is_written_as_a_date(instant: float, text: str) -> None:
    """RFC 3339, in UTC; what no date can say is the first or the last there is."""
    assert rfc3339(instant) == text


def test_a_token_in_a_path_is_not_shown(clock: ManualClock) -> None:
    """Where a client has put it by mistake."""
    wrong: dict[str, Any] = {
        "path": "/jobs/a-secret-token",
        "inside": "/api/jobs/a-secret-token",
        "request_headers": (("Authorization", "Bearer a-secret-token"),),
    }
    assert "/api/jobs/***" in shown(**wrong)
    assert "a-secret-token" not in shown(**wrong)
    found = told(clock, **wrong)
    assert (found["path"], found["inside"]) == ("/jobs/***", "/api/jobs/***")
