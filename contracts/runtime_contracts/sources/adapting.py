"""Bringing a stranger's document into the form that the checks read, in step with ours.

The checks know operations by id, statuses by number, credentials in two kinds, and schemas under `components`.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.drift.operations import Operation, operations, paired
from runtime_contracts.drift.tree import Tree
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime_contracts.documents import Document
    from runtime_contracts.drift.tree import Place

_SCHEMAS: Final = "#/components/schemas/"
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_TEMPLATE: Final = re.compile(r"\{([^{}]*)\}")
_ERRORS: Final = (400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503)
_LITERAL: Final = frozenset({"example", "examples", "default", "enum", "const", "discriminator"})
_MANY: Final = 5


def adapted(document: Document, ours: Document, *, name: str) -> tuple[Document, tuple[str, ...], tuple[str, ...]]:
    """Change `document` so that the checks can read it, in step with `ours`, and return it.

    The second item are the ids of the operations that both have: they are the same in both, and the paths have the
    same names of parameters. An operation that only ours has is put into the document, so that walks over several
    operations find it, but is not among them. The third are notes on all that. `ours` may be changed as well.

    Raises:
        DocumentError: one of them is malformed.
    """
    notes: list[str] = []
    _inline(document, Tree(document, name))
    pairs, gone, new = paired(operations(Tree(ours, "ours")), operations(Tree(document, name)))
    renamed = [f"{theirs.id} -> {mine.id}" for mine, theirs in pairs if theirs.id != mine.id]
    taken = {mine.id for mine, _ in pairs} | {mine.id for mine in gone}
    for mine, theirs in pairs:
        theirs.place.value["operationId"] = mine.id
    for theirs in new:
        _identify(theirs, taken)
    _same_paths(document, pairs)
    for mine, theirs in pairs:
        _numbered(theirs, mine, notes)
    for theirs in new:
        _numbered(theirs, None, notes)
    _credentials(document, notes)
    _missing(document, ours, gone)
    if renamed:
        notes.append(f"operations with another id there are called as in ours: {_some(renamed)}")
    if new:
        labels = [theirs.label for theirs in new]
        notes.append(f"not driven, because ours does not have them: {_some(labels)}")
    if gone:
        notes.append(f"not driven, because that document does not have them: {_some([mine.label for mine in gone])}")
    driven = tuple(str(mine.id) for mine, _ in sorted(pairs, key=lambda pair: _order(ours, pair[0])))
    return document, driven, tuple(dict.fromkeys(notes))


def _order(ours: Document, operation: Operation) -> tuple[int, str]:
    return list(ours["paths"]).index(operation.path), operation.method


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
    return ", ".join(shown(name, limit=120) for name in names[:_MANY]) + more


def _identify(operation: Operation, taken: set[str | None]) -> None:
    made = re.sub(r"[^A-Za-z0-9]+", "-", f"{operation.method.lower()}{operation.path}").strip("-")
    name = operation.id or made
    while name in taken:
        name += "-new"
    taken.add(name)
    operation.place.value["operationId"] = name


def _inline(document: Document, tree: Tree) -> None:
    """Put what is referred to in the place of the reference, but for plain references to schemas.

    A schema that is referred to by another way becomes a component.
    """
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    inliner = _Inliner(tree, schemas)
    for path in list(document["paths"].values()):
        inliner.walk(path, schema=False)
    for schema in list(schemas.values()):
        inliner.walk(schema, schema=True)


class _Inliner:
    def __init__(self, tree: Tree, schemas: dict[str, Any]) -> None:
        self._tree = tree
        self._schemas = schemas
        self._homes: dict[str, str] = {}

    def walk(self, node: Any, *, schema: bool) -> None:
        """Bring everything below into the form that the checks read; within a `schema` only schemas are meant."""
        if isinstance(node, list):
            for item in node:
                self.walk(item, schema=schema)
        if not isinstance(node, dict):
            return
        reference = node.get("$ref")
        if isinstance(reference, str) and not _plain(reference, self._schemas):
            target = self._tree.target(reference, self._tree.root)
            if schema:
                node["$ref"] = self._home(target)
            else:
                node.pop("$ref")
                node.update(copy.deepcopy(target.value))
        for key, value in list(node.items()):
            if key not in _LITERAL:
                self.walk(value, schema=schema or key in {"schema", "schemas"})

    def _home(self, target: Place) -> str:
        if target.pointer not in self._homes:
            name = f"at{re.sub(r'[^A-Za-z0-9]+', '-', target.pointer)}"
            self._homes[target.pointer] = name
            self._schemas[name] = copy.deepcopy(target.value)
            self.walk(self._schemas[name], schema=True)
        return _SCHEMAS + self._homes[target.pointer]


def _plain(reference: str, schemas: dict[str, Any]) -> bool:
    name = reference.removeprefix(_SCHEMAS)
    return reference.startswith(_SCHEMAS) and name in schemas and bool(_PLAIN_NAME.fullmatch(name))


def _same_paths(document: Document, pairs: list[tuple[Operation, Operation]]) -> None:
    """Give paths, and the parameters in them, the names that they have in ours: on the wire they have none."""
    names: dict[str, str] = {}
    for mine, theirs in pairs:
        if mine.key == theirs.key:
            names.setdefault(theirs.path, mine.path)
    paths = document["paths"]
    renamed = {}
    for path, item in paths.items():
        wanted = names.get(path, path)
        if wanted in paths and wanted != path:
            wanted = path
        renamed[wanted] = item
        old, new = _TEMPLATE.findall(path), _TEMPLATE.findall(wanted)
        changes = {before: after for before, after in zip(old, new, strict=True) if before != after}
        for holder in (item, *(value for value in item.values() if isinstance(value, dict))):
            for parameter in holder.get("parameters", []):
                if parameter.get("in") == "path" and parameter.get("name") in changes:
                    parameter["name"] = changes[parameter["name"]]
    document["paths"] = renamed


def _numbered(theirs: Operation, mine: Operation | None, notes: list[str]) -> None:
    """Replace ranges of statuses and the default by the numbers they stand for, and bring parameters into one form."""
    raw = theirs.place.value
    known = [] if mine is None else [int(status) for status in mine.place.value["responses"]]
    found = {status: answer for status, answer in raw.get("responses", {}).items() if status.isdecimal()}
    for name in sorted(raw.get("responses", {}), key=lambda status: (status == "default", status)):
        if name.isdecimal() or name.startswith("x-"):
            continue
        candidates = sorted({*known, *_ERRORS}) if found or known else [200, *_ERRORS]
        chosen = [code for code in candidates if name == "default" or name[0] == str(code)[0]]
        for code in chosen:
            found.setdefault(str(code), copy.deepcopy(raw["responses"][name]))
        notes.append("ranges of statuses and `default` stand for those that ours documents, and for the usual errors")
    raw["responses"] = found
    for answer in found.values():
        answer["content"] = dict(_media(answer)) if "content" in answer else {}
        if not answer["content"]:
            del answer["content"]
    if "requestBody" in raw:
        raw["requestBody"]["content"] = dict(_media(raw["requestBody"]))
    for holder in (theirs.item.value, raw):
        if "parameters" in holder:
            holder["parameters"] = list(_parameters(holder["parameters"], notes))


def _media(holder: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, media in holder.get("content", {}).items():
        yield name.partition(";")[0].strip().lower(), {**media, "schema": media.get("schema", {})}


def _parameters(parameters: list[dict[str, Any]], notes: list[str]) -> Iterator[dict[str, Any]]:
    for parameter in parameters:
        if parameter.get("in") == "cookie":
            notes.append(f"the cookie {shown(parameter.get('name'))} is not looked at")
        elif "schema" in parameter:
            yield parameter
        else:
            notes.append(
                f"what the parameter {shown(parameter.get('name'))} holds is not looked at, only that it is there"
            )
            yield {**{key: value for key, value in parameter.items() if key != "content"}, "schema": {"type": "string"}}


def _credentials(document: Document, notes: list[str]) -> None:
    """Leave the kinds of credentials that the checks know; tokens of OAuth and OpenID are bearer tokens."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    unknown = set()
    for name, scheme in list(schemes.items()):
        kind = scheme.get("type")
        if kind in {"oauth2", "openIdConnect"}:
            schemes[name] = {"type": "http", "scheme": "bearer"}
        elif not (
            (kind == "http" and str(scheme.get("scheme")).lower() == "bearer")
            or (kind == "apiKey" and scheme.get("in") == "header")
        ):
            unknown.add(name)
    holders = [
        document,
        *(value for item in document["paths"].values() for value in item.values() if isinstance(value, dict)),
    ]
    for holder in holders:
        alternatives = holder.get("security")
        if isinstance(alternatives, list) and unknown:
            left = [each for each in alternatives if not unknown & set(each)]
            # Without any alternative left everybody would be let in.
            holder["security"] = left or [{}]
    if unknown:
        notes.append(f"credentials of a kind that is not looked at: {_some(sorted(unknown))}")


