"""A document as a tree of places, each of which knows its JSON pointer and can be followed through references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from runtime_contracts.sources.parsing import DocumentError
from runtime_contracts.violation import pointer, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime_contracts.documents import Document

_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}


class Tree:
    """One of the two documents that are compared.

    Attributes:
        name: how errors call it.
        newer: it is an OpenAPI 3.1 document, in which a reference may have other keywords beside it.
    """

    def __init__(self, document: Document, name: str) -> None:
        self.document = document
        self.name = name
        self.newer = str(document.get("openapi", "")).startswith("3.1")
        self._targets: dict[tuple[str, bool], Place] = {}

    @property
    def root(self) -> Place:
        """The document itself."""
        return Place(self, self.document, "")

    def target(self, reference: Any, at: Place, *, schema: bool = False) -> Place:
        """Return the place that a `$ref` at `at` leads to, however many references lie between.

        In a `schema` a reference with something beside it that counts is a thing of its own.

        Raises:
            DocumentError: it leads nowhere, in circles, or out of the document.
        """
        key = (str(reference), schema)
        if key not in self._targets:
            seen = [str(reference)]
            place = self.step(seen[0], at)
            while place.refers and not (schema and place.beside):
                following = str(place.value["$ref"])
                if following in seen:
                    raise at.error(f"refers to {shown(seen[0])}, which only leads in a circle")
                seen.append(following)
                place = self.step(following, place)
            self._targets[key] = place
        return self._targets[key]

    def tagged(self, target: Any, at: Place) -> Place:
        """Return the schema that a tag of a discriminator stands for, by its name or its reference.

        Raises:
            DocumentError: it leads nowhere.
        """
        reference = str(target) if str(target).startswith("#") else f"#/components/schemas/{target}"
        return self.target(reference, at, schema=True)

    def step(self, reference: str, at: Place) -> Place:
        """Return the place that a `$ref` names, which may be a reference again.

        Raises:
            DocumentError: it leads nowhere or out of the document.
        """
        if not reference.startswith("#"):
            raise at.error(f"refers to another document, {shown(reference)}, which is not fetched")
        place = self.root
        for part in unquote(reference[1:]).split("/")[1:]:
            found = place.get(part.replace("~1", "/").replace("~0", "~"))
            if found is None:
                raise at.error(f"refers to {shown(reference)}, which is not there")
            place = found
        return place


class Place:
    """A value in a document, and where it is."""

    __slots__ = ("pointer", "tree", "value")

    def __init__(self, tree: Tree, value: Any, where: str) -> None:
        self.tree = tree
        self.value = value
        self.pointer = where

    def __repr__(self) -> str:
        return f"Place({self.shown!r})"

    @property
    def shown(self) -> str:
        """The JSON pointer, as it is written in references."""
        return f"#{self.pointer}"

    @property
    def refers(self) -> bool:
        """A reference stands here."""
        return isinstance(self.value, dict) and isinstance(self.value.get("$ref"), str)

    @property
    def beside(self) -> bool:
        """There is something beside the reference in this schema that counts."""
        beside = {key for key in self.value if not key.startswith("x-")} - {"$ref", "summary", "description", "title"}
        # In 3.0 nothing there counts by the letter; that something is `nullable` is meant nevertheless.
        return bool(beside) if self.tree.newer else bool(self.value.get("nullable"))

    def error(self, what: str) -> DocumentError:
        """Return an error that names this place."""
        return DocumentError(f"{self.tree.name} at {self.shown}: {what}")

    def at(self, *parts: object) -> str:
        """Return the pointer of something below, whether it is there or not."""
        return f"#{self.pointer}{pointer(*parts)}"

    def child(self, *parts: Any) -> Place:
        """Return the place below; it must be there."""
        value = self.value
        for part in parts:
            value = value[part]
        return Place(self.tree, value, self.pointer + pointer(*parts))

    def beyond(self, part: str) -> Place:
        """Return the place of a schema that is not written there, and therefore allows anything."""
        return Place(self.tree, True, self.pointer + pointer(part))

    def get(self, part: str) -> Place | None:
        """Return the place below, by a key or the number of an item, or None."""
        if isinstance(self.value, dict) and part in self.value:
            return self.child(part)
        if isinstance(self.value, list) and part.isdecimal() and len(part) < 8 and int(part) < len(self.value):
            return self.child(int(part))
        return None

    def resolved(self) -> Place:
        """Return the thing itself, if a reference stands here.

        Raises:
            DocumentError: the reference leads nowhere, in circles, or out of the document.
        """
        return self.tree.target(self.value["$ref"], self) if self.refers else self

    def schema(self) -> Place:
        """Return the schema itself, if a reference stands here with nothing beside it.

        Raises:
            DocumentError: the reference leads nowhere, in circles, or out of the document.
        """
        return self.tree.target(self.value["$ref"], self, schema=True) if self.refers and not self.beside else self

    def typed(self, key: str, kind: type) -> Any:
        """Return the value under `key`, an empty one of its kind if there is none.

        Raises:
            DocumentError: it is of another kind.
        """
        value = self.value.get(key)
        if value is None:
            return kind()
        if not isinstance(value, kind):
            raise self.child(key).error(f"{_KINDS[kind]} is expected, found {shown(value, limit=60)}")
        return value

    def members(self, key: str) -> Iterator[tuple[str, Place]]:
        """Yield the places in the object under `key`, without those of extensions, with their names."""
        for name in self.typed(key, dict):
            if not name.startswith("x-") or key in {"properties", "schemas", "headers"}:
                yield name, self.child(key, name)

    def items(self, key: str) -> Iterator[Place]:
        """Yield the places in the list under `key`."""
        for number in range(len(self.typed(key, list))):
            yield self.child(key, number)

    def mapping(self) -> Place:
        """Return the thing itself, which must be an object.

        Raises:
            DocumentError: it is none.
        """
        place = self.resolved()
        if not isinstance(place.value, dict):
            raise place.error(f"an object is expected, found {shown(place.value, limit=60)}")
        return place


class Both(Place):
    """Two schemas that a value has to fit, for instance of a property that two parts of an `allOf` describe."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Place]) -> None:
        super().__init__(
            parts[0].tree, {"allOf": [part.value for part in parts]}, " and ".join(part.pointer for part in parts)
        )
        self.parts = parts

    @property
    def shown(self) -> str:
        """The JSON pointer of the first of them."""
        return self.parts[0].shown

    def at(self, *parts: object) -> str:
        """Return the pointer of the first of them: none of the keywords is of both."""
        return self.parts[0].at(*parts)
