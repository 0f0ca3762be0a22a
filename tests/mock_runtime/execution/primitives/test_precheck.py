"""What is refused on the event loop."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import pytest

from mock_runtime.execution import Submission
from mock_runtime.execution.primitives.precheck import LIGHT, check
from mock_runtime.execution.primitives.refusals import JobRefused, Limits
from tests.mock_runtime.execution.primitives import samples
from tests.mock_runtime.execution.primitives.devices import line
from tests.mock_runtime.execution.primitives.samples import circuit


def weight(inputs: Any, program: str = "sampler") -> int:
    """How heavy a job on two qubits is."""
    return check(Submission(job_id="j", program_id=program, backend=line(2), inputs=inputs), Limits())


def test_an_ordinary_job_is_light() -> None:
    """Some hundred characters."""
    assert 0 < weight({"pubs": [[circuit(samples.BELL_18), None, 100]]}) < 2000


@pytest.mark.parametrize("pubs", [[["x" * (LIGHT + 1)]], [[1, [0.1] * 10_000]], [[1, [[1]] * 900]] * 900])
def test_a_large_job_is_heavy(pubs: object) -> None:
    """Long texts, or more values than are worth counting."""
    assert weight({"pubs": pubs}) > LIGHT


@pytest.mark.parametrize("pubs", [[[1, ["ZZ"] * 100_001]], [[1, ["ZZ"] * 50_001]] * 2])
def test_too_many_observables_are_refused_at_once(pubs: object) -> None:
    """All together."""
    with pytest.raises(JobRefused, match="more than 100000 observables"):
        weight({"pubs": pubs}, "estimator")


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ([], "must be a JSON object"),
        ({"pubs": [[1, None, 10**9]]}, "a job may have 10000000 executions"),
        ({"pubs": [[1, None, 9_000_000]] * 2}, "this asks for 18000000"),
        ({"pubs": [1] * 1001}, "this has 1001"),
        ({"pubs": [[circuit(samples.REGISTERS_18)]]}, "3 qubits, the backend has 2"),
        ({"pubs": [[1]], "options": {"default_shots": "many"}}, "whole number"),
    ],
)
def test_what_cannot_run_is_refused_at_once(inputs: object, sentence: str) -> None:
    """Shots, pubs, and circuits that are too wide."""
    with pytest.raises(JobRefused, match=sentence):
        weight(inputs)


def test_ten_thousand_qubits_are_refused_by_the_header() -> None:
    """Of which nothing more is unpacked: what follows is a bomb."""
    head = struct.pack("!6sBBBBQc", b"QISKIT", 13, 1, 3, 0, 1, b"p") + b"q"
    head += struct.pack("!H1cHIIQIQI", 0, b"f", 8, 10_000, 0, 2, 1, 0, 0)
    bomb = base64.b64encode(zlib.compress(head + bytes(20_000_000))).decode()
    with pytest.raises(JobRefused, match="10000 qubits, the backend has 2"):
        weight({"pubs": [[circuit(bomb)]]})


@pytest.mark.parametrize("value", ["", "%%%", "AAAA", None, 7])
def test_what_is_not_readable_is_left_to_the_reader(value: object) -> None:
    """Which says what is wrong with it."""
    assert weight({"pubs": [[circuit(value)]]}) >= 0  # type: ignore[arg-type]
