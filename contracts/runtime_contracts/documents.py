"""Finding and loading the OpenAPI documents, one for each edition of the API.

An installed package carries the documents in its own folder `openapi`; a checkout keeps them in `openapi/` at its root.
Beside a document `NAME.yaml` there may be a `NAME.overlay.yaml` that corrects it. The two are kept apart because they
answer two questions: what was published, and what a server or client is held to.

This module imports nothing else of the project but `overlay`, and nothing heavy, so everybody may use it.
"""

from __future__ import annotations

import copy
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime_contracts.overlay import applied

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

Document = dict[str, Any]

_JSON_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null"))

_PACKAGE = Path(__file__).resolve().parent
_FOLDERS = (_PACKAGE / "openapi", _PACKAGE.parents[1] / "openapi")
_SUFFIX = ".yaml"
_OVERLAY = ".overlay.yaml"
_ALIASES = {"2021": "legacy-2021", "2022": "legacy-2022", "today": "platform"}


class UnknownDocumentError(LookupError):
    """No document has the name that was asked for; the message lists the names that exist."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no document {name!r}; known: {', '.join(known) or 'none'}")
        self.name = name
        self.known = known

    def __reduce__(self) -> tuple[type[UnknownDocumentError], tuple[str, tuple[str, ...]]]:
        return type(self), (self.name, self.known)


def names() -> tuple[str, ...]:
    """List the names of the documents that exist, sorted; overlays are no documents."""
    return tuple(sorted({file.stem for file in _files()}))


def canonical(name: str) -> str:
    """Return the full name behind `name`, which may be an alias such as "2021".

    Raises:
        UnknownDocumentError: no document has that name.
    """
    full = _ALIASES.get(name, name)
    known = names()
    if full not in known:
        raise UnknownDocumentError(name, known)
    return full


def path(name: str) -> Path:
    """Return the file that holds the document `name`.

    Raises:
        UnknownDocumentError: no document has that name.
    """
    full = canonical(name)
    return next(file for file in _files() if file.stem == full)


def text(name: str) -> str:
    """Return the document as it is written, in YAML and without its overlay.

    Raises:
        UnknownDocumentError: no document has that name.
    """
    return path(name).read_text(encoding="utf-8")


def load(name: str, *, overlay: bool = True) -> Document:
    """Return the document as plain dicts, lists and scalars; every key is a string, no text becomes a date.

    It is what a server or client is held to: the document with its overlay, if it has one. Without `overlay` it is the
    document alone, as it was published. The caller owns the result and may change it.

    Raises:
        UnknownDocumentError: no document has that name.
        OverlayError: its overlay does not fit it.
    """
    file = path(name)
    corrections = overlay_path(name) if overlay else None
    return copy.deepcopy(_parsed(file) if corrections is None else _corrected(file, corrections))


def overlay_path(name: str) -> Path | None:
    """Return the file that holds the overlay of the document `name`, or None if it has none.

    Raises:
        UnknownDocumentError: no document has that name.
    """
    file = path(name)
    found = file.with_name(file.stem + _OVERLAY)
    return found if found.is_file() else None


def overlay_of(name: str) -> Document | None:
    """Return the overlay of the document `name` in the same terms as `load`, or None if it has none.

    Raises:
        UnknownDocumentError: no document has that name.
    """
    file = overlay_path(name)
    return None if file is None else copy.deepcopy(_parsed(file))


def served(name: str, origin: str) -> Document:
    """Return the document with every `servers` list, at the root and below, pointing at the server at `origin`.

    It is the document that `load` returns, with its overlay. `origin` is a URL such as "http://127.0.0.1:8000"; a path
    in it is kept, a slash at its end is dropped.

    Raises:
        UnknownDocumentError: no document has that name.
        OverlayError: its overlay does not fit it.
        ValueError: `origin` is no http or https URL.
    """
    return pointed_at(load(name), origin)


def pointed_at(document: Document, origin: str) -> Document:
    """Change `document` so that every `servers` list in it points at the server at `origin`, and return it.

    Raises:
        ValueError: `origin` is no http or https URL.
    """
    if not origin.startswith(("http://", "https://")):
        raise ValueError(f"{origin!r} is no http or https URL")
    servers = [{"url": origin.rstrip("/")}]
    document["servers"] = copy.deepcopy(servers)
    for item in document.get("paths", {}).values():
        for holder in (item, *(value for value in item.values() if isinstance(value, dict))):
            if "servers" in holder:
                holder["servers"] = copy.deepcopy(servers)
    return document


def _files() -> Iterator[Path]:
    """Every document; the package's own folder wins over the checkout's."""
    for folder in _FOLDERS:
        if folder.is_dir():
            yield from (file for file in sorted(folder.glob(f"*{_SUFFIX}")) if "." not in file.stem)


@lru_cache(maxsize=8)
def _corrected(file: Path, corrections: Path) -> Document:
    return applied(_parsed(file), _parsed(corrections))


@lru_cache(maxsize=8)
def _parsed(file: Path) -> Document:
    import yaml  # noqa: PLC0415 - whoever only imports this module does not pay for the parser

    # The C parser is some six times faster; PyYAML may have been built without it.
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    node = yaml.compose(file.read_text(encoding="utf-8"), Loader=loader)
    document = _plain(node)
    if not isinstance(document, dict):
        raise TypeError(f"{file.name} holds no mapping")
    return document


def _plain(node: yaml.Node | None) -> Any:
    """Return what the YAML node stands for in JSON's terms.

    YAML 1.1 would turn the key 200 into a number, `on` into true and 2021-05-07 into a date, so only the spellings that
    JSON has are converted, and keys never are.
    """
    import yaml  # noqa: PLC0415 - whoever only imports this module does not pay for the parser

    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    if not isinstance(node, yaml.ScalarNode):
        raise TypeError(f"unexpected YAML node {type(node).__name__}")
    # The C parser says '' and the Python one None for a scalar without quotes.
    if node.style or node.tag not in _JSON_TAGS:
        return str(node.value)
    try:
        return json.loads(node.value)
    except ValueError:
        return str(node.value)
