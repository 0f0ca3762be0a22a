"""Days that have a name: what becomes of some journeys, one after the other, under each profile.

What is drawn depends on the seed alone, so that the numbers are the same on every way: they say how the clients fare on
such a day, and change with the rules of a profile and with what a journey asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day under a profile with these `options`.

    Of so many `journeys`, `errors` says for each edition how many steps ended with which error, as `step: error`; all
    others went well. `findings` are those of the scorecard, `unmet` the rules that nobody met.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    journeys: int = 4
    errors: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    findings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unmet: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


PROFILES: Final = {
    "flaky-network": Day(
        options={"probability": 0.08},
        errors={
            "2021": {"cancel: TransportError, sent": 2},
            "platform": {
                "cancel: TransportError, sent": 1,
                "open: TransportError, sent": 1,
                "submit: TransportError, sent": 1,
            },
        },
        # It is the program that opens another session without a look at the one whose answer was lost.
        findings={"platform": ("made-twice",)},
    ),
    "slow-friday": Day(
        options={"timeouts": 0.1},
        errors={"2021": {"cancel: ServerError": 1}, "platform": {"cancel: ServerError": 1}},
    ),
    "ibm-maintenance": Day(options={"in": "3s", "for": "20s"}),
    "rate-limited": Day(
        options={"polls": 5, "submissions": 1, "per": "60s"},
        errors={
            "2021": {"cancel: RateLimited": 4, "submit: RateLimited": 3},
            "platform": {"cancel: RateLimited": 4, "submit: RateLimited": 3},
        },
    ),
    "token-trouble": Day(
        errors={"2021": {"cancel: NotAuthorized": 4, "result: NotAuthorized": 4}},
    ),
    "bad-gateway": Day(
        options={"probability": 0.08},
        errors={
            "2021": {"cancel: ServerError": 3, "submit: ServerError": 1},
            "platform": {"cancel: ServerError": 2, "submit: ServerError": 2},
        },
    ),
    "storm": Day(
        options={"for": "15s", "probability": 0.5},
        errors={
            "2021": {
                "cancel: ServerError": 1,
                "log in: ServerError": 2,
                "look: RuntimeClientError": 1,
                "submit: ServerError": 2,
            },
            "platform": {"cancel: ServerError": 1, "look: ServerError": 1, "submit: ServerError": 1},
        },
        # It is the program that goes on at once where its client has given up.
        findings={"platform": ("retry-after",)},
    ),
    "lost-answers": Day(
        errors={
            "2021": {
                "cancel: ServerError": 1,
                "cancel: TransportError, sent": 1,
                "submit: ServerError": 1,
                "submit: TransportError, sent": 2,
            },
            "platform": {
                "cancel: ServerError": 1,
                "cancel: TransportError, sent": 1,
                "submit: ServerError": 1,
                "submit: TransportError, sent": 2,
            },
        },
    ),
    "broken-answers": Day(
        options={"probability": 0.08},
        journeys=8,
        errors={
            "2021": {
                "cancel: ContractViolation": 3,
                "log in: ContractViolation": 1,
                "look: RuntimeClientError": 1,
                "result: ContractViolation": 2,
                "submit: ContractViolation": 3,
            },
            "platform": {
                "cancel: ContractViolation": 2,
                "look: ContractViolation": 1,
                "open: ContractViolation": 2,
                "result: ContractViolation": 5,
                "submit: ContractViolation": 3,
            },
        },
        # The session whose opening was answered with nonsense is there, and nobody knows its id.
        findings={"platform": ("session-left-open",)},
    ),
    "queue-chaos": Day(
        options={"probability": 0.1},
        journeys=10,
        errors={
            "2021": {"cancel: Completed": 5, "result: JobFailed": 2},
            "platform": {"cancel: Completed": 5, "result: JobFailed": 4},
        },
        # A result can be lost when its job is looked at that has one, which today's client does once.
        unmet={"platform": ("queue-chaos.lose-result",)},
    ),
    "backends-away": Day(
        errors={"2021": {"result: WaitTimeout": 1}, "platform": {"result: WaitTimeout": 1}},
    ),
}
