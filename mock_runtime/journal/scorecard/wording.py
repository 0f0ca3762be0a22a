"""Rules on what requests are made of: what the document does not name, what is missing, what is out of date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from mock_runtime.journal.attempts import header
from mock_runtime.journal.cleaning import shared
from mock_runtime.journal.documented import SENT_BY_IBM, Place, documented
from mock_runtime.journal.entry import Entry
from mock_runtime.journal.scorecard.card import Finding, Mark, Severity
from mock_runtime.journal.scorecard.view import Client, counted
from mock_runtime.journal.timeline import name_of, short

UNKNOWN_FIELD: Final = "unknown-field"
UNKNOWN_QUERY: Final = "unknown-query"
UNKNOWN_HEADER: Final = "unknown-header"
NO_USER_AGENT: Final = "no-user-agent"
NO_VERSION: Final = "no-api-version"
DEPRECATED: Final = "deprecated"
NOT_THERE: Final = "no-such-operation"
_VERSION: Final = "ibm-api-version"
_MOST_NAMES: Final = 5


def unknown_field(client: Client) -> Iterator[Finding | Mark]:
    """Fields in bodies that the document does not name."""
    advice = "Check their spelling: at best, a service ignores what it does not know."
    yield from _unknown(client, "field", UNKNOWN_FIELD, Severity.WARNING, advice)


def unknown_query(client: Client) -> Iterator[Finding | Mark]:
    """Query parameters that the document does not name."""
    advice = "Check their spelling: a parameter that is not known changes nothing."
    yield from _unknown(client, "query", UNKNOWN_QUERY, Severity.WARNING, advice)


def unknown_header(client: Client) -> Iterator[Finding | Mark]:
    """Headers that the document does not name and that HTTP clients do not send as a rule."""
    advice = "Leave them out, or know that they have no effect."
    yield from _unknown(client, "header", UNKNOWN_HEADER, Severity.NOTE, advice)


def no_user_agent(client: Client) -> Iterator[Finding | Mark]:
    """Requests do not say who sends them."""
    bare = [entry for entry in client.entries if not header(entry.request_headers, "user-agent")]
    if bare:
        yield client.finding(
            NO_USER_AGENT,
            Severity.NOTE,
            f"sent {counted(len(bare), 'request')} without User-Agent",
            "Send one with the name and version of the program, so that an operator knows whom to ask.",
            entries=bare,
        )


def no_version(client: Client) -> Iterator[Finding | Mark]:
    """Requests do not say which version of the API they mean, where it has several."""
    bare = []
    for entry in client.entries:
        document = documented(entry.edition)
        if document is None or not document.names_header(entry, _VERSION):
            continue
        if not header(entry.request_headers, _VERSION):
            bare.append(entry)
    if bare:
        yield client.finding(
            NO_VERSION,
            Severity.WARNING,
            f"sent {counted(len(bare), 'request')} without IBM-API-Version",
            "Send the date of the version that the client was written for: without it, answers change over time.",
            entries=bare,
        )


def deprecated(client: Client) -> Iterator[Finding | Mark]:
    """Operations that no new code should call."""
    named = client.seen.expect.deprecated
    found: dict[str, list[Entry]] = {}
    for entry in client.entries:
        document = documented(entry.edition)
        if entry.operation_id in named or (document is not None and document.is_deprecated(entry)):
            found.setdefault(entry.operation_id or "", []).append(entry)
    if found:
        worst = max(found, key=lambda name: len(found[name]))
        reason = named.get(worst, "the document marks it as deprecated")
        others = f", and {counted(len(found) - 1, 'more such operation')}" if len(found) > 1 else ""
        yield client.finding(
            DEPRECATED,
            Severity.WARNING,
            f"called {short(worst)}{others}: {reason}",
            "Replace it before it is gone.",
            entries=[entry for entries in found.values() for entry in entries],
        )


def no_such_operation(client: Client) -> Iterator[Finding | Mark]:
    """Paths that there are not, or methods that they do not have."""
    lost = [
        entry
        for entry in client.entries
        if entry.operation is None and entry.operation_id is None and entry.status in {404, 405}
    ]
    if lost:
        clean = shared().bare(lost[0])
        first = f"{short(clean.method)} {short(clean.path)}"
        yield client.finding(
            NOT_THERE,
            Severity.WARNING,
            f"sent {counted(len(lost), 'request')} for what there is not, first {first}",
            "Check the base URL and the path against the document of the edition.",
            entries=lost,
        )


def _unknown(client: Client, place: Place, rule: str, severity: Severity, advice: str) -> Iterator[Finding]:
    names: Counter[str] = Counter()
    first: dict[str, Entry] = {}
    bad: list[Entry] = []
    for entry in client.entries:
        document = documented(entry.edition)
        found = [] if document is None else document.unknown_in(entry)
        here = {(each.name, name_of(entry)) for each in found if each.place == place and each.name not in SENT_BY_IBM}
        if here:
            bad.append(entry)
            for name, operation in here:
                shown = name if place == "header" else f"{name} ({operation})"
                names[shown] += 1
                first.setdefault(shown, entry)
    if bad:
        told = [shared().text(name, of=first[name]) for name, _ in names.most_common(_MOST_NAMES)]
        more = f" and {len(names) - len(told)} more" if len(names) > len(told) else ""
        what = {"field": "fields", "query": "query parameters", "header": "headers"}[place]
        yield client.finding(
            rule,
            severity,
            f"sent {what} that the document does not name: {', '.join(told)}{more}",
            advice,
            entries=bad,
            figures={"names": len(names)},
        )
