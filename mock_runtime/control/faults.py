"""Operations on faults: the rules that are armed, what they met, and profiles of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from mock_runtime.control.reading import body_object, body_value, fields_of, flag, read, texts
from mock_runtime.domain.errors import NotFound
from mock_runtime.faults.accounts import complaint
from mock_runtime.faults.profiles import Profile, profiles
from mock_runtime.parsing import MalformedRequest, kind
from mock_runtime.surface import json_response, no_content

if TYPE_CHECKING:
    from mock_runtime.control.controlled import Controlled
    from mock_runtime.faults.accounts import Armed
    from mock_runtime.faults.armed import Faults


class ProfileNotFound(NotFound):
    """No such profile of faults."""

    noun = "profile of faults"


class NotMet(Exception):
    """Rules that were to be met were not. `str()` accounts for each; `unmet` are their ids."""

    def __init__(self, account: str, unmet: Iterable[str]) -> None:
        super().__init__(account)
        self.unmet = list(unmet)


def add_faults(routes: Blueprint, runtime: Controlled) -> None:
    """Put the operations on faults on the control plane."""
    _add_all(routes, runtime)
    _add_one(routes, runtime)
    _add_profiles(routes, runtime)


def _add_all(routes: Blueprint, runtime: Controlled) -> None:
    @routes.get("/faults")
    def list_faults() -> Response:
        return _list(runtime.faults)

    @routes.post("/faults")
    def add_rules() -> Response:
        armed = runtime.faults.extend(_rules(body_value()))
        return json_response({"faults": [_present(one) for one in armed]}, 201)

    @routes.put("/faults")
    def replace_rules() -> Response:
        runtime.faults.replace(_rules(body_value()))
        return _list(runtime.faults)

    @routes.delete("/faults")
    def remove_rules() -> Response:
        runtime.faults.clear()
        return no_content()

    @routes.post("/faults/assert")
    def assert_met() -> Response:
        return _assert_met(runtime.faults, read(fields_of(("ids",), optional=True), "ids", texts))


def _add_one(routes: Blueprint, runtime: Controlled) -> None:
    @routes.get("/faults/<id_>")
    def get_rule(id_: str) -> Response:
        return json_response(_present(runtime.faults[id_]))

    @routes.patch("/faults/<id_>")
    def change_rule(id_: str) -> Response:
        return json_response(_present(_changed(runtime.faults, id_, body_object())))

    @routes.delete("/faults/<id_>")
    def remove_rule(id_: str) -> Response:
        runtime.faults.remove(id_)
        return no_content()


def _add_profiles(routes: Blueprint, runtime: Controlled) -> None:
    @routes.get("/faults/profiles")
    def list_profiles() -> Response:
        found = [{**one.as_dict(), "armed": _ids_of(runtime.faults, one)} for one in profiles()]
        return json_response({"profiles": found})

    @routes.post("/faults/profiles/<name>")
    def arm_profile(name: str) -> Response:
        options = fields_of(tuple(_profile(name).options), optional=True)
        armed = runtime.faults.arm_profile(name, **options)
        return json_response({"faults": [_present(one) for one in armed]}, 201)

    @routes.delete("/faults/profiles/<name>")
    def disarm_profile(name: str) -> Response:
        runtime.faults.disarm_profile(_profile(name).name)
        return no_content()


def _list(faults: Faults) -> Response:
    return json_response({"faults": [_present(one) for one in faults], "unmet": [one.id for one in faults.unmet]})


def _present(armed: Armed) -> dict[str, Any]:
    """A rule as it was said, and its account."""
    said = armed.as_dict()
    rule = said.pop("fault")
    of_rule = {"match": rule.get("match") or {}, "act": rule["act"], "times": rule.get("times")}
    return {"id": armed.id, **of_rule, "source": _source(armed.id), **said}


def _source(id_: str) -> str | None:
    """The profile that a rule came with."""
    return next((one.name for one in profiles() if id_.startswith(f"{one.name}.")), None)


def _rules(value: Any) -> list[Mapping[str, Any]]:
    """One rule, or a list of them. What a rule may be, the faults say."""
    rules = value if isinstance(value, list) else [value]
    for index, rule in enumerate(rules):
        if not isinstance(rule, dict):
            where = f"[{index}]" if isinstance(value, list) else "the body"
            raise MalformedRequest(f"{where}: expected a rule with match and act, or a list of such, not {kind(rule)}")
    return rules


def _changed(faults: Faults, id_: str, fields: dict[str, Any]) -> Armed:
    """A rule after a change: switched on or off, which keeps its account, or saying something else."""
    on = read(fields, "on", flag)
    others = {name: value for name, value in fields.items() if name != "on"}
    if others.get("id", id_) != id_:
        raise MalformedRequest("id: a rule keeps its id; arm another one")
    if others:
        faults.change(id_, others)
    if on is not None and on is not faults[id_].on:
        return faults.on(id_) if on else faults.off(id_)
    return faults[id_]


def _assert_met(faults: Faults, ids: list[str] | None) -> Response:
    wanted = {one.id for one in faults} if ids is None else {faults[id_].id for id_ in ids}
    unmet = tuple(one for one in faults.unmet if one.id in wanted)
    if unmet:
        raise NotMet(complaint(unmet, len(wanted)), [one.id for one in unmet])
    return json_response({"ok": True})


def _profile(name: str) -> Profile:
    found = next((one for one in profiles() if one.name == name), None)
    if found is None:
        raise ProfileNotFound(name)
    return found


def _ids_of(faults: Faults, profile: Profile) -> list[str]:
    return [one.id for one in faults if one.id.startswith(f"{profile.name}.")]
