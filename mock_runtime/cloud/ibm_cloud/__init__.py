"""The services of IBM Cloud that a client of today calls before it gets to the Runtime API.

IAM gives a token for an API key, Global Search finds the instances, Global Catalog says what plan each has, Resource
Controller knows an instance by its name. Each has hosts of its own; here each has a path of its own as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_runtime.cloud.ibm_cloud import catalog, iam, resources, search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mock_runtime.site import Site
    from mock_runtime.surface import Surface


def ibm_cloud(site: Site) -> Sequence[Surface]:
    """All four services, over the users and instances of one fake."""
    return (iam.surface(site), search.surface(site), catalog.surface(site), resources.surface(site))
