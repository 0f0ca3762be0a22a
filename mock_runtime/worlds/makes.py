"""The generations of IBM's processors: what the devices of each have in common.

Evidence for what is not measured (clock, gates, lattice, control flow, timing, limits): the configurations of devices
of each generation that IBM's client carries as examples. What is measured is invented, with medians near to those of
such devices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from mock_runtime.domain.backends import Backend, Processor, Timing
from mock_runtime.worlds import lattices
from mock_runtime.worlds.daily import Daily, Make
from mock_runtime.worlds.lattices import Lattice, both_ways

_MICRO: Final = 1e-6
_NANO: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A kind of device: its processor, its lattice, and how good it is.

    `template` is a backend whose name and coupling are still to be said. If the pair gate is `one_way`, it exists in
    one direction only, and compilers turn it round.
    """

    template: Backend
    lattice: Callable[[], Lattice]
    make: Make
    one_way: bool = False

    def backend(
        self,
        name: str,
        *,
        faulty: tuple[int, ...] = (),
        dead: tuple[tuple[int, int], ...] = (),
        seed: int = 0,
    ) -> Backend:
        """A device of this generation, with qubits that are `faulty` and pairs that are `dead`."""
        n_qubits, coupling, places = _laid_out(self)
        return replace(
            self.template,
            name=name,
            n_qubits=n_qubits,
            coupling=coupling,
            coordinates=places,
            calibrations=Daily(make=self.make, seed=seed, faulty=faulty, dead=dead),
        )


@cache
def _laid_out(generation: Generation) -> tuple[int, lattices.Pairs, lattices.Pairs]:
    """Qubits, couplings and places: the same for all devices of a generation."""
    lattice = generation.lattice()
    coupling = _one_way(lattice) if generation.one_way else both_ways(lattice.edges)
    return lattice.n_qubits, coupling, lattice.places


def _one_way(lattice: Lattice) -> lattices.Pairs:
    """One direction a pair, some up and some down, as if the frequencies of the qubits had decided it."""
    return tuple(sorted((b, a) if (a + b) % 3 else (a, b) for a, b in lattice.edges))


def _template(processor: Processor, *, pair_gates: tuple[str, ...], dt_s: float, timing: Timing) -> Backend:
    """What all devices of today have in common."""
    return Backend(
        name="",
        n_qubits=0,
        basis_gates=(*pair_gates, "id", "rz", "sx", "x"),
        processor=processor,
        dt_s=dt_s,
        timing=timing,
        control_flow=("if_else", "for_loop", "switch_case"),
        features=("qobj", "qasm3", "parameters"),
        max_shots=100_000,
        max_experiments=300,
        rep_delay_range_s=(0.0, 500 * _MICRO),
        default_rep_delay_s=250 * _MICRO,
    )


def _falcon(revision: str, segment: str | None, *, quantum_volume: int, clops: int) -> Backend:
    template = _template(
        Processor(family="Falcon", revision=revision, segment=segment),
        pair_gates=("cx",),
        dt_s=2 / 9 * _NANO,
        timing=Timing(granularity=16, min_length=64, pulse_alignment=16, acquire_alignment=16),
    )
    return replace(template, quantum_volume=quantum_volume, clops=clops)


_FALCON: Final = Make(
    t1_s=120 * _MICRO,
    t2_s=95 * _MICRO,
    readout_error=0.016,
    gate_error=2.4e-4,
    pair_error=8.5e-3,
    gate_s=160 * 2 / 9 * _NANO,
    pair_s=1216 * 2 / 9 * _NANO,
    pair_spread_s=320 * _NANO,
    readout_s=3280 * 2 / 9 * _NANO,
    frequency_hz=5.05e9,
    anharmonicity_hz=-3.4e8,
)

FALCON_R4T: Final = Generation(
    template=_falcon("4", "T", quantum_volume=16, clops=2500), lattice=lattices.t_of_5, make=_FALCON
)
FALCON_R5_11L: Final = Generation(
    template=_falcon("5.11", "L", quantum_volume=32, clops=2800), lattice=lambda: lattices.line(5), make=_FALCON
)
FALCON_R5_11H: Final = Generation(
    template=_falcon("5.11", "H", quantum_volume=32, clops=2900), lattice=lattices.h_of_7, make=_FALCON
)
FALCON_R5_11: Final = Generation(
    template=_falcon("5.11", None, quantum_volume=64, clops=2400), lattice=lattices.falcon_of_27, make=_FALCON
)

