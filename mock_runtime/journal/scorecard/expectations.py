"""What an operator puts up with, as numbers: the thresholds of the scorecard's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Final

_DEPRECATED: Final = MappingProxyType(
    {
        "get_instance_configuration": "IBM's later documents call it deprecated",
        "get_transpiled_circuits": "it is gone since 2026-02-01",
    }
)


@dataclass(frozen=True, kw_only=True)
class Expectations:
    """Thresholds; lengths of time are in seconds. IBM publishes none of them: all are guesses at what is bearable.

    Attributes:
        poll_interval_s: a job takes seconds at least, so that whoever looks more often learns nothing.
        poll_harm_s: polls that come faster than this are a loop that forgot to wait.
        polls_enough: so many intervals make a habit; a few quick looks do not.
        requests_per_s: of one caller, over `rate_window_s`; a hundred jobs may be polled every ten seconds.
        rate_window_s: how long a rate has to last: what a page loads at once is no load.
        retry_tolerance_s: how much earlier than Retry-After is rounding.
        retries_enough: so many repetitions of one request show a policy.
        storm_pause_s: repetitions that come faster than this hit a service that is already down.
        back_off_ratio: the longest pause over the shortest, under which pauses are the same and do not grow.
        steady_pause_s: pauses of this length need not grow.
        same_errors: a request that is refused may be tried once more; so many refusals say that nobody reads them.
        spare_log_ins: log-ins while an older token was good; IBM's own client logs in once for each of its parts.
        renew_from: the share of a token's life that may be left when it is renewed; IBM's SDK renews at a fifth.
        looks_after_final: looks at a job that is known to be over, until they are too many.
        both_ways: so many polls of either kind make a client that polls in both.
        both_ways_share: so many polls of the rarer kind for each of the other; a look at the status now and then,
            beside results that are not there yet, is what a careful client does.
        left_behind_s: how long nothing was asked about a job until it counts as left behind.
        session_idle_s: how long nothing was asked about an open session until it counts as left open.
        tiny_page: a page of fewer entries than this is tiny.
        tiny_pages: so many tiny pages of one list are too many.
        catalogue_reads: so often may the same facts of devices be read within `catalogue_s`.
        catalogue_s: how long such facts hold; devices are calibrated once a day or so.
        deprecated: ids of operations that no new code should call, with the reason; those that the documents mark are
            known anyway.
    """

    poll_interval_s: float = 1.0
    poll_harm_s: float = 0.2
    polls_enough: int = 5
    requests_per_s: float = 20.0
    rate_window_s: float = 10.0
    retry_tolerance_s: float = 0.05
    retries_enough: int = 3
    storm_pause_s: float = 0.1
    back_off_ratio: float = 1.5
    steady_pause_s: float = 30.0
    same_errors: int = 3
    spare_log_ins: int = 3
    renew_from: float = 0.2
    looks_after_final: int = 2
    both_ways: int = 3
    both_ways_share: float = 0.5
    left_behind_s: float = 600.0
    session_idle_s: float = 60.0
    tiny_page: int = 10
    tiny_pages: int = 5
    catalogue_reads: int = 5
    catalogue_s: float = 3600.0
    deprecated: Mapping[str, str] = field(default_factory=lambda: _DEPRECATED)

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name != "deprecated" and (isinstance(value, bool) or not value >= 0):
                raise ValueError(f"{each.name}: expected a number of 0 or more, found {value!r}")
