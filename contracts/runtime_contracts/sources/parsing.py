"""From the bytes of a stranger to an OpenAPI document: JSON or YAML, bounded in size, depth and number of nodes."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from runtime_contracts.documents import Document

MAX_BYTES = 32 * 2**20
"""Far more than any OpenAPI document has; IBM's has a few hundred kilobytes."""
MAX_DEPTH = 150
MAX_NODES = 1_000_000

_JSON_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null"))
_VERSION = re.compile(r"3\.[01]\.\d+(-\S+)?")
_MERGE = "<<"


class SourceError(Exception):
    """A document could not be had; the message says what was asked for, what was wrong, and what to do."""


class DocumentError(SourceError):
    """There is a document, but it is none that can be compared; the message names the place in it."""


def document_of(content: bytes, *, name: str) -> Document:
    """Return the OpenAPI document, 3.0 or 3.1, that is written in `content` as JSON or YAML; every key is a string.

    `name` is how the errors call it.

    Raises:
        DocumentError: it is none, or larger or deeper than documents are.
    """
    value = value_of(content, name=name)
    if not isinstance(value, dict):
        raise DocumentError(f"{name} is no OpenAPI document: it holds {_kind(value)} instead of an object")
    version = value.get("openapi")
    if "swagger" in value and version is None:
        raise DocumentError(
            f"{name} is a Swagger {shown(value['swagger'], limit=20)} document; only OpenAPI 3.0 and 3.1 are read: "
            "convert it first, for instance with swagger2openapi"
        )
    if version is None:
        keys = ", ".join(shown(key, limit=30) for key in list(value)[:6])
        raise DocumentError(f"{name} is no OpenAPI document: it has no `openapi` (but {keys or 'nothing'})")
    if not _VERSION.fullmatch(str(version)):
        raise DocumentError(f"{name} says openapi: {shown(version, limit=30)}; only OpenAPI 3.0 and 3.1 are read")
    if not isinstance(value.get("paths", {} if str(version).startswith("3.1") else None), dict):
        raise DocumentError(f"{name} is no OpenAPI document: it has no object `paths`")
    return value


def value_of(content: bytes, *, name: str) -> Any:
    """Return the value that is written in `content` as JSON or YAML, in JSON's terms.

    Raises:
        DocumentError: it is neither, or larger or deeper than documents are.
    """
    if len(content) > MAX_BYTES:
        raise DocumentError(f"{name} has more than {MAX_BYTES // 2**20} MiB, which no OpenAPI document has")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{name} is not in UTF-8: byte {error.start} is 0x{content[error.start]:02x}") from None
    head = text.lstrip()[:100]
    if not head:
        raise DocumentError(f"{name} is empty")
    if head.startswith("<"):
        raise DocumentError(f"{name} is HTML or XML, not JSON or YAML: it begins with {shown(head, limit=40)!r}")
    return _from_json(text, name) if head[0] in "{[" else _from_yaml(text, name)


def _from_json(text: str, name: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refused)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or "Unterminated" in error.msg:
            raise DocumentError(f"{name} is cut off: the JSON ends in the middle, at line {error.lineno}") from None
        return _flow_mapping(text, name, error)
    except RecursionError:
        raise _too_deep(name) from None
    except ValueError as error:
        raise DocumentError(f"{name} is not JSON: {shown(str(error), limit=100)}") from None
    _bounded(value, name)
    return value


def _flow_mapping(text: str, name: str, error: json.JSONDecodeError) -> Any:
    # YAML may begin with a brace as well. The complaint about JSON is the one that says more.
    try:
        return _from_yaml(text, name)
    except DocumentError:
        where = f"line {error.lineno}, column {error.colno}"
        raise DocumentError(f"{name} is not JSON: {error.msg} at {where}") from None


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _bounded(value: Any, name: str) -> None:
    ahead, seen = [(value, 1)], 0
    while ahead:
        node, depth = ahead.pop()
        seen += 1
        if depth > MAX_DEPTH:
            raise _too_deep(name)
        if seen > MAX_NODES:
            raise _too_many(name)
        if isinstance(node, dict):
            ahead += [(item, depth + 1) for item in node.values()]
        elif isinstance(node, list):
            ahead += [(item, depth + 1) for item in node]


