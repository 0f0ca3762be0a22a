"""Bad days of the service itself: tokens, limits, jobs, backends, a maintenance; and days that have a name."""

from __future__ import annotations

from typing import Final

from tests.mock_runtime.bad_days.rows import POLL, Row, on, once, poll

TOKENS: Final = {
    "the token expires in the middle": Row(
        rules=poll(token="expired"),
        in_2021={
            "errors": {"result": "NotAuthorized", "cancel": "NotAuthorized"},
            "jobs": 1,
            "polls": 2,
            "seconds": 2.0,
        },
        today={"polls": 7, "pauses": (0.0, 2.0), "log_ins": 2},
    ),
    "the token expires before the submission": Row(
        rules=once("submit-job", token="expired"),
        in_2021={
            "errors": {"submit": "NotAuthorized", "cancel": "NotAuthorized"},
            "jobs": 0,
            "polls": None,
            "seconds": 0.0,
        },
        today={"log_ins": 2},
    ),
    "the key is revoked in the middle": Row(
        rules=poll(token="revoked"),
        jobs=1,
        polls=2,
        seconds=2.0,
        in_2021={"errors": {"result": "NotAuthorized", "cancel": "NotAuthorized"}},
        today={
            "errors": {"result": "BadRequest", "cancel": "BadRequest", "close": "BadRequest"},
            "log_ins": 4,
            "findings": ("error-repeated",),
        },
    ),
}

LIMITS: Final = {
    "one poll each five seconds": Row(
        rules=(on(POLL, {"rate": {"requests": 1, "per": "5s"}}),),
        again={POLL: 3},
        polls=5,
        pauses=(2.0, 3.0),
        seconds=15.0,
    ),
    "one poll each five seconds, and no hint": Row(
        rules=(on(POLL, {"rate": {"requests": 1, "per": "5s"}, "retry_after": False}),),
        errors={"cancel": "RateLimited"},
        again={POLL: 9},
        polls=9,
        pauses=(0.5, 2.0),
        seconds=14.5,
    ),
    "one submission a minute": Row(
        rules=(on("submit-job", {"rate": {"requests": 1, "per": "60s", "burst": 1}}),),
        errors={"cancel": "RateLimited"},
        jobs=1,
    ),
    "everybody together": Row(
        rules=({"act": {"rate": {"requests": 60, "per": "60s", "burst": 4, "by": "everybody"}}},),
        seconds=11.0,
        in_2021={"again": {"get-job": 2, POLL: 1}, "polls": 5, "pauses": (2.0, 3.0)},
        today={"again": {POLL: 2, "close-session": 1}, "pauses": (1.0, 2.0)},
    ),
}

JOBS: Final = {
    "the job goes back to the queue": Row(
        rules=(on(POLL, {"job": {"event": "requeue", "queue": "5s"}}, calls=4),),
        polls=10,
        seconds=18.0,
    ),
    "the job is done at once": Row(
        rules=poll(job="finish"),
        polls=2,
        seconds=2.0,
    ),
    "the job fails": Row(
        rules=(on(POLL, {"job": "fail", "reason": "the fridge is warm"}, calls=3),),
        errors={"result": "JobFailed"},
        polls=3,
        seconds=4.0,
    ),
    "somebody cancels the job": Row(
        rules=poll(job="cancel"),
        errors={"result": "JobCancelled"},
        today={"polls": 2, "seconds": 2.0},
    ),
    "the result is lost": Row(
        rules=(on("get-job", {"job": "lose-result"}, calls="1.."),),
        today={"errors": {"result": "NotFound"}},
    ),
    "the job ends without a result": Row(
        rules=poll(job="withhold-result"),
        errors={"result": "ContractViolation"},
        in_2021={"polls": 7, "pauses": (0.0, 2.0)},
    ),
    "the job is done although it was cancelled": Row(
        rules=once("cancel-job", job="outrun-cancel"),
        errors={"cancel": "Completed"},
    ),
    "the job that is submitted fails": Row(
        rules=once("submit-job", job="fail"),
        errors={"result": "JobFailed"},
        polls=1,
        seconds=0.0,
    ),
}

BACKENDS: Final = {
    "the backend is offline for a while": Row(
        rules=once("submit-job", backend={"offline": "*", "for": "8s"}),
        polls=8,
        seconds=14.0,
    ),
    "the backend is paused for a while": Row(
        rules=once("submit-job", backend={"paused": "*", "for": "8s"}),
        polls=8,
        seconds=14.0,
    ),
    "the backend is offline for ever": Row(
        rules=once("submit-job", backend={"offline": "*"}, reason="moved"),
        errors={"result": "WaitTimeout"},
        polls=31,
        seconds=60.0,
    ),
    "the backend comes back": Row(
        rules=(
            *once("submit-job", backend={"offline": "*"}),
            on(POLL, {"backend": {"online": "*"}}, calls=4),
        ),
        polls=7,
        seconds=12.0,
    ),
    "a maintenance": Row(
        rules=(on(["submit-job", "get-job", "get-results"], {"maintenance": {"in": "3s", "for": "10s"}}),),
        again={POLL: 1},
        polls=7,
        pauses=(2.0, 9.0),
        seconds=19.0,
    ),
}
