"""Reading JSON by the letter."""

from __future__ import annotations

import pytest

from runtime_contracts.strict_json import InvalidJsonError, decode_json, decode_text

REFUSED = {
    b"\xff": "not UTF-8",
    b"\xef\xbb\xbf{}": "byte order mark",
    b"NaN": "NaN is no JSON number",
    b"[-Infinity]": "-Infinity is no JSON number",
    b"1e400": "too large for a double",
    b'{"a": 1, "a": 2}': "same key twice",
    b'"\\ud800"': "half of a surrogate pair",
    b"7" * 5000: "too many digits",
    b"[" * 100_000: "nested too deeply",
    b"": "not JSON",
    b"{'a': 1}": "not JSON",
}


@pytest.mark.parametrize("content", REFUSED, ids=lambda content: str(content[:12]))
def test_what_two_readers_could_understand_differently_is_refused(content: bytes) -> None:
    """Each oddity is refused with a reason."""
    with pytest.raises(InvalidJsonError, match=REFUSED[content]):
        decode_json(content)


def test_ordinary_json_is_read() -> None:
    """Ordinary JSON, with escapes of whole surrogate pairs and large integers, is read as it is meant."""
    text = b' {"a": [1, -2.5, true, null, "\\ud83c\\udf00"], "b": 100000000000000000000} '
    assert decode_json(text) == {"a": [1, -2.5, True, None, "\U0001f300"], "b": 10**20}


def test_text_may_begin_with_anything() -> None:
    """A text that is not JSON may begin with the mark that JSON must not have, but it has to be UTF-8."""
    assert decode_text(b"\xef\xbb\xbfa") == "\ufeffa"
    with pytest.raises(InvalidJsonError, match="byte 1"):
        decode_text(b"a\xff")
