"""Filling in the parameters of a call of somebody's client: by what they are called, and by what its user says."""

from __future__ import annotations

import copy
import importlib
import inspect
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.neighbours import CRN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

TOKEN: Final = "the-token-of-the-contract"  # noqa: S105 - it opens nothing
_TIMEOUT_S: Final = 5.0
_URL: Final = frozenset(
    {
        "url", "base_url", "api_url", "runtime_url", "service_url", "server_url", "base", "endpoint", "address",
        "origin", "server", "uri", "api", "root",
    }
)  # fmt: skip
_HOST: Final = frozenset({"host", "hostname", "domain"})
_TOKEN: Final = frozenset(
    {
        "token", "api_key", "apikey", "api_token", "access_token", "auth_token", "bearer", "bearer_token", "key",
        "iam_token", "iam_api_key",
    }
)  # fmt: skip
_CRN: Final = frozenset(["instance", "crn", "service_crn", "instance_crn", "service_instance"])
_SESSION: Final = frozenset({"session", "requests_session"})
_CLIENT: Final = frozenset({"client", "http", "http_client", "httpx_client"})
_IDS: Final = frozenset(["id", "job_id", "jid", "jobid", "job", "session", "sid", "account_id", "account"])
_PLATFORM: Final[Mapping[str, str]] = {
    **dict.fromkeys(_IDS - {"session"}, "id"),
    **dict.fromkeys(("backend", "backend_name", "device", "device_name", "name"), "backend"),
    **dict.fromkeys(("program_id", "program", "primitive"), "program_id"),
    **dict.fromkeys(("params", "inputs", "program_inputs", "job_params", "body"), "params"),
    **dict.fromkeys(("cost", "max_execution_time"), "cost_s"),
    **dict.fromkeys(("offset", "skip"), "offset"),
    **dict.fromkeys(("created_after", "since", "updated_before", "interval_start"), "since"),
    **dict.fromkeys(("created_before", "until", "interval_end"), "until"),
    **dict.fromkeys(("limit", "page_size", "per_page"), "limit"),
    **dict.fromkeys(("max_ttl", "max_ttl_s", "ttl"), "max_ttl_s"),
    **dict.fromkeys(("instance_limit", "instance_limit_s"), "instance_limit_s"),
    **dict.fromkeys(("cursor", "next_cursor"), "cursor"),
}
_OF_2021: Final[Mapping[str, str]] = {
    **dict.fromkeys(("id", "job_id", "jid", "jobid", "job"), "job_id"),
    **dict.fromkeys(("program_id", "program"), "program_id"),
    **dict.fromkeys(("backend", "backend_name", "device", "device_name"), "backend"),
    **dict.fromkeys(("inputs", "params", "program_inputs"), "inputs"),
    **dict.fromkeys(("source", "data", "code", "program_data"), "source"),
    **dict.fromkeys(("cost", "max_execution_time"), "cost"),
    **dict.fromkeys(("public", "is_public"), "public"),
    **dict.fromkeys(("limit", "page_size", "per_page"), "limit"),
    **dict.fromkeys(("offset", "skip"), "offset"),
}
_ALIASES: Final[Mapping[str, Mapping[str, str]]] = {"platform": _PLATFORM, "legacy-2021": _OF_2021}


class UnknownParameterError(Exception):
    """A parameter cannot be filled in, or a value was given for one that is not there; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a client is told beside the arguments of a call.

    Attributes:
        url: the address of the API.
        edition: which edition of the API it is.
        given: values that the user of the run gives, by the name of the parameter.
    """

    url: str
    edition: str
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """The values for a call by parameter name, and the attributes of the arguments that are among them."""

    values: dict[str, Any]
    passed: frozenset[str]


