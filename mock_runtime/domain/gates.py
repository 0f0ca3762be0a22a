"""The gates that backends may have: on how many qubits, with which parameters, and what each is in OpenQASM 2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate by the name that circuits call it. `qasm` is its definition in terms of U and CX.

    A `virtual` gate only changes the frame of what follows: it takes no time and makes no error.
    """

    name: str
    qasm: str
    n_qubits: int = 1
    parameters: tuple[str, ...] = ()
    virtual: bool = False


def _one(name: str, angles: str, *parameters: str, virtual: bool = False) -> Gate:
    declared = f"({','.join(parameters)})" if parameters else ""
    return Gate(name, f"gate {name}{declared} q {{ U({angles}) q; }}", 1, parameters, virtual)


def _two(name: str, body: str, *parameters: str) -> Gate:
    declared = f"({','.join(parameters)})" if parameters else ""
    return Gate(name, f"gate {name}{declared} q0, q1 {{ {body} }}", 2, parameters)


_H0: Final = "U(pi/2, 0, pi) q0;"
_H1: Final = "U(pi/2, 0, pi) q1;"

GATES: Final = {
    gate.name: gate
    for gate in (
        _one("id", "0, 0, 0"),
        _one("x", "pi, 0, pi"),
        _one("y", "pi, pi/2, pi/2"),
        _one("h", "pi/2, 0, pi"),
        _one("sx", "pi/2, 3*pi/2, pi/2"),
        _one("sxdg", "pi/2, pi/2, 3*pi/2"),
        _one("z", "0, 0, pi", virtual=True),
        _one("s", "0, 0, pi/2", virtual=True),
        _one("sdg", "0, 0, 3*pi/2", virtual=True),
        _one("t", "0, 0, pi/4", virtual=True),
        _one("tdg", "0, 0, 7*pi/4", virtual=True),
        _one("rz", "0, 0, theta", "theta", virtual=True),
        _one("p", "0, 0, theta", "theta", virtual=True),
        _one("u1", "0, 0, theta", "theta", virtual=True),
        _one("rx", "theta, 3*pi/2, pi/2", "theta"),
        _one("ry", "theta, 0, 0", "theta"),
        _one("u2", "pi/2, phi, lam", "phi", "lam"),
        _one("u3", "theta, phi, lam", "theta", "phi", "lam"),
        _one("u", "theta, phi, lam", "theta", "phi", "lam"),
        _two("cx", "CX q0, q1;"),
        _two("cz", f"{_H1} CX q0, q1; {_H1}"),
        _two("cy", "U(0, 0, 3*pi/2) q1; CX q0, q1; U(0, 0, pi/2) q1;"),
        _two("swap", "CX q0, q1; CX q1, q0; CX q0, q1;"),
        _two("iswap", f"U(0, 0, pi/2) q0; U(0, 0, pi/2) q1; {_H0} CX q0, q1; CX q1, q0; {_H1}"),
        _two("ecr", "U(0, 0, pi/2) q0; U(pi/2, 3*pi/2, pi/2) q1; CX q0, q1; U(pi, 0, pi) q0;"),
        _two("rzz", "CX q0, q1; U(0, 0, theta) q1; CX q0, q1;", "theta"),
        _two("rxx", f"{_H0} {_H1} CX q0, q1; U(0, 0, theta) q1; CX q0, q1; {_H0} {_H1}", "theta"),
    )
}
"""By name. IBM's devices have few of them; the others are for simulators and for devices that files describe."""
