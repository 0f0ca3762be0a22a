"""Comparing what two operations carry: bodies by their media types, answers by their status, headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.drift.change import Direction, Kind, breaking, servers, warning
from runtime_contracts.drift.naming import quoted
from runtime_contracts.drift.shape import same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_contracts.drift.teller import Teller
    from runtime_contracts.drift.tree import Place

_VERBS: Final[Mapping[Direction, str]] = {"request": "send", "response": "expect"}
_FATES: Final[Mapping[Direction, str]] = {"request": "are refused", "response": "get something else"}
_STATUS: Final = re.compile(r"[1-5](\d\d|[xX]{2})|default")


def compare_bodies(base: Place, live: Place, teller: Teller) -> None:
    """Tell how the request bodies of two operations differ.

    Raises:
        DocumentError: one of them is malformed.
    """
    before, after = base.get("requestBody"), live.get("requestBody")
    teller = teller.about("request", "request body")
    if before is not None and after is not None:
        one, other = before.mapping(), after.mapping()
        teller.gathering.pair(one, other)
        teller.required(one, other, "the request body", breaking("clients that send no body are refused"))
        compare_contents(one, other, "the request body", teller)
    elif after is not None:
        required = bool(after.mapping().value.get("required"))
        goes_on = servers("clients that send none go on; a server or fake that follows the base does not read it")
        why = breaking("clients that send no body are refused") if required else goes_on
        what = f"{'a required' if required else 'an optional'} request body was added"
        teller.meets("request-body", what, after, base.at("requestBody"), why)
    elif before is not None:
        why = breaking("clients that send a body are refused, or it is ignored")
        teller.misses("request-body", "the request body was removed", before, live.at("requestBody"), why)


def compare_contents(base: Place, live: Place, name: str, teller: Teller) -> None:
    """Tell how bodies differ, media type by media type.

    Raises:
        DocumentError: one of them is malformed.
    """
    before, after = _media(base), _media(live)
    pairs = [(media, media) for media in before if media in after]
    gone = [media for media in before if media not in after]
    new = [media for media in after if media not in before]
    lost = {
        media: f"clients that {_VERBS[teller.direction]} {quoted(media)} {_FATES[teller.direction]}" for media in gone
    }
    if len(gone) == len(new) == 1:
        what = f"{name} is {quoted(new[0])} instead of {quoted(gone[0])}"
        one, other = before[gone[0]], after[new[0]]
        teller.differs("media-type", Kind.CHANGED, what, one, other, "", breaking(lost[gone[0]]))
        pairs.append((gone.pop(), new.pop()))
    for old, now in pairs:
        _compare_media(before[old], after[now], f"{name}: parts of {quoted(now)} are encoded in another way", teller)
    for media in gone:
        what = f"{name} may not be {quoted(media)} any more"
        teller.misses("media-type", what, before[media], live.at("content"), breaking(lost[media]))
    for media in new:
        why = servers(f"a server or fake that follows the base refuses {quoted(media)}")
        if teller.direction == "response":
            who = "do not say what they accept may get" if before else "expect no body may get"
            why = warning(f"clients that {who} {quoted(media)}")
        what = f"{name} may be {quoted(media)} now"
        teller.meets("media-type", what, after[media], base.at("content"), why)


def compare_responses(base: Place, live: Place, teller: Teller) -> None:
    """Tell how the answers of two operations differ; a range of statuses, and the default, stand for many.

    Raises:
        DocumentError: one of them is malformed.
    """
    before, after = _statuses(base), _statuses(live)
    for status in sorted(before.keys() | after.keys()):
        one, other = _covering(before, status), _covering(after, status)
        part = teller.about("response", f"response {status}")
        if one is not None and other is not None:
            _compare_response(status, one.mapping(), other.mapping(), part)
        if status not in before and (one is None or _is_range(status)):
            why = breaking(f"clients do not expect the status {status}")
            if status == "default" or status[0] in "45":
                why = warning(f"clients that know only the errors documented so far may meet {status}")
            part.meets("status", f"the status {status} was added", after[status], base.at("responses"), why)
        elif status not in after and (other is None or _is_range(status)):
            why = breaking(f"clients that wait for the status {status} never get it")
            if status[0] != "2":
                why = servers(f"a server or fake that follows the base may answer {status}, which is undocumented now")
            part.misses("status", f"the status {status} was removed", before[status], live.at("responses"), why)


def _compare_media(base: Place, live: Place, what: str, teller: Teller) -> None:
    teller.gathering.pair(base, live)
    teller.schema(base, live)
    if not same(_encoding(base), _encoding(live)):
        teller.differs("encoding", Kind.UNKNOWN, what, base, live, "encoding")


def _compare_response(status: str, base: Place, live: Place, teller: Teller) -> None:
    teller.gathering.pair(base, live)
    compare_contents(base, live, f"the body of the status {status}", teller)
    before, after = ({name.lower(): place for name, place in each.members("headers")} for each in (base, live))
    for key in dict.fromkeys((*before, *after)):
        one, other = before.get(key), after.get(key)
        if key == "content-type":
            # OpenAPI ignores it: the media types say it.
            continue
        if one is not None and other is not None:
            _compare_header(one.mapping(), other.mapping(), key, teller)
        elif other is not None:
            why = servers("clients that do not read it go on; a fake that follows the base does not send it")
            what = f"the header {quoted(key)} was added to the status {status}"
            teller.meets("header", what, other, base.at("headers"), why)
        elif one is not None:
            missed = "clients that read it miss it"
            why = breaking(missed) if one.mapping().value.get("required") else warning(missed)
            what = f"the header {quoted(key)} was removed from the status {status}"
            teller.misses("header", what, one, live.at("headers"), why)


def _compare_header(base: Place, live: Place, name: str, teller: Teller) -> None:
    teller.gathering.pair(base, live)
    part = teller.about("response", f"{teller.where}, header {name}")
    part.required(base, live, f"the header {quoted(name)}", breaking("clients that rely on it miss it"))
    part.ends(base, live, f"the header {quoted(name)}")
    part.schema(base, live)


def _media(place: Place) -> dict[str, Place]:
    """Return the bodies by media type; that a text is in UTF-8 goes without saying."""
    found = {}
    for name, raw in place.members("content"):
        media = re.sub(r"\s*;\s*", ";", name.strip().lower())
        found[media.removesuffix(";charset=utf-8")] = raw.mapping()
    return found


def _encoding(place: Place) -> Any:
    return {key: value for key, value in place.typed("encoding", dict).items() if not key.startswith("x-")}


def _statuses(place: Place) -> dict[str, Place]:
    found = {}
    for status, raw in place.members("responses"):
        if not _STATUS.fullmatch(status):
            raise raw.error("a status is a number, a range such as 4XX, or default")
        found[status if status == "default" else status.upper()] = raw
    return found


def _covering(statuses: Mapping[str, Place], status: str) -> Place | None:
    """Return what is said about a status, be it by itself, by its range, or by default."""
    names = (status, f"{status[0]}XX", "default")
    return next((statuses[name] for name in names if name in statuses), None)


def _is_range(status: str) -> bool:
    return status == "default" or status.endswith("XX")
