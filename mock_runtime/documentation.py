"""The contract and its interactive documentation, at `/openapi/` as on the real service, from files of the package."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from flask import Blueprint, Flask, request
from werkzeug import Response
from werkzeug.exceptions import NotFound

from mock_runtime.surface import origin_of
from runtime_contracts import documents


def documentation(name: str, *, title: str, also_at: Iterable[str] = ()) -> Blueprint:
    """The pages and the document of an edition; the document names this server, so that a page can call it."""
    routes = Blueprint("documentation", __name__)
    path = f"/openapi/{name}.yaml"

    def document() -> Response:
        return Response(_served(name, origin_of(request)), mimetype="application/yaml")

    for at in (path, *also_at):
        routes.add_url_rule(at, view_func=document, methods=["GET"])

    @routes.get("/openapi/", defaults={"page": ""})
    @routes.get("/openapi/<path:page>")
    def pages(page: str) -> Response:  # noqa: ARG001 - the pages route by themselves
        answer = Response.from_app(_pages(title, path).wsgi_app, request.environ)
        if answer.status_code == 404:
            raise NotFound
        return answer

    return routes


@lru_cache(maxsize=8)
def _pages(title: str, document: str) -> Flask:
    """Swagger UI as an application of its own, made when somebody first looks: its import is not part of a start."""
    from flask_swagger_ui import get_swaggerui_blueprint  # noqa: PLC0415

    pages = Flask("mock_runtime.documentation", static_folder=None)
    config = {"app_name": title, "validatorUrl": None, "tryItOutEnabled": True, "persistAuthorization": True}
    pages.register_blueprint(get_swaggerui_blueprint("/openapi", document, config=config), url_prefix="/openapi")
    return pages


@lru_cache(maxsize=8)
def _served(edition: str, origin: str) -> str:
    import yaml  # noqa: PLC0415 - only who asks for the document pays for the parser

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    served = documents.served(edition, origin)
    return str(yaml.dump(served, Dumper=dumper, sort_keys=False, allow_unicode=True, width=120))
