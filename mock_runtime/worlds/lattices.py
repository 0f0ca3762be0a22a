"""The lattices that qubits are laid out on: which of them are coupled, and where each stands on a drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

Pairs = tuple[tuple[int, int], ...]

LARGEST: Final = 1000
"""Qubits of the largest lattice that is made from a word: what comes from a file must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """Coupled qubits, each pair once and in ascending order, and a column and row for each qubit, from 1."""

    edges: Pairs
    places: Pairs

    @property
    def n_qubits(self) -> int:
        """How many qubits it has."""
        return len(self.places)


def both_ways(edges: Iterable[Sequence[int]]) -> Pairs:
    """Each edge in both directions, sorted."""
    return tuple(sorted(pair for a, b in edges for pair in ((a, b), (b, a))))


def line(size: int) -> Lattice:
    """Qubits in a row."""
    return grid(1, size)


def grid(rows: int, columns: int) -> Lattice:
    """A square lattice, numbered row by row."""
    edges = []
    for qubit in range(rows * columns):
        if (qubit + 1) % columns:
            edges.append((qubit, qubit + 1))
        if qubit + columns < rows * columns:
            edges.append((qubit, qubit + columns))
    return Lattice(tuple(edges), tuple((column + 1, row + 1) for row in range(rows) for column in range(columns)))


def heavy_hexagons(rows: Sequence[range], bridges: Sequence[Sequence[int]]) -> Lattice:
    """Rows of qubits, each at its columns, and below each row the columns at which a qubit bridges it to the next.

    Qubits are numbered from the top, row by row, with the bridges between. If there are as many bridges as rows, the
    last ones hang from the last row.
    """
    edges: list[tuple[int, int]] = []
    places: list[tuple[int, int]] = []
    above: dict[int, int] = {}
    for index, columns in enumerate(rows):
        first = len(places)
        row = {column: first + place for place, column in enumerate(columns)}
        edges += [(above[column], qubit) for column, qubit in row.items() if column in above]
        edges += [(qubit, qubit + 1) for qubit in range(first, first + len(row) - 1)]
        places += [(column + 1, 2 * index + 1) for column in columns]
        above = {}
        for column in bridges[index] if index < len(bridges) else ():
            above[column] = len(places)
            edges.append((row[column], len(places)))
            places.append((column + 1, 2 * index + 2))
    return Lattice(tuple(sorted(edges)), tuple(places))


def eagle() -> Lattice:
    """The 127 qubits of the Eagle family, with 144 couplings. Evidence: IBM's published maps."""
    rows = [range(14), *[range(15)] * 5, range(1, 15)]
    return heavy_hexagons(rows, [(0, 4, 8, 12), (2, 6, 10, 14)] * 3)


def heron_of_133() -> Lattice:
    """The 133 qubits of the first Heron, with 150 couplings; four hang below the last row. Evidence: as for Eagle."""
    return heavy_hexagons([range(15)] * 7, [*[(0, 4, 8, 12), (2, 6, 10, 14)] * 3, (0, 4, 8, 12)])


def heron_of_156() -> Lattice:
    """The 156 qubits of later Herons, with 176 couplings. Evidence: as for Eagle."""
    return heavy_hex(156)


def t_of_5() -> Lattice:
    """The five qubits of small Falcons: a T. Evidence: as for Eagle, the places on the drawing are ours."""
    return Lattice(((0, 1), (1, 2), (1, 3), (3, 4)), ((1, 1), (2, 1), (3, 1), (2, 2), (2, 3)))


def h_of_7() -> Lattice:
    """The seven qubits of small Falcons: a lying H. Evidence: as for Eagle."""
    places = ((2, 1), (3, 1), (4, 1), (3, 2), (2, 3), (3, 3), (4, 3))
    return Lattice(((0, 1), (1, 2), (1, 3), (3, 5), (4, 5), (5, 6)), places)


_HEXAGON: Final = (
    *((0, 1), (1, 2), (1, 4), (2, 3), (3, 5), (4, 7), (5, 8), (6, 7)),
    *((7, 10), (8, 9), (8, 11), (10, 12), (11, 14), (12, 13), (12, 15), (13, 14)),
)
# The second hexagon hangs on qubits 12 to 14 of the first.
_SECOND_HEXAGON: Final = (
    *((14, 16), (15, 18), (16, 19), (17, 18), (18, 21), (19, 20)),
    *((19, 22), (21, 23), (22, 25), (23, 24), (24, 25), (25, 26)),
)
_FALCON_PLACES: Final = (
    *((1, 2), (2, 2), (2, 3), (2, 4), (3, 2), (3, 4), (4, 1), (4, 2), (4, 4), (4, 5), (5, 2), (5, 4), (6, 2), (6, 3)),
    *((6, 4), (7, 2), (7, 4), (8, 1), (8, 2), (8, 4), (8, 5), (9, 2), (9, 4), (10, 2), (10, 3), (10, 4), (11, 4)),
)


def falcon_of_16() -> Lattice:
    """The 16 qubits of the middle Falcon: one hexagon with tails. Evidence: as for Eagle, the places are ours."""
    return Lattice(_HEXAGON, _FALCON_PLACES[:16])


def falcon_of_27() -> Lattice:
    """The 27 qubits of the large Falcons: two hexagons with tails. Evidence: as for Eagle."""
    return Lattice((*_HEXAGON, *_SECOND_HEXAGON), _FALCON_PLACES)


def heavy_hex(n_qubits: int) -> Lattice:
    """A heavy-hexagon lattice of as many qubits: IBM's own where there is one, else rows of 16 as in later Herons.

    The last row is as short as it must be, and lies where a bridge reaches it.
    """
    known = {5: t_of_5, 7: h_of_7, 16: falcon_of_16, 27: falcon_of_27, 127: eagle, 133: heron_of_133}
    if n_qubits in known:
        return known[n_qubits]()
    full, rest = divmod(n_qubits, 20)
    bridges: list[Sequence[int]] = [(1, 5, 9, 13) if row % 2 else (3, 7, 11, 15) for row in range(full + 1)]
    rows = [range(16)] * full
    if rest:
        length = min(rest, 16)
        start = min(bridges[full - 1][0], 16 - length) if full else 0
        rows.append(range(start, start + length))
    bridges[full] = bridges[full][: max(rest - 16, 0)]
    return heavy_hexagons(rows, bridges)


def square(n_qubits: int) -> Lattice:
    """A square lattice of as many qubits, as nearly square as they allow; its last row may be shorter."""
    columns = max(round(n_qubits**0.5), 1)
    whole = grid(-(-n_qubits // columns), columns)
    return Lattice(tuple(edge for edge in whole.edges if max(edge) < n_qubits), whole.places[:n_qubits])
