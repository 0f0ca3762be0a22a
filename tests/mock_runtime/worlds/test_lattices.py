"""The lattices of qubits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mock_runtime.worlds import lattices
from mock_runtime.worlds.lattices import Lattice


def _reached(lattice: Lattice) -> set[int]:
    near: dict[int, set[int]] = {}
    for a, b in lattice.edges:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    reached, new = {0}, {0}
    while new:
        new = {other for qubit in new for other in near.get(qubit, ())} - reached
        reached |= new
    return reached


@pytest.mark.parametrize(
    ("lattice", "n_qubits", "n_edges", "degree"),
    [
        (lattices.eagle(), 127, 144, 3),
        (lattices.heron_of_133(), 133, 150, 3),
        (lattices.heron_of_156(), 156, 176, 3),
        (lattices.grid(12, 10), 120, 218, 4),
        (lattices.falcon_of_27(), 27, 28, 3),
        (lattices.falcon_of_16(), 16, 16, 3),
        (lattices.h_of_7(), 7, 6, 3),
        (lattices.t_of_5(), 5, 4, 3),
        (lattices.line(5), 5, 4, 2),
    ],
)
def test_the_lattices_of_devices(lattice: Lattice, n_qubits: int, n_edges: int, degree: int) -> None:
    """Sizes and couplings are public; no qubit has more neighbours than its lattice gives it."""
    assert (lattice.n_qubits, len(lattice.edges)) == (n_qubits, n_edges)
    assert max(sum(qubit in edge for edge in lattice.edges) for qubit in range(n_qubits)) == degree
    assert all(0 <= a < b < n_qubits for a, b in lattice.edges)


@pytest.mark.parametrize("make", [lattices.heavy_hex, lattices.square, lattices.line])
@pytest.mark.parametrize("n_qubits", [*range(1, 45), 60, 61, 127, 133, 156, 157, 500])
def test_any_size_hangs_together(make: Callable[[int], Lattice], n_qubits: int) -> None:
    """Every qubit is reached from the first, and each has a place of its own."""
    lattice = make(n_qubits)
    assert lattice.n_qubits == n_qubits
    assert _reached(lattice) == set(range(n_qubits))
    assert len(set(lattice.places)) == n_qubits
    assert len(set(lattice.edges)) == len(lattice.edges)


def test_neighbours_on_a_drawing_are_next_to_each_other() -> None:
    """On the large lattices, a coupling is a step to the side or down."""
    for lattice in (lattices.eagle(), lattices.heron_of_133(), lattices.heron_of_156(), lattices.grid(12, 10)):
        for a, b in lattice.edges:
            (x, y), (u, v) = lattice.places[a], lattice.places[b]
            assert abs(x - u) + abs(y - v) == 1
