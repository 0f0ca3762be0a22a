"""The inputs of Sampler and Estimator as both engines understand them: checked, counted, nothing decoded in vain."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from mock_runtime.domain.backends import Backend
from mock_runtime.domain.errors import bounded
from mock_runtime.execution.primitives import qasm, qpy
from mock_runtime.execution.primitives.decoding import (
    Budget,
    Numbers,
    broadcast,
    maybe_packed,
    read_numbers,
    tag_of,
)
from mock_runtime.execution.primitives.encoding import Shape
from mock_runtime.execution.primitives.qpy import Facts
from mock_runtime.execution.primitives.refusals import JobRefused, Limits, TooLarge

DEFAULT_SHOTS: Final = 4096
"""Evidence: the client documents this default for its Sampler, and sends no shots then."""
DEFAULT_PRECISION: Final = 0.015625
"""Evidence: the client documents this default for its Estimator, one over the root of 4096."""

_PAULIS: Final = frozenset("IXYZ01+-rl")
_FINEST: Final = 1e-6

Observable: TypeAlias = tuple[tuple[str, float], ...]
"""Terms: a Pauli string (or projectors, "0" "1" "+" "-" "r" "l"), the last character on qubit 0, and a factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """A circuit as it was sent: the bytes of a QPY file or an OpenQASM 3 text, and what is known of it."""

    source: bytes | str
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindings:
    """Values for the parameters of a circuit, one set for each element of `shape`.

    `array` has the parameters, in the order of the circuit, for its last axis; `named` has them one by one.
    """

    shape: Shape
    array: Numbers | None = None
    named: tuple[tuple[str, Numbers], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerPub:
    """A circuit to be sampled."""

    circuit: Circuit
    bindings: Bindings
    shots: int

    @property
    def shape(self) -> Shape:
        """The shape of the result."""
        return self.bindings.shape


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatorPub:
    """Observables to be estimated on a circuit: `observables` of the shape `observed`, in C order."""

    circuit: Circuit
    bindings: Bindings
    observables: tuple[Observable, ...]
    observed: Shape
    shape: Shape
    precision: float

    @property
    def shots(self) -> int:
        """How many shots reach the precision, if an observable is one Pauli."""
        return max(1, math.ceil((1 - 1e-12) / self.precision**2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads the inputs of one job."""

    backend: Backend
    limits: Limits
    budget: Budget

    @classmethod
    def of(cls, backend: Backend, limits: Limits) -> Reader:
        """A reader with a fresh budget."""
        return cls(backend=backend, limits=limits, budget=Budget(limits))

    def circuit(self, value: object) -> Circuit:
        """A circuit: QPY as clients pack it, or the text of OpenQASM 3."""
        if isinstance(value, str):
            text_facts = qasm.read(value, self.limits, max_qubits=self.backend.n_qubits)
            return Circuit(source=value, facts=text_facts)
        if not isinstance(value, Mapping) or tag_of(value) != "QuantumCircuit":
            raise JobRefused("a circuit must be QPY or OpenQASM 3")
        data = maybe_packed(value["__value__"], "a circuit", self.budget)
        facts = qpy.read(data, self.limits, max_qubits=self.backend.n_qubits)
        if len(facts) != 1:
            raise JobRefused(f"a circuit is a QPY file of {len(facts)} circuits")
        return Circuit(source=data, facts=facts[0])

    def bindings(self, value: object, parameters: int) -> Bindings:
        """The values of parameters, in any of the forms in which they are sent."""
        if isinstance(value, Mapping) and "__type__" not in value:
            return self._named(value, parameters)
        array = Numbers((parameters,), ()) if value is None else read_numbers(value, "parameter values", self.budget)
        shape = array.shape
        if parameters == 1 and shape[-1:] != (1,):
            shape = (*shape, 1)
        if not parameters and not array.values and shape[-1:] != (0,):
            shape = (*shape, 0)
        if not shape or shape[-1] != parameters or math.prod(shape) != len(array.values):
            raise JobRefused(f"a circuit has {parameters} parameters, the values for them have the shape {array.shape}")
        return self._bounded(Bindings(shape=shape[:-1], array=Numbers(shape, array.values)))

    def _named(self, value: Mapping[str, Any], parameters: int) -> Bindings:
        named = tuple((name, read_numbers(item, "parameter values", self.budget)) for name, item in value.items())
        if len(named) != parameters:
            raise JobRefused(f"a circuit has {parameters} parameters, there are values for {len(named)}")
        shape: Shape = ()
        for _, item in named:
            shape = broadcast(shape, item.shape, "the values of parameters")
        return self._bounded(Bindings(shape=shape, named=named))

    def _bounded(self, bindings: Bindings) -> Bindings:
        if math.prod(bindings.shape) > self.limits.parameter_sets:
            raise TooLarge(f"a circuit is to be run with more than {self.limits.parameter_sets} sets of parameters")
        return bindings

    def observables(self, value: object, qubits: int) -> tuple[tuple[Observable, ...], Shape]:
        """Observables in nested lists; each is a mapping of Pauli strings to factors, or one Pauli string."""
        shape: list[int] = []
        level: list[Any] = [value]
        while any(isinstance(item, list | tuple) for item in level):
            lengths = {len(item) if isinstance(item, list | tuple) else -1 for item in level}
            if len(lengths) != 1 or len(shape) > 16:
                raise JobRefused("the observables are ragged")
            shape.append(lengths.pop())
            level = [element for item in level for element in item]
            if len(level) > self.limits.observables:
                raise TooLarge(f"there are more than {self.limits.observables} observables")
        return tuple(self._observable(item, qubits) for item in level), tuple(shape)

    def _observable(self, value: object, qubits: int) -> Observable:
        terms: Mapping[Any, Any] = {value: 1.0} if isinstance(value, str) else _mapping(value)
        found = []
        for pauli, factor in terms.items():
            if not isinstance(pauli, str) or not _PAULIS.issuperset(pauli):
                raise JobRefused(f"an observable has the term {bounded(str(pauli))}, which is no Pauli string")
            if len(pauli) != qubits and qubits:
                raise JobRefused(f"an observable is on {len(pauli)} qubits, its circuit has {qubits}")
            if isinstance(factor, bool) or not isinstance(factor, int | float) or not abs(factor) < 1e100:
                raise JobRefused("an observable has a factor that is no real number")
            found.append((pauli, float(factor)))
        return tuple(found)

    def sampler(self, params: Mapping[str, Any]) -> tuple[SamplerPub, ...]:
        """The pubs of a Sampler."""
        default = default_shots(params, self.limits)
        found, executions = [], 0
        for pub in self.pubs(params, longest=3):
            circuit = self.circuit(pub[0])
            bindings = self.bindings(pub[1], circuit.facts.parameters)
            shots = default if pub[2] is None else whole(pub[2], "shots", self.limits)
            executions += math.prod(bindings.shape) * shots
            self.check_executions(executions)
            found.append(SamplerPub(circuit=circuit, bindings=bindings, shots=shots))
        return tuple(found)

    def estimator(self, params: Mapping[str, Any]) -> tuple[EstimatorPub, ...]:
        """The pubs of an Estimator."""
        default = _default_precision(params, self.limits)
        found = []
        for pub in self.pubs(params, longest=4):
            circuit = self.circuit(pub[0])
            hardware = isinstance(circuit.source, str) and "$" in circuit.source
            width = self.backend.n_qubits if hardware else circuit.facts.num_qubits
            observables, observed = self.observables(pub[1], width)
            bindings = self.bindings(pub[2], circuit.facts.parameters)
            shape = broadcast(bindings.shape, observed, "the values of parameters and the observables")
            precision = default if pub[3] is None else positive(pub[3], "precision")
            if math.prod(shape) > self.limits.parameter_sets * 10:
                raise TooLarge(f"a pub asks for {math.prod(shape)} values")
            made = EstimatorPub(
                circuit=circuit,
                bindings=bindings,
                observables=observables,
                observed=observed,
                shape=shape,
                precision=precision,
            )
            if made.shots > self.limits.executions:
                raise TooLarge(f"a precision of {precision} needs more than {self.limits.executions} shots")
            found.append(made)
        return tuple(found)

    def pubs(self, params: Mapping[str, Any], longest: int) -> Iterator[list[Any]]:
        """Each pub, made as long as it can be."""
        pubs = params.get("pubs")
        if not isinstance(pubs, list) or not pubs:
            raise JobRefused("the inputs have no pubs")
        if len(pubs) > self.limits.pubs:
            raise TooLarge(f"a job may have {self.limits.pubs} pubs, this has {len(pubs)}")
        for pub in pubs:
            parts = pub if isinstance(pub, list) else [pub]
            if not 1 <= len(parts) <= longest:
                raise JobRefused(f"a pub has {len(parts)} parts, not between 1 and {longest}")
            yield [*parts, *[None] * (longest - len(parts))]

    def check_executions(self, executions: int) -> None:
        """Refuse more shots, all together, than a job may have."""
        if executions > self.limits.executions:
            raise TooLarge(f"a job may have {self.limits.executions} executions, this asks for {executions} or more")


def _mapping(value: object) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping) or "__type__" in value:
        raise JobRefused("an observable must be a mapping of Pauli strings to real factors")
    return value


def options(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of a job; only what is looked for in them is ever decoded."""
    found = params.get("options")
    return found if isinstance(found, Mapping) else {}


def section(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A group of options, empty if it is not there."""
    found = of.get(name)
    return found if isinstance(found, Mapping) else {}


def whole(value: object, what: str, limits: Limits) -> int:
    """A whole number from 1 to the number of executions of a job."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise JobRefused(f"{what} must be a whole number, 1 or more")
    if value > limits.executions:
        raise TooLarge(f"a job may have {limits.executions} executions, this asks for {str(value)[:30]} {what}")
    return value


def positive(value: object, what: str) -> float:
    """A number above zero."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        raise JobRefused(f"{what} must be a number above zero, and no more than a million")
    if value < _FINEST:
        raise TooLarge(f"a {what} of {value} needs too many shots")
    return float(value)


def default_shots(params: Mapping[str, Any], limits: Limits) -> int:
    """The shots of pubs that name none: those of the run, of twirling, of the options, or the service's default.

    Evidence: the client documents that the product of twirling's two numbers takes precedence over `default_shots`.
    """
    for value in (params.get("shots"), _twirled_shots(params), options(params).get("default_shots")):
        if value is not None:
            return whole(value, "shots", limits)
    return DEFAULT_SHOTS


def randomizations(params: Mapping[str, Any]) -> int:
    """How many randomizations twirling asks for. Evidence for the default: results of the service say 32."""
    asked = section(options(params), "twirling").get("num_randomizations")
    return asked if isinstance(asked, int) and not isinstance(asked, bool) else 32


def _twirled_shots(params: Mapping[str, Any]) -> int | None:
    twirling = section(options(params), "twirling")
    number, each = twirling.get("num_randomizations"), twirling.get("shots_per_randomization")
    if not isinstance(number, int) or not isinstance(each, int) or isinstance(number, bool) or isinstance(each, bool):
        return None
    return number * each


def _default_precision(params: Mapping[str, Any], limits: Limits) -> float:
    """The precision of pubs that name none. Evidence: the client documents that shots override `default_precision`."""
    chosen = options(params)
    if params.get("precision") is not None:
        return positive(params["precision"], "precision")
    for shots in (_twirled_shots(params), chosen.get("default_shots")):
        if shots is not None:
            return 1 / math.sqrt(whole(shots, "shots", limits))
    if chosen.get("default_precision") is not None:
        return positive(chosen["default_precision"], "precision")
    return DEFAULT_PRECISION


def plain(params: Mapping[str, Any]) -> bool:
    """Whether results go without Python's types: unless the client says that it knows them.

    Evidence: IBM's guide for REST users says nothing of `support_qiskit` and reads `results[0].data.c.samples`; every
    qiskit-ibm-runtime that is supported says that it is true.
    """
    said = (params.get("support_qiskit"), options(params).get("support_qiskit"))
    return False in said or True not in said


def strides(facts: Facts) -> int:
    """How many bytes a shot of all registers takes."""
    return sum(-(-register.size // 8) for register in facts.registers)


def check_result(pubs: Sequence[SamplerPub], limits: Limits, *, factor: int = 1) -> None:
    """Refuse results that are too large to be sent."""
    size = sum(math.prod(pub.shape) * pub.shots * strides(pub.circuit.facts) for pub in pubs) * factor
    if size > limits.result_bytes:
        raise TooLarge(f"the result would have {size} bytes, not at most {limits.result_bytes}")
