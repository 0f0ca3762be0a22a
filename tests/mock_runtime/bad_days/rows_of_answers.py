"""Bad days on which something is wrong with what is answered: its status, its headers, its body."""

from __future__ import annotations

from typing import Final

from tests.mock_runtime.bad_days.rows import POLL, Row, on, once, poll

ANOTHER_STATUS: Final = {
    "a poll is answered 200 with another body": Row(
        rules=poll(status=200, body={"json": {"weather": "rain"}}),
        errors={"result": "ContractViolation"},
        polls=2,
        seconds=2.0,
    ),
    "a poll is answered 204": Row(
        rules=poll(status=204),
        today={"errors": {"result": "ContractViolation"}, "polls": 2, "seconds": 2.0},
    ),
    "a poll is answered 302": Row(
        rules=poll(status=302, headers={"Location": "/elsewhere"}),
        errors={"result": "ContractViolation"},
        polls=2,
        seconds=2.0,
    ),
    "a poll is answered 400": Row(
        rules=poll(status=400),
        errors={"result": "BadRequest"},
        polls=2,
        seconds=2.0,
    ),
    "a poll is answered 401": Row(
        rules=poll(status=401),
        in_2021={"errors": {"result": "NotAuthorized"}, "polls": 2, "seconds": 2.0},
        today={"polls": 7, "pauses": (0.0, 2.0), "log_ins": 2},
    ),
    "a poll is answered 403": Row(
        rules=poll(status=403),
        errors={"result": "Forbidden"},
        polls=2,
        seconds=2.0,
    ),
    "a poll is answered 404": Row(
        rules=poll(status=404),
        errors={"result": "NotFound"},
        polls=2,
        seconds=2.0,
    ),
    "a poll is answered 409": Row(
        rules=poll(status=409),
        errors={"result": "Conflict"},
        polls=2,
        seconds=2.0,
    ),
    "a poll is answered 410": Row(
        rules=poll(status=410),
        errors={"result": "Gone"},
        polls=2,
        seconds=2.0,
    ),
    "a poll is answered 413": Row(
        rules=poll(status=413),
        errors={"result": "PayloadTooLarge"},
        polls=2,
        seconds=2.0,
    ),
    "a poll is answered 418": Row(
        rules=poll(status=418, code=1418, message="I am a teapot", solution="Pour."),
        errors={"result": "ApiError"},
        polls=2,
        seconds=2.0,
    ),
    "a poll is answered 429": Row(
        rules=poll(status=429),
        again={POLL: 1},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=10.5,
    ),
    "a poll is answered 500": Row(
        rules=poll(status=500),
        again={POLL: 1},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=10.5,
    ),
    "a poll is answered 502": Row(
        rules=poll(status=502),
        again={POLL: 1},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=10.5,
    ),
    "a poll is answered 503": Row(
        rules=poll(status=503),
        again={POLL: 1},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=10.5,
    ),
    "a poll is answered 504": Row(
        rules=poll(status=504),
        again={POLL: 1},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=10.5,
    ),
    "a poll is answered 501": Row(
        rules=poll(status=501),
        errors={"result": "ServerError"},
        polls=2,
        seconds=2.0,
    ),
    "three polls are answered 503": Row(
        rules=(on(POLL, {"status": 503}, calls="2..4"),),
        again={POLL: 3},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=9.5,
    ),
    "all polls are answered 503": Row(
        rules=(on(POLL, {"status": 503}, calls="2.."),),
        errors={"result": "ServerError", "cancel": "ServerError"},
        again={POLL: 6},
        polls=5,
        pauses=(0.5, 2.0),
        seconds=9.0,
    ),
    "a submission is answered 503, and not carried out": Row(
        rules=once("submit-job", status=503),
        errors={"submit": "ServerError"},
        jobs=1,
        polls=None,
        seconds=0.0,
    ),
    "a submission is carried out, and answered 504": Row(
        rules=(on("submit-job", {"status": 504}, status="2xx", calls=1),),
        errors={"submit": "ServerError"},
        polls=None,
        seconds=0.0,
    ),
    "a submission is answered 429": Row(
        rules=once("submit-job", status=429, retry_after="5s"),
        errors={"submit": "RateLimited"},
        jobs=1,
        polls=None,
        seconds=0.0,
    ),
    "a submission is answered 401": Row(
        rules=once("submit-job", status=401),
        in_2021={"errors": {"submit": "NotAuthorized"}, "jobs": 1, "polls": None, "seconds": 0.0},
        today={"log_ins": 2},
    ),
    "a log-in is answered 503": Row(
        rules=once("log-in", status=503),
        in_2021={"errors": {"log in": "ServerError", "look": "RuntimeClientError"}},
        today={"again": {"log-in": 1}, "seconds": 10.5, "log_ins": 2},
    ),
    "all log-ins are answered 503": Row(
        rules=(on("log-in", {"status": 503}),),
        in_2021={"errors": {"log in": "ServerError", "look": "RuntimeClientError"}},
        today={
            "errors": {"look": "ServerError", "open": "ServerError", "submit": "ServerError", "cancel": "ServerError"},
            "again": {"log-in": 15},
            "jobs": 0,
            "polls": None,
            "seconds": 14.0,
            "log_ins": 16,
            # The client waits between its four attempts; the program does not, and goes on to the next step.
            "findings": ("retry-storm",),
        },
    ),
    "a cancellation is answered 503": Row(
        rules=once("cancel-job", status=503),
        errors={"cancel": "ServerError"},
    ),
    "a cancellation is carried out, and answered 504": Row(
        rules=(on("cancel-job", {"status": 504}, status="2xx", calls=1),),
        errors={"cancel": "ServerError"},
    ),
    "the opening of a session is answered 503": Row(
        rules=once("open-session", status=503),
        errors={"open": "ServerError"},
        in_2021=None,
    ),
    "the closing of a session is answered 503": Row(
        rules=once("close-session", status=503),
        again={"close-session": 1},
        seconds=10.5,
        in_2021=None,
    ),
    "a session is closed, and that is answered 504": Row(
        rules=(on("close-session", {"status": 504}, status="2xx", calls=1),),
        again={"close-session": 1},
        seconds=10.5,
        in_2021=None,
    ),
    "a session does not close": Row(
        rules=(on("close-session", {"status": 503}),),
        errors={"close": "ServerError"},
        again={"close-session": 3},
        seconds=13.5,
        in_2021=None,
    ),
}

