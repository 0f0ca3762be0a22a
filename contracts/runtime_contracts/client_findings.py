"""What a client did wrong, one finding for each cause, with the smallest answer that shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.client_cases import judged
from runtime_contracts.strict_json import InvalidJsonError, decode_json
from runtime_contracts.violation import generalised, shown
from runtime_contracts.wire_faults import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runtime_contracts.client_cases import ClientCase
    from runtime_contracts.client_catalogue import NumberedCase
    from runtime_contracts.client_judge import ClientJudge, Verdict
    from runtime_contracts.operation import Judge

_MOST_TRIES: Final = 150
_MOST_NAMED: Final = 12
_BODY_LIMIT: Final = 400
_ORDER: Final = (
    "leaks_secret", "leaks_exception", "never_ends", "wrong_operation", "sends_nothing", "request_conformance",
    "argument_changed", "argument_lost", "repeats_unsafe", "changes_arguments", "refuses_valid", "decodes_wrong",
    "waits_long", "pages_wrong", "accepts_broken",
)  # fmt: skip


@dataclass(slots=True)
class Finding:
    """One cause, as far as can be told: what showed it first, and the names of the other cases that did.

    Attributes:
        judge: what judged it, and can again.
        shown: the smallest case that shows it, once that is known.
    """

    judge: ClientJudge
    verdict: Verdict
    numbered: NumberedCase
    count: int = 0
    also: list[str] = field(default_factory=list)
    shown: ClientCase | None = None

    @property
    def case(self) -> ClientCase:
        """The case that showed it first."""
        return self.numbered.case


@dataclass(slots=True)
class Findings:
    """Everything that was found in a run."""

    found: dict[tuple[str, ...], Finding] = field(default_factory=dict)

    def add(self, judge: ClientJudge, numbered: NumberedCase, verdict: Verdict) -> bool:
        """Keep a verdict, and tell whether it is the first of its cause."""
        key = (judge.driver.name, numbered.case.operation.id, verdict.check, cause(numbered.case, verdict))
        known = self.found.get(key)
        if known is None:
            known = self.found[key] = Finding(judge, verdict, numbered)
        elif numbered.case.name not in known.also and numbered.case.name != known.case.name:
            known.also.append(numbered.case.name)
        known.count += 1
        return known.count == 1

    def in_order(self) -> Iterator[tuple[tuple[str, ...], Finding]]:
        """Yield what was found, the worst first; of a kind in the order in which it was found."""
        yield from sorted(self.found.items(), key=lambda item: (_rank(item[1]), _ORDER.index(item[1].verdict.check)))


_OF_THE_REQUEST: Final = frozenset(
    {
        "leaks_secret", "wrong_operation", "sends_nothing", "request_conformance", "argument_changed", "argument_lost",
        "repeats_unsafe", "changes_arguments",
    }
)  # fmt: skip


def _rank(finding: Finding) -> int:
    """Return how bad it is: first what is wrong whatever the answer, then with a valid one, then with a broken one."""
    if finding.verdict.check in _OF_THE_REQUEST:
        return 0
    if finding.case.policy is Policy.ACCEPT:
        return 1
    if finding.verdict.check != "accepts_broken":
        return 2
    return (
        3
        if finding.case.feed.status >= 400 or finding.case.feed.cut
        else 5
        if finding.case.policy is Policy.UNUSUAL
        else 4
    )


def cause(case: ClientCase, verdict: Verdict) -> str:
    """Return what tells one cause from another; one defect shows in many answers."""
    match verdict.check:
        case "leaks_exception":
            line = verdict.line
            valid = "valid " if case.policy is Policy.ACCEPT else ""
            return f"{valid}{verdict.message.partition(' ')[0]} {f'{line.file}:{line.number}' if line else case.place}"
        case "pages_wrong":
            return verdict.check
        case "refuses_valid" | "decodes_wrong":
            return case.place or case.name
        case "accepts_broken":
            unusual = "unusual " if case.policy is Policy.UNUSUAL else ""
            return unusual + ("a value" if case.place.startswith("/") else case.place or "the body")
        case _:
            return verdict.place


def root(finding: Finding) -> str:
    """Return what findings of several operations have in common that is mended in one place, or ""."""
    verdict, where = finding.verdict, cause(finding.case, finding.verdict)
    if verdict.check == "leaks_exception" and verdict.line is not None:
        return f"{verdict.check} {where}"
    if verdict.check == "accepts_broken" and not where.endswith("a value"):
        return f"{verdict.check} {where}"
    return ""


def smallest(finding: Finding) -> ClientCase:
    """Return the smallest answer that has the same effect: what is not needed for it is left out of the body."""
    case = finding.case
    bodies = case.operation.responses.get(case.feed.status, {})
    judge = bodies.get("application/json")
    if judge is None or finding.verdict.place or not _is_plain_json(case):
        return case
    wanted = (finding.verdict.check, cause(case, finding.verdict))
    before = _broken(judge, decode_json(case.feed.body))
    tries = 0

    def shows(value: Any) -> ClientCase | None:
        nonlocal tries
        if tries >= _MOST_TRIES or _broken(judge, value) != before:
            return None
        tries += 1
        small = judged(case.operation, case.feed.status, case.name, judge=judge, value=value, place=case.place)
        if small.policy is not case.policy:
            return None
        verdicts = finding.judge.judge(replace(small, value=value), finding.numbered.arguments)
        return small if any((new.check, cause(small, new)) == wanted for new in verdicts) else None

    return _reduced(case, shows)


def _is_plain_json(case: ClientCase) -> bool:
    if case.feed.cut or case.feed.missing or set(case.feed.headers) != {"Content-Type"}:
        return False
    try:
        value = decode_json(case.feed.body)
    except InvalidJsonError:
        return False
    return case.feed.body == json.dumps(value).encode() and case.feed.headers["Content-Type"] == "application/json"


def _broken(judge: Judge, value: Any) -> frozenset[tuple[str, str]]:
    return frozenset((generalised(found.where), found.expected) for found in judge.violations(value, ""))


def _reduced(case: ClientCase, shows: Callable[[Any], ClientCase | None]) -> ClientCase:
    best, value, progress = case, decode_json(case.feed.body), True
    while progress:
        progress = False
        for smaller in _smaller(value):
            found = shows(smaller)
            if found is not None:
                best, value, progress = found, smaller, True
                break
    return best


def _smaller(value: Any) -> Iterator[Any]:
    """Yield values with one thing less, the largest part first."""
    match value:
        case dict():
            for key in sorted(value, key=lambda key: -len(json.dumps(value[key]))):
                yield {name: item for name, item in value.items() if name != key}
            for key, item in value.items():
                yield from ({**value, key: less} for less in _smaller(item))
        case list() if value:
            if len(value) > 1:
                yield value[: len(value) // 2]
                yield value[1:]
            else:
                yield []
            for index, item in enumerate(value):
                yield from ([*value[:index], less, *value[index + 1 :]] for less in _smaller(item))


def told(finding: Finding, *, label: str, again: str) -> tuple[str, str]:
    """Return the message of a finding and how it is seen again; `label` is the call, `again` what repeats it."""
    verdict, case = finding.verdict, finding.shown or finding.case
    kind = {Policy.ACCEPT: "valid", Policy.REFUSE: "broken", Policy.UNUSUAL: "unusual"}.get(case.policy, "open")
    lines = [f"{case.name} (status {case.feed.status}, {kind}): {verdict.message}"]
    if verdict.expected:
        lines.append(f"expected: {verdict.expected}")
    if verdict.line is not None:
        lines.append(f"line:     {verdict.line}")
    elif label:
        lines.append(f"call:     {label}")
    if finding.numbered.arguments is not None:
        lines.append(f"called with {shown(finding.numbered.arguments, limit=600)}")
    if finding.also:
        lines.append(f"also:     {_listed(finding)}")
    return "\n".join(lines), f"{described(case)}\ncase {finding.numbered.number} again: {again}"


def _listed(finding: Finding) -> str:
    """Return what else showed the same: the places in the body if it is about those, or the names of the cases."""
    names = [str(shown(name)) for name in finding.also]
    if finding.verdict.check == "accepts_broken" and finding.case.place.startswith("/"):
        names = list(dict.fromkeys(name.partition(" ")[0] for name in names))
    more = len(names) - _MOST_NAMED
    return "; ".join(names[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")


def described(case: ClientCase) -> str:
    """Return an answer in words: what it is to, its status, its headers, and its body as far as it fits in a line."""
    if case.feed.cut:
        return f"answer to {case.operation.label}: the connection is cut"
    headers = ", ".join(f"{name}: {value}" for name, value in case.feed.wire_headers.items())
    body = shown(case.feed.body.decode("utf-8", errors="backslashreplace"), limit=_BODY_LIMIT)
    return f"answer to {case.operation.label}: {case.feed.status}; {headers or 'no headers'}; body {body or 'empty'}"
