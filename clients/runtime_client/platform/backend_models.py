"""Backends as today's API tells them: the list, configuration, properties, status."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from runtime_client.platform.bounds import INT32, SAFE, Count, Line, Map, Positive
from runtime_client.shapes import AnyOf, Anything, Array, Integer, Model, Nullable, Number, Object, OneOf, Record, Text
from runtime_client.wire import Answer

_WORD = Text(pattern="^[a-zA-Z0-9]*$", at_least=1, at_most=64)
_NAME = Text(pattern="^[a-zA-Z0-9_]*$", at_least=1, at_most=64)
_DEVICE = Text(at_least=1, at_most=255)
_WHEN = Text(at_least=20, at_most=32, format="date-time")
_CLOPS = OneOf(Integer(at_least=0, at_most=INT32), Line)
_CLOPS_KIND = Text(among=("virtual", "hardware"))
_COUNTS = Array(Integer(at_least=0, at_most=INT32), 1, INT32)
_LISTS = Array(Array(Anything()), 1, INT32)
_SAFE_COUNT = Annotated[int, Integer(at_least=0, at_most=SAFE)]
_SAFE_POSITIVE = Annotated[int, Integer(at_least=1, at_most=SAFE)]
_Time = Annotated[float, Number(at_least=0, at_most=INT32)]
_Lists = tuple[tuple[object, ...], ...]
_Pairs = tuple[tuple[int, ...], ...]
_Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus(Model):
    """Whether a backend takes part: "online", "paused" or "offline", and why not."""

    name: Annotated[str, Text(among=("online", "paused", "offline"))]
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clops(Model):
    """Circuit layer operations a second, of the hardware or virtual."""

    type: Annotated[str, _CLOPS_KIND]
    value: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorFamily(Model):
    """The generation of a processor, as the list of backends has it: all of it may be unknown."""

    family: Annotated[str | None, Nullable(Text())] = None
    revision: Annotated[str | None, Nullable(Text())] = None
    segment: Annotated[str | None, Nullable(Text())] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(Model):
    """One number that sums a backend up."""

    value: float
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BestGate(Model):
    """The two-qubit gate with the smallest error."""

    value: float
    gate: str
    qubits: tuple[float, ...]
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceMetrics(Model):
    """The errors of a backend, summed up."""

    two_q_error_best: BestGate | None = None
    two_q_error_layered: Metric | None = None
    two_q_error_median: Metric | None = None
    readout_error_median: Metric | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitTime(Model):
    """How long jobs waited, in seconds."""

    average: Count
    p50: Count
    p95: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendSummary(Model):
    """A backend as the list has it; `queue_length` counts the jobs that wait.

    `status` and `queue_length` are None only with a version of the API before 2025-01-01, which names the backends and
    says nothing of them. `device_class` is "mock" for a backend that only checks jobs.
    """

    name: Annotated[str, _DEVICE]
    status: DeviceStatus | None
    queue_length: Count | None
    is_simulator: bool | None = None
    qubits: Annotated[int | None, Nullable(Integer(at_least=0, at_most=INT32))] = None
    clops: Annotated[Clops | None, Nullable(Record(Clops))] = None
    processor_type: Annotated[ProcessorFamily | None, Nullable(Record(ProcessorFamily))] = None
    performance_metrics: PerformanceMetrics | None = None
    wait_time_seconds: Annotated[WaitTime | None, Nullable(Record(WaitTime))] = None
    device_class: str | None = field(default=None, metadata={"wire": "class"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendList(Model):
    """The backends of an instance."""

    devices: Annotated[tuple[BackendSummary, ...], Array(Record(BackendSummary), at_least=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendNames(Model):
    """The backends of an instance for versions of the API before 2025-01-01: their names."""

    devices: Annotated[_Words, Array(_DEVICE, at_least=1)]


def backends(answer: Answer) -> tuple[BackendSummary, ...]:
    """Return the backends of list_backends, whichever of its two forms the answer has."""
    found: BackendList | BackendNames = OneOf(Record(BackendList), Record(BackendNames)).read(answer.json())
    if isinstance(found, BackendList):
        return found.devices
    return tuple(BackendSummary(name=name, status=None, queue_length=None) for name in found.devices)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendStatus(Model):
    """Whether a backend takes jobs now (`state`), the word for it, and how many wait."""

    closed: ClassVar[bool] = True
    length_queue: Count
    state: bool | None = None
    status: str | None = None
    message: str | None = None
    backend_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity(Model):
    """One calibrated value: its `name`, `value` and `unit`, and when it was measured."""

    date: Annotated[str, _WHEN]
    name: Annotated[str, Text(at_least=1, at_most=64)]
    unit: Annotated[str, Text(at_most=64)]
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GateProperties(Model):
    """The calibrated values of one gate on its qubits."""

    gate: Annotated[str, _NAME]
    parameters: Annotated[tuple[Quantity, ...], Array(Record(Quantity), 1, INT32)]
    qubits: Annotated[tuple[int, ...], Array(Integer(at_least=0), 1, INT32)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendProperties(Model):
    """The calibration of a backend: of each qubit, of each gate, and in general."""

    backend_name: Annotated[str, _NAME]
    backend_version: Annotated[str, Text(pattern="^[0-9]+.[0-9]+.[0-9]+$", at_least=5, at_most=16)]
    gates: Annotated[tuple[GateProperties, ...], Array(Record(GateProperties), 0, INT32)]
    general: Annotated[tuple[Map, ...], Array(Object(), 0, INT32)]
    last_update_date: Annotated[str, _WHEN]
    qubits: Annotated[tuple[tuple[Quantity, ...], ...], Array(Array(Record(Quantity), 1, INT32))]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClopsType(Model):
    """Circuit layer operations a second, as a configuration has them."""

    type: Annotated[str, _CLOPS_KIND]
    value: Annotated[int | str, _CLOPS]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateConfig(Model):
    """A gate that a backend has, and the qubits it is there for."""

    name: Annotated[str, _NAME]
    parameters: Annotated[_Words | None, Nullable(Array(_WORD, 0, 1024))]
    qasm_def: Annotated[str | None, Nullable(Text(pattern="^.*$", at_least=1, at_most=1024))]
    coupling_map: Annotated[_Pairs, Array(_COUNTS, 1, INT32)] | None = None
    conditional: bool | None = None
    latency_map: Annotated[_Pairs, Array(Array(Integer(at_least=0, at_most=1), 1, INT32), 1, INT32)] | None = None
    description: Annotated[str, Text(pattern=r"^[a-zA-Z0-9\s]*$", at_least=1, at_most=64)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hamiltonian(Model):
    """The Hamiltonian of a backend; IBM calls it deprecated."""

    h_latex: Annotated[str, Text(pattern="^.*$", at_most=65536)]
    h_str: Annotated[_Words, Array(Text(pattern="^.*$", at_least=1, at_most=1024), 1, INT32)] | None = None
    vars: Map | None = None
    osc: Map | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorType(Model):
    """The generation of a processor, as a configuration has it."""

    family: Annotated[str, _WORD]
    revision: Annotated[str | float, AnyOf(Text(pattern=r"^[0-9]+(\.[0-9]+)?$", at_least=1, at_most=64), Number())]
    segment: Annotated[str, _WORD] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingConstraints(Model):
    """What instructions have to be aligned to, in units of dt."""

    granularity: _SAFE_COUNT | None = None
    min_length: _SAFE_COUNT | None = None
    pulse_alignment: _SAFE_COUNT | None = None
    acquire_alignment: _SAFE_COUNT | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOscillator(Model):
    """One term of the frequency of a control channel: a qubit, and the complex number it is scaled by, as a pair."""

    q: Count
    scale: Annotated[tuple[float, ...], Array(Number(), 2, 2)]


_Channels = tuple[tuple[ChannelOscillator, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendConfiguration(Model):
    """What a backend is: its gates and how its qubits are coupled; durations are in nanoseconds unless dt is meant."""

    backend_name: Annotated[str, _NAME]
    backend_version: Annotated[str, Text(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$", at_least=5, at_most=16)]
    basis_gates: Annotated[_Words, Array(Text(), 1, 64)]
    conditional: bool
    coupling_map: Annotated[
        _Pairs | None, Nullable(Array(Array(Integer(at_least=0, at_most=INT32), 2, INT32), 1, INT32))
    ]
    gates: Annotated[tuple[GateConfig, ...], Array(Record(GateConfig), 1, 64)]
    local: bool
    memory: bool
    n_qubits: Positive
    online_date: Annotated[str, _WHEN]
    acquisition_latency: Annotated[_Lists, Array(Array(Anything()), 0, INT32)] | None = None
    clops: Annotated[ClopsType | int | None, Nullable(AnyOf(Record(ClopsType), Integer(at_least=0)))] = None
    clops_h: Annotated[int | str | None, Nullable(_CLOPS)] = None
    clops_v: Annotated[int | str | None, Nullable(_CLOPS)] = None
    conditional_latency: Annotated[_Lists, Array(Array(Anything()))] | None = None
    configurable: bool | None = None
    coords: Annotated[_Pairs, Array(Array(Integer(at_least=0, at_most=INT32), 2, 2), 1, INT32)] | None = None
    credits_required: bool | None = None
    description: Annotated[str, Text(pattern="^.*$", at_least=1, at_most=64)] | None = None
    display_name: Annotated[str, _WORD] | None = None
    discriminators: Annotated[_Words | None, Nullable(Array(_NAME, 1, 64))] = None
    dt: _Time | None = None
    dtm: _Time | None = None
    default_rep_delay: _Time | None = None
    dynamic_reprate_enabled: bool | None = None
    hamiltonian: Hamiltonian | None = None
    max_experiments: _SAFE_POSITIVE | None = None
    max_shots: _SAFE_POSITIVE | None = None
    meas_levels: Annotated[tuple[int, ...] | None, Nullable(Array(Integer(), 1, 3))] = None
    meas_lo_range: Annotated[_Lists, _LISTS] | None = None
    meas_map: Annotated[_Lists, _LISTS] | None = None
    measure_esp_enabled: bool | None = None
    n_registers: Annotated[float, Number(at_least=1, at_most=INT32)] | None = None
    n_uchannels: Annotated[float, Number(at_least=0, at_most=SAFE)] | None = None
    open_pulse: bool | None = None
    parametric_pulses: Annotated[_Words, Array(Text(), 0, 1024)] | None = None
    processor_type: ProcessorType | None = None
    quantum_volume: Annotated[float | None, Nullable(Number(at_least=1, at_most=SAFE))] = None
    qubit_lo_range: Annotated[_Lists, _LISTS] | None = None
    register_map: Annotated[_Lists, _LISTS] | None = None
    rep_delay_range: Annotated[tuple[float, ...], Array(Number(), 2, 2)] | None = None
    rep_times: Annotated[tuple[float, ...], Array(Number(), 1, 64)] | None = None
    sample_name: Annotated[str, Text(pattern=r"^[a-zA-Z0-9,:.\s]*$", at_least=1, at_most=64)] | None = None
    simulator: bool | None = None
    supported_features: Annotated[_Words, Array(Text(), 0, 64)] | None = None
    supported_instructions: Annotated[_Words, Array(Text(), 0, 64)] | None = None
    tags: Annotated[_Words, Array(Text(), 1, 64, unique=True)] | None = None
    timing_constraints: TimingConstraints | None = None
    u_channel_lo: Annotated[_Channels, Array(Array(Record(ChannelOscillator), 1, INT32))] | None = None
