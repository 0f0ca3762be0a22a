"""Backends: where jobs run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A device or a simulator.

    `coupling` is the directed list of coupled qubits, empty for a simulator (all to all). `runtime` tells whether it
    is meant for Runtime programs: such a backend carries `runtime` in the `input_allowed` of its configuration.
    """

    name: str
    n_qubits: int
    coupling: tuple[tuple[int, int], ...] = ()
    basis_gates: tuple[str, ...] = ("id", "rz", "sx", "x", "cx", "reset")
    simulator: bool = False
    runtime: bool = True
    online_date: str = "2020-09-01T04:00:00+00:00"
    max_shots: int = 8192
    version: str = "1.0.0"