def filled(function: Callable[..., Any], around: Surroundings, arguments: Any) -> Filled:
    """Return values for the parameters of `function`, out of what is given, `arguments` of the edition, and names.

    Raises:
        UnknownParameterError: a parameter has no default and a name that says nothing.
    """
    values: dict[str, Any] = {}
    passed: set[str] = set()
    for name, parameter in _parameters(function):
        if name in around.given:
            values[name] = copy.deepcopy(around.given[name])
            continue
        attribute = _attribute(parameter, around.edition, arguments, function)
        if attribute is not None:
            values[name] = _as_annotated(getattr(arguments, attribute), parameter)
            passed.add(attribute)
        elif _is_surrounding(name, parameter):
            if parameter.default is parameter.empty or not _has_one_already(name, values):
                values[name] = _surrounding(name, around)
        elif parameter.default is parameter.empty:
            raise UnknownParameterError(
                f"nothing is known to fill in for the parameter {name!r} of {name_of(function)}; "
                f"give it a value: arguments={{{name!r}: ...}}, or --argument {name}=VALUE"
            )
    return Filled(values, frozenset(passed))


def refuse_unknown_arguments(functions: list[Callable[..., Any]], given: Mapping[str, Any]) -> None:
    """Refuse values for parameters that none of `functions` has.

    Raises:
        UnknownParameterError: there is one; the message says which, and what is near.
    """
    names = {name for function in functions for name, _ in _parameters(function)}
    for name in given:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(names)) or 'none'}"
            raise UnknownParameterError(f"there is no parameter {name!r}; {hint}")


def name_of(function: Callable[..., Any]) -> str:
    """Return what a function is called in a report."""
    return str(getattr(function, "__qualname__", None) or type(function).__qualname__)


def _parameters(function: Callable[..., Any]) -> Iterator[tuple[str, inspect.Parameter]]:
    try:
        found = inspect.signature(function).parameters
    except (TypeError, ValueError) as error:
        raise UnknownParameterError(f"the parameters of {name_of(function)} cannot be seen: {error}") from None
    for name, parameter in found.items():
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise UnknownParameterError(f"{name_of(function)} takes {name!r} by position only; wrap it in a function")
        if parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            yield name, parameter


def _attribute(parameter: inspect.Parameter, edition: str, arguments: Any, function: Callable[..., Any]) -> str | None:
    """Return the attribute of `arguments` that a parameter is for, or None."""
    own = {item.name for item in fields(arguments)}
    name = parameter.name.lower()
    aliases = _ALIASES.get(edition, {})
    found = name if name in own else aliases.get(name)
    if found is None:
        return None
    if found == "job_id" and name == "id" and "program" in name_of(function).lower():
        return "program_id"
    required = parameter.default is parameter.empty
    if required and found == "session_id":
        # The id of a session stands in a path, where none can be left out.
        return "id"
    return found


def _as_annotated(value: Any, parameter: inspect.Parameter) -> Any:
    """Return a value in the form that a client most likely takes it in."""
    if isinstance(value, datetime) and "datetime" not in str(parameter.annotation):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, tuple):
        return value if "tuple" in str(parameter.annotation).lower() else list(value)
    return copy.deepcopy(value)


def _is_surrounding(name: str, parameter: inspect.Parameter) -> bool:
    known = name.lower()
    if known in _URL | _HOST | _TOKEN | _CRN:
        # A default says what form the client wants it in, and every address is answered.
        return parameter.default is parameter.empty or not parameter.default
    return parameter.default is parameter.empty and (known in _SESSION | _CLIENT or known == "timeout")


def _has_one_already(name: str, values: Mapping[str, Any]) -> bool:
    """Whether a value of the same kind was filled in: of a key and a token, a client most often wants one."""
    kind = next((kind for kind in (_URL | _HOST, _TOKEN, _CRN) if name.lower() in kind), frozenset())
    return any(other.lower() in kind for other in values)


def _surrounding(name: str, around: Surroundings) -> Any:
    known = name.lower()
    if known in _SESSION:
        return importlib.import_module("requests").Session()
    if known in _CLIENT:
        return importlib.import_module("httpx").Client()
    texts = {
        **dict.fromkeys(_URL, around.url),
        **dict.fromkeys(_HOST, around.url.partition("://")[2].partition("/")[0]),
        **dict.fromkeys(_TOKEN, TOKEN),
        **dict.fromkeys(_CRN, CRN),
    }
    return texts.get(known, _TIMEOUT_S)
