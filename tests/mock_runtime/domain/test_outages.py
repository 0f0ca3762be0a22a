"""Stretches of time in which backends do not work."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from mock_runtime.domain.backends import Availability, Backend
from mock_runtime.domain.outages import Outage, absences, as_seen, beneath_offline, over, without
from mock_runtime.domain.timelines import Window

FEZ = Backend(name="ibm_fez", n_qubits=5)


def paused(begins: float, ends: float, reason: str = "") -> Outage:
    """A pause."""
    return Outage(availability=Availability.PAUSED, begins=begins, ends=ends, reason=reason)


def offline(begins: float, ends: float) -> Outage:
    """An absence."""
    return Outage(availability=Availability.OFFLINE, begins=begins, ends=ends)


orders = st.lists(
    st.builds(
        Outage,
        availability=st.sampled_from(Availability),
        begins=st.integers(0, 20).map(float),
        ends=st.integers(0, 20).map(float),
    ).filter(lambda one: one.begins < one.ends)
)


def at(outages: tuple[Outage, ...], instant: float) -> Availability:
    """What the backend is then."""
    return as_seen(FEZ, outages, instant).availability


@given(orders, st.integers(0, 20))
def test_the_last_order_counts(some: list[Outage], instant: int) -> None:
    """For each instant the last one that is about it, and the world where there is none."""
    have: tuple[Outage, ...] = ()
    for order in some:
        have = over(have, order)
    wanted = [one.availability for one in some if one.begins <= instant < one.ends]
    assert at(have, instant) is ([Availability.ONLINE, *wanted][-1])
    edges = [edge for one in have for edge in (one.begins, one.ends)]
    assert edges == sorted(edges)
    assert any(one.begins <= instant < one.ends for one in absences(have)) is (
        at(have, instant) is not Availability.ONLINE
    )


@given(orders, st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_what_is_cut_out_is_gone(some: list[Outage], begins: int, length: int, instant: int) -> None:
    """And nothing else is."""
    have: tuple[Outage, ...] = ()
    for order in some:
        have = over(have, order)
    cut = without(have, begins, begins + length)
    inside = begins <= instant < begins + length
    assert at(cut, instant) is (Availability.ONLINE if inside else at(have, instant))


def test_what_is_offline_stays_so_under_a_maintenance() -> None:
    """Before, between and after, it is paused."""
    made = beneath_offline((offline(10.0, 20.0), paused(25.0, 26.0, "short")), paused(5.0, 30.0, "maintenance"))
    assert [(one.begins, one.ends, one.availability, one.reason) for one in made] == [
        (5.0, 10.0, "paused", "maintenance"),
        (10.0, 20.0, "offline", ""),
        (20.0, 30.0, "paused", "maintenance"),
    ]


def test_a_backend_is_seen_with_reason_and_message() -> None:
    """At the first instant of an outage, and not at its last; the backend itself stays as it is."""
    outage = Outage(
        availability=Availability.PAUSED, begins=5.0, ends=math.inf, reason="maintenance", message="Back at noon."
    )
    seen = as_seen(FEZ, (outage,), 5.0)
    assert (seen.availability, seen.reason, seen.message) == (Availability.PAUSED, "maintenance", "Back at noon.")
    assert as_seen(FEZ, (outage,), 4.9) is FEZ
    assert absences((outage,)) == (Window(5.0, math.inf),)
