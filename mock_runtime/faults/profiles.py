"""Named sets of rules, for all editions alike: bad days, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from mock_runtime.faults.reading import InvalidFault, fault, settings_from_text
from mock_runtime.faults.rule import Fault

_POLLS: Final = ["get-job", "get-results"]
_OPTION: Final = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A set of rules under a name, and a sentence about it.

    `options` are what can be set, with what they are otherwise; in the rules `$name` stands for the value of one.
    """

    name: str
    says: str
    options: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[Mapping[str, Any], ...]

    def faults(self, options: Mapping[str, Any]) -> list[Fault]:
        """The rules with these options, under ids that begin with the name of the profile. InvalidFault."""
        where = f"profile {self.name}"
        for key in options:
            if key not in self.options:
                known = f"known are {', '.join(self.options)}" if self.options else "it has none"
                raise InvalidFault(where, f"there is no option {key!r:.60}; {known}")
        values = {**self.options, **options}
        rules = [_filled(rule, values) for rule in self.rules]
        return [fault({**rule, "id": f"{self.name}.{rule['id']}"}, where=f"{where}: {rule['id']}") for rule in rules]

    def as_dict(self) -> dict[str, Any]:
        """The profile, for whoever reads JSON."""
        rules = [_filled(rule, self.options) for rule in self.rules]
        return {"name": self.name, "says": self.says, "options": dict(self.options), "faults": rules}


def profiles() -> tuple[Profile, ...]:
    """All profiles."""
    return tuple(_PROFILES.values())


def profile_rules(name: str, options: Mapping[str, Any]) -> list[Fault]:
    """The rules of a profile with some of its options set. InvalidFault."""
    found = _PROFILES.get(name)
    if found is None:
        near = get_close_matches(name, _PROFILES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(_PROFILES)}"
        raise InvalidFault("profile", f"there is no {name!r:.60}; {hint}")
    return found.faults(options)


def profile_from_text(text: str) -> list[Fault]:
    """The rules that `ibm-maintenance` or `ibm-maintenance:in=1m;for=30m` names. InvalidFault."""
    name, _colon, options = text.partition(":")
    return profile_rules(name.strip(), settings_from_text(options, where=f"profile {name.strip()}"))


def _filled(value: Any, options: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(entry, options) for key, entry in value.items()}
    if isinstance(value, list):
        return [_filled(entry, options) for entry in value]
    found = _OPTION.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else options[found[1]]


