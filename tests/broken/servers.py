"""Deliberately broken servers: each deviates from the contract in what single answers look like."""

from __future__ import annotations

import json

from werkzeug.wrappers import Request

from tests.broken.serving import ALICE, Ask, Reply
from tests.broken.spoiling import again, as_alice, rewritten, spoiled, without, without_credentials

_NEW_JOB = json.dumps({"id": "0" * 20}).encode()

# Credentials


def lets_anybody_list(request: Request, ask: Ask) -> Reply:
    """List programs without looking at credentials."""
    is_list = request.method == "GET" and request.path == "/programs"
    return ask(as_alice(request) if is_list else request)


def refuses_session_tokens(request: Request, ask: Ask) -> Reply:
    """Take no session token for the runtime service."""
    refused = not request.path.startswith("/api") and "X-Access-Token" in request.headers
    return ask(without_credentials(request) if refused else request)


def takes_any_scheme(request: Request, ask: Ask) -> Reply:
    """Read the token of an Authorization header whatever its scheme."""
    return ask(as_alice(request) if request.headers.get("Authorization", "").endswith(ALICE) else request)


def keeps_sessions(request: Request, ask: Ask) -> Reply:
    """Answer a logout without ending the session."""
    if request.method == "POST" and request.path == "/api/users/logout":
        probe = again(request, method="GET", path="/api/users/me")
        return Reply(200, {"Content-Type": "text/plain"}) if ask(probe).status == 200 else ask(request)
    return ask(request)


# Shapes

undocumented_status = spoiled("GET", "/jobs", lambda reply: reply.changed(status=203), status=200)
wrong_content_type = spoiled("GET", "/programs", lambda reply: reply.changed(Content_Type="text/html"), status=200)
missing_property = spoiled(
    "GET", "/programs", rewritten(lambda value: [without(item, "cost") for item in value]), status=200
)
null_property = spoiled(
    "GET", "/programs", rewritten(lambda value: [{**item, "description": None} for item in value]), status=200
)
wrong_refusal_body = spoiled("GET", "/jobs", lambda reply: reply.changed(body=b'{"message": "no"}'), status=400)
wrong_error_body = spoiled("GET", "/programs/*", lambda reply: reply.changed(body=b'{"message": "no"}'), status=404)
trailing_bytes = spoiled("GET", "/jobs", lambda reply: reply.changed(body=reply.body + b"{}"), status=200)
wrong_count = spoiled("GET", "/jobs", rewritten(lambda value: {**value, "count": len(value["jobs"])}), status=200)
no_allow_header = spoiled("PATCH", "/jobs", lambda reply: reply.changed(Allow=None), status=405)


def html_405(request: Request, ask: Ask) -> Reply:
    """Answer unknown methods with a page."""
    reply = ask(request)
    return reply.changed(body=b"<html></html>", Content_Type="text/html") if reply.status == 405 else reply


def answers_unknown_methods(request: Request, ask: Ask) -> Reply:
    """Treat an unknown method as GET."""
    reply = ask(request)
    return ask(again(request, method="GET")) if reply.status == 405 and request.path == "/programs" else reply


def not_found_page(request: Request, ask: Ask) -> Reply:
    """Answer unknown paths with success."""
    return Reply(200, {"Content-Type": "text/html"}, b"welcome") if "no/such" in request.path else ask(request)


# Validation

accepts_any_job = spoiled(
    "POST", "/jobs", lambda _: Reply(200, {"Content-Type": "application/json"}, _NEW_JOB), status=400
)
accepts_any_login = spoiled(
    "POST",
    "/api/users/loginWithToken",
    lambda _: Reply(200, {"Content-Type": "application/json"}, b'{"id": "x"}'),
    status=401,
)


def ignores_bad_limits(request: Request, ask: Ask) -> Reply:
    """Fall back to the defaults when a query value makes no sense."""
    reply = ask(request)
    is_list = request.method == "GET" and request.path == "/jobs"
    return ask(again(request, query_string="")) if is_list and reply.status == 400 else reply


def fails_on_large_numbers(request: Request, ask: Ask) -> Reply:
    """Break on a limit of more than 31 bits."""
    limit = request.args.get("limit", "0")
    if request.path == "/jobs" and limit.isdigit() and len(limit) > 9:
        return Reply(
            500, {"Content-Type": "application/json"}, b'{"errors": [{"code": "internal_error", "message": "x"}]}'
        )
    return ask(request)


def refuses_images(request: Request, ask: Ask) -> Reply:
    """Refuse jobs that name an image."""
    if request.method == "POST" and request.path == "/jobs" and b'"runtime"' in request.get_data():
        body = b'{"errors": [{"code": "bad_request", "message": "runtime"}]}'
        return Reply(400, {"Content-Type": "application/json"}, body)
    return ask(again(request, data=request.get_data()) if request.method == "POST" else request)


def takes_any_form(request: Request, ask: Ask) -> Reply:
    """Accept whatever is uploaded."""
    reply = ask(request)
    if request.method == "POST" and request.path == "/programs" and reply.status in {400, 415}:
        return Reply(201, {"Content-Type": "application/json"}, b'{"id": "anything"}')
    return reply


def accepts_unknown_backends(request: Request, ask: Ask) -> Reply:
    """Take a job for a device that does not exist."""
    data = request.get_data()
    if request.method == "POST" and request.path == "/jobs":
        return ask(again(request, data=data.replace(b'"backend":"no-such-thing-anywhere"', b'"x":1')))
    return ask(again(request, data=data) if data else request)


def wrong_allow_header(request: Request, ask: Ask) -> Reply:
    """Name a method in Allow that is then refused."""
    reply = ask(request)
    return reply.changed(Allow="GET, POST, DELETE") if reply.status == 405 and request.path == "/programs" else reply


def hangs_up(request: Request, ask: Ask) -> Reply:
    """Break the connection when somebody has no credentials."""
    if "Authorization" not in request.headers and request.path == "/programs":
        raise ConnectionAbortedError
    return ask(request)


def devices_are_gone(request: Request, ask: Ask) -> Reply:
    """Know no project at all."""
    if request.path.endswith("/devices/v/1"):
        return ask(again(request, path="/api/Network/a/Groups/b/Projects/c/devices/v/1"))
    return ask(request)


lists_are_refused = spoiled("GET", "/jobs", lambda reply: reply.changed(status=400), status=200)


def fails_on_form_without_source(request: Request, ask: Ask) -> Reply:
    """Break on a form that lacks a part."""
    reply = ask(request)
    if request.method == "POST" and request.path == "/programs" and reply.status == 400:
        return Reply(
            500, {"Content-Type": "application/json"}, b'{"errors": [{"code": "internal_error", "message": "x"}]}'
        )
    return reply


def logins_are_refused(request: Request, ask: Ask) -> Reply:
    """Refuse every login."""
    if request.path == "/api/users/loginWithToken":
        return ask(again(request, data=b"{}"))
    return ask(request)
