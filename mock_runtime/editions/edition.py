"""What an edition is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mock_runtime.site import Site
from mock_runtime.surface import Surface
from mock_runtime.worlds import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One generation of the API.

    `name` is that of its document in `openapi/`, `prefix` the path of the real base URL, `world` what it starts
    with, and `surface` makes its operations on a site. `document_paths` are where the real one served its document.
    `warm_up` loads what its first job needs.
    """

    name: str
    title: str
    prefix: str
    world: World
    surface: Callable[[Site], Surface]
    document_paths: tuple[str, ...] = ()
    warm_up: Callable[[], None] = lambda: None