_PROFILES: Final[Mapping[str, Profile]] = {
    profile.name: profile
    for profile in (
        Profile(
            name="flaky-network",
            says="Connections are cut now and then, at every place where they can be, and some answers are late.",
            options={"probability": 0.02},
            rules=(
                {
                    "id": "dropped",
                    "match": {"probability": "$probability"},
                    "act": {"cut": "request", "reset": True},
                },
                {"id": "no-answer", "match": {"probability": "$probability"}, "act": {"cut": "before", "reset": True}},
                {"id": "half-answer", "match": {"probability": "$probability"}, "act": {"cut": "within", "at": 0.5}},
                {"id": "not-kept", "match": {"probability": "$probability"}, "act": {"cut": "after"}},
                {"id": "late", "match": {"probability": "$probability"}, "act": {"slow": "lognormal(500ms, 1)"}},
            ),
        ),
        Profile(
            name="slow-friday",
            says="Everything takes long, results trickle, and some of the waiting ends in a 504.",
            options={"slow": "lognormal(800ms, 0.6)", "timeouts": 0.02},
            rules=(
                {"id": "late", "act": {"slow": "$slow"}},
                {
                    "id": "trickle",
                    "match": {"operation": ["get-results", "list-*"], "probability": 0.25},
                    "act": {"trickle": {"bytes": 1024, "every": "50ms"}},
                },
                {
                    "id": "timeout",
                    "match": {"probability": "$timeouts"},
                    "act": {"status": 504, "body": "html", "slow": "10s"},
                },
            ),
        ),
        Profile(
            name="ibm-maintenance",
            says="A maintenance is announced, begins, and ends: 503 with Retry-After, and all backends paused.",
            options={"in": "30s", "for": "10m", "message": "The service is down for maintenance."},
            rules=({"id": "window", "act": {"maintenance": {"in": "$in", "for": "$for", "message": "$message"}}},),
        ),
        Profile(
            name="rate-limited",
            says="Five submissions a minute for each caller, and so many polls; what is more gets 429 and Retry-After.",
            # Evidence for the five: the description of the operation in IBM's document.
            options={"submissions": 5, "polls": 60, "per": "60s"},
            rules=(
                {
                    "id": "submissions",
                    "match": {"operation": "submit-job"},
                    "act": {"rate": {"requests": "$submissions", "per": "$per"}},
                },
                {"id": "polls", "match": {"operation": _POLLS}, "act": {"rate": {"requests": "$polls", "per": "$per"}}},
            ),
        ),
        Profile(
            name="token-trouble",
            says="The caller's token expires every so many calls, long before its time.",
            options={"calls": "every 10"},
            rules=(
                {
                    "id": "expired",
                    "match": {"operation": "not log-in", "calls": "$calls"},
                    "act": {"token": "expired"},
                },
            ),
        ),
        Profile(
            name="bad-gateway",
            says="What stands in front of the service answers in its place now and then: 502, 503 and 504, as pages.",
            options={"probability": 0.03},
            rules=(
                {"id": "502", "match": {"probability": "$probability"}, "act": {"status": 502, "body": "html"}},
                {
                    "id": "503",
                    "match": {"probability": "$probability"},
                    "act": {"status": 503, "body": "html", "retry_after": "5s"},
                },
                {
                    "id": "504",
                    "match": {"probability": "$probability"},
                    "act": {"status": 504, "body": "html", "slow": "2s"},
                },
            ),
        ),
        Profile(
            name="storm",
            says="Most requests fail with 503, until the storm is over.",
            options={"for": "30s", "probability": 0.9},
            rules=(
                {
                    "id": "503",
                    "match": {"for": "$for", "probability": "$probability"},
                    "act": {"status": 503, "retry_after": "2s"},
                },
            ),
        ),
        Profile(
            name="lost-answers",
            says="Submissions and cancellations are carried out, and their answers are lost.",
            options={"probability": 0.3},
            rules=(
                {
                    "id": "cut",
                    "match": {"operation": ["submit-job", "cancel-job"], "probability": "$probability"},
                    "act": {"cut": "before"},
                },
                {
                    "id": "504",
                    "match": {
                        "operation": ["submit-job", "cancel-job"],
                        "status": "2xx",
                        "probability": "$probability",
                    },
                    "act": {"status": 504, "body": "html"},
                },
            ),
        ),
        Profile(
            name="broken-answers",
            says="Answers end too early, come twice, are empty, or are no JSON at all.",
            options={"probability": 0.02},
            rules=tuple(
                {
                    "id": body,
                    "match": {"status": "2xx", "probability": "$probability"},
                    "act": {"body": body},
                }
                for body in ("truncated", "duplicated", "empty", "garbage", "html")
            ),
        ),
        Profile(
            name="queue-chaos",
            says="Running jobs go back to the queue, some fail or lose their result, and cancellations come too late.",
            options={"probability": 0.05},
            rules=(
                {
                    "id": "requeue",
                    "match": {"operation": _POLLS, "probability": "$probability"},
                    "act": {"job": "requeue"},
                },
                {
                    "id": "fail",
                    "match": {"operation": _POLLS, "probability": "$probability"},
                    "act": {"job": "fail", "reason": "the control system was restarted"},
                },
                {
                    "id": "lose-result",
                    "match": {"operation": "get-job", "probability": "$probability"},
                    "act": {"job": "lose-result"},
                },
                {
                    "id": "outrun-cancel",
                    "match": {"operation": "cancel-job", "probability": 0.5},
                    "act": {"job": "outrun-cancel"},
                },
            ),
        ),
        Profile(
            name="backends-away",
            says="Every so many submissions all backends are offline for a while.",
            options={"calls": "every 5", "for": "2m"},
            rules=(
                {
                    "id": "offline",
                    "match": {"operation": "submit-job", "calls": "$calls"},
                    "act": {"backend": {"offline": "*", "for": "$for"}, "reason": "offline"},
                },
            ),
        ),
    )
}