RETRY_AFTER: Final = {
    "429 asks to come back in 7 s": Row(
        rules=poll(status=429, retry_after="7s"),
        again={POLL: 1},
        polls=3,
        pauses=(2.0, 7.0),
        seconds=9.0,
    ),
    "503 asks to come back in 7 s": Row(
        rules=poll(status=503, retry_after="7s"),
        again={POLL: 1},
        polls=3,
        pauses=(2.0, 7.0),
        seconds=9.0,
    ),
    "503 asks to come back at a date": Row(
        rules=poll(status=503, retry_after={"in": "7s", "as": "date"}),
        again={POLL: 1},
        polls=3,
        pauses=(2.0, 7.0),
        seconds=9.0,
    ),
    "429 does not say when to come back": Row(
        rules=poll(status=429, retry_after=False),
        again={POLL: 1},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=10.5,
    ),
    "503 asks to come back in two minutes": Row(
        rules=poll(status=503, retry_after="2m"),
        errors={"result": "ServerError"},
        polls=2,
        seconds=2.0,
    ),
    "503 asks to come back soon": Row(
        rules=poll(status=503, headers={"Retry-After": "soon"}),
        again={POLL: 1},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=10.5,
    ),
}

BODIES: Final = {
    "the answer about a job is truncated": Row(
        rules=(on("get-job", {"body": "truncated"}, calls=2),),
        errors={"result": "ContractViolation"},
        today={"polls": 2, "seconds": 2.0},
    ),
    "the answer about a job comes twice": Row(
        rules=(on("get-job", {"body": "duplicated"}, calls=2),),
        errors={"result": "ContractViolation"},
        today={"polls": 2, "seconds": 2.0},
    ),
    "the answer about a job is empty": Row(
        rules=(on("get-job", {"body": "empty"}, calls=2),),
        errors={"result": "ContractViolation"},
        today={"polls": 2, "seconds": 2.0},
    ),
    "the answer about a job is garbage": Row(
        rules=(on("get-job", {"body": "garbage"}, calls=2),),
        errors={"result": "ContractViolation"},
        today={"polls": 2, "seconds": 2.0},
    ),
    "the answer about a job is a page": Row(
        rules=(on("get-job", {"body": "html"}, calls=2),),
        errors={"result": "ContractViolation"},
        today={"polls": 2, "seconds": 2.0},
    ),
    "the answer about a job is other JSON": Row(
        rules=(on("get-job", {"body": {"json": []}}, calls=2),),
        errors={"result": "ContractViolation"},
        today={"polls": 2, "seconds": 2.0},
    ),
    "the answer about a job is a sentence": Row(
        rules=(on("get-job", {"body": {"text": "All is well."}}, calls=2),),
        errors={"result": "ContractViolation"},
        today={"polls": 2, "seconds": 2.0},
    ),
    "a page stands in front of the service": Row(
        rules=poll(status=502, body="html"),
        again={POLL: 1},
        polls=7,
        pauses=(0.5, 2.0),
        seconds=10.5,
    ),
    "the results are truncated": Row(
        rules=(on("get-results", {"body": "truncated"}, status=200, calls=1),),
        in_2021={"errors": {"result": "another result"}},
        today={"errors": {"result": "ContractViolation"}},
    ),
    "the results come twice": Row(
        rules=(on("get-results", {"body": "duplicated"}, status=200, calls=1),),
        in_2021={"errors": {"result": "another result"}},
        today={"errors": {"result": "ContractViolation"}},
    ),
    "the results are empty": Row(
        rules=(on("get-results", {"body": "empty"}, status=200, calls=1),),
        in_2021={"errors": {"result": "another result"}},
        today={"errors": {"result": "ContractViolation"}},
    ),
    "the results are no text": Row(
        rules=(on("get-results", {"body": "garbage"}, status=200, calls=1),),
        errors={"result": "ContractViolation"},
    ),
    "the answer to a submission is truncated": Row(
        rules=(on("submit-job", {"body": "truncated"}, calls=1),),
        errors={"submit": "ContractViolation"},
        polls=None,
        seconds=0.0,
    ),
    "the token is truncated": Row(
        rules=(on("log-in", {"body": "truncated"}, calls=1),),
        in_2021={"errors": {"log in": "ContractViolation", "look": "RuntimeClientError"}},
        today={"errors": {"look": "ContractViolation"}, "log_ins": 2},
    ),
    "an answer says that it is a page": Row(
        rules=(on("get-job", {"content_type": "text/html"}, calls=2),),
        errors={"result": "ContractViolation"},
        today={"polls": 2, "seconds": 2.0},
    ),
    "an answer does not say what it is": Row(
        rules=(on("get-job", {"headers": {"Content-Type": None}}, calls=2),),
        errors={"result": "ContractViolation"},
        today={"polls": 2, "seconds": 2.0},
    ),
    "answers have a header more": Row(
        rules=({"act": {"headers": {"X-Served-By": "proxy", "Server": "nginx"}}},),
    ),
}
