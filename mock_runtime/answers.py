"""Answers of the contract in place of the fake's own, and the requests of clients held to it: `serve --answers`.

A front stands between the socket and the fake. Requests of the API get an answer with a number from
`runtime_contracts.answers`; what is beside the API, and operations that were left out, the fake answers as ever.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, request

from mock_runtime.control.routes import PREFIX
from mock_runtime.guard import guarding
from mock_runtime.parsing import MalformedRequest, parse_object
from mock_runtime.surface import json_response, json_text, no_content
from mock_runtime.transport.delivery import Delivery
from runtime_contracts import documents
from runtime_contracts.answers.answers import Answers, NoSuchCaseError
from runtime_contracts.answers.requests import RequestChecks, Seen
from runtime_contracts.answers.senses import READ, Asked
from runtime_contracts.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Response

    from mock_runtime.guard import Guard
    from mock_runtime.runtime import Runtime
    from mock_runtime.transport.wsgi import Environ
    from runtime_contracts.operation import Operation
    from runtime_contracts.report import Report

ANSWERS: Final = f"{PREFIX}/answers"
_PAGE: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Answering:
    """How a fake is to answer, and what becomes of the requests.

    Attributes:
        mode: "generated", "broken", or None for the fake's own answers.
        operations: ids of those that are answered so; empty for all.
        status: which statuses come in turn: all, success, 4xx, 404.
        case: the number that all operations answer with, None for one after the other.
        report: a folder for what the requests break, None for none.
        strict: whether a broken request is to end a run with exit code 1.
    """

    mode: str | None = None
    operations: Sequence[str] = ()
    status: str = "all"
    case: int | None = None
    report: Path | None = None
    strict: bool = False


class Front:
    """Stands before a fake: answers in its place, and looks at each request.

    ValueError if something is asked for that is not there, with a sentence for the user.
    """

    def __init__(self, runtime: Runtime, answering: Answering, *, show: Callable[[str], object]) -> None:
        self._runtime = runtime
        self._answering = answering
        self.contract: Final = _contract(runtime.edition.name)
        self.answers: Final = (
            None
            if answering.mode is None
            else Answers(
                self.contract,
                mode=answering.mode,
                seed=runtime.ids.seed,
                statuses=answering.status,
                operations=tuple(answering.operations) or None,
                case=answering.case,
            )
        )
        self.checks: Final = RequestChecks(
            self.contract, edition=runtime.edition.name, seed=runtime.ids.seed, show=show
        )
        control = runtime.parts.control
        if control is not None:
            control.register_blueprint(_control(self, runtime.guard), url_prefix=ANSWERS)

    def __call__(self, environ: Environ, usual: Callable[[], Delivery]) -> Delivery:
        """Answer a request, or let the fake do it."""
        target = self._target(environ)
        if target is None:
            return usual()
        path, _, query = target.partition("?")
        seen = Seen(method=environ["REQUEST_METHOD"], target=target, headers=_headers(environ), body=_body(environ))
        operation = self.contract.operation_for(seen.method, path)
        if operation is None:
            reply = usual()
            # What the fake knows though the document does not is of a service beside the API.
            self._see(seen, reply, is_known=reply.status not in {404, 405} or seen.method in {"HEAD", "OPTIONS"})
            return reply
        reply = self._reply(operation, seen, path, query, environ, usual)
        self._see(seen, reply, is_known=True)
        return reply

    def _see(self, seen: Seen, reply: Delivery, *, is_known: bool) -> None:
        whole = Seen(method=seen.method, target=seen.target, headers=seen.headers, body=seen.body, is_known=is_known)
        self.checks.see(whole, reply.status)

    def _reply(
        self,
        operation: Operation,
        seen: Seen,
        path: str,
        query: str,
        environ: Environ,
        usual: Callable[[], Delivery],
    ) -> Delivery:
        if self.answers is None or not self.answers.answers_to(operation):
            return usual()
        asked = Asked(
            method=seen.method,
            path=path,
            query=query,
            headers={name.lower(): value for name, value in seen.headers.items()},
            body=seen.body,
            origin=f"{environ.get('wsgi.url_scheme', 'http')}://{environ.get('HTTP_HOST', 'localhost')}",
            made=self._made(operation, usual),
        )
        try:
            answer = self.answers.answer(operation, asked)
        except NoSuchCaseError as error:
            response = json_response({"error": {"status": 400, "message": str(error)}}, 400)
            return Delivery(status=400, headers=list(response.headers.items()), body=response.get_data())
        headers = [*answer.sent_headers]
        if answer.status not in {204, 304} and answer.status >= 200:
            headers.append(("Content-Length", str(len(answer.body))))
        return Delivery(status=answer.status, headers=headers, body=answer.body, raw=answer.raw())

    def _made(self, operation: Operation, usual: Callable[[], Delivery]) -> dict[str, Any] | None:
        """Let the fake carry out what changes something, if it answers a part of the operations itself.

        What it hands out is then real: the job that a client submits here can be asked for there.
        """
        assert self.answers is not None  # noqa: S101 - narrows the type
        if not self.answers.wants_what_is_made or (operation.method == "GET" and operation.id not in READ):
            return None
        reply = usual()
        if reply.status >= 300 or not reply.body:
            return None
        try:
            found = parse_object(reply.body)
        except MalformedRequest:
            return None
        return dict(found)

    def _target(self, environ: Environ) -> str | None:
        """The path and query of a request as the document writes them; None for what is not below the API's prefix."""
        raw = str(environ.get("REQUEST_URI", ""))
        path, question, query = raw.partition("?")
        if not path.startswith("/"):
            path = "/" + path.partition("://")[2].partition("/")[2]
        path = "/" + path.lstrip("/")
        path = self._runtime.hosts.inside(environ.get("HTTP_HOST", ""), path) or path
        prefix = self._runtime.prefix
        below = path.removeprefix(prefix)
        if not path.startswith(f"{prefix}/") or path.startswith((f"{PREFIX}/", "/openapi")):
            return None
        return f"{self.contract.base_path}{below}{question}{query}"

    def started(self, url: str) -> Iterator[str]:
        """What there is to say when it listens."""
        self.checks.at(url.removesuffix(f"{self._runtime.prefix}/"))
        given = self._answering
        if self.answers is not None:
            seed = self.answers.seed
            only = f", only {', '.join(given.operations)}" if given.operations else ""
            case = "" if given.case is None else f", case {given.case}"
            yield f"  answers        {given.mode}, status {given.status}, seed {seed}{case}{only}"
        yield "  checks         each request is held to the document; violations are shown here"

    def finish(self, *, interrupted: bool = False) -> Iterator[str]:
        """Write the report, and yield what there is to say at the end; OSError if it cannot be written."""
        yield from self.checks.lines()
        if self._answering.report is not None:
            report: Report = self.checks.report(interrupted=interrupted)
            files = report.write(self._answering.report)
            yield f"  report in {', '.join(str(file) for file in files)}"

    @property
    def exit_code(self) -> int:
        """1 if a request broke the contract and that is to count, else 0."""
        return int(self._answering.strict and self.checks.violations > 0)


