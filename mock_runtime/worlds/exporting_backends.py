"""Backends as a world file has them: made from others as far as they can be, with what is different.

What a description gives is tried by reading it: only one that gives the same backend again is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import yaml
from yaml.representer import SafeRepresenter

from mock_runtime.domain.backends import Backend
from mock_runtime.worlds import World, lattices, platform
from mock_runtime.worlds.daily import Daily, Make
from mock_runtime.worlds.fake_provider import NoSuchFakeDevice, backend_from_fake_provider, fake_device_names
from mock_runtime.worlds.makes import HERON_R2, simulator
from mock_runtime.worlds.nodes import InvalidWorld, Place
from mock_runtime.worlds.reading_backends import LATTICES, read_backends

_FACTS: Final = (
    *("queue_length", "version", "online_date", "max_shots", "max_experiments", "clops", "quantum_volume"),
    "control_flow",
)
_UNSAID: Final = ("simulator", "runtime", "dt_s", "timing", "features", "rep_delay_range_s", "default_rep_delay_s")
_LATTICES: Final = {"line": lattices.line, "grid": lattices.square, "heavy-hex": lattices.heavy_hex}


class CannotExport(ValueError):
    """A world that no file can describe: a backend that was made by other means, or too much. `str()` says what."""


def backends_of(world: World, base: World) -> dict[str, Any]:
    """The keys `extends` and `backends` that make a world of another one, none if there is no difference.

    CannotExport.
    """
    own = [backend for backend in world.backends if not backend.mock]
    others = [backend for backend in base.backends if not backend.mock]
    for many in range(len(own) + 1):
        named = {backend.name for backend in own[:many]}
        rest = [backend for backend in others if backend.name not in named]
        if len(own) - many == len(rest) and all(map(same_backend, own[many:], rest)):
            listed = [backend_entry(backend, base) for backend in own[:many]]
            return {"extends": True, "backends": listed} if listed else {}
    return {"backends": [backend_entry(backend, base) for backend in own]}


def backend_entry(backend: Backend, base: World) -> dict[str, Any]:
    """The description of a backend: CannotExport if there is none."""
    for origins in (_origins(backend, base), _examples()):
        entries = (_entry(backend, origin) for origin in origins if _fits(backend, origin[1]))
        found = [entry for entry in entries if _gives(entry, backend, base)]
        if found:
            return min(found, key=lambda entry: len(str(entry)))
    raise CannotExport(f"the backend {backend.name!r} cannot be told in a world file: it was not made from one")


def same_backend(one: Backend, other: Backend) -> bool:
    """Whether two backends are the same, with their calibrations."""
    return one == other and one.calibrations == other.calibrations


def _origins(backend: Backend, base: World) -> Iterator[tuple[str | None, Backend]]:
    """What it may have been made from, by name; None for what a file starts from."""
    yield None, simulator("", backend.n_qubits) if backend.simulator else HERON_R2.backend("")
    own = {other.name: other for world in (platform.WORLD, base) for other in world.backends if not other.mock}
    yield from own.items()


def _fits(backend: Backend, origin: Backend) -> bool:
    """Whether all is the same of which a file can say nothing."""
    return all(getattr(backend, key) == getattr(origin, key) for key in _UNSAID)


def _examples() -> Iterator[tuple[str, Backend]]:
    """The examples of IBM's client, if it is installed."""
    try:
        names = fake_device_names()
    except NoSuchFakeDevice:
        return
    for name in names:
        yield name, backend_from_fake_provider(name)


def _gives(entry: Mapping[str, Any], backend: Backend, base: World) -> bool:
    """Whether a file with this description has this backend."""
    node = SafeRepresenter().represent_data([dict(entry)])
    try:
        (read,) = read_backends(Place(_marked(node), "export", "backends"), base)
    except InvalidWorld:
        return False
    return same_backend(read, backend)


def _marked(node: yaml.Node) -> yaml.Node:
    """A node with a place, as one that is read has."""
    stack = [node]
    while stack:
        one = stack.pop()
        one.start_mark = yaml.Mark("export", 0, 0, 0, None, 0)
        if isinstance(one, yaml.MappingNode):
            stack += [each for pair in one.value for each in pair]
        elif isinstance(one, yaml.SequenceNode):
            stack += one.value
    return node


