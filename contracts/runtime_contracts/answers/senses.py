"""What the request determines, and what therefore an answer may not make up: each client would rightly complain.

The job that was asked for has the id that was asked for; a page is a page of one list, and the list ends; an id can be
asked for again; the shape of a list follows the version that the caller speaks. `_SENSES` lists it, for every
edition, by operation; what is not there is free.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.answers.draws import Draws
from runtime_contracts.parameters import query_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runtime_contracts.operation import Operation

_VERSION: Final = "ibm-api-version"
_OBJECTS_SINCE: Final = "2025-01-01"

_LARGEST_PAGE: Final = 200
_LONGEST_NAME: Final = 255
_CURSOR: Final = "the-last-page"
_SAFE: Final = frozenset("/\\?#%")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request, as far as an answer depends on it.

    Attributes:
        path: percent-encoded, as the document writes it, below one of its servers.
        headers: by name in lower case.
        origin: scheme, host and port under which the caller sees the server.
        made: what an honest server has answered to the same request, or None: ids that were handed out are real then.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = "http://runtime.test"
    made: Mapping[str, Any] | None = None

    def number(self, name: str) -> int | None:
        """Return the number that a parameter of the query has, None if it has none."""
        texts = [text for given, text in query_pairs(self.query) if given == name]
        fits = texts and texts[-1].isascii() and texts[-1].isdecimal() and len(texts[-1]) < 10
        return int(texts[-1]) if fits else None

    def has(self, name: str) -> bool:
        """Tell whether a parameter is in the query."""
        return any(given == name for given, _ in query_pairs(self.query))

    def sent(self, name: str) -> str | None:
        """Return the text that a property of the body has, None if there is none."""
        if len(self.body) > 1_000_000:
            return None
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        found = value.get(name) if isinstance(value, dict) else None
        return found if isinstance(found, str) else None


def sensible(operation: Operation, value: Any, asked: Asked, key: str) -> Any:
    """Return the value of an answer, with what the request determines as an honest server would have it.

    `key` is for ids that have to be made up; the same one gives the same ids. Nothing in `value` is changed.
    """
    sense = _SENSES.get(operation.id)
    if sense is None or not isinstance(value, (dict, list)):
        return value
    return sense(value, asked, operation.path_values(asked.path) or {}, key)


def is_page_after_the_first(asked: Asked) -> bool:
    """Tell whether a request asks for more of a list that it has seen the beginning of."""
    return bool(asked.number("offset")) or asked.has("next")


def ended(operation: Operation, value: Any) -> Any:
    """Return the value of an answer that shows something under way, as it is when that has come to its end."""
    if operation.id not in _ENDS or not isinstance(value, dict):
        return value
    result = dict(value)
    for name, end in _ENDS[operation.id].items():
        if isinstance(result.get(name), str):
            result[name] = end
        elif isinstance(result.get(name), dict):
            result[name] = {**result[name], "status": end}
    return result


def is_under_way(operation: Operation, status: int, value: Any) -> bool:
    """Tell whether a client that waits for an end would ask again after this answer."""
    if operation.id in RESULTS:
        return status == 204
    return status < 400 and ended(operation, value) != value


READ: Final = frozenset({"get-user", "get_job", "get_session"})
"""Operations that change nothing, and whose answers refer to things that others know."""
RESULTS: Final = frozenset({"get_job_results_jid", "get-programs-id-jobs-jid-results"})
"""Operations that answer 204 until there is a result."""
_ENDS: Final[Mapping[str, Mapping[str, str]]] = {
    "get_job": {"state": "Completed", "status": "Completed"},
    "get-programs-id-jobs-jid": {"status": "Completed"},
    "get_session": {"state": "closed"},
}


def _names(name: str, parameter: str) -> Callable[[Any, Asked, Mapping[str, str], str], Any]:
    """Return the sense of an answer about one thing: its property `name` is what the path says."""

    def sense(value: Any, _asked: Asked, path: Mapping[str, str], _key: str) -> Any:
        return {**value, name: path[parameter]} if isinstance(value, dict) and name in value else value

    return sense


def _job(value: Any, asked: Asked, path: Mapping[str, str], key: str) -> Any:
    """A job: the one that was asked for, on a device that can be asked for."""
    if not isinstance(value, dict):
        return value
    result = _on_a_device(value, key)
    return _really(result, asked, "backend") | ({"id": path["id"]} if "id" in result else {})


def _session(value: Any, asked: Asked, path: Mapping[str, str], key: str) -> Any:
    """A session: the one that was asked for, on a device that can be asked for."""
    if not isinstance(value, dict):
        return value
    result = dict(value)
    if isinstance(result.get("backend_name"), str):
        result["backend_name"] = _askable(result["backend_name"], Draws("backend", key), 0)
    return _really(result, asked, "backend_name") | ({"id": path["id"]} if "id" in result else {})


def _really(value: dict[str, Any], asked: Asked, name: str) -> dict[str, Any]:
    """Take over a text that an honest server has said, where there is one: other operations know of it."""
    said = None if asked.made is None else asked.made.get(name)
    return {**value, name: said} if isinstance(said, str) and isinstance(value.get(name), str) else value


def _on_a_device(job: Any, key: str) -> Any:
    if not isinstance(job, dict) or not isinstance(job.get("backend"), str):
        return job
    return {**job, "backend": _askable(job["backend"], Draws("backend", key), 0)}


def _made(*echoed: str) -> Callable[[Any, Asked, Mapping[str, str], str], Any]:
    """Return the sense of an answer to something that was made: an id to ask for it, and what the caller said."""

    def sense(value: Any, asked: Asked, _path: Mapping[str, str], key: str) -> Any:
        if not isinstance(value, dict) or "id" not in value:
            return value
        said = {name: asked.sent(_SAID.get(name, name)) for name in echoed if name in value}
        made = {} if asked.made is None else asked.made
        own = made.get("id")
        identity = own if isinstance(own, str) else Draws("id", key).word(20)
        return {**value, **{name: text for name, text in said.items() if text is not None}, "id": identity}

    return sense


_SAID: Final = {"backend_name": "backend"}


def _jobs(value: Any, asked: Asked, _path: Mapping[str, str], key: str) -> Any:
    """A page of jobs: as many as were asked for, from where it was asked, of so many as are counted."""
    if not isinstance(value, dict) or not isinstance(value.get("jobs"), list):
        return value
    everything = [_on_a_device(job, key) for job in _with_ids(value["jobs"], key)]
    limit, offset = asked.number("limit"), asked.number("offset") or 0
    limit = _LARGEST_PAGE if limit is None else min(limit, _LARGEST_PAGE)
    page = everything[offset : offset + limit]
    told = {"count": len(everything), "offset": offset, "limit": limit}
    return {**value, "jobs": page, **{name: number for name, number in told.items() if name in value}}


def _with_ids(items: list[Any], key: str) -> list[Any]:
    """Give the things of a list an id each: no server hands out the same one twice."""
    draws = Draws("ids", key)
    return [
        {**item, "id": draws.word(20)} if isinstance(item, dict) and isinstance(item.get("id"), str) else item
        for item in items
    ]


def _workloads(value: Any, asked: Asked, _path: Mapping[str, str], key: str) -> Any:
    """A page of workloads: of two, and then there is no more."""
    if not isinstance(value, dict) or not isinstance(value.get("workloads"), list):
        return value
    items = _with_ids(value["workloads"], f"{key} {asked.has('next')}")
    result: dict[str, Any] = {**value, "workloads": items}
    limit = asked.number("limit")
    if limit is not None:
        result |= {"limit": limit, "workloads": items[: max(limit, 0)]}
    elif "limit" in result:
        result["limit"] = max(len(items), 1)
    result["total_count"] = 2 * len(result["workloads"]) if "next" in value else len(result["workloads"])
    elsewhere = {"next": not asked.has("next"), "previous": asked.has("next")}
    here = "&".join(part for part in asked.query.split("&") if part.partition("=")[0] not in elsewhere)
    for name, is_there in elsewhere.items():
        if name in result and not is_there:
            del result[name]
        elif isinstance(result.get(name), dict) and "href" in result[name]:
            query = "&".join(filter(None, (here, f"{name}={_CURSOR}")))
            result[name] = {**result[name], "href": f"{asked.origin}{asked.path}?{query}"}
    return result


def _devices(value: Any, asked: Asked, _path: Mapping[str, str], key: str) -> Any:
    """The list of backends: names only for callers of before 2025; each name is one that can be asked for."""
    if not isinstance(value, dict) or not isinstance(value.get("devices"), list):
        return value
    wants_objects = asked.headers.get(_VERSION, "") >= _OBJECTS_SINCE
    draws = Draws("backends", key)
    devices: list[Any] = []
    for number, device in enumerate(value["devices"]):
        is_object = isinstance(device, dict)
        name = _askable(str(device.get("name", "") if is_object else device), draws, number)
        if is_object and wants_objects:
            devices.append({**device, "name": name})
        else:
            devices.append({"name": name, "status": {"name": "online"}, "queue_length": 0} if wants_objects else name)
    return {**value, "devices": devices}


def _programs(value: Any, _asked: Asked, _path: Mapping[str, str], key: str) -> Any:
    return _with_ids(value, key) if isinstance(value, list) else value


def _login(value: Any, asked: Asked, _path: Mapping[str, str], key: str) -> Any:
    """A token that goes into a header; of an honest server if there is one, whose other operations know it."""
    if not isinstance(value, dict) or "id" not in value:
        return value
    own = None if asked.made is None else asked.made.get("id")
    return {**value, "id": own if isinstance(own, str) else Draws("token", key).word(64)}


def _user(value: Any, asked: Asked, _path: Mapping[str, str], _key: str) -> Any:
    """The addresses of the services: this server has them all."""
    if not isinstance(value, dict) or not isinstance(value.get("urls"), dict):
        return value
    urls = dict(value["urls"])
    own = {} if asked.made is None else asked.made.get("urls", {})
    if isinstance(urls.get("http"), str):
        urls["http"] = own.get("http", f"{asked.origin}/api")
    if isinstance(urls.get("ws"), str):
        urls["ws"] = own.get("ws", f"ws{asked.origin.removeprefix('http')}/")
    services = urls.get("services")
    if isinstance(services, dict) and "runtime" in services:
        urls["services"] = {**services, "runtime": own.get("services", {}).get("runtime", asked.origin)}
    return {**value, "urls": urls}


def _askable(name: str, draws: Draws, number: int) -> str:
    """Return a name that can stand in a path, which is what the document has it for; two of a list differ."""
    other = draws.word(8)
    odd = set(name) <= {"."} or not _SAFE.isdisjoint(name) or any(ord(char) < 33 or char == "\x7f" for char in name)
    if odd or len(name) > _LONGEST_NAME or not _is_text(name):
        return f"ibm_{other}"
    return name if number == 0 else f"{name[: _LONGEST_NAME - 9]}_{other}"


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


_SENSES: Final[Mapping[str, Callable[[Any, Asked, Mapping[str, str], str], Any]]] = {
    "get_job": _job,
    "get_session": _session,
    "get_backend_configuration": _names("backend_name", "id"),
    "get_backend_properties": _names("backend_name", "id"),
    "create_job": _made("backend", "session_id"),
    "create_session": _made("backend_name", "mode"),
    "list_jobs": _jobs,
    "list_backends": _devices,
    "find_instance_workloads": _workloads,
    "get-programs": _programs,
    "get-program": _names("id", "id"),
    "post-program": _made(),
    "post-program-id": _made(),
    "get-jobs": _jobs,
    "get-programs-id-jobs-jid": _names("id", "jid"),
    "login-with-token": _login,
    "get-user": _user,
}
"""What each operation's answer has to keep."""
