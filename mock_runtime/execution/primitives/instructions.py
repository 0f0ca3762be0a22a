"""The instructions that circuits may have: Qiskit's names of them in QPY files, and their names in a target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

CONTROL_FLOW: Final[Mapping[str, str]] = {
    "BoxOp": "box",
    "BreakLoopOp": "break_loop",
    "ContinueLoopOp": "continue_loop",
    "ForLoopOp": "for_loop",
    "IfElseOp": "if_else",
    "SwitchCaseOp": "switch_case",
    "WhileLoopOp": "while_loop",
}

CUSTOM: Final = frozenset({"ControlledGate", "Gate", "Instruction"})
"""Classes whose instructions are defined in the file."""

_GATES: Final = {
    "C3SXGate": "c3sx",
    "C3XGate": "mcx",
    "C4XGate": "mcx",
    "CCXGate": "ccx",
    "CCZGate": "ccz",
    "CHGate": "ch",
    "CPhaseGate": "cp",
    "CRXGate": "crx",
    "CRYGate": "cry",
    "CRZGate": "crz",
    "CSGate": "cs",
    "CSXGate": "csx",
    "CSdgGate": "csdg",
    "CSwapGate": "cswap",
    "CU1Gate": "cu1",
    "CU3Gate": "cu3",
    "CUGate": "cu",
    "CXGate": "cx",
    "CYGate": "cy",
    "CZGate": "cz",
    "DCXGate": "dcx",
    "ECRGate": "ecr",
    "GlobalPhaseGate": "global_phase",
    "HGate": "h",
    "IGate": "id",
    "MCPhaseGate": "mcphase",
    "MCXGate": "mcx",
    "PauliGate": "pauli",
    "PhaseGate": "p",
    "RC3XGate": "rcccx",
    "RCCXGate": "rccx",
    "RGate": "r",
    "RXGate": "rx",
    "RXXGate": "rxx",
    "RYGate": "ry",
    "RYYGate": "ryy",
    "RZGate": "rz",
    "RZXGate": "rzx",
    "RZZGate": "rzz",
    "SGate": "s",
    "SXGate": "sx",
    "SXdgGate": "sxdg",
    "SdgGate": "sdg",
    "SwapGate": "swap",
    "TGate": "t",
    "TdgGate": "tdg",
    "U1Gate": "u1",
    "U2Gate": "u2",
    "U3Gate": "u3",
    "UGate": "u",
    "UnitaryGate": "unitary",
    "XGate": "x",
    "XXMinusYYGate": "xx_minus_yy",
    "XXPlusYYGate": "xx_plus_yy",
    "YGate": "y",
    "ZGate": "z",
    "iSwapGate": "iswap",
}

_OTHERS: Final = {
    "Barrier": "barrier",
    "Delay": "delay",
    "Initialize": "initialize",
    "Measure": "measure",
    "Reset": "reset",
    "StatePreparation": "state_preparation",
    "Store": "store",
}

KNOWN: Final[Mapping[str, str]] = {**_GATES, **_OTHERS, **CONTROL_FLOW}
"""All that may stand in a QPY file under its own name, with its name in a target."""

FREE: Final = frozenset({"barrier", "box", "break_loop", "continue_loop", "store", "global_phase"})
"""What no target needs to name."""

_SUFFIX: Final = re.compile(r"_[0-9a-f]{32}$|_\d+$")


def canonical(name: str, *, custom: bool, version: int) -> str:
    """The name of an instruction in a target; those defined in a file have a suffix there since version 11."""
    if custom:
        return _SUFFIX.sub("", name) if version >= 11 else name
    return KNOWN.get(name, name)