@lru_cache(maxsize=4)
def _contract(edition: str) -> Contract:
    return Contract(documents.load(edition))


def _headers(environ: Environ) -> dict[str, str]:
    found = {
        name[5:].replace("_", "-").title(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        found["Content-Type"] = str(environ["CONTENT_TYPE"])
    return found


def _body(environ: Environ) -> bytes:
    source = environ.get("wsgi.input")
    return source.getvalue() if isinstance(source, io.BytesIO) else b""


def _control(front: Front, guard: Guard) -> Blueprint:
    """What can be asked and said over HTTP: `GET /_mock/answers` and below."""
    routes = Blueprint("answers", __name__)
    routes.before_request(guarding(guard))

    @routes.get("/report")
    def report() -> Response:
        return json_text(front.checks.report().to_json())

    if front.answers is not None:
        _add_answers(routes, front.answers)
    return routes


def _add_answers(routes: Blueprint, answers: Answers) -> None:
    @routes.get("")
    def overview() -> Response:
        return json_response(answers.overview())

    @routes.route("", methods=["PUT", "POST"])
    def choose() -> Response:
        fields = parse_object(request.get_data(cache=False))
        unknown = set(fields) - {"case", "operations", "status"}
        if unknown:
            raise MalformedRequest(f"{min(unknown)!r} is nothing to choose; there is case, operations and status")
        try:
            answers.choose(
                operations=_names(fields["operations"]) if "operations" in fields else answers.operations,
                statuses=_status(fields.get("status", answers.statuses)),
                case=_case(fields["case"]) if "case" in fields else answers.pinned,
            )
        except ValueError as error:
            raise MalformedRequest(str(error)) from None
        return json_response(answers.chosen)

    @routes.get("/sent")
    def sent() -> Response:
        return json_response({"sent": [answer.as_dict() for answer in list(answers.sent)]})

    @routes.get("/<operation>")
    def listed(operation: str) -> Response:
        _known(answers, operation)
        offset, limit = _number("offset", 0), min(_number("limit", _PAGE), _PAGE)
        designed = answers.designed(operation)
        cases = answers.listed(operation, offset=offset, limit=limit)
        return json_response({"operation": operation, "designed": designed, "offset": offset, "cases": cases})

    @routes.route("/<operation>", methods=["PUT", "POST"])
    def pin(operation: str) -> Response:
        _known(answers, operation)
        fields = parse_object(request.get_data(cache=False))
        if set(fields) != {"case"}:
            raise MalformedRequest('send {"case": 17}, or {"case": null} for one after the other')
        try:
            answers.pin(operation, _case(fields["case"]))
        except ValueError as error:
            raise MalformedRequest(str(error)) from None
        return no_content()

    _add_cases(routes, answers)


def _add_cases(routes: Blueprint, answers: Answers) -> None:
    @routes.get("/<operation>/<number>")
    def one(operation: str, number: str) -> Response:
        _known(answers, operation)
        if not (number.isascii() and number.isdecimal() and len(number) < 16):
            raise MalformedRequest("the number of a case is 0 or more, of 15 digits at most")
        answer = answers.case(operation, int(number))
        raw = answer.raw()
        shown = answer.body if raw is None else raw
        return json_response(
            {
                **answer.as_dict(),
                "headers": [list(pair) for pair in answer.headers],
                "on_the_wire": raw is not None,
                "text": shown.decode("utf-8", "backslashreplace"),
            }
        )


def _known(answers: Answers, operation: str) -> None:
    if operation not in answers.contract.operations:
        raise MalformedRequest(f"there is no operation {operation!r}; GET {ANSWERS} lists them")


def _names(value: object) -> list[str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise MalformedRequest("operations: a list of ids, or null for all")
    return value


def _status(value: object) -> str:
    if not isinstance(value, str):
        raise MalformedRequest('status: a text such as "all", "success", "4xx" or "404"')
    return value


def _case(value: object) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise MalformedRequest("case: a number, or null for one after the other")
    return value


def _number(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise MalformedRequest(f"{name}: a number of 0 or more")
    return int(text)
