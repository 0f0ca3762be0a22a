"""Reading who there is: tokens, plans, instances, and tenants, which group the first and the last."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from mock_runtime.accounts import Token
from mock_runtime.directory import InstanceSpec
from mock_runtime.domain.instances import CRN, PLANS, Plan
from mock_runtime.durations import Fixed, NotADuration, parse_duration
from mock_runtime.settings import InvalidConfig, flag, names

_DEFAULT_INSTANCE: Final = "default"
_PAID: Final = "paygo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenants:
    """Tokens and instances of several accounts."""

    tokens: tuple[Token, ...] = ()
    instances: tuple[InstanceSpec, ...] = ()


def read_tokens(value: object, at: str) -> tuple[Token, ...]:
    """A list of tokens: texts, mappings or tokens; InvalidConfig, which shows none of them."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise InvalidConfig(f"{at}: expected a list of tokens")
    return tuple(read_token(item, f"{at}[{index}]") for index, item in enumerate(value))


def read_token(item: object, at: str) -> Token:
    """One token."""
    if isinstance(item, Token):
        return item
    said = {"token": item} if isinstance(item, str) else item
    if not isinstance(said, Mapping) or said.keys() - TOKEN_KEYS or not _is_token(said):
        written = said.get("token") if isinstance(said, Mapping) else said
        hint = " (a number needs quotes)" if isinstance(written, int | float) and not isinstance(written, bool) else ""
        raise InvalidConfig(
            f"{at}: expected a token, or a mapping with token or sha256, and perhaps name, may_upload, account and "
            f"iam_sha256{hint}"
        )
    account = said.get("account")
    if account is not None and (not isinstance(account, str) or re.fullmatch("[A-Za-z0-9]{1,64}", account) is None):
        raise InvalidConfig(f"{at}.account: expected the id of an account, letters and digits, found {account!r}")
    try:
        return Token(
            said.get("token", ""),
            str(said.get("name", "")),
            flag(said.get("may_upload", True), f"{at}.may_upload"),
            account,
            _digest(said, "sha256", at),
            _digest(said, "iam_sha256", at),
        )
    except InvalidConfig:
        raise
    except ValueError as error:
        raise InvalidConfig(f"{at}: {error}") from None


def _is_token(said: Mapping[str, object]) -> bool:
    return isinstance(said.get("token"), str) if "token" in said else "sha256" in said


def _digest(said: Mapping[str, object], key: str, at: str) -> str:
    value = said.get(key, "")
    if not isinstance(value, str) or (key in said and _SHA256.fullmatch(value) is None):
        raise InvalidConfig(f"{at}.{key}: expected a SHA-256 digest, 64 hexadecimal digits")
    return value.lower()


def read_instances(value: object, at: str, plans: Iterable[Plan] = ()) -> tuple[InstanceSpec, ...]:
    """A list of instances: names, CRNs, mappings or `InstanceSpec`s; `plans` are there beside IBM's. InvalidConfig."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise InvalidConfig(f"{at}: expected a list of instances")
    known = {**PLANS, **{plan.name: plan for plan in plans}}
    return tuple(read_instance(item, f"{at}[{index}]", known) for index, item in enumerate(value))


def read_instance(item: object, at: str, plans: Mapping[str, Plan] = PLANS) -> InstanceSpec:
    """One instance."""
    if isinstance(item, InstanceSpec):
        return item
    if isinstance(item, str):
        item = {"crn": item} if item.startswith("crn:") else {"name": item}
    if not isinstance(item, Mapping) or not {str(key) for key in item} <= INSTANCE_KEYS:
        raise InvalidConfig(
            f"{at}: expected a name, a CRN, or settings among {', '.join(sorted(INSTANCE_KEYS))}, found {item!r:.80}"
        )
    said = {str(key): setting for key, setting in item.items() if setting is not None}
    read = {name: _INSTANCE_READERS[name](setting, f"{at}.{name}") for name, setting in said.items() if name != "plan"}
    if "plan" in said:
        read["plan"] = _plan_named(said["plan"], f"{at}.plan", plans)
    read.setdefault("name", f"instance-{read['crn'].split(':')[7][:8]}" if "crn" in read else _DEFAULT_INSTANCE)
    return InstanceSpec(**read)


def read_plans(value: object, at: str) -> tuple[Plan, ...]:
    """A list of plans: mappings or `Plan`s, each of another name; InvalidConfig."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise InvalidConfig(f"{at}: expected a list of plans")
    plans: dict[str, Plan] = {}
    for index, item in enumerate(value):
        plan = read_plan(item, f"{at}[{index}]")
        if plan.name in plans:
            raise InvalidConfig(f"{at}[{index}].name: expected each plan once, and {plan.name!r} is there before")
        plans[plan.name] = plan
    return tuple(plans.values())


def read_plan(item: object, at: str) -> Plan:
    """One plan; what it does not say of a plan of IBM's name is as there, else as of the one that is paid for."""
    if isinstance(item, Plan):
        return item
    if not isinstance(item, Mapping) or "name" not in item or not {str(key) for key in item} <= PLAN_KEYS:
        raise InvalidConfig(f"{at}: expected a name, and settings among {', '.join(sorted(PLAN_KEYS))}")
    name = _text(item["name"], f"{at}.name")
    own = Plan(id=_plan_id(name), name=name, pricing=_PAID)
    changes: dict[str, Any] = {}
    for key, setting in item.items():
        field, read = _PLAN_READERS[str(key)]
        changes[field] = read(setting, f"{at}.{key}")
    return replace(PLANS.get(name, own), **changes)