def _from_yaml(text: str, name: str) -> Any:
    import yaml  # noqa: PLC0415 - whoever reads JSON does not pay for the parser

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Builder(name).built(yaml.parse(text, Loader=loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise DocumentError(f"{name} is not YAML: {shown(problem, limit=100)}{where}") from None


class _Builder:
    """Builds a value out of the events of a YAML parser, without recursion: what is nested or repeated is counted.

    As everywhere in this project, keys are texts and only the spellings that JSON has become numbers or null.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        # Of each collection that is open: the value, its anchor, the key that waits for its value, nodes before it.
        self._open: list[tuple[Any, str | None, list[str], int]] = []
        self._root: Any = None

    def built(self, events: Iterator[yaml.Event]) -> Any:
        """Return the value of the first document."""
        import yaml  # noqa: PLC0415 - loaded by then

        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise DocumentError(f"{self._name} holds more than one YAML document")
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self._count(1)
                if len(self._open) >= MAX_DEPTH:
                    raise _too_deep(self._name)
                value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                self._open.append((value, event.anchor, [], self._nodes))
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                value, anchor, _, before = self._open.pop()
                self._put(value, anchor, self._nodes - before + 1)
            elif isinstance(event, yaml.ScalarEvent):
                self._count(1)
                self._put(_scalar(event), event.anchor, 1, text=event.value)
            elif isinstance(event, yaml.AliasEvent):
                self._repeat(str(event.anchor))
        return self._root

    def _repeat(self, anchor: str) -> None:
        if anchor not in self._anchors:
            raise DocumentError(f"{self._name} is not YAML: *{anchor} repeats what is not there, or contains itself")
        value, size = self._anchors[anchor]
        self._count(size)
        self._put(copy.deepcopy(value), None, size, text=value if isinstance(value, str) else None)

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise _too_many(self._name)

    def _put(self, value: Any, anchor: str | None, size: int, *, text: str | None = None) -> None:
        if anchor:
            self._anchors[anchor] = (value, size)
        if not self._open:
            self._root = value
            return
        container, _, key, _ = self._open[-1]
        if isinstance(container, list):
            container.append(value)
        elif key:
            self._fill(container, key.pop(), value)
        elif text is None:
            raise DocumentError(f"{self._name} has a key that is no text, but {_kind(value)}")
        else:
            key.append(text)

    @staticmethod
    def _fill(container: dict[str, Any], key: str, value: Any) -> None:
        if key == _MERGE and isinstance(value, dict | list):
            for part in [value] if isinstance(value, dict) else value:
                if isinstance(part, dict):
                    container.update({name: item for name, item in part.items() if name not in container})
        else:
            container[key] = value


def _scalar(event: yaml.ScalarEvent) -> Any:
    import yaml  # noqa: PLC0415 - loaded by then

    if event.style or not event.implicit[0]:
        return event.value
    tag = _RESOLVER.setdefault("one", yaml.SafeLoader("")).resolve(yaml.ScalarNode, event.value, (True, False))
    if tag not in _JSON_TAGS:
        return event.value
    try:
        return json.loads(event.value, parse_constant=_refused)
    except (ValueError, RecursionError):
        return event.value


_RESOLVER: dict[str, Any] = {}


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")


def _too_deep(name: str) -> DocumentError:
    return DocumentError(f"{name} is nested more than {MAX_DEPTH} levels deep, which no OpenAPI document is")


def _too_many(name: str) -> DocumentError:
    return DocumentError(f"{name} unfolds to more than {MAX_NODES:,} values, which no OpenAPI document does")
