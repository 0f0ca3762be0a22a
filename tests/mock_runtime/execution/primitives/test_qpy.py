"""QPY files, walked without Qiskit."""

from __future__ import annotations

import random  # noqa: TID251 - a seeded stream, for mutations
import struct
import zlib
from base64 import b64decode

import pytest

from mock_runtime.execution.primitives import qpy
from mock_runtime.execution.primitives.qpy import Facts, Register
from mock_runtime.execution.primitives.refusals import NON_ISA, JobRefused, Limits, TooLarge
from tests.mock_runtime.execution.primitives import samples

ALL = [value for name, value in sorted(vars(samples).items()) if name[0].isupper() and isinstance(value, str)]


def raw(packed: str) -> bytes:
    """The file in a sample."""
    return zlib.decompress(b64decode(packed))


def facts(data: bytes, limits: Limits | None = None, max_qubits: int = 10) -> Facts:
    """What is found in a file of one circuit."""
    (found,) = qpy.read(data, limits or Limits(), max_qubits=max_qubits)
    return found


@pytest.mark.parametrize("packed", [samples.BELL_13, samples.BELL_17, samples.BELL_18])
def test_a_circuit_tells_what_it_is(packed: str) -> None:
    """Its name, its sizes, its registers, and what it is made of; in every version that clients send."""
    found = facts(raw(packed))
    assert (found.name, found.num_qubits, found.num_clbits, found.parameters) == ("bell", 2, 2, 0)
    assert found.registers == (Register(name="meas", bits=(0, 1)),)
    assert found.names == {"sx", "cz", "barrier", "measure"}
    assert (found.instructions, found.measured) == (5, {0, 1})


@pytest.mark.parametrize("packed", [samples.REGISTERS_13, samples.REGISTERS_17, samples.REGISTERS_18])
def test_registers_have_their_sizes_and_places(packed: str) -> None:
    """Of nine bits and of one, of which two are measured."""
    found = facts(raw(packed))
    assert [(register.name, register.size) for register in found.registers] == [("wide", 9), ("narrow", 1)]
    assert found.registers[1].bits == (9,)
    assert found.measured == {8, 9}


@pytest.mark.parametrize("packed", [samples.PARAMETERS_13, samples.PARAMETERS_17, samples.PARAMETERS_18])
def test_parameters_are_counted_once(packed: str) -> None:
    """One that stands twice, and one element of a vector."""
    assert facts(raw(packed)).parameters == 2


def test_parameters_that_gave_way_to_others_are_not_counted() -> None:
    """Those of the definition of a gate, which the transpiler replaced by the circuit's own."""
    assert facts(raw(samples.SUBSTITUTED_14)).parameters == 1


@pytest.mark.parametrize("packed", [samples.OLD_SYMENGINE, samples.OLD_SYMPY])
def test_expressions_of_old_files_are_walked(packed: str) -> None:
    """θ, b, and the three elements of v."""
    assert facts(raw(packed)).parameters == 5


@pytest.mark.parametrize("packed", ALL)
def test_the_beginning_of_a_file_tells_its_width(packed: str) -> None:
    """So that a circuit too wide is refused before it is unpacked."""
    data = raw(packed)
    assert qpy.width(data[:512]) == facts(data).num_qubits


@pytest.mark.parametrize(
    "head", [b"", b"QISKIT", b"QISKIT\xff" + bytes(100), b"NOTHING" + bytes(100), b"QISKIT\x12" + b"\xff" * 99]
)
def test_a_beginning_that_does_not_tell_is_left_to_the_walk(head: bytes) -> None:
    """None, and no error."""
    assert qpy.width(head) is None


def test_a_circuit_wider_than_the_backend_is_refused() -> None:
    """By its header."""
    with pytest.raises(JobRefused, match="3 qubits, the backend has 2"):
        facts(raw(samples.REGISTERS_18), max_qubits=2)


def test_too_many_instructions_are_refused() -> None:
    """Before they are looked at."""
    with pytest.raises(TooLarge, match="more than 4 instructions"):
        facts(raw(samples.BELL_18), Limits(instructions=4))


@pytest.mark.parametrize("version", [0, 9, 19, 255])
def test_versions_that_are_not_known_are_refused(version: int) -> None:
    """Too old or too new."""
    data = bytearray(raw(samples.BELL_18))
    data[6] = version
    with pytest.raises(JobRefused, match=f"QPY version {version} is not read"):
        facts(bytes(data))


def test_counts_are_not_taken_at_their_word() -> None:
    """A number of circuits for which there would be no memory."""
    data = bytearray(raw(samples.BELL_18))
    data[10:18] = struct.pack("!Q", 2**60)
    with pytest.raises(JobRefused, match="circuits, not between"):
        facts(bytes(data))


@pytest.mark.parametrize("name", [b"QuantumVolume", b"Permutations", b"__builtins__", b"importlib____"])
def test_an_instruction_of_another_name_is_refused(name: bytes) -> None:
    """Qiskit's reader of old files looks names up among all attributes of its modules."""
    data = raw(samples.OLD_SYMPY).replace(struct.pack("!H", 6) + b"\0\0", struct.pack("!H", len(name)) + b"\0\0")
    with pytest.raises(JobRefused) as refused:
        facts(data.replace(b"RZGate", name))
    assert refused.value.code == NON_ISA


def test_what_follows_the_end_is_refused() -> None:
    """Nothing may hide there."""
    with pytest.raises(JobRefused, match="goes on after its end"):
        facts(raw(samples.BELL_18) + b"x")


@pytest.mark.parametrize("packed", ALL)
def test_a_file_that_is_cut_is_refused(packed: str) -> None:
    """Wherever it is cut."""
    data = raw(packed)
    for size in range(len(data)):
        with pytest.raises(JobRefused):
            facts(data[:size])


@pytest.mark.parametrize("packed", ALL)
def test_a_file_that_is_damaged_is_read_or_refused(packed: str) -> None:
    """Whatever is changed in it: never another error."""
    stream = random.Random(packed)  # noqa: S311 - for mutations
    data = raw(packed)
    refused = 0
    for _ in range(400):
        damaged = bytearray(data)
        for _ in range(stream.choice([1, 1, 3])):
            at = stream.randrange(len(damaged))
            damaged[at : at + stream.randrange(3)] = stream.randbytes(stream.randrange(3))
        try:
            facts(bytes(damaged))
        except JobRefused:
            refused += 1
    assert refused > 100
