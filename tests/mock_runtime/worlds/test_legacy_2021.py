"""The world of 2021, as data."""

from __future__ import annotations

import json

import pytest

from mock_runtime.domain.backends import Backend
from mock_runtime.domain.programs import Program, program_id
from mock_runtime.worlds.legacy_2021 import WORLD


def test_the_programs_of_the_walkthrough() -> None:
    """In the order of its transcript, which was alphabetical."""
    assert [program.id for program in WORLD.programs] == [
        "circuit-runner",
        "mit-6",
        "quantum-kernel-alignment",
        "runtime-simple",
        "simple",
        "vqe",
    ]


def test_the_costs_on_record() -> None:
    """In seconds, as they were in May."""
    costs = {program.id: program.cost_s for program in WORLD.programs}
    assert (costs["circuit-runner"], costs["quantum-kernel-alignment"], costs["vqe"]) == (1800, 28800, 18000)
    assert costs["runtime-simple"] == 300


@pytest.mark.parametrize("program", WORLD.programs, ids=lambda program: program.id)
def test_a_program_of_ibm_is_public_and_nobodys(program: Program) -> None:
    """And its texts are the JSON that clients decode."""
    assert (program.is_public, program.author, program.id) == (True, None, program_id(program.name))
    assert set(json.loads(program.parameters or "")) == {"doc"}
    for text in (program.return_values, program.interim_results):
        assert all(set(entry) == {"name", "description", "type"} for entry in json.loads(text or "[]"))
    assert isinstance(json.loads(program.backend_requirements or "{}"), dict)


@pytest.mark.parametrize("backend", WORLD.backends, ids=lambda backend: backend.name)
def test_a_device_is_connected(backend: Backend) -> None:
    """Every qubit can be reached from the first, couplings go both ways, and a simulator has none."""
    assert set(backend.coupling) == {(b, a) for a, b in backend.coupling}
    reached, new = {0}, {0}
    while new:
        new = {b for a, b in backend.coupling if a in new} - reached
        reached |= new
    assert reached == ({0} if backend.simulator else set(range(backend.n_qubits)))


def test_names_find_backends() -> None:
    """The default one is a simulator that takes Runtime jobs."""
    assert WORLD.backends[0].simulator
    assert WORLD.backends[0].runtime
    assert WORLD.backend("ibmq_montreal") in WORLD.backends
    assert WORLD.backend("ibmq_atlantis") is None
    assert len({backend.name for backend in WORLD.backends}) == len(WORLD.backends)
    assert str(WORLD.projects[0]) == "ibm-q/open/main"
