"""The contract and its interactive documentation, at `/openapi/` as on the real service, from files of the package."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from flask import Blueprint, Flask, request
from werkzeug import Response
from werkzeug.exceptions import NotFound

from runtime_contracts import documents

PREFIX: Final = "/openapi"


_TO_TRY: Final = {
    "create_job": {
        "program_id": "sampler",
        "backend": "ibm_fez",
        "params": {
            "pubs": [['OPENQASM 3.0; include "stdgates.inc"; bit[1] c; sx $0; c[0] = measure $0;', None, 1000]],
            "version": 2,
        },
    },
}
"""Bodies that the pages offer for an operation whose schema alone leads to one that is refused."""


def documentation(
    name: str, *, title: str, prefix: str, also_at: Iterable[str] = (), steered: bool = True
) -> Blueprint:
    """The pages and the document of an edition mounted at `prefix`; the document names this server.

    Where it can be `steered`, the document of its control plane is beside it.
    """
    routes = Blueprint("documentation", __name__)
    path = f"{PREFIX}/{name}.yaml"

    def document() -> Response:
        return Response(_served(name, f"{request.script_root}{prefix}"), mimetype="application/yaml")

    for at in (path, *also_at):
        routes.add_url_rule(at, view_func=document, methods=["GET"])

    @routes.get("/openapi/", defaults={"page": ""})
    @routes.get("/openapi/<path:page>")
    def pages(page: str) -> Response:  # noqa: ARG001 - the pages route by themselves
        shown = [(title, path)]
        if steered:
            shown.append(("The control plane", "/_mock/openapi.json"))
        mounted = tuple((name, f"{request.script_root}{at}") for name, at in shown)
        environ = {**request.environ, "SCRIPT_NAME": ""}
        answer = Response.from_app(_pages(title, mounted).wsgi_app, environ)
        if answer.status_code == 404:
            raise NotFound
        return answer

    return routes


@lru_cache(maxsize=8)
def _pages(title: str, shown: tuple[tuple[str, str], ...]) -> Flask:
    """Swagger UI of these documents (name and address) as an application of its own, made when somebody first looks.

    Its import is not part of a start.
    """
    from flask_swagger_ui import get_swaggerui_blueprint  # noqa: PLC0415

    pages = Flask("mock_runtime.documentation", static_folder=None)
    config = {
        "app_name": title,
        "urls": [{"name": name, "url": at} for name, at in shown],
        "validatorUrl": None,
        "tryItOutEnabled": True,
        "persistAuthorization": True,
        "showExtensions": True,
    }
    pages.register_blueprint(get_swaggerui_blueprint("/openapi", shown[0][1], config=config), url_prefix="/openapi")
    return pages


@lru_cache(maxsize=8)
def _served(name: str, prefix: str) -> str:
    """The document with servers relative to wherever it is read, and with something to try."""
    import yaml  # noqa: PLC0415 - only who asks for the document pays for the parser

    document = documents.load(name)
    document["servers"] = [{"url": prefix or "/"}]
    for item in document["paths"].values():
        if "servers" in item:
            item["servers"] = [{"url": prefix or "/"}]
        for operation in item.values():
            body = _TO_TRY.get(str(operation.get("operationId"))) if isinstance(operation, dict) else None
            if body is not None:
                operation["requestBody"]["content"]["application/json"]["example"] = body
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True, width=120))
