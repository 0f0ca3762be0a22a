"""What can be refused before any work is done: on the event loop, so that it looks at little."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from mock_runtime.domain.errors import bounded
from mock_runtime.execution import Submission
from mock_runtime.execution.primitives import qpy
from mock_runtime.execution.primitives.inputs import default_shots, whole
from mock_runtime.execution.primitives.refusals import JobRefused, Limits, TooLarge

T = TypeVar("T")

LIGHT: Final = 128 * 1024
"""Up to how many characters of payload a result may be made up at once."""

_MOST_VALUES: Final = 5_000
_HEAD: Final = 65_536


def check(submission: Submission, limits: Limits) -> int:
    """How heavy a job is, in characters of its inputs; JobRefused if it is one that can be seen not to run."""
    params = submission.inputs
    if not isinstance(params, Mapping):
        raise JobRefused("the inputs must be a JSON object")
    pubs = params.get("pubs")
    if isinstance(pubs, list):
        if len(pubs) > limits.pubs:
            raise TooLarge(f"a job may have {limits.pubs} pubs, this has {len(pubs)}")
        if submission.program_id == "sampler":
            _check_shots(params, pubs, limits)
        if submission.program_id == "estimator":
            _check_observables(pubs, limits)
        for pub in pubs:
            _check_width(pub[0] if isinstance(pub, list) and pub else pub, submission.backend.n_qubits)
    return _weight(params)


def _check_shots(params: Mapping[str, Any], pubs: list[Any], limits: Limits) -> None:
    default = default_shots(params, limits)
    asked = 0
    for pub in pubs:
        given = pub[2] if isinstance(pub, list) and len(pub) > 2 else None
        asked += default if given is None else whole(given, "shots", limits)
    if asked > limits.executions:
        raise TooLarge(f"a job may have {limits.executions} executions, this asks for {asked} or more")


def _check_observables(pubs: list[Any], limits: Limits) -> None:
    """Refuse lists of observables that are too long to be handed to another process in no time."""
    asked = sum(len(pub[1]) for pub in pubs if isinstance(pub, list) and len(pub) > 1 and isinstance(pub[1], list))
    if asked > limits.observables:
        raise TooLarge(f"there are more than {limits.observables} observables")


def _check_width(circuit: object, most: int) -> None:
    """Refuse a circuit whose header already tells of more qubits than there are."""
    if not isinstance(circuit, Mapping) or not isinstance(circuit.get("__value__"), str):
        return
    try:
        head = base64.b64decode(circuit["__value__"][:512])
        raw = zlib.decompressobj().decompress(head, 512)
    except (binascii.Error, ValueError, zlib.error):
        return  # said properly when it is decoded
    width = qpy.width(raw)
    if width is not None and width > most:
        raise JobRefused(f"a circuit has {width} qubits, the backend has {most}")


def _weight(params: Mapping[str, Any]) -> int:
    """The characters of all texts and the number of all values, or more than `LIGHT` if there are too many to count."""
    total = 0
    waiting: list[Any] = [params]
    for _ in range(_MOST_VALUES):
        if not waiting:
            return total
        value = waiting.pop()
        if isinstance(value, str):
            total += len(value)
        elif isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, list):
            if len(value) > _MOST_VALUES:
                break
            waiting.extend(value)
        total += 8
    return LIGHT + 1


def body_of(program_id: str, programs: Mapping[str, T]) -> T:
    """The program of that id; JobRefused if there is none."""
    if program_id not in programs:
        raise JobRefused(f"there is no program {bounded(program_id)} here")
    return programs[program_id]
