"""What the settings of a world file say of each other: what is there twice, and names of what is not there at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from mock_runtime.worlds import World
from mock_runtime.worlds.nodes import Place, Problems, near

_MOST: Final = 1000
_DEFAULT: Final = "default"
"""What an instance is called of which nothing is said."""


class Once:
    """Of what there may be one only: it is refused where it was there before, as nobody could tell which is meant."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._have: set[str] = set()

    def check(self, place: Place, value: str, *, secret: bool = False) -> None:
        """One more, whose name is shown unless it is secret; InvalidWorld."""
        if value in self._have:
            shown = "this one" if secret else repr(value)
            place.refuse(f"expected {self._what} once, and {shown} is there before", show=False)
        self._have.add(value)


def check_names(places: Mapping[str, Place], world: World, *, tokens: Collection[str], uploads: bool) -> None:
    """Refuse names that mean nothing, and instances that are there twice; InvalidWorld.

    What is of a name that nobody has does nothing, and nobody would know. `places` are the settings, whose form is
    known to be right, and `tokens` the names of these. Where callers have the right to `uploads`, a plan may be for a
    program that is to come.
    """
    problems = Problems()
    backends = [backend.name for backend in world.backends]
    have: dict[str, list[frozenset[str]]] = {}
    tenants = [tenant.values("tenants", most=_MOST) for tenant in _items(places, "tenants")]
    for owner in (places, *tenants):
        for item in [item for key in ("instances", "also_instances") for item in _items(owner, key)]:
            entries = item.values("instances", most=_MOST) if item.is_mapping() else {}
            for key, what, known in (
                ("keys", "the name of a token", tokens),
                ("backends", "a backend of this world", backends),
            ):
                for inner in _items(entries, key):
                    with problems.kept():
                        _refuse_unknown(inner, inner.name, what, known)
            if owner is places:
                with problems.kept():
                    _check_once(item, entries, have)
    if not uploads:
        known = [program.id for program in world.programs]
        for name, plan in _plans(places).items():
            with problems.kept():
                _refuse_unknown(plan, name, "a program of this world", known, show=False)
    problems.settle()


def _check_once(item: Place, entries: Mapping[str, Place], have: dict[str, list[frozenset[str]]]) -> None:
    """Refuse an instance of the name or CRN of another one that some caller has, too."""
    said = [entries[key] for key in ("name", "crn") if key in entries] if item.is_mapping() else [item]
    names = [place.name for place in said] or [_DEFAULT]
    owners = frozenset(inner.name for inner in _items(entries, "keys"))
    for name in names:
        before = have.setdefault(name, [])
        if any(not owners or not others or owners & others for others in before):
            item.refuse(f"expected each instance once, and {name!r:.80} is there before", show=False)
        before.append(owners)


def _plans(places: Mapping[str, Place]) -> dict[str, Place]:
    """The plans of a scenario for the jobs of single programs."""
    scenario = places.get("scenario")
    programs = None if scenario is None else scenario.values("settings", most=_MOST).get("programs")
    return programs.values("programs", most=_MOST) if programs is not None and programs.is_mapping() else {}


def _refuse_unknown(place: Place, name: str, what: str, known: Collection[str], *, show: bool = True) -> None:
    if name not in known:
        place.refuse(f"expected {what} ({near(name, known) if known else 'there are none'})", show=show)


def _items(places: Mapping[str, Place], key: str) -> list[Place]:
    """The items of a list, none if there is no list."""
    return places[key].items("values", most=_MOST) if key in places and not places[key].is_text() else []
