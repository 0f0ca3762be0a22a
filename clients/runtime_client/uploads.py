"""The form of a program upload, edition legacy-2021."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TypedDict

from runtime_client.models import ProgramField
from runtime_client.wire import encode_json, require_utf8

Fields = Sequence[ProgramField | Mapping[str, object]] | str
"""Descriptions of inputs or results: fields, or mappings like them, or the JSON text itself."""


class ProgramDetails(TypedDict, total=False):
    """What may be said about a program on upload; anything left out or None is not sent.

    * `cost`: maximum execution time in seconds, an integer of at least 0 (the service's default is 600).
    * `description`, `version`: text.
    * `is_public`: True to publish at once; programs are private otherwise.
    * `parameters`: the inputs; a sequence is wrapped as `{"doc": [...]}`, as the service's own programs are.
    * `return_values`, `interim_results`: what comes back.
    * `backend_requirements`: a mapping or JSON text, such as `{"min_num_qubits": 5}`; the service informs and does not
      enforce.
    """

    cost: int | None
    description: str | None
    version: str | None
    is_public: bool | None
    parameters: Fields | None
    return_values: Fields | None
    interim_results: Fields | None
    backend_requirements: Mapping[str, object] | str | None


def source_bytes(source: str | bytes) -> bytes:
    """Return a program's source as bytes, UTF-8 for text; raises `TypeError` and, when it is empty, `ValueError`."""
    if not isinstance(source, str | bytes):
        raise TypeError(f"source must be text or bytes, not {type(source).__name__}")
    if not source:
        raise ValueError("source is empty")
    return require_utf8(source, "source").encode() if isinstance(source, str) else source


def upload_form(name: str, details: ProgramDetails) -> dict[str, str]:
    """Return the text fields of the form; raises `TypeError` or `ValueError` for what cannot be sent.

    The cost goes twice, as `cost` and `max_execution_time`: every client of 2021 sent both. Evidence: IBM's clients
    0.14.0 to 0.17.0 on the wire.
    """
    unknown = sorted(set(details) - set(ProgramDetails.__annotations__))
    if unknown:
        raise TypeError(f"create_program has no argument {', '.join(unknown)}")
    form = {"name": _text(name, "name")}
    if not name:
        raise ValueError("name is empty")
    cost = details.get("cost")
    if cost is not None:
        form["cost"] = form["max_execution_time"] = str(_cost(cost))
    is_public = details.get("is_public")
    if is_public is not None:
        form["isPublic"] = "True" if is_public else "False"
    texts = {
        "description": _optional_text(details.get("description"), "description"),
        "version": _optional_text(details.get("version"), "version"),
        "parameters": _fields(details.get("parameters"), "parameters", wrap=True),
        "returnValues": _fields(details.get("return_values"), "return_values"),
        "interimResults": _fields(details.get("interim_results"), "interim_results"),
        "backendRequirements": _requirements(details.get("backend_requirements")),
    }
    return form | {key: text for key, text in texts.items() if text is not None}


def _cost(cost: int) -> int:
    if isinstance(cost, bool) or not isinstance(cost, int):
        raise TypeError(f"cost must be an integer, not {type(cost).__name__}")
    if cost < 0:
        raise ValueError("cost must be at least 0")
    return cost


def _text(value: str, what: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a string, not {type(value).__name__}")
    return require_utf8(value, what)


def _optional_text(value: str | None, what: str) -> str | None:
    return None if value is None else _text(value, what)


def _fields(fields: Fields | None, what: str, *, wrap: bool = False) -> str | None:
    if fields is None or isinstance(fields, str):
        return _optional_text(fields, what)
    items = [asdict(item) if isinstance(item, ProgramField) else dict(item) for item in fields]
    return encode_json({"doc": items} if wrap else items, what)


def _requirements(requirements: Mapping[str, object] | str | None) -> str | None:
    if requirements is None or isinstance(requirements, str):
        return _optional_text(requirements, "backend_requirements")
    return encode_json(dict(requirements), "backend_requirements")
