"""The account service and the network of hubs, as the clients of 2021 to 2024 log in to them.

In reality these were other hosts, auth.quantum-computing.ibm.com and api.quantum-computing.ibm.com; here they stand
under `/api` of the base URL, which is where a client looks that is given `<base URL>/api` as its address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_runtime.cloud.account_2021.errors import render_error
from mock_runtime.cloud.account_2021.routes import blueprint
from mock_runtime.surface import Surface

if TYPE_CHECKING:
    from mock_runtime.accounts import Accounts
    from mock_runtime.worlds import World


def account_surface(accounts: Accounts, world: World, *, runtime_prefix: str) -> Surface:
    """The account service below the Runtime service, which it tells its clients of."""
    prefix = f"{runtime_prefix}/api"
    routes = blueprint(accounts, world, runtime_prefix=runtime_prefix, prefix=prefix)
    return Surface(prefix=prefix, blueprint=routes, render_error=render_error)
