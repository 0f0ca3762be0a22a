"""Bodies of requests, held to the API's own document.

IBM's service does so too, and says `Request validation of body failed, because: ...`. The document is the contract
that clients are tested against, so there is one place where it is written what a body may hold. Its schemas are kept
in `bodies.json`, which `scripts/write_bodies.py` makes of it: to read the document itself, the first job of each
process would wait for 200 ms.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mock_runtime.domain.errors import bounded
from mock_runtime.parsing import MalformedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jsonschema_rs import ValidationError

_SCHEMAS: Final = Path(__file__).with_name("bodies.json")
_LONGEST: Final = 400
_MOST_ITEMS: Final = 20
_MOST_VALUES: Final = 1000
"""How much of a body is looked through for what is wrong with it: of longer arrays the beginning."""
_BRANCHES: Final = frozenset({"anyOf", "oneOf"})
_PROGRAMS: Final = {
    "sampler": "SamplerJob",
    "estimator": "EstimatorJob",
    "executor": "ExecutorJob",
    "noise-learner": "NoiseLearnerJob",
}


def validate(operation: str, body: Mapping[str, Any]) -> None:
    """MalformedRequest, in the service's words, if the body is not what the operation takes."""
    try:
        said = _wrong(operation, body)
    except UnicodeEncodeError:
        said = "a text in it holds half of a surrogate pair, which is no character"
    except ValueError:
        # What else the validator cannot read, though Python can, is nested in more than some 250 levels.
        said = "it is nested too deeply"
    if said is not None:
        raise MalformedRequest(f"Request validation of body failed, because: {said}")


def warm_up() -> None:
    """Make the validator of jobs now, for which the first of them would wait."""
    _validator("create_job")


def _wrong(operation: str, body: Mapping[str, Any]) -> str | None:
    """What is wrong with a body, None if nothing is; ValueError if the validator cannot read it."""
    validator = _validator(operation)
    if validator.is_valid(body):
        return None
    # A body that may be one of several things is best compared with the one that it says it is.
    program = _PROGRAMS.get(str(body.get("program_id"))) if operation == "create_job" else None
    closest = validator if program is None else _validator(program)
    # The validator makes an object of each error, with what is wrong in it: of 20,000 wrong things, gigabytes.
    shown = body if _is_small(body) else _beginning(body)
    error = next(iter(closest.iter_errors(shown)), None) if _is_small(shown) else None
    return "it is none of the forms that a body may have" if error is None else _said(error)


def _beginning(value: Any) -> Any:
    """A value with the first items of each array in it."""
    if isinstance(value, list):
        return [_beginning(item) for item in value[:_MOST_ITEMS]]
    return {key: _beginning(item) for key, item in value.items()} if isinstance(value, dict) else value


def _is_small(value: Any) -> bool:
    """Whether there are not very many values in a value."""
    waiting, seen = [value], 0
    while waiting and seen <= _MOST_VALUES:
        seen += 1
        inside = waiting.pop()
        if isinstance(inside, list | dict):
            if len(inside) > _MOST_VALUES:
                return False
            waiting += inside.values() if isinstance(inside, dict) else inside
    return seen <= _MOST_VALUES


def _said(error: ValidationError) -> str:
    """The sentence of the innermost error, and where it is."""
    while error.kind.name in _BRANCHES and (inner := _deepest(error)) is not None:
        error = inner
    where = "".join(f"/{part}" for part in error.instance_path)
    # The value itself can be of any size, and is the caller's own.
    message = error.message if len(error.message) <= _LONGEST else f"{error.message[: _LONGEST - 1]}…"
    return f"{message} (at {bounded(where) if where else 'the root'})"


def _deepest(error: ValidationError) -> ValidationError | None:
    """Of the errors of all branches the one that is farthest inside: where the body was right for longest."""
    branches: Sequence[Sequence[ValidationError]] = getattr(error.kind, "context", ())
    errors = [each for branch in branches for each in branch]
    return max(errors, key=lambda each: len(each.instance_path), default=None)


@cache
def _validator(name: str) -> Any:
    """The validator for the body of an operation, by its id, or for the jobs of a program; KeyError."""
    import jsonschema_rs  # noqa: PLC0415 - who sends no body needs none

    schemas = _schemas()
    return jsonschema_rs.validator_for({**schemas["bodies"][name], "$defs": schemas["$defs"]})


@cache
def _schemas() -> Any:
    return json.loads(_SCHEMAS.read_text(encoding="utf-8"))
