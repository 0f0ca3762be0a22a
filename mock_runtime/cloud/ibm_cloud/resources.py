"""Resource Controller: instances by their name or CRN.

Evidence: older releases of IBM's client look an instance up by name here and read `rows_count` and `resources[].crn`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from flask import Blueprint, request

from mock_runtime.cloud.ibm_cloud.envelope import render_error, user
from mock_runtime.cloud.ibm_cloud.hosts import routes
from mock_runtime.domain.errors import InstanceNotFound
from mock_runtime.surface import Surface, json_response

if TYPE_CHECKING:
    from flask import Response

    from mock_runtime.domain.instances import Instance
    from mock_runtime.site import Site

PREFIX: Final = "/v2"


def surface(site: Site) -> Surface:
    """The controller, as far as it is read."""
    blueprint = Blueprint("resource_controller", __name__)

    @blueprint.get("/resource_instances")
    def instances() -> Response:
        found = site.directory.instances_of(user(site.directory))
        wanted = request.args.get("name")
        shown = [present(one) for one in found if wanted is None or one.name == wanted]
        return json_response({"rows_count": len(shown), "next_url": None, "resources": shown})

    @blueprint.get("/resource_instances/<path:id_>")
    def instance(id_: str) -> Response:
        found = site.directory.instances_of(user(site.directory))
        # IBM's SDK escapes the slash in a CRN, and an escaped slash in a path is left as it is on the way here.
        wanted = unquote(id_)
        one = next((one for one in found if wanted in {one.crn, one.guid}), None)
        if one is None:
            raise InstanceNotFound(id_)
        return json_response(present(one))

    return Surface(
        prefix=PREFIX,
        blueprint=blueprint,
        render_error=render_error,
        hosts=routes("resource-controller", inside=""),
    )


def present(instance: Instance) -> dict[str, Any]:
    """An instance as a resource."""
    return {
        "id": instance.crn,
        "guid": instance.guid,
        "crn": instance.crn,
        "name": instance.name,
        "account_id": instance.account,
        "region_id": instance.region,
        "resource_plan_id": instance.plan.id,
        "resource_id": "quantum-computing",
        "state": "active",
        "type": "service_instance",
        "extensions": {"instance_limit_seconds": instance.limit_s},
    }