def _entry(backend: Backend, origin: tuple[str | None, Backend]) -> dict[str, Any]:
    """What has to be said of a backend that is made from another one."""
    made_from, base = origin
    entry: dict[str, Any] = {} if made_from == backend.name else {"name": backend.name}
    if made_from is not None:
        entry["from"] = made_from
    elif backend.simulator:
        entry |= {"simulator": True, "n_qubits": backend.n_qubits}
    if not backend.simulator:
        entry |= _shape(backend, base, spelled_out=made_from is None)
    if backend.basis_gates != base.basis_gates:
        entry["basis_gates"] = list(backend.basis_gates)
    entry |= _facts(backend, base)
    if isinstance(backend.calibrations, Daily):
        entry |= _quality(backend.calibrations, base.calibrations)
    return entry


def _facts(backend: Backend, base: Backend) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if backend.availability is not base.availability:
        facts["availability"] = str(backend.availability)
    if backend.reason != base.reason:
        facts["reason"] = backend.reason
    for key in _FACTS:
        value = getattr(backend, key)
        if value != getattr(base, key):
            facts[key] = list(value) if isinstance(value, tuple) else value
    processor = backend.processor
    if processor != base.processor and processor is not None:
        facts["processor"] = {"family": processor.family, "revision": processor.revision}
        if processor.segment is not None:
            facts["processor"]["segment"] = processor.segment
    return facts


def _shape(backend: Backend, base: Backend, *, spelled_out: bool) -> dict[str, Any]:
    """Qubits and couplings, as a word if there is one for them."""
    same = (backend.n_qubits, backend.coupling, backend.coordinates) == (base.n_qubits, base.coupling, base.coordinates)
    if same and not spelled_out:
        return {}
    shape: dict[str, Any] = {"n_qubits": backend.n_qubits}
    directed = set(backend.coupling)
    edges = tuple(sorted({(min(pair), max(pair)) for pair in backend.coupling}))
    for word in ("heavy-hex", *LATTICES):
        lattice = _LATTICES[word](backend.n_qubits)
        if lattice.places != backend.coordinates:
            continue
        for one_way, coupling in ((False, lattices.both_ways(lattice.edges)), (True, lattice.edges)):
            if coupling == backend.coupling:
                word_of = {} if word == "heavy-hex" else {"coupling": word}
                return shape | word_of | ({"one_way": True} if one_way else {})
    if directed == {pair[::-1] for pair in directed}:
        return shape | {"coupling": [list(pair) for pair in edges]}
    return shape | {"coupling": [list(pair) for pair in backend.coupling], "one_way": True}


def _quality(daily: Daily, other: object) -> dict[str, Any]:
    """What is different of calibrations that are made anew each day."""
    old = other if isinstance(other, Daily) else Daily(make=HERON_R2.make)
    quality: dict[str, Any] = {}
    errors = {
        key: getattr(daily.make, f"{key}_error")
        for key in ("readout", "gate", "pair")
        if getattr(daily.make, f"{key}_error") != getattr(old.make, f"{key}_error")
    }
    if errors:
        quality["errors"] = errors
    quality |= _lifetimes(daily.make, old.make)
    if daily.seed != old.seed:
        quality["seed"] = daily.seed
    if daily == old and not quality:
        return {}
    if daily.faulty:
        quality["faulty_qubits"] = list(daily.faulty)
    if daily.dead:
        quality["faulty_couplings"] = [list(pair) for pair in daily.dead]
    if not quality:
        # Saying anything of the quality leaves out the flaws of what it was made from.
        quality["faulty_qubits"] = []
    return quality


def _lifetimes(make: Make, old: Make) -> dict[str, float]:
    found = {}
    for key in ("t1", "t2"):
        seconds = getattr(make, f"{key}_s")
        if seconds != getattr(old, f"{key}_s"):
            found[f"{key}_us"] = _in_us(seconds)
    return found


def _in_us(seconds: float) -> float:
    """The shortest number of µs that is read as exactly these seconds."""
    shorter: Iterable[float] = (float(f"{seconds * 1e6:.{digits}g}") for digits in range(1, 18))
    return next((number for number in shorter if number * 1e-6 == seconds), seconds * 1e6)
