"""When backends do not work, as stretches of time: what somebody has done to them, over what their world says.

A tuple of outages belongs to one backend. They are in order and do not overlap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mock_runtime.domain.backends import Availability, Backend
from mock_runtime.domain.timelines import Window, merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A stretch of time in which a backend is what somebody made it, with its first instant and without its last.

    One that is `ONLINE` stands over a world that says otherwise. `reason` is a word for it, `message` a sentence.
    """

    availability: Availability
    begins: float
    ends: float
    reason: str = ""
    message: str = ""


def over(outages: Iterable[Outage], new: Outage) -> tuple[Outage, ...]:
    """The outages with a new one, which counts where it overlaps others."""
    return _ordered((*without(outages, new.begins, new.ends), new))


def beneath_offline(outages: Iterable[Outage], new: Outage) -> tuple[Outage, ...]:
    """The outages with a new one, which counts where it overlaps others unless the backend is offline there."""
    have = tuple(outages)
    parts: tuple[Outage, ...] = (new,)
    for outage in have:
        if outage.availability is Availability.OFFLINE:
            parts = without(parts, outage.begins, outage.ends)
    for part in parts:
        have = over(have, part)
    return have


def without(outages: Iterable[Outage], begins: float, ends: float) -> tuple[Outage, ...]:
    """What of the outages lies before or after a stretch of time."""
    parts: list[Outage] = []
    for outage in outages:
        before = replace(outage, ends=min(outage.ends, begins))
        after = replace(outage, begins=max(outage.begins, ends))
        parts += [part for part in (before, after) if part.begins < part.ends]
    return _ordered(parts)


def absences(outages: Iterable[Outage]) -> tuple[Window, ...]:
    """When the backend begins no jobs."""
    return merged(Window(one.begins, one.ends) for one in outages if one.availability is not Availability.ONLINE)


def as_seen(backend: Backend, outages: Iterable[Outage], now: float) -> Backend:
    """The backend as it is at `now`."""
    outage = next((one for one in outages if one.begins <= now < one.ends), None)
    if outage is None:
        return backend
    return replace(backend, availability=outage.availability, reason=outage.reason, message=outage.message)


def _ordered(outages: Iterable[Outage]) -> tuple[Outage, ...]:
    return tuple(sorted(outages, key=lambda one: one.begins))
