"""Reading the backends of a world file: named, made from others, or spelled out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from mock_runtime.domain.backends import CONTROL_FLOW, Availability, Backend, Processor
from mock_runtime.domain.gates import GATES
from mock_runtime.worlds import World, lattices, platform
from mock_runtime.worlds.daily import Daily, Make
from mock_runtime.worlds.fake_provider import NoSuchFakeDevice, backend_from_fake_provider
from mock_runtime.worlds.makes import HERON_R2, simulator
from mock_runtime.worlds.nodes import Place, Problems

MOST_BACKENDS: Final = 200
_MOST_QUBITS: Final = lattices.LARGEST
_SHAPE: Final = ("n_qubits", "coupling", "one_way", "basis_gates")
_QUALITY: Final = ("errors", "t1_us", "t2_us", "seed", "faulty_qubits", "faulty_couplings")
_FACTS: Final = (
    *("availability", "reason", "queue_length", "processor", "version", "online_date", "max_shots"),
    *("max_experiments", "clops", "quantum_volume", "control_flow"),
)
BACKEND_KEYS: Final = ("name", "from", "simulator", *_SHAPE, *_FACTS, *_QUALITY)
LATTICES: Final = ("line", "grid", "heavy-hex")


def read_backends(place: Place, base: World) -> tuple[Backend, ...]:
    """The backends of a list; `base` has those that can be named. InvalidWorld."""
    backends: dict[str, Backend] = {}

    def read(item: Place) -> None:
        backend = _backend(item, base)
        if backend.name in backends:
            item.refuse(f"expected each backend once, and {backend.name!r} is there before")
        backends[backend.name] = backend

    if not place.each("backends", read, most=MOST_BACKENDS):
        place.refuse("expected at least one backend")
    return tuple(backends.values())


def _backend(place: Place, world: World) -> Backend:
    entries = place.entries(BACKEND_KEYS)
    base = _base(place, entries, world)
    name = entries["name"].text("a name of letters, digits and _", r"[A-Za-z0-9_]{1,64}") if "name" in entries else ""
    if not name and "from" not in entries:
        place.refuse("expected a name, or the name of another device under `from`")
    backend = replace(base, name=name or base.name, **_facts(entries))
    if any(key in entries for key in _SHAPE):
        backend = _shaped(backend, entries)
    if any(key in entries for key in (*_SHAPE, *_QUALITY)) and not backend.simulator:
        backend = replace(backend, calibrations=_calibrations(backend, entries))
    return backend


def _base(place: Place, entries: Mapping[str, Place], world: World) -> Backend:
    """What a description starts from: another device, an ideal simulator, or a Heron."""
    if "simulator" in entries and entries["simulator"].flag():
        wrong = next((key for key in ("from", "coupling", "one_way", *_QUALITY) if key in entries), None)
        if wrong:
            entries[wrong].refuse("expected nothing of the kind for a simulator")
        return simulator("", _n_qubits(entries) or 32)
    if "from" not in entries:
        if "n_qubits" not in entries and not _is_list(entries):
            place.refuse("expected n_qubits, or the name of another device under `from`")
        return HERON_R2.backend("")
    name = entries["from"].text("the name of a device")
    own = world.backend(name) or platform.WORLD.backend(name)
    if own is not None:
        return own
    try:
        return backend_from_fake_provider(name)
    except NoSuchFakeDevice as error:
        known = ", ".join(found.name for found in world.backends if not found.mock)
        entries["from"].refuse(f"expected a device of {known}, or an example of IBM's client ({error})")


def _facts(entries: Mapping[str, Place]) -> dict[str, Any]:
    """What stands in a file as it is in a backend."""
    readers: dict[str, Callable[[Place], object]] = {
        "availability": lambda place: Availability(place.choice(Availability)),
        "reason": lambda place: place.text("a reason", r"[^\x00-\x1f]{0,200}"),
        "queue_length": lambda place: place.whole(0, 1_000_000),
        "processor": _processor,
        "version": lambda place: place.text("a version such as 1.0.0", r"[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}"),
        "online_date": _date,
        "max_shots": lambda place: place.whole(1, 1_000_000_000),
        "max_experiments": lambda place: place.whole(1, 1_000_000),
        "clops": lambda place: place.whole(1, 2**31 - 1),
        "quantum_volume": lambda place: place.whole(1, 2**31 - 1),
        "control_flow": lambda place: tuple(
            item.choice(CONTROL_FLOW) for item in place.items("instructions", most=len(CONTROL_FLOW))
        ),
    }
    found, problems = {}, Problems()
    for key, read in readers.items():
        if key in entries:
            with problems.kept():
                found[key] = read(entries[key])
    problems.settle()
    return found


def _processor(place: Place) -> Processor:
    entries = place.entries(("family", "revision", "segment"))
    if not {"family", "revision"} <= entries.keys():
        place.refuse("expected a family and a revision")
    return Processor(
        family=entries["family"].text("a family such as Heron", r"[A-Za-z0-9]{1,64}"),
        revision=entries["revision"].text("a revision such as 2 or 5.11", r"[0-9]{1,9}(\.[0-9]{1,9})?"),
        segment=entries["segment"].text("a segment such as L", r"[A-Za-z0-9]{1,64}") if "segment" in entries else None,
    )


def _date(place: Place) -> str:
    text = place.text("a date such as 2026-02-01")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        place.refuse("expected a date such as 2026-02-01")
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def _shaped(backend: Backend, entries: Mapping[str, Place]) -> Backend:
    """The same backend with the qubits, couplings and gates that are given."""
    if "basis_gates" in entries:
        gates = tuple(item.choice(GATES) for item in entries["basis_gates"].items("gates", most=len(GATES)))
        if not gates:
            entries["basis_gates"].refuse("expected at least one gate")
        backend = replace(backend, basis_gates=tuple(dict.fromkeys(gates)))
    if backend.simulator or not {"n_qubits", "coupling", "one_way"} & entries.keys():
        return backend
    lattice = _lattice(entries, backend)
    one_way = "one_way" in entries and entries["one_way"].flag()
    return replace(
        backend,
        n_qubits=lattice.n_qubits,
        coupling=lattice.edges if one_way else lattices.both_ways(lattice.edges),
        coordinates=lattice.places,
    )


def _lattice(entries: Mapping[str, Place], backend: Backend) -> lattices.Lattice:
    n_qubits = _n_qubits(entries)
    if _is_list(entries):
        return _listed(entries["coupling"], n_qubits)
    word = entries["coupling"].choice(LATTICES) if "coupling" in entries else "heavy-hex"
    if n_qubits is None:
        if "coupling" not in entries:
            edges = tuple(sorted({(min(pair), max(pair)) for pair in backend.coupling}))
            return lattices.Lattice(edges, backend.coordinates)
        n_qubits = backend.n_qubits
    return {"line": lattices.line, "grid": lattices.square, "heavy-hex": lattices.heavy_hex}[word](n_qubits)


def _listed(place: Place, n_qubits: int | None) -> lattices.Lattice:
    """Couplings as a list of pairs. Without a number of qubits, there are as many as the pairs name."""
    last = (n_qubits or _MOST_QUBITS) - 1
    edges: dict[tuple[int, int], None] = {}
    for item in place.items("pairs", most=_MOST_QUBITS**2):
        pair = item.items("qubits", most=2)
        if len(pair) != 2:
            item.refuse("expected two qubits")
        first, second = (qubit.whole(0, last) for qubit in pair)
        if first == second:
            item.refuse("expected two different qubits")
        edges[first, second] = None
    if not edges and n_qubits is None:
        place.refuse("expected at least one pair")
    found = n_qubits or max(max(edge) for edge in edges) + 1
    return lattices.Lattice(tuple(sorted(edges)), lattices.square(found).places)


def _is_list(entries: Mapping[str, Place]) -> bool:
    return "coupling" in entries and not entries["coupling"].is_text()


def _n_qubits(entries: Mapping[str, Place]) -> int | None:
    return entries["n_qubits"].whole(1, _MOST_QUBITS) if "n_qubits" in entries else None


def _calibrations(backend: Backend, entries: Mapping[str, Place]) -> Daily:
    """Calibrations of a device of one's own: as of what it was made from, but for what is given."""
    old = backend.calibrations if isinstance(backend.calibrations, Daily) else Daily(make=HERON_R2.make)
    faulty = entries.get("faulty_qubits")
    dead = entries.get("faulty_couplings")
    last = backend.n_qubits - 1
    return Daily(
        make=_make(old.make, entries),
        seed=entries["seed"].whole(0, 10**15 - 1) if "seed" in entries else old.seed,
        faulty=tuple(item.whole(0, last) for item in faulty.items("qubits", most=last + 1)) if faulty else (),
        dead=tuple(_coupled(item, backend) for item in dead.items("pairs", most=_MOST_QUBITS**2)) if dead else (),
    )


def _coupled(place: Place, backend: Backend) -> tuple[int, int]:
    qubits = [item.whole(0, backend.n_qubits - 1) for item in place.items("qubits", most=2)]
    if len(qubits) != 2 or not backend.couples(qubits[0], qubits[1]):
        place.refuse("expected two coupled qubits")
    return qubits[0], qubits[1]


def _make(make: Make, entries: Mapping[str, Place]) -> Make:
    errors = entries["errors"].entries(("readout", "gate", "pair")) if "errors" in entries else {}
    numbers = {
        "readout_error": errors["readout"].number("a probability", 0, 0.4) if "readout" in errors else None,
        "gate_error": errors["gate"].number("a probability", 0, 0.1) if "gate" in errors else None,
        "pair_error": errors["pair"].number("a probability", 0, 0.3) if "pair" in errors else None,
        "t1_s": entries["t1_us"].number("a time in µs", 0.1, 1e6) * 1e-6 if "t1_us" in entries else None,
        "t2_s": entries["t2_us"].number("a time in µs", 0.1, 1e6) * 1e-6 if "t2_us" in entries else None,
    }
    return replace(make, **{key: value for key, value in numbers.items() if value is not None})
