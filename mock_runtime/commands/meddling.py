"""Faults in the proxy: rules that are met by requests on their way to somebody else's server."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mock_runtime.faults.armed import Faults
from mock_runtime.faults.profiles import profile_from_text
from mock_runtime.faults.reading import InvalidFault, fault_from_text
from mock_runtime.operations import TOUCHED
from mock_runtime.transport.delivery import Delivery
from mock_runtime.transport.exchanges import delivered
from mock_runtime.transport.forwarding import OWN, target_of
from mock_runtime.transport.wsgi import REFUSAL, Environ, path_info

if TYPE_CHECKING:
    from mock_runtime.faults.deciding import Decision
    from mock_runtime.faults.injected import Injected
    from mock_runtime.faults.rule import Fault
    from mock_runtime.runtime import Runtime
    from mock_runtime.transport.asgi import Scope

_OF_A_WORLD: Final = ("job", "backend", "token", "maintenance")
"""What is done to the fake's own world, and cannot be done to a server that is somebody else's."""


def rules_of(faults: Sequence[str], chaos: Sequence[str]) -> list[Fault]:
    """The rules that are given on the command line; InvalidFault.

    Of a profile those are left out that cannot be met by a server of somebody else's, of which the profile is not made
    alone.
    """
    rules = [fault_from_text(text, where="--fault") for text in faults]
    wrong = next((key for rule in rules for key in _worldly(rule)), None)
    if wrong is not None:
        raise InvalidFault("--fault", f"act.{wrong} is done to the world of a fake: not possible to a server upstream")
    for text in chaos:
        usable = [rule for rule in profile_from_text(text) if not _worldly(rule)]
        if not usable:
            raise InvalidFault("--chaos", f"all of {text!r} is done to the world of a fake: not possible upstream")
        rules += usable
    return rules


def _worldly(rule: Fault) -> list[str]:
    return [key for key in _OF_A_WORLD if getattr(rule.act, key) is not None]


class Meddling:
    """Decides about each request on its way, by the rules that are armed.

    `runtime` is a fake of the edition: it knows the operations and words the refusals. `hosts` lead to paths as in a
    fake. `show` gets a line for each request that met a rule.
    """

    def __init__(self, runtime: Runtime, rules: Sequence[Fault], show: Callable[[str], object]) -> None:
        self._runtime = runtime
        self._show = show
        self._number = 0
        self.faults: Final = Faults(runtime.ids, runtime.clock, rules)

    def decide(self, scope: Scope) -> Decided:
        """What is decided about one request."""
        environ = _environ(scope)
        if environ["PATH_INFO"].startswith(OWN) or not self.faults:
            return Decided(None, environ, self)
        self._runtime.hosts.redirect(environ)
        self._number += 1
        touched = environ[TOUCHED] = self._runtime.operation_of(environ)
        call = self._runtime.call_of(environ, touched, self._number, self._runtime.clock.now())
        return Decided(self.faults.decide(call), environ, self)

    def refused(self, refusal: Injected, environ: Environ) -> Delivery:
        """A refusal in the words of whoever the request is for."""
        return delivered(self._runtime.wsgi, {**environ, "wsgi.input": io.BytesIO(), REFUSAL: refusal})

    def tell(self, environ: Environ, decision: Decision, what: str) -> None:
        """Show that a request met rules."""
        if decision.faults:
            path = "".join(c if c.isprintable() else "?" for c in environ["PATH_INFO"][:200])
            self._show(f"fault {', '.join(decision.faults)}: {environ['REQUEST_METHOD']} {path} {what}")


@dataclass(frozen=True, slots=True)
class Decided:
    """What is decided about one request on its way."""

    decision: Decision | None
    environ: Environ
    meddling: Meddling

    @property
    def is_nothing(self) -> bool:
        """Whether it meets no rule, and its answer cannot meet one."""
        return self.decision is None or (not self.decision.met and self.decision.look is None)

    def instead(self) -> Delivery | None:
        """What is answered without asking the server."""
        decision = self.decision
        assert decision is not None  # noqa: S101 - asked only if it is not nothing
        if decision.cut_request:
            self.meddling.tell(self.environ, decision, "is cut off")
            return decision.dropped()
        if decision.refusal is None:
            return None
        refused = self.meddling.refused(decision.refusal, self.environ)
        self.meddling.tell(self.environ, decision, f"is answered {refused.status}")
        return decision.answered(refused, self._render)

    def answered(self, delivery: Delivery) -> Delivery:
        """What becomes of the server's answer."""
        decision = self.decision
        assert decision is not None  # noqa: S101 - asked only if it is not nothing
        changed = decision.answered(delivery, self._render)
        self.meddling.tell(self.environ, decision, f"was answered {delivery.status}, and that is changed")
        return changed

    def _render(self, refusal: Injected) -> Delivery:
        return self.meddling.refused(refusal, self.environ)


def _environ(scope: Scope) -> Environ:
    """What the fake wants to know of a request that it does not answer."""
    target = target_of(scope)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path_info(target.encode("latin-1", "replace")),
        "QUERY_STRING": target.partition("?")[2],
        "REQUEST_URI": target,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(),
        "CONTENT_LENGTH": "0",
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            environ[f"HTTP_{key}"] = value.decode("latin-1")
    return environ
