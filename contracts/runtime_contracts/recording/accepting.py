"""Differences that somebody has accepted: a YAML file of them, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime_contracts.recording.shapes import Difference, is_under

if TYPE_CHECKING:
    from pathlib import Path

_KEYS = ("reason", "where", "operation", "kind")
_LARGEST_BYTES = 1024 * 1024


class InvalidAcceptedError(ValueError):
    """A file is no list of accepted differences; the message says where and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Differences that are known and accepted.

    Attributes:
        reason: why.
        where: pattern for the JSON pointer, such as "/usage/*"; "" for all.
        operation: id of the operation; "" for all.
        kind: kind of the difference; "" for all.
    """

    reason: str
    where: str = ""
    operation: str = ""
    kind: str = ""

    def covers(self, operation: str, difference: Difference) -> bool:
        """Tell whether a difference is one of these."""
        return (
            self.operation in {"", operation}
            and self.kind in {"", difference.kind}
            and (not self.where or is_under(difference.where, self.where))
        )


def load_accepted(file: Path) -> list[Accepted]:
    """Return the accepted differences in a YAML file.

    Raises:
        InvalidAcceptedError: it cannot be read, or is something else.
    """
    import yaml  # noqa: PLC0415 - whoever accepts nothing does not pay for the parser

    try:
        text = file.read_text(encoding="utf-8")
        value = yaml.safe_load(text) if len(text) <= _LARGEST_BYTES else None
    except OSError as error:
        raise InvalidAcceptedError(f"{file} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise InvalidAcceptedError(f"{file} is no YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(value, list):
        raise InvalidAcceptedError(f"{file}: expected a list of {', '.join(_KEYS)}")
    return [_accepted(item, f"{file}: entry {number}") for number, item in enumerate(value, start=1)]


def _accepted(item: Any, where: str) -> Accepted:
    if not isinstance(item, dict) or not all(isinstance(each, str) for pair in item.items() for each in pair):
        raise InvalidAcceptedError(f"{where}: expected texts under {', '.join(_KEYS)}")
    unknown = [key for key in item if key not in _KEYS]
    if unknown:
        raise InvalidAcceptedError(f"{where}: there is no {unknown[0]!r}; known are {', '.join(_KEYS)}")
    if not item.get("reason", "").strip():
        raise InvalidAcceptedError(f"{where}: the reason is missing")
    if len(item) == 1:
        raise InvalidAcceptedError(f"{where}: it names neither where, operation nor kind, and so would accept anything")
    return Accepted(**item)
