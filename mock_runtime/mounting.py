"""Where the operations of one fake are put, and what they have in common: what is refused first, and how it is said."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from flask import Flask, request
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge
from werkzeug.routing import Rule

from mock_runtime.domain.errors import bounded
from mock_runtime.faults.injected import Injected
from mock_runtime.operations import TOUCHED, Operation, traced
from mock_runtime.parsing import MalformedRequest
from mock_runtime.surface import Problem, Surface, readable, refuse_odd_host
from mock_runtime.transport.wsgi import BODY_EXCEEDED, REFUSAL, UNREADABLE

if TYPE_CHECKING:
    from collections.abc import MutableSequence, Sequence

    from flask import Blueprint, Response

    from mock_runtime.runtime import Assembly

LOG: Final = logging.getLogger("mock_runtime")


class _Rule(Rule):
    """A rule that prepares the building of URLs when one is built, which a fake never does.

    The preparation is two thirds of the cost of an application, and tests make one each.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        def build(*values: object) -> tuple[str, str]:
            return Rule._compile_builder(self, append_unknown)(*values)  # noqa: SLF001

        return build


class FakeApp(Flask):
    """A Flask application, made cheaply."""

    url_rule_class = _Rule


def mount(
    app: Flask,
    parts: Assembly,
    surfaces: Sequence[Surface],
    bugs: MutableSequence[Exception],
    *,
    pages: Blueprint | None = None,
    operations: bool = True,
) -> None:
    """Put every surface where it belongs, and let the one with the longest matching prefix say what went wrong.

    What is an error of ours is added to `bugs`. Without `operations` those of the surfaces are none of the API.
    """
    config = parts.start.config
    app.config.update(
        MAX_CONTENT_LENGTH=config.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=config.max_body_bytes,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    for surface in surfaces:
        app.register_blueprint(surface.blueprint, url_prefix=surface.prefix or None)
    if pages is not None:
        app.register_blueprint(pages)
    app.before_request(_gate(config.max_body_bytes, parts.operations if operations else {}))
    app.register_error_handler(Exception, _renderer(app, parts, surfaces, bugs))


def _gate(max_body_bytes: int, operations: Mapping[str, Operation]) -> Callable[[], None]:
    """A hook that refuses what is no HTTP, or too large, before anything else is said of the request.

    It reads the environ, and what Flask found already: it is on the path of every request.
    """

    def refuse_what_cannot_be_read() -> None:
        # One look at what `request` stands for: each costs as much as all of the rest.
        asked = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - as werkzeug documents it
        environ, rule = asked.environ, asked.url_rule
        known = None if rule is None else operations.get(rule.endpoint)
        if known is not None:
            environ[TOUCHED].path_says(known, asked.view_args or {})
        if REFUSAL in environ:
            raise environ[REFUSAL]
        if UNREADABLE in environ:
            raise MalformedRequest(environ[UNREADABLE])
        refuse_odd_host(environ)
        declared = environ.get("CONTENT_LENGTH", "")
        if BODY_EXCEEDED in environ or (declared.isdecimal() and int(declared[:20]) > max_body_bytes):
            raise RequestEntityTooLarge

    return refuse_what_cannot_be_read


def _renderer(
    app: Flask, parts: Assembly, surfaces: Sequence[Surface], bugs: MutableSequence[Exception]
) -> Callable[[Exception], Response]:
    deepest_first = sorted(surfaces, key=lambda surface: len(surface.prefix), reverse=True)
    by_name = {surface.blueprint.name: surface for surface in surfaces}

    def render(error: Exception) -> Response:
        path = request.path
        matching = (s for s in deepest_first if not s.prefix or path == s.prefix or path.startswith(s.prefix + "/"))
        # Two may share a prefix: where there is such an operation, whose it is decides.
        surface = by_name.get(request.blueprint or "") or next(matching, surfaces[0])
        response = surface.render_error(_problem(app, parts, error, surface))
        if response.status_code >= 500 and not isinstance(error, Injected):
            bugs.append(error)
            LOG.error("%s %s: a bug of the mock", request.method, path, exc_info=error)
        return response

    return render


def _problem(app: Flask, parts: Assembly, error: Exception, surface: Surface) -> Problem:
    trace = parts.ids.trace_id(parts.site.clock.now())
    traced(request.environ, trace)
    headers: dict[str, str] = {}
    if isinstance(error, Injected):
        headers = error.answer_headers
    elif isinstance(error, HTTPException):
        headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
        if isinstance(error, NotFound):
            error.description = f"no {request.method} {bounded(request.path)}; there is {_what_there_is(app, surface)}"
        elif error.code == 405:
            error.description = f"{request.method} is not possible on {bounded(request.path)}; see the header Allow"
    return Problem(error=error, trace=trace, headers=headers)


def _what_there_is(app: Flask, surface: Surface) -> str:
    own = f"{surface.blueprint.name}."
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(own)}
    return ", ".join(sorted(readable(rule) for rule in rules))
