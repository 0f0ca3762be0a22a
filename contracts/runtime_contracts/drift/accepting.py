"""Changes that somebody has looked at and accepted, with reasons, in a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from runtime_contracts.sources.parsing import MAX_BYTES, SourceError, value_of
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runtime_contracts.drift.change import Change

_SELECTORS = ("rule", "kind", "pointer", "operation", "what")
_KEYS = ("reason", *_SELECTORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One entry of the file: changes that are all right, and why.

    What is not said matches everything; what is said may have the wildcards `*` and `?`.

    Attributes:
        operation: matches if it is one of those that the change reaches.
    """

    reason: str
    rule: str | None = None
    kind: str | None = None
    pointer: str | None = None
    operation: str | None = None
    what: str | None = None

    def matches(self, change: Change) -> bool:
        """Tell whether this change is meant."""
        said = {
            "rule": [change.rule],
            "kind": [change.kind.value],
            "pointer": [change.pointer, change.base, change.live],
        }
        said |= {"operation": list(change.operations), "what": [change.what]}
        wanted = {name: getattr(self, name) for name in _SELECTORS}
        return all(
            pattern is None or any(_alike(value, pattern) for value in said[name]) for name, pattern in wanted.items()
        )

    def __str__(self) -> str:
        said = [f"{name}: {shown(getattr(self, name), limit=120)}" for name in _SELECTORS if getattr(self, name)]
        return ", ".join(said)


def read(path: Path) -> tuple[Acceptance, ...]:
    """Return the entries of a file, a YAML or JSON object with a list `accepted`.

    Raises:
        SourceError: it cannot be read, or an entry makes no sense; the message says which.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from None
    value = value_of(content, name=str(path))
    entries = value.get("accepted") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise SourceError(f"{path} has no list `accepted`")
    return tuple(_entry(raw, f"{path}, entry {number}") for number, raw in enumerate(entries, start=1))


def _entry(raw: Any, where: str) -> Acceptance:
    if not isinstance(raw, dict):
        raise SourceError(f"{where}: an object is expected, with a `reason` and one of {', '.join(_SELECTORS)}")
    for key, value in raw.items():
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(_KEYS)}"
            raise SourceError(f"{where}: there is no `{shown(key, limit=40)}`; {hint}")
        if not isinstance(value, str) or not value.strip():
            raise SourceError(f"{where}: `{key}` is a text")
    if "reason" not in raw:
        raise SourceError(f"{where}: it has no `reason`")
    if not raw.keys() & {*_SELECTORS}:
        raise SourceError(f"{where}: it accepts everything; say one of {', '.join(_SELECTORS)}")
    return Acceptance(**raw)


def accepted(
    changes: Iterable[Change], acceptances: Iterable[Acceptance]
) -> tuple[tuple[Change, ...], tuple[Acceptance, ...]]:
    """Return the changes, each with the reason of the first entry that matches, and the entries that match nothing."""
    entries = tuple(acceptances)
    used: set[int] = set()
    found = []
    for change in changes:
        matching = [number for number, entry in enumerate(entries) if entry.matches(change)]
        used.update(matching)
        found.append(replace(change, accepted=entries[matching[0]].reason) if matching else change)
    return tuple(found), tuple(entry for number, entry in enumerate(entries) if number not in used)


def _alike(value: str, pattern: str) -> bool:
    # A path has brackets, which are no wildcards here.
    return fnmatchcase(value, pattern.replace("[", "[[]"))