def _missing(document: Document, ours: Document, gone: list[Operation]) -> None:
    """Put in the operations that only ours has, with what they refer to, under names of their own."""
    schemas = document["components"]["schemas"]
    source = Tree(ours, "ours")
    _inline(ours, source)
    mine = ours["components"]["schemas"]
    names: dict[str, str] = {}

    def copied(node: Any) -> Any:
        if isinstance(node, list):
            return [copied(item) for item in node]
        if not isinstance(node, dict):
            return node
        result = {key: copied(value) for key, value in node.items()}
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(_SCHEMAS):
            result["$ref"] = _SCHEMAS + named(reference.removeprefix(_SCHEMAS))
        return result

    def named(name: str) -> str:
        if name not in names:
            same = name in schemas and schemas[name] == mine[name]
            names[name] = name if same else f"Ours.{name}"
            if not same:
                schemas[names[name]] = {}
                schemas[names[name]] = copied(mine[name])
        return names[name]

    for operation in gone:
        item = document["paths"].setdefault(operation.path, {})
        raw = copied(operation.place.value)
        raw["parameters"] = [*copied(operation.item.value.get("parameters", [])), *raw.get("parameters", [])]
        raw["security"] = _security(document, ours, raw.get("security", ours.get("security", [])))
        raw.setdefault("servers", ours.get("servers", [{"url": "/"}]))
        item[operation.method.lower()] = raw


def _security(document: Document, ours: Document, alternatives: list[dict[str, Any]]) -> list[dict[str, Any]]:
    schemes = document["components"].setdefault("securitySchemes", {})
    found = []
    for alternative in alternatives:
        renamed = {}
        for name, scopes in alternative.items():
            scheme = ours["components"]["securitySchemes"][name]
            known = next((other for other, said in schemes.items() if said == scheme), None)
            if known is None:
                known = name if name not in schemes else f"Ours.{name}"
                schemes[known] = copy.deepcopy(scheme)
            renamed[known] = scopes
        found.append(renamed)
    return found
