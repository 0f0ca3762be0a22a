"""What an edition is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mock_runtime.accounts import Accounts
from mock_runtime.service import RuntimeService
from mock_runtime.surface import Surface
from mock_runtime.worlds import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One generation of the API.

    `name` is that of its document in `openapi/`, `prefix` the path of the real base URL, `world` what it starts
    with, and `mount` makes its operations at a prefix, over one service and its accounts. `document_paths` are where
    the real one served its document.
    """

    name: str
    title: str
    prefix: str
    world: World
    mount: Callable[[RuntimeService, Accounts, str], Surface]
    document_paths: tuple[str, ...] = ()
