"""Analytics on the wire: sums of usage, and what they can be filtered by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from mock_runtime.domain.analytics import Key, Sums, Tally
from mock_runtime.domain.errors import bounded
from mock_runtime.editions.platform.wire import query
from mock_runtime.editions.platform.wire.jobs import instant
from mock_runtime.parsing import MalformedRequest
from mock_runtime.service.reports import ReadUsage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Request

    from mock_runtime.domain.instances import Instance
    from mock_runtime.service.reports import DatedUsage, Filters

KEYS: Final = tuple(key.value for key in Key)
"""What usage can be grouped by."""

KEYS_BY_DATE: Final = (Key.INSTANCE.value,)
"""What usage by date can be grouped by. Evidence: IBM's document."""

MOST_SUBSCRIPTIONS: Final = 200
"""How many subscriptions a query may name. Evidence: IBM's document."""

_UUID4: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def parse_usage(request: Request, instances: Sequence[Instance]) -> ReadUsage:
    """What to sum up, of what was used on the caller's instances.

    An instance, backend, user, plan or subscription of which there is nothing is no error, and an interval that ends
    before it begins has nothing in it: guesses.
    """
    subscriptions = query.texts(request, "subscription_id", at_most=MOST_SUBSCRIPTIONS)
    for sent in subscriptions:
        if _UUID4.fullmatch(sent) is None:
            raise MalformedRequest(f"query parameter 'subscription_id' must be UUIDs of version 4, not {bounded(sent)}")
    return ReadUsage(
        instances=tuple(instances),
        start=query.instant(request, "interval_start"),
        end=query.instant(request, "interval_end"),
        simulators=query.flag(request, "simulators") is not False,
        wanted=tuple((key, frozenset(query.texts(request, key.value))) for key in Key),
    )


def parse_filters(request: Request, instances: Sequence[Instance]) -> ReadUsage:
    """Of which instances the filters are asked for."""
    wanted = ((Key.INSTANCE, frozenset(query.texts(request, Key.INSTANCE.value))),)
    return ReadUsage(instances=tuple(instances), wanted=wanted)


def parse_key(request: Request, allowed: Sequence[str] = KEYS) -> Key:
    """What to group by."""
    return Key(query.required_choice(request, "group_by", allowed))


def present_sums(sums: Sums) -> dict[str, float]:
    """Sums as an object; lengths are in seconds."""
    return {
        "usage": _seconds(sums.jobs.total_s),
        "jobs": sums.jobs.number,
        **_present_tally("sessions", sums.sessions),
        **_present_tally("batch_sessions", sums.batches),
        **_present_tally("dedicated_sessions", sums.dedicated),
        **_present_tally("individual_jobs", sums.individual),
        "queue_time": _seconds(sums.waits.total_s),
        "avg_queue_time": _seconds(sums.waits.average_s),
        "max_queue_time": _seconds(sums.waits.most_s),
    }


def present_groups(groups: Mapping[str, Sums]) -> dict[str, Any]:
    """The sums of each group; sessions that never had a backend have no key."""
    return {"data": [{"key": key or None, **present_sums(sums)} for key, sums in groups.items()]}


def present_dated(usage: DatedUsage) -> dict[str, Any]:
    """The sums of each group and day, and the interval that they are of."""
    return {
        "interval_start": instant(usage.start),
        "interval_end": instant(usage.end),
        "data": [
            {
                "key": row.key,
                "interval_start": instant(row.part.start),
                "interval_end": instant(row.part.end),
                **present_sums(row.sums),
            }
            for row in usage.rows
        ],
    }


def present_filters(filters: Filters) -> dict[str, Any]:
    """Everything that has any usage."""
    return {
        "backends": [{"name": name} for name in filters.backends],
        "instances": [{"id": crn, "deleted": False} for crn in filters.instances],
        "users": [{"id": user} for user in filters.users],
        "plans": [{"name": name} for name in filters.plans],
        "subscriptions": [{"id": one.id, "name": one.name} for one in filters.subscriptions],
    }


def _present_tally(name: str, tally: Tally) -> dict[str, float]:
    return {
        name: tally.number,
        f"{name}_usage": _seconds(tally.total_s),
        f"avg_{name}_usage": _seconds(tally.average_s),
        f"max_{name}_usage": _seconds(tally.most_s),
    }


def _seconds(value: float) -> float:
    """To the microsecond: what is beyond that is dust of adding up."""
    return round(value, 6)
