"""Bad days of the network: answers are late, come in pieces, and connections are cut."""

from __future__ import annotations

from typing import Final

from tests.mock_runtime.bad_days.rows import PATIENT, POLL, Row, on, once, poll

SLOW: Final = {
    "an answer is late": Row(
        rules=poll(slow="5s"),
        polls=3,
        seconds=9.0,
    ),
    "all answers are late": Row(
        rules=({"act": {"slow": "1s"}},),
        polls=4,
        seconds=19.0,
        in_2021={"pauses": (2.0, 3.0)},
    ),
    "a poll is answered too late for the client": Row(
        rules=poll(slow="90s"),
        again={POLL: 1},
        polls=3,
        pauses=(0.5, 2.0),
        seconds=62.5,
        ways=PATIENT,
    ),
    "a submission is answered too late for the client": Row(
        rules=once("submit-job", slow="90s"),
        errors={"submit": "TransportError, sent"},
        polls=None,
        seconds=60.0,
        ways=PATIENT,
    ),
    "an answer trickles": Row(
        rules=once("submit-job", trickle={"bytes": 8, "every": "1s"}),
        in_2021={"polls": 4},
        today={"polls": 1, "seconds": 15.0},
    ),
    "an answer trickles, and the connection is not kept": Row(
        rules=once("submit-job", trickle={"bytes": 8, "every": "1s"}, cut="after"),
        in_2021={"polls": 4},
        today={"polls": 1, "seconds": 15.0},
    ),
    "results trickle": Row(
        rules=(on("get-results", {"trickle": {"bytes": 8, "every": "1s"}}, status=200),),
        in_2021={"seconds": 14.0},
        today={"seconds": 16.0},
    ),
    "the pieces of an answer come too late for the client": Row(
        rules=(on("get-job", {"trickle": {"bytes": 64, "every": "61s"}}, calls=2),),
        in_2021={"again": {"get-job": 1}, "seconds": 70.5},
        today={"again": {POLL: 1}, "seconds": 62.5, "polls": 3, "pauses": (0.5, 2.0)},
        ways=PATIENT,
    ),
}

CUT: Final = {
    "a poll is dropped": Row(
        rules=poll(cut="request"),
        again={POLL: 1},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=10.5,
    ),
    "a poll is dropped by a reset": Row(
        rules=poll(cut="request", reset=True),
        again={POLL: 1},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=10.5,
    ),
    "the answer to a poll is lost": Row(
        rules=poll(cut="before"),
        again={POLL: 1},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=10.5,
    ),
    "the answer to a poll is lost by a reset": Row(
        rules=poll(cut="before", reset=True),
        again={POLL: 1},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=10.5,
    ),
    "the results are cut within": Row(
        rules=(on("get-results", {"cut": "within"}, status=200, calls=1),),
        seconds=10.5,
        in_2021={"again": {POLL: 1}, "polls": 7, "pauses": (0.5, 2.0)},
        today={"again": {"get-results": 1}},
    ),
    "the results are cut within by a reset": Row(
        rules=(on("get-results", {"cut": "within", "reset": True}, status=200, calls=1),),
        seconds=10.5,
        in_2021={"again": {POLL: 1}, "polls": 7, "pauses": (0.5, 2.0)},
        today={"again": {"get-results": 1}},
    ),
    "the answer about a job is cut before its first byte": Row(
        rules=(on("get-job", {"cut": "within", "at": 0}, calls=2),),
        seconds=10.5,
        in_2021={"again": {"get-job": 1}},
        today={"again": {POLL: 1}, "polls": 7, "pauses": (0.5, 2.0)},
    ),
    "connections are not kept": Row(
        rules=({"act": {"cut": "after"}},),
    ),
    "connections are reset after each answer": Row(
        rules=({"act": {"cut": "after", "reset": True}},),
    ),
    "a late answer is lost": Row(
        rules=poll(slow="3s", cut="before"),
        again={POLL: 1},
        polls=5,
        pauses=(0.5, 2.0),
        seconds=9.5,
    ),
    "an answer is cut while it trickles": Row(
        rules=(on("get-job", {"trickle": {"bytes": 20, "every": "1s"}, "cut": "within", "at": 60}, calls=2),),
        in_2021={"again": {"get-job": 1}, "seconds": 13.5},
        today={"again": {POLL: 1}, "seconds": 9.5, "polls": 5, "pauses": (0.5, 2.0)},
    ),
    "no poll gets through": Row(
        rules=(on(POLL, {"cut": "before"}, calls="2.."),),
        errors={"result": "TransportError, sent", "cancel": "TransportError, sent"},
        again={POLL: 6},
        polls=5,
        pauses=(0.5, 2.0),
        seconds=9.0,
    ),
    "a submission is dropped": Row(
        rules=once("submit-job", cut="request"),
        errors={"submit": "TransportError, sent"},
        jobs=1,
        polls=None,
        seconds=0.0,
    ),
    "the answer to a submission is lost": Row(
        rules=once("submit-job", cut="before"),
        errors={"submit": "TransportError, sent"},
        polls=None,
        seconds=0.0,
    ),
    "the answer to a submission is lost by a reset": Row(
        rules=once("submit-job", cut="before", reset=True),
        errors={"submit": "TransportError, sent"},
        polls=None,
        seconds=0.0,
    ),
    "the answer to a submission is cut within": Row(
        rules=once("submit-job", cut="within", at=4),
        errors={"submit": "TransportError, sent"},
        polls=None,
        seconds=0.0,
    ),
    "the answer to a log-in is lost": Row(
        rules=once("log-in", cut="before"),
        in_2021={"errors": {"log in": "TransportError, sent", "look": "RuntimeClientError"}},
        today={"again": {"log-in": 1}, "seconds": 10.5, "log_ins": 2},
    ),
    "a cancellation is dropped": Row(
        rules=once("cancel-job", cut="request"),
        errors={"cancel": "TransportError, sent"},
    ),
    "the answer to a cancellation is lost": Row(
        rules=once("cancel-job", cut="before"),
        errors={"cancel": "TransportError, sent"},
    ),
    "the answer to the opening of a session is lost": Row(
        rules=once("open-session", cut="before"),
        errors={"open": "TransportError, sent"},
        in_2021=None,
    ),
    "the answer to the closing of a session is lost": Row(
        rules=once("close-session", cut="before"),
        again={"close-session": 1},
        seconds=10.5,
        in_2021=None,
    ),
}
