"""Results as clients decode them."""

from __future__ import annotations

import json
import math

import pytest

from mock_runtime.execution.primitives.decoding import Budget, read_npy, unpacked
from mock_runtime.execution.primitives.encoding import (
    Bits,
    PubAnswer,
    Span,
    Tensor,
    data_bin,
    dumps,
    estimator_result,
    floats,
    ndarray,
    nested,
    npy,
    sampler_result,
)
from mock_runtime.execution.primitives.refusals import Limits

SPAN = Span(start=1_700_000_000.0, stop=1_700_000_001.0, pubs=[((), 2)])


def answer() -> PubAnswer:
    """Two shots of a register of two bits: 0 and 3."""
    return PubAnswer(shape=(), fields={"c": Bits(shape=(), shots=2, num_bits=2, raw=b"\x00\x03")}, metadata={})


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_an_array_is_read_as_it_was_written(shape: tuple[int, ...]) -> None:
    """Our writer of .npy and our reader agree, whatever the shape."""
    made = floats(map(float, range(math.prod(shape))), shape)
    assert read_npy(npy(made)) == made


def test_the_header_of_an_array_ends_where_numpy_wants_it() -> None:
    """At a multiple of 64 bytes, with a newline."""
    data = npy(floats([1.0], (1,)))
    assert len(data[:-8]) % 64 == 0
    assert data[-9:-8] == b"\n"


def test_numpy_reads_our_arrays() -> None:
    """The shape, the type and the values."""
    numpy = pytest.importorskip("numpy")
    import io  # noqa: PLC0415 - only with numpy

    read = numpy.load(io.BytesIO(npy(floats([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], (2, 3)))), allow_pickle=False)
    assert read.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


def test_a_register_carries_its_bits_and_their_number() -> None:
    """As bytes of shots, most significant first."""
    field = data_bin((), answer().fields)["__value__"]["fields"]["c"]
    raw = unpacked(field["__value__"]["array"]["__value__"], "an array", Budget(Limits()))
    assert (field["__type__"], field["__value__"]["num_bits"]) == ("BitArray", 2)
    assert read_npy(raw) == Tensor("|u1", (2, 1), b"\x00\x03")


def test_the_plain_form_has_hexadecimal_samples() -> None:
    """What clients ask for that know no Python."""
    assert json.loads(sampler_result([answer()], SPAN, plain=True))["results"] == [
        {"data": {"c": {"samples": ["0x0", "0x3"], "num_bits": 2}}, "metadata": {}}
    ]


def test_a_register_without_bits_still_has_its_shots() -> None:
    """Zero bits a shot, and as many samples as shots."""
    assert Bits(shape=(2,), shots=3, num_bits=0, raw=b"").samples() == ["0x0"] * 6


def test_the_plain_form_of_values_is_nested_lists() -> None:
    """In the shape of the pub."""
    fields = {"evs": floats([1.0, 2.0, 3.0, 4.0], (2, 2))}
    text = estimator_result([PubAnswer(shape=(2, 2), fields=fields, metadata={})], {"version": 2}, plain=True)
    assert json.loads(text)["results"][0]["data"] == {"evs": [[1.0, 2.0], [3.0, 4.0]]}


def test_a_complex_number_is_a_pair_in_the_plain_form() -> None:
    """Real part, then imaginary part."""
    assert nested(Tensor("<c16", (1,), floats([1.0, -2.0], (2,)).raw)) == [[1.0, -2.0]]


def test_spans_tell_when_which_shots_were_run() -> None:
    """For each pub its shape, all its elements, all its shots."""
    found = json.loads(sampler_result([answer()], SPAN))["__value__"]["metadata"]["execution"]["execution_spans"]
    span = found["__value__"]["spans"][0]["__value__"]
    assert span["data_slices"] == {"0": [[2], 0, 1, 0, 2]}
    assert span["start"] == {"__type__": "datetime", "__value__": "2023-11-14T22:13:20+00:00"}


def test_numbers_that_json_does_not_know_are_not_written() -> None:
    """NaN would end a client."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps(math.nan)


def test_arrays_of_results_are_tagged() -> None:
    """As the client's decoder wants them."""
    assert set(ndarray(floats([1.0], (1,)))) == {"__type__", "__value__"}
