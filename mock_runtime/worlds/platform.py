"""The service as its users meet it today: the programs behind the primitives, and devices of five generations.

Evidence and inventions:

- the programs are those that IBM's client asks for. Their longest time is the three hours of IBM's documentation.
- names, generations and sizes of the devices are public knowledge, as are the dates at which they came online, to the
  month. The small ones are gone since 2024; they are here because they are quick to simulate.
- calibrations, queues, and who is paused or offline are invented. So are the flaws: nearly every large device has a
  pair that does not work, and ibm_torino a qubit.
- each device has a `mock_` twin of the class `mock`, which is where the client's dry runs go.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from mock_runtime.domain.backends import Availability, Backend
from mock_runtime.domain.programs import Program
from mock_runtime.worlds import World
from mock_runtime.worlds.makes import (
    EAGLE_R3,
    FALCON_R4T,
    FALCON_R5_11,
    FALCON_R5_11H,
    FALCON_R5_11L,
    HERON_R1,
    HERON_R2,
    HERON_R3,
    NIGHTHAWK_R1,
    Generation,
    simulator,
)

LONGEST_RUN_S: Final = 3 * 3600
"""How long a job may run. Evidence: IBM's guide to the longest execution times."""

_LAUNCH: Final = datetime(2024, 2, 28, tzinfo=UTC).timestamp()


def program(name: str, description: str) -> Program:
    """A program of IBM's: public, and nobody's. That all came with the primitives of the second kind is a guess."""
    return Program(
        id=name, name=name, cost_s=LONGEST_RUN_S, description=description, created_at=_LAUNCH, is_public=True
    )


PROGRAMS: Final = (
    program("sampler", "Measures circuits and gives what each shot found."),
    program("estimator", "Measures circuits and gives the expectation values of observables."),
    program("executor", "Runs a program of circuits, with the randomisations that it names."),
    program("noise-learner", "Learns the noise of the layers of circuits."),
)


def _device(
    generation: Generation,
    name: str,
    online: str,
    *,
    queue_length: int,
    version: str = "1.0.0",
    faulty: tuple[int, ...] = (),
    dead: tuple[tuple[int, int], ...] = (),
) -> Backend:
    return replace(
        generation.backend(name, faulty=faulty, dead=dead),
        online_date=f"{online}-01T05:00:00+00:00",
        queue_length=queue_length,
        version=version,
    )


_DEVICES: Final = (
    _device(HERON_R2, "ibm_fez", "2024-05", queue_length=1, version="1.3.37", dead=((105, 117),)),
    _device(HERON_R2, "ibm_marrakesh", "2024-11", queue_length=7, version="1.0.42", dead=((122, 123),)),
    _device(HERON_R2, "ibm_kingston", "2025-02", queue_length=12, version="1.0.0", dead=((112, 113),)),
    _device(HERON_R3, "ibm_boston", "2025-07", queue_length=21, version="1.0.4"),
    _device(HERON_R1, "ibm_torino", "2023-11", queue_length=4, version="1.0.93", faulty=(111,)),
    _device(NIGHTHAWK_R1, "ibm_miami", "2025-12", queue_length=16, version="1.0.3", dead=((88, 89),)),
    _device(EAGLE_R3, "ibm_brisbane", "2023-01", queue_length=38, version="1.1.121", dead=((96, 97),)),
    _device(EAGLE_R3, "ibm_sherbrooke", "2023-01", queue_length=29, version="1.6.80", dead=((85, 86),)),
    _device(EAGLE_R3, "ibm_kyiv", "2023-07", queue_length=9, version="1.20.22"),
    replace(
        _device(EAGLE_R3, "ibm_osaka", "2023-12", queue_length=14, version="1.1.8", dead=((101, 102),)),
        availability=Availability.PAUSED,
        reason="maintenance",
    ),
    replace(
        _device(EAGLE_R3, "ibm_kyoto", "2023-10", queue_length=0, version="1.2.38"),
        availability=Availability.OFFLINE,
        reason="internal",
    ),
    _device(FALCON_R5_11, "ibm_hanoi", "2021-07", queue_length=6, version="1.0.55"),
    _device(FALCON_R5_11H, "ibm_nairobi", "2021-05", queue_length=5, version="1.3.3"),
    _device(FALCON_R5_11L, "ibmq_manila", "2021-04", queue_length=3, version="1.1.5"),
    _device(FALCON_R4T, "ibmq_belem", "2021-01", queue_length=2, version="1.2.9"),
)

_SIMULATORS: Final = (replace(simulator("ibmq_qasm_simulator", 32), queue_length=2, version="0.1.547"),)


def mock_of(backend: Backend) -> Backend:
    """The twin of a device for dry runs. Evidence: the client replaces all before the first `_` by `mock`."""
    _, _, rest = backend.name.partition("_")
    return replace(backend, name=f"mock_{rest}", mock=True, queue_length=0, availability=Availability.ONLINE, reason="")


def with_mocks(backends: tuple[Backend, ...]) -> tuple[Backend, ...]:
    """These backends, then the twins of the devices among them whose names are such that a client finds a twin."""
    taken = {backend.name for backend in backends}
    devices = [backend for backend in backends if "_" in backend.name and not backend.simulator and not backend.mock]
    twins = {twin.name: twin for twin in map(mock_of, devices) if twin.name not in taken}
    return (*backends, *twins.values())


WORLD: Final = World(programs=PROGRAMS, backends=with_mocks((*_DEVICES, *_SIMULATORS)))
"""The first backend is the one with the shortest queue: a script that asks for the least busy one gets it."""