EAGLE_R3: Final = Generation(
    template=replace(
        _template(
            Processor(family="Eagle", revision="3"),
            pair_gates=("ecr",),
            dt_s=0.5 * _NANO,
            timing=Timing(granularity=8, min_length=16, pulse_alignment=8, acquire_alignment=8),
        ),
        clops=180_000,
    ),
    lattice=lattices.eagle,
    make=Make(
        t1_s=230 * _MICRO,
        t2_s=140 * _MICRO,
        readout_error=0.015,
        gate_error=2.6e-4,
        pair_error=7.8e-3,
        gate_s=60 * _NANO,
        pair_s=660 * _NANO,
        readout_s=1300 * _NANO,
        frequency_hz=4.9e9,
        anharmonicity_hz=-3.1e8,
    ),
    one_way=True,
)

_HERON_TIMING: Final = Timing(granularity=1, min_length=2, pulse_alignment=1, acquire_alignment=1)


def _heron(revision: str, clops: int) -> Backend:
    template = _template(
        Processor(family="Heron", revision=revision),
        pair_gates=("cz", "rzz"),
        dt_s=4 * _NANO,
        timing=_HERON_TIMING,
    )
    return replace(template, basis_gates=("cz", "id", "rx", "rz", "rzz", "sx", "x"), clops=clops)


_HERON: Final = Make(
    t1_s=185 * _MICRO,
    t2_s=130 * _MICRO,
    readout_error=0.014,
    gate_error=2.7e-4,
    pair_error=3.9e-3,
    gate_s=32 * _NANO,
    pair_s=68 * _NANO,
    pair_spread_s=60 * _NANO,
    readout_s=1560 * _NANO,
)

HERON_R1: Final = Generation(template=_heron("1", 210_000), lattice=lattices.heron_of_133, make=_HERON)
HERON_R2: Final = Generation(
    template=_heron("2", 250_000),
    lattice=lattices.heron_of_156,
    make=replace(_HERON, readout_error=0.0085, gate_error=2.3e-4, pair_error=2.6e-3),
)
HERON_R3: Final = Generation(
    template=_heron("3", 340_000),
    lattice=lattices.heron_of_156,
    make=replace(
        _HERON, t1_s=250 * _MICRO, t2_s=270 * _MICRO, readout_error=0.006, gate_error=1.6e-4, pair_error=1.6e-3
    ),
)

NIGHTHAWK_R1: Final = Generation(
    template=replace(
        _template(
            Processor(family="Nighthawk", revision="1"), pair_gates=("cz",), dt_s=4 * _NANO, timing=_HERON_TIMING
        ),
        features=("qobj",),
        control_flow=(),
        clops=24_000,
        max_experiments=75,
        rep_delay_range_s=(1000 * _MICRO, 4000 * _MICRO),
        default_rep_delay_s=4000 * _MICRO,
    ),
    lattice=lambda: lattices.grid(12, 10),
    make=replace(_HERON, t1_s=300 * _MICRO, t2_s=320 * _MICRO, readout_error=0.009, pair_error=2.9e-3),
)

UNKNOWN_MAKE: Final = Daily(make=_FALCON)
"""What a device is taken for of which nothing is known."""


def simulator(name: str, n_qubits: int) -> Backend:
    """An ideal backend on which every qubit is coupled with every other, as IBM's had until 2024."""
    return Backend(
        name=name,
        n_qubits=n_qubits,
        basis_gates=(
            *("cx", "cy", "cz", "ecr", "h", "id", "p", "rx", "rxx", "ry", "rz", "rzz", "s", "sdg", "swap"),
            *("sx", "sxdg", "t", "tdg", "u", "u1", "u2", "u3", "x", "y", "z"),
        ),
        coordinates=lattices.grid(-(-n_qubits // 8), 8).places[:n_qubits],
        simulator=True,
        online_date="2019-05-02T08:15:00+00:00",
        max_shots=100_000,
        max_experiments=300,
        control_flow=("if_else", "for_loop", "switch_case", "while_loop"),
        features=("qasm3", "parameters"),
        clops=None,
    )
