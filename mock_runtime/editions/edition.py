"""What an edition is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mock_runtime.operations import Operation
from mock_runtime.site import Site
from mock_runtime.surface import Surface
from mock_runtime.worlds import World

if TYPE_CHECKING:
    from flask import Request

    from mock_runtime.domain.instances import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One generation of the API.

    `name` is that of its document in `openapi/`, `prefix` the path of the real base URL, `world` what it starts
    with, and `surface` makes its operations on a site. `operations` are those that have a name in all editions, by the
    endpoint of their view. `document_paths` are where the real one served its document. `caller_of` tells who makes a
    request, by the name that is shown instead of a token, and raises what the views would. `caller_named` is
    whose a token of a name is, at work on the instance of another one (LookupError), and `told` the opposite: the names
    of a user and a tenant. `as_inputs` makes of a JSON value the inputs of a job as it keeps them. `warm_up` loads what
    its first job needs.
    """

    name: str
    title: str
    prefix: str
    world: World
    surface: Callable[[Site], Surface]
    operations: Mapping[str, Operation]
    caller_of: Callable[[Request, Site], str]
    caller_named: Callable[[Site, str | None, str | None], Caller]
    told: Callable[[Site, str, str], tuple[str, str | None]]
    as_inputs: Callable[[Any], Any]
    document_paths: tuple[str, ...] = ()
    warm_up: Callable[[], None] = lambda: None
