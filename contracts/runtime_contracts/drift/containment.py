"""Whether one schema allows everything that another one allows: decided by jsonschema-rs, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from runtime_contracts.drift.change import Kind
from runtime_contracts.schema_conversion import converted

if TYPE_CHECKING:
    from runtime_contracts.drift.tree import Place

_DEFINITIONS: Final = "#/$defs/"
_MAX_NODES: Final = 20_000
# They say in which direction a property travels, which is looked at apart; or nothing about what is allowed.
_ASIDE: Final = frozenset({"readOnly", "writeOnly", "$comment", "examples"})
_NAMED: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
_LITERAL: Final = frozenset({"enum", "const", "default", "example", "examples"})


def kind_of(base: Place, live: Place) -> Kind | None:
    """Return what became of the values that a schema allows; None if they are proven to be the same.

    Formats do not count. UNKNOWN is the answer where nothing could be proven.
    """
    try:
        return kind_of_schemas(schema_of(base), schema_of(live))
    except (ValueError, RecursionError):
        return Kind.UNKNOWN


def kind_of_schemas(base: Any, live: Any) -> Kind | None:
    """Return the same as `kind_of`, of two schemas in JSON Schema 2020-12."""
    try:
        before, after = (jsonschema_rs.canonicalize(schema, draft=jsonschema_rs.Draft202012) for schema in (base, live))
        wider, narrower = str(after.covers(before)), str(before.covers(after))
    except (ValueError, RecursionError):
        # Not only what is no schema, but also what this library cannot bring into its form.
        return Kind.UNKNOWN
    known = {
        ("yes", "yes"): None,
        ("yes", "no"): Kind.WIDENED,
        ("no", "yes"): Kind.NARROWED,
        ("no", "no"): Kind.CHANGED,
    }
    return known.get((wider, narrower), Kind.UNKNOWN)


def validator_of(place: Place) -> Any | None:
    """Return a validator of the schema, formats included; None if there is none."""
    try:
        return jsonschema_rs.Draft202012Validator(schema_of(place), validate_formats=True)
    except (ValueError, RecursionError):
        return None


def schema_of(place: Place) -> Any:
    """Return the schema at `place` in JSON Schema 2020-12, with all that it refers to under `$defs`.

    Raises:
        ValueError: it is larger than what can be decided in good time.
        DocumentError: a reference leads nowhere.
    """
    writer = _Writer()
    schema = writer.written(place)
    if isinstance(schema, bool) or not writer.definitions:
        return schema
    return (
        {"allOf": [schema], "$defs": writer.definitions}
        if "$ref" in schema
        else {**schema, "$defs": writer.definitions}
    )


class _Writer:
    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        self._nodes = 0

    def written(self, place: Place) -> Any:
        """Return the schema there, converted; what it refers to is written beside it."""
        return converted(self._plain(place.value, place), "response")

    def _plain(self, value: Any, at: Place) -> Any:
        """A copy that says the same to `converted`: references are to definitions, and have nothing beside them."""
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise ValueError("too large")
        if isinstance(value, list):
            return [self._plain(item, at) for item in value]
        if not isinstance(value, dict):
            return value
        if not isinstance(value.get("$ref"), str):
            return {
                key: self._keyword(key, item, at)
                for key, item in value.items()
                if key not in _ASIDE and (item is not None or key in _LITERAL)
            }
        reference: dict[str, Any] = {"$ref": self._name(at.tree.target(value["$ref"], at, schema=True))}
        beside = {key: item for key, item in value.items() if key != "$ref"}
        if at.tree.newer and beside:
            return {"allOf": [reference, self._plain(beside, at)]}
        return {**reference, "nullable": True} if value.get("nullable") else reference

    def _keyword(self, key: str, value: Any, at: Place) -> Any:
        if key in _NAMED and isinstance(value, dict):
            return {name: self._plain(item, at) for name, item in value.items()}
        if key == "discriminator" and isinstance(value, dict) and isinstance(value.get("mapping"), dict):
            # `converted` tells by the reference which branch a tag belongs to.
            tags = {tag: self._name(at.tree.tagged(target, at)) for tag, target in value["mapping"].items()}
            return {**value, "mapping": tags}
        return value if key in _LITERAL or key.startswith("x-") else self._plain(value, at)

    def _name(self, target: Place) -> str:
        if target.pointer not in self._names:
            name = f"d{len(self._names)}"
            self._names[target.pointer] = name
            self.definitions[name] = True
            self.definitions[name] = self.written(target)
        return _DEFINITIONS + self._names[target.pointer]
