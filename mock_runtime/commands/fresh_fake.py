"""A fake that has what a recording names: its keys, instances and devices, and jobs that end as they did."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote

from mock_runtime.domain.instances import CRN, PLANS
from mock_runtime.transport.wsgi import call
from runtime_contracts.recording.placeholders import decoded_segment
from runtime_contracts.recording.shapes import parsed
from runtime_contracts.recording.translating import state_of
from runtime_contracts.watching.message import Answer, Request, header

if TYPE_CHECKING:
    from mock_runtime.runtime import Runtime
    from runtime_contracts.recording import Recording
    from runtime_contracts.watching import Exchange

_TOKEN: Final = "the-key-of-the-recording"  # noqa: S105 - it opens a fake that nobody else sees
_STEP_S: Final = 1.0
_OUTCOMES: Final[Mapping[str, str]] = {"failed": "failed", "cancelled - ran too long": "ran-too-long"}
_MOST_WORLDS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshFake:
    """A fake in this process, and how recorded requests get in."""

    runtime: Runtime
    known: frozenset[str]
    legacy: bool

    def send(self, request: Request) -> Answer:
        """Answer a request."""
        status, headers, body = call(self.runtime.app.wsgi_app, wsgi_environ(self._let_in(request)))
        return Answer(status=status, headers=tuple(headers), body=body)

    def wait(self) -> None:
        """Let virtual time pass."""
        self.runtime.clock.sleep(_STEP_S)

    def _let_in(self, request: Request) -> Request:
        """The request, with credentials that this fake knows in place of those that only the recorded server knew."""
        scheme, _, token = header(request.headers, "authorization").partition(" ")
        if self.legacy or scheme.lower() != "bearer" or token not in self.known:
            return request
        bearer = f"Bearer {self.runtime.directory.grant(_TOKEN).access_token}"
        headers = tuple((name, bearer if name.lower() == "authorization" else value) for name, value in request.headers)
        return replace(request, headers=headers)


def fresh_fake(recording: Recording, folder: Path) -> FreshFake:
    """A fake for a recording; `folder` is for the file of its world. ValueError if there is no such edition."""
    from mock_runtime import Config, ManualClock  # noqa: PLC0415 - loaded when a fake is wanted
    from mock_runtime.app import create_app, runtime_of  # noqa: PLC0415

    legacy = recording.edition.startswith("legacy")
    known, keys = _credentials(recording, legacy=legacy)
    settings: dict[str, Any] = {
        "edition": recording.edition,
        "seed": 0,
        "engine": "synthetic",
        "control": True,
        "tokens": keys,
        "scenario": {"queue": "2s", "run": "2s", "jobs": list(_outcomes(recording))},
    }
    if not legacy:
        settings["instances"] = list(_instances(recording))
        world = _world(recording, folder)
        if world is not None:
            settings["world"] = world
    app = create_app(Config(**settings), clock=ManualClock())
    runtime = runtime_of(app)
    runtime.hold_time()
    return FreshFake(runtime=runtime, known=frozenset(known), legacy=legacy)


def wsgi_environ(request: Request) -> dict[str, Any]:
    """The environ of a request, for a WSGI application."""
    import io  # noqa: PLC0415

    body = request.body or b""
    path, _, query = request.target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "RAW_URI": request.target,
        "QUERY_STRING": query,
        "SERVER_NAME": "recording.invalid",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "recording.invalid",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        if key not in {"HOST", "CONTENT_LENGTH"} and "_" not in name:
            environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ


def _credentials(recording: Recording, *, legacy: bool) -> tuple[set[str], list[dict[str, object]]]:
    """The bearer tokens that got in without a sign-in that was recorded, and the keys that a fake has to know."""
    bearers: set[str] = set()
    keys: dict[str, dict[str, object]] = {}
    issued = {token for token in map(_issued, recording.exchanges) if token}
    for exchange in recording.exchanges:
        request, status = exchange.request, exchange.answer.status
        scheme, _, token = header(request.headers, "authorization").partition(" ")
        key = _key_in(request)
        if key:
            if status == 200:
                keys[key] = {"token": key, **_account_in(_issued(exchange))}
        elif status not in {401, 403} and token:
            if scheme.lower() == "apikey" or (legacy and scheme.lower() == "bearer"):
                keys.setdefault(token, {"token": token})
            elif scheme.lower() == "bearer" and token not in issued:
                bearers.add(token)
                keys[_TOKEN] = {"token": _TOKEN, **_account_in(token)}
    return bearers, list(keys.values())


def _key_in(request: Request) -> str:
    """The API key or token that a request signs in with; "" if it is no sign-in."""
    if request.path.startswith("/identity/token"):
        return parse_qs((request.body or b"").decode("latin-1")).get("apikey", [""])[0]
    if request.path.endswith("/loginWithToken"):
        value = parsed(request.body or b"")[1]
        found = value.get("apiToken") if isinstance(value, dict) else None
        return found if isinstance(found, str) else ""
    return ""


def _issued(exchange: Exchange) -> str:
    """The IAM token that an exchange gave out; "" if it gave none."""
    found = _json_of(exchange).get("access_token") if exchange.request.path.startswith("/identity/token") else None
    return found if isinstance(found, str) else ""


def _account_in(token: str) -> dict[str, object]:
    """The account that an IAM token says it is of."""
    parts = token.split(".")
    claims = decoded_segment(parts[1]) if len(parts) == 3 else None
    account = claims.get("account") if isinstance(claims, dict) else None
    found = account.get("bss") if isinstance(account, dict) else None
    return {"account": found} if isinstance(found, str) and found.isalnum() else {}


def _instances(recording: Recording) -> Iterable[dict[str, object]]:
    """The instances that the recording finds by a search, or else those that its requests got in with."""
    found: dict[str, dict[str, object]] = {}
    for exchange in recording.exchanges:
        if exchange.answer.status != 200:
            continue
        if exchange.request.path.startswith("/v3/resources/search"):
            for item in _dicts(_json_of(exchange).get("items")):
                _take(found, item.get("crn"), name=item.get("name"), plan=item.get("service_plan_unique_id"))
        elif exchange.request.path.startswith("/v2/resource_instances"):
            for item in _dicts(_json_of(exchange).get("resources")):
                _take(found, item.get("crn"), name=item.get("name"), plan=item.get("resource_plan_id"))
        elif "/api/" in exchange.request.path:
            _take(found, header(exchange.request.headers, "service-crn"), name=None, plan=None)
    return found.values()


def _take(found: dict[str, dict[str, object]], crn: object, *, name: object, plan: object) -> None:
    if not isinstance(crn, str) or CRN.fullmatch(crn) is None:
        return
    plans = {each.id: each.name for each in PLANS.values()}
    entry = found.setdefault(crn, {"crn": crn, "name": f"instance-{len(found) + 1}"})
    if isinstance(name, str) and name and name not in {each["name"] for each in found.values()}:
        entry["name"] = name
    if isinstance(plan, str) and plan in plans:
        entry["plan"] = plans[plan]


def _world(recording: Recording, folder: Path) -> Path | None:
    """A file of a world that has the devices that the recording names and the edition has not."""
    from mock_runtime.worlds.platform import WORLD  # noqa: PLC0415 - loaded when a fake is wanted

    own = {backend.name for backend in WORLD.backends}
    named = [name for name in _devices(recording) if name not in own][:_MOST_WORLDS]
    if not named:
        return None
    backends = [{"name": name, "from": WORLD.backends[0].name} for name in named]
    file = folder / "world.yaml"
    # JSON is YAML.
    file.write_text(json.dumps({"extends": True, "backends": backends}), encoding="utf-8")
    return file


def _devices(recording: Recording) -> Iterable[str]:
    names: dict[str, None] = {}
    for exchange in recording.exchanges:
        if exchange.answer.status not in {200, 204}:
            continue
        path = exchange.request.path.split("/")
        if "backends" in path[:-1]:
            names[unquote(path[path.index("backends") + 1])] = None
        is_json, body = parsed(exchange.request.body or b"")
        if is_json and isinstance(body, dict) and isinstance(body.get("backend"), str):
            names[body["backend"]] = None
        for device in _dicts(_json_of(exchange).get("devices")):
            if isinstance(device.get("name"), str):
                names[device["name"]] = None
    return [name for name in names if name.isidentifier() and len(name) <= 64 and not name.startswith("mock_")]


def _outcomes(recording: Recording) -> Iterable[dict[str, object]]:
    """How each submitted job ended, in the order of submissions."""
    last: dict[str, str] = {}
    results: dict[str, str] = {}
    order: list[str] = []
    for exchange in recording.exchanges:
        if exchange.answer.status not in {200, 201}:
            continue
        parts = exchange.request.path.rstrip("/").split("/")
        if exchange.request.method == "POST" and parts[-1] == "jobs":
            order.append(str(_json_of(exchange).get("id")))
        elif exchange.request.method == "GET" and parts[-1] == "results" and len(parts) > 2:
            results[parts[-2]] = (exchange.answer.body or b"").decode("utf-8", "replace")
        elif exchange.request.method == "GET" and len(parts) > 1 and parts[-2] == "jobs":
            last[parts[-1]] = state_of(exchange.answer.body or b"") or last.get(parts[-1], "")
    for job in order:
        outcome = _OUTCOMES.get(last.get(job, ""))
        plan: dict[str, object] = {"outcome": outcome} if outcome else {}
        if not recording.has_inputs and not outcome and not recording.edition.startswith("legacy"):
            # Nothing can be computed from inputs that are not there.
            plan["result"] = results.get(job, "")
        yield plan


def _json_of(exchange: Exchange) -> dict[str, Any]:
    is_json, value = parsed(exchange.answer.body or b"")
    return value if is_json and isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
