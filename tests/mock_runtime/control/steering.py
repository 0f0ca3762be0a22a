"""How tests call a control plane: every answer is held to its document."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from mock_runtime.control.document import document
from runtime_contracts.contract import Contract

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


@cache
def contract() -> Contract:
    """The document of the control plane."""
    return Contract(document())


@dataclass(frozen=True, slots=True)
class Steering:
    """Somebody at the control plane of a fake, or of one of its scopes.

    `met` notes which operations were answered, and how.
    """

    client: FlaskClient
    scope: str = ""
    met: set[tuple[str, int]] = field(default_factory=set)

    def call(self, method: str, path: str, body: Any = None, **request: Any) -> TestResponse:
        """The answer to one request; what the document does not allow fails the test."""
        headers = {"Mock-Runtime-Scope": self.scope} if self.scope else {}
        headers |= request.pop("headers", {})
        if body is not None:
            request["json"] = body
        target = f"/_mock{path}"
        answer = self.client.open(target, method=method, headers=headers, buffered=True, **request)
        operation = contract().operation_for(method, target.partition("?")[0])
        if operation is None:
            return answer
        self.met.add((operation.id, answer.status_code))
        found = contract().check_response(operation, answer.status_code, headers=dict(answer.headers), body=answer.data)
        assert not found, (operation.id, found)
        return answer

    def json(self, method: str, path: str, body: Any = None, *, status: int = 200, **request: Any) -> Any:
        """The JSON of an answer of that status."""
        answer = self.call(method, path, body, **request)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def done(self, method: str, path: str, body: Any = None, **request: Any) -> None:
        """Do something that is answered with nothing."""
        answer = self.call(method, path, body, **request)
        assert (answer.status_code, answer.data) == (204, b""), answer.text

    def refused(self, status: int, method: str, path: str, body: Any = None, **request: Any) -> str:
        """The sentence of a refusal."""
        answer = self.call(method, path, body, **request)
        assert answer.status_code == status, answer.text
        error = answer.get_json()["error"]
        assert error["status"] == status
        return str(error["message"])
