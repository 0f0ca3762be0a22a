"""Where an edition and the services beside it are put up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from mock_runtime.accounts import Accounts
from mock_runtime.clock import Clock
from mock_runtime.directory import Directory
from mock_runtime.ids import Ids
from mock_runtime.service import RuntimeService
from mock_runtime.standing import Standing
from mock_runtime.surface import Surface
from mock_runtime.worlds import World

IBM_CLOUD: Final = ("cloud.ibm.com", "test.cloud.ibm.com", "cloud.ibm.test")
"""IBM Cloud, its staging, and a domain that nobody can have (RFC 2606), for those who write plain-HTTP addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all surfaces of one fake stand on: the use cases, who may come in, and the path of the Runtime API.

    `accounts` know the tokens of IBM Quantum, `directory` the API keys and instances of IBM Cloud; an edition asks one.
    Both ask `standing`, which tells whose tokens are good no longer.
    """

    service: RuntimeService
    accounts: Accounts
    directory: Directory
    standing: Standing
    clock: Clock
    ids: Ids
    world: World
    prefix: str


Neighbours: TypeAlias = Callable[[Site], Sequence[Surface]]
"""Makes the services beside an edition that its clients call."""