def read_tenants(value: object, at: str, plans: Iterable[Plan] = ()) -> Tenants:
    """A list of tenants: an account each, with its tokens and its instances. InvalidConfig.

    Tokens without a name are named after the tenant, and its instances belong to its tokens. One that says nothing of
    instances has one called `default`.
    """
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise InvalidConfig(f"{at}: expected a list of tenants")
    tokens: list[Token] = []
    instances: list[InstanceSpec] = []
    for index, item in enumerate(value):
        one = _tenant(item, f"{at}[{index}]", plans)
        tokens += one.tokens
        instances += one.instances
    return Tenants(tokens=tuple(tokens), instances=tuple(instances))


def _tenant(item: object, at: str, plans: Iterable[Plan]) -> Tenants:
    if not isinstance(item, Mapping) or not {str(key) for key in item} <= TENANT_KEYS or not item.get("tokens"):
        raise InvalidConfig(f"{at}: expected a name and tokens, and perhaps an account and instances")
    name = _text(item.get("name"), f"{at}.name")
    account = item.get("account", hashlib.sha256(f"tenant:{name}".encode()).hexdigest()[:32])
    given = read_tokens(item["tokens"], f"{at}.tokens")
    many = len(given) > 1
    tokens = tuple(
        replace(token, name=token.name or (f"{name}-{number}" if many else name), account=token.account or account)
        for number, token in enumerate(given, 1)
    )
    # An account that was given is held to its form by the reader of tokens.
    read_token({"sha256": "0" * 64, "account": account}, at)
    keys = tuple(token.name for token in tokens)
    listed = read_instances(item.get("instances", [_DEFAULT_INSTANCE]), f"{at}.instances", plans)
    return Tenants(tokens=tokens, instances=tuple(replace(one, keys=one.keys or keys) for one in listed))


def _plan_named(value: object, at: str, plans: Mapping[str, Plan]) -> Plan:
    if isinstance(value, Plan):
        return value
    if str(value) not in plans:
        raise InvalidConfig(f"{at}: expected one of {', '.join(plans)}, found {value!r}")
    return plans[str(value)]


def _plan_id(name: str) -> str:
    """An id for a plan of one's own, which looks like IBM's."""
    digest = hashlib.sha256(f"plan/{name}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def _text(value: object, at: str) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidConfig(f"{at}: expected a text, found {value!r}")
    return value


def _region(value: object, at: str) -> str:
    if _REGION.fullmatch(_text(value, at)) is None:
        raise InvalidConfig(f"{at}: expected a region such as us-east, found {value!r}")
    return str(value)


def _crn(value: object, at: str) -> str:
    if not isinstance(value, str) or CRN.fullmatch(value) is None:
        raise InvalidConfig(f"{at}: expected crn:v1:bluemix:public:quantum-computing:<region>:a/<account>:<id>::")
    return value


def _seconds(value: object, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidConfig(f"{at}: expected a whole number of seconds, found {value!r}")
    return value


def _length(value: object, at: str) -> int:
    """Whole seconds, from a length such as 8h."""
    try:
        found = parse_duration(value)
    except NotADuration as error:
        raise InvalidConfig(f"{at}: {error}") from None
    if not isinstance(found, Fixed) or found.is_endless or found.seconds != int(found.seconds) or not found.seconds:
        raise InvalidConfig(f"{at}: expected whole seconds such as 10m or 8h, found {value!r:.80}")
    return int(found.seconds)


def _allocation(value: object, at: str) -> int | None:
    return None if value is None else _length(value, at)


def _days(value: object, at: str) -> int:
    days, rest = divmod(_length(value, at), 86400)
    if rest:
        raise InvalidConfig(f"{at}: expected whole days such as 28d, found {value!r:.80}")
    return days


_SHA256: Final = re.compile("[0-9a-fA-F]{64}")
_REGION: Final = re.compile("[a-z]{2}-[a-z]{2,10}")
TOKEN_KEYS: Final = {"token", "name", "may_upload", "account", "sha256", "iam_sha256"}
TENANT_KEYS: Final = {"name", "account", "tokens", "instances"}
INSTANCE_KEYS: Final = {f.name for f in fields(InstanceSpec)}
_INSTANCE_READERS: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    "name": _text,
    "crn": _crn,
    "region": _region,
    "limit_s": _seconds,
    "backends": names,
    "tags": names,
    "keys": names,
}
_PLAN_READERS: Final[Mapping[str, tuple[str, Callable[[Any, str], Any]]]] = {
    "name": ("name", _text),
    "id": ("id", _text),
    "pricing": ("pricing", _text),
    "allocation": ("allocation_s", _allocation),
    "period": ("period_days", _days),
    "max_ttl": ("max_ttl_s", _length),
    "dedicated": ("dedicated", flag),
}
PLAN_KEYS: Final = frozenset(_PLAN_READERS)
