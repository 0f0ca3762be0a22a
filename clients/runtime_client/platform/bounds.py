"""Words that many models share: numbers with the bounds of the document, and the texts it restricts."""

from __future__ import annotations

from typing import Annotated, Any

from runtime_client.shapes import Array, Integer, Number, Object, Text

INT32 = 2147483647
SAFE = 9007199254740991
"""The largest integer that every reader of JSON keeps."""

Count = Annotated[int, Integer(at_least=0, at_most=INT32)]
Positive = Annotated[int, Integer(at_least=1, at_most=INT32)]
Line = Text(pattern="^.*$")
"""A text without a line feed."""
LineText = Annotated[str, Line]
Map = Annotated[dict[str, Any], Object()]
"""An object that the document leaves open."""
Moment = Annotated[str, Text(format="date-time")]
NotNegative = Annotated[float, Number(at_least=0)]
TAG = Text(pattern="^.*$", at_most=86)
Tags = Annotated[tuple[str, ...], Array(TAG, at_most=8)]
