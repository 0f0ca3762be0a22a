"""Global Search: the instances that a user may use.

Evidence: what IBM's client asks for, and which fields of an answer it needs. What the fake understands of a query is
what that client, and a person who looks for an instance, asks: `field:value` terms, all of which have to hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, request

from mock_runtime.cloud.ibm_cloud.envelope import render_error, user
from mock_runtime.cloud.ibm_cloud.hosts import routes
from mock_runtime.domain.errors import bounded
from mock_runtime.parsing import MalformedRequest, parse_object
from mock_runtime.surface import Surface, json_response

if TYPE_CHECKING:
    from flask import Response

    from mock_runtime.domain.instances import Instance
    from mock_runtime.site import Site

PREFIX: Final = "/v3"
_DEFAULT_LIMIT: Final = 10
_MOST: Final = 1000
_LONGEST_QUERY: Final = 4000
"""Characters. A guess; it bounds what a query can cost."""

# A field begins where a word does, and nothing is given back: the time to read a query grows as its length does.
_TERM: Final = re.compile(r'(?<![A-Za-z_.])(?P<field>[A-Za-z_.]++)\s*+:\s*+(?P<value>"[^"]*"|[^\s()]+)')


def surface(site: Site) -> Surface:
    """The search service."""
    blueprint = Blueprint("global_search", __name__)

    @blueprint.post("/resources/search")
    def search() -> Response:
        caller = user(site.directory)
        fields = parse_object(request.get_data(cache=False))
        limit, offset = _limit(), _cursor(fields.get("search_cursor"))
        found = [present(one) for one in site.directory.instances_of(caller)]
        found = [item for item in found if matches(item, fields.get("query", "*"))]
        answer: dict[str, Any] = {"items": _only(found[offset : offset + limit], fields.get("fields")), "limit": limit}
        if offset + limit < len(found):
            answer["search_cursor"] = str(offset + limit)
        return json_response(answer)

    return Surface(
        prefix=PREFIX,
        blueprint=blueprint,
        render_error=render_error,
        hosts=routes("api.global-search-tagging", inside=""),
    )


def present(instance: Instance) -> dict[str, Any]:
    """An instance as a resource that was found. The client skips one whose `doc.extensions` are empty."""
    return {
        "crn": instance.crn,
        "name": instance.name,
        "family": "resource_controller",
        "type": "resource-instance",
        "service_name": "quantum-computing",
        "service_plan_unique_id": instance.plan.id,
        "account_id": instance.account,
        "region": instance.region,
        "tags": list(instance.tags),
        "doc": {
            "id": instance.crn,
            "name": instance.name,
            "state": "active",
            "resource_plan_id": instance.plan.id,
            "extensions": [{"name": "instance_limit_seconds", "value": instance.limit_s}],
        },
    }


def matches(item: Mapping[str, Any], query: object) -> bool:
    """Whether a resource meets a query; MalformedRequest if that is no text."""
    if not isinstance(query, str):
        raise MalformedRequest("'query' must be a text")
    if len(query) > _LONGEST_QUERY:
        raise MalformedRequest(f"'query' must have at most {_LONGEST_QUERY} characters, not {len(query)}")
    terms = ((term["field"], term["value"].strip('"')) for term in _TERM.finditer(query))
    return all(_holds(item.get(field), value) for field, value in terms)


def _holds(actual: object, wanted: str) -> bool:
    values = actual if isinstance(actual, list) else [actual]
    return any(_is_like(str(value).casefold(), wanted.casefold()) for value in values)


def _is_like(text: str, pattern: str) -> bool:
    """Whether a text is what a pattern says, in which a star stands for anything.

    Each piece between two stars is looked for once, where a regular expression would try every place of each.
    """
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    *middle, last = rest
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _only(items: list[dict[str, Any]], fields: object) -> list[dict[str, Any]]:
    """Of each item the fields that were asked for, and its CRN."""
    if not isinstance(fields, list) or "*" in fields:
        return items
    wanted = {"crn", *(name.partition(".")[0] for name in fields if isinstance(name, str))}
    return [{key: value for key, value in item.items() if key in wanted} for item in items]


def _limit() -> int:
    sent = request.args.get("limit", str(_DEFAULT_LIMIT))
    if not re.fullmatch(r"[0-9]{1,5}", sent) or not 1 <= int(sent) <= _MOST:
        raise MalformedRequest(f"'limit' must be a whole number from 1 to {_MOST}, not {bounded(sent)}")
    return int(sent)


def _cursor(sent: object) -> int:
    if sent is None:
        return 0
    if not isinstance(sent, str) or not re.fullmatch(r"[0-9]{1,9}", sent):
        raise MalformedRequest("'search_cursor' is not one that an answer gave")
    return int(sent)
