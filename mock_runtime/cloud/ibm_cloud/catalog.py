"""Global Catalog: what a plan is called and how it is paid for.

Evidence: the fields that IBM's client reads; `pricing.type` is one of free, trial, paygo, paid, subscription.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint

from mock_runtime.cloud.ibm_cloud.envelope import render_error
from mock_runtime.cloud.ibm_cloud.hosts import routes
from mock_runtime.domain.errors import NotFound
from mock_runtime.domain.instances import PLANS
from mock_runtime.surface import Surface, json_response

if TYPE_CHECKING:
    from flask import Response

    from mock_runtime.domain.instances import Plan
    from mock_runtime.site import Site

PREFIX: Final = "/globalcatalog/api/v1"


class CatalogEntryNotFound(NotFound):
    """No such entry in the catalogue."""

    noun = "catalog entry"


def surface(site: Site) -> Surface:
    """The catalogue. Its public entries can be read without a token."""
    blueprint = Blueprint("global_catalog", __name__)

    @blueprint.get("/<id_>")
    def entry(id_: str) -> Response:
        plan = next((plan for plan in (*PLANS.values(), *site.directory.own_plans) if plan.id == id_), None)
        if plan is None:
            raise CatalogEntryNotFound(id_)
        return json_response(present(plan))

    return Surface(
        prefix=PREFIX,
        blueprint=blueprint,
        render_error=render_error,
        hosts=routes("globalcatalog", outside="/api/v1", inside=PREFIX),
    )


def present(plan: Plan) -> dict[str, Any]:
    """A plan as an entry of the catalogue."""
    title = plan.name.replace("-", " ").title()
    return {
        "id": plan.id,
        "name": plan.name,
        "kind": "plan",
        "active": True,
        "overview_ui": {"en": {"display_name": title, "description": title, "long_description": title}},
        "metadata": {"pricing": {"type": plan.pricing, "origin": "pricing_catalog"}},
    }
