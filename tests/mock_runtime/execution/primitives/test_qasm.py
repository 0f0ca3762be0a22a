"""OpenQASM 3 texts, looked at without a parser."""

from __future__ import annotations

import pytest

from mock_runtime.execution.primitives import qasm
from mock_runtime.execution.primitives.qpy import Facts
from mock_runtime.execution.primitives.refusals import JobRefused, Limits, TooLarge

BELL = """OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta;
bit[2] meas; // "bit[9] no;"
/* bit[7] neither; */
sx $3;
rz(theta) $3;
cz $3, $4;
meas[0] = measure $3;
meas[1] = measure $4;
"""


HUGE = [
    "OPENQASM 3; bit[1_000_000_000] c;",
    "OPENQASM 3; bit[0xffffffff] c;",
    "OPENQASM 3; creg c[0b1111111111111111111111111111111111];",
    "OPENQASM 3; bit[0o77777777777777] c;",
    f"OPENQASM 3; bit[{'9' * 10_000}] c;",
    f"OPENQASM 3; qubit q; for int i in [0:{2**63}] {{ x q; }}",
    "OPENQASM 3; qubit q; for int i in [ 0x0 : 0xffffffffffffffff ] { x q; }",
    "OPENQASM 3; gate g0(a) q { x q; }" + "".join(f"gate g{n} q {{ g{n - 1} q; g{n - 1} q; }}" for n in range(1, 60)),
    "OPENQASM 3; " + "".join(f"bit[600_000] c{n};" for n in range(2)),
]


def facts(text: str, max_qubits: int = 10) -> Facts:
    """What is found in a text."""
    return qasm.read(text, Limits(), max_qubits=max_qubits)


def test_a_text_tells_what_it_is() -> None:
    """The registers, the parameters, and how far its hardware qubits go; comments tell nothing."""
    found = facts(BELL)
    assert [(register.name, register.size) for register in found.registers] == [("meas", 2)]
    assert (found.num_qubits, found.num_clbits, found.parameters, found.measured) == (5, 2, 1, {0, 1})


def test_registers_of_either_spelling_are_found_in_order() -> None:
    """`bit` and `creg`, with sizes and without."""
    found = facts("OPENQASM 3; creg b[2]; bit a; bit[3] c; qubit[2] q; qubit r;")
    assert [(register.name, register.bits) for register in found.registers] == [
        ("b", (0, 1)),
        ("a", (2,)),
        ("c", (3, 4, 5)),
    ]
    assert found.num_qubits == 3


def test_hardware_qubits_keep_their_numbers() -> None:
    """As elements of a register as wide as the device, declared after the version."""
    lines = qasm.on_device(BELL, 7).splitlines()
    assert lines[:2] == ["OPENQASM 3.0;", "qubit[7] device_qubits;"]
    assert "cz device_qubits[3], device_qubits[4];" in lines


def test_a_text_without_hardware_qubits_stays_as_it_is() -> None:
    """But for its comments."""
    text = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\n'
    assert qasm.on_device(text, 7) == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "neither QPY nor OpenQASM 3"),
        ("OPENQASM 2.0; qreg q[1];", "neither QPY nor OpenQASM 3"),
        ('OPENQASM 3; include "/etc/passwd";', "only stdgates.inc"),
        ('OPENQASM 3; include "../stdgates.inc";', "only stdgates.inc"),
        ("OPENQASM 3; include '/etc/passwd';", "only stdgates.inc"),
        ("OPENQASM 3; qubit[11] q;", "11 qubits, the backend has 10"),
        ("OPENQASM 3; qubit[0x10] q; qubit[1_0] r;", "26 qubits, the backend has 10"),
        ("OPENQASM 3; qreg q[0b1011];", "11 qubits, the backend has 10"),
        ("OPENQASM 3; bit[100 * 100] c;", "has the size '?100 . 100'?, which is no whole number"),
        ("OPENQASM 3; qubit[n] q;", "which is no whole number"),
        ("OPENQASM 3; x $99999999999999999999;", "the backend has 10"),
        ("OPENQASM 3; x(" + "(" * 100, "nested more than 64 deep"),
    ],
)
def test_what_cannot_run_is_refused(text: str, sentence: str) -> None:
    """With a sentence."""
    with pytest.raises(JobRefused, match=sentence):
        facts(text)


@pytest.mark.parametrize("text", ["OPENQASM 3;" + " " * 2**23, f"OPENQASM 3; bit[{9**30}] c;", *HUGE])
def test_what_is_too_large_is_refused(text: str) -> None:
    """Long texts, and registers for which there would be no memory."""
    with pytest.raises(TooLarge):
        facts(text)


def test_two_kinds_of_qubits_do_not_mix() -> None:
    """Where the declared ones would be on the device nobody knows."""
    with pytest.raises(JobRefused, match="hardware qubits and declares others"):
        qasm.on_device("OPENQASM 3; qubit q; x $0;", 5)
