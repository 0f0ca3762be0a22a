"""What `mock-runtime control` shows to people: tables and lines. What strangers wrote is shown as text and no more."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_WIDTH_ELSEWHERE: Final = 160
"""Columns where nobody says how many there are, such as in a file or the log of a build."""
_COLOURS: Final = {"queued": "yellow", "running": "cyan", "completed": "green", "failed": "red"}
_OF_STATUS: Final = {2: "green", 4: "yellow", 5: "red"}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_Row = Sequence[Any]


def state(value: Any) -> None:
    """How everything stands."""
    jobs = ", ".join(f"{count} {status}" for status, count in value["jobs"].items()) or "none"
    journal, faults = value["journal"], value["faults"]
    scope = f", scope {value['scope']}" if value["scope"] else ""
    forgotten = f", {journal['dropped']} forgotten" if journal["dropped"] else ""
    _facts(
        {
            "server": f"mock-runtime {value['version']}, {value['edition']}, seed {value['seed']}{scope}",
            "time": _standing(value["clock"]),
            "jobs": jobs,
            "exchanges": f"{journal['entries']}{forgotten}",
            "faults": f"{faults['on']} of {faults['armed']} on, met {faults['met']} times",
            "scopes": value["scopes"],
        }
    )


def clock(value: Any) -> None:
    """How time stands, and the job that it was moved for."""
    _print(_standing(value))
    if "job" in value:
        job(value["job"])


def latency(value: Any) -> None:
    """How long answers are held back."""
    _facts({"all": value["latency"], **value["of"]})


def scenario(value: Any) -> None:
    """The scenario in force."""
    _print(json.dumps(value, indent=2))


def jobs(value: Any) -> None:
    """Jobs, one a row."""
    rows = [
        (
            one["id"],
            _status(one["status"]),
            one["program"],
            one["backend"],
            _time(one["created_at"]),
            _to_come(one),
            f"{max(one['polls'].values())}",
            ", ".join(one["tags"]),
        )
        for one in value
    ]
    _table(("job", "status", "program", "backend", "created", "to come", "polls", "tags"), rows, "no jobs yet")


def job(value: Any) -> None:
    """One job."""
    instants = ("created_at", "started_at", "ended_at", "starts_at", "ends_at")
    _facts({name: _time(one) if name in instants else _plain(one) for name, one in value.items()})


def sessions(value: Any) -> None:
    """Sessions, one a row."""
    rows = [(one["id"], one["mode"], one["state"], one["backend"] or "", _time(one["created_at"])) for one in value]
    _table(("session", "mode", "state", "backend", "created"), rows, "no sessions yet")


def backends(value: Any) -> None:
    """Backends, one a row."""
    rows = [
        (one["name"], one["qubits"], one["availability"], one["message"] or one["reason"], one["pending"])
        for one in value
    ]
    _table(("backend", "qubits", "is", "why", "pending"), rows, "no backends")


def faults(value: Any) -> None:
    """Rules, one a row."""
    rows = [
        (
            one["id"],
            "on" if one["on"] else "off",
            f"{one['met']} of {one['matched']}",
            "" if one["times"] is None else one["times"],
            _compact(one["match"]),
            _compact(one["act"]),
        )
        for one in value
    ]
    _table(("fault", "is", "met", "times", "match", "act"), rows, "no faults are armed")


def fault(value: Any) -> None:
    """One rule."""
    faults([value])


def profiles(value: Any) -> None:
    """Profiles, one a row."""
    rows = [(one["name"], "armed" if one["armed"] else "", one["says"], _compact(one["options"])) for one in value]
    _table(("profile", "is", "what it does", "options"), rows, "no profiles")


def exchanges(value: Any) -> None:
    """A page of the journal, one exchange a line."""
    if value["dropped"]:
        _print(f"{value['dropped']} older exchanges are forgotten")
    for one in value["exchanges"]:
        exchange_line(one)
    if not value["exchanges"]:
        _print("no exchanges")


def exchange_line(one: Any) -> None:
    """An exchange on one line."""
    line = Text(f"{one['number']:>5}  {_time(one['at'])}  ")
    line.append(f"{one['status'] or '---'}", _OF_STATUS.get(one["status"] // 100, ""))
    line.append(f"  {_shown(one['method']):<6} {_shown(one['target'])}")
    job_said = one["job"] and f"job {one['job']}"
    said = [one["operation"] or one["operation_id"], one["caller"], job_said, one["job_status"]]
    line.append(f"  {', '.join(_shown(each) for each in said if each)}", "dim")
    for rule in one["faults"]:
        line.append(f"  !{_shown(rule)}", "magenta")
    if one["cut"]:
        line.append(f"  cut {one['cut']}", "red")
    _print(line)


def exchange(value: Any) -> None:
    """A whole exchange."""
    exchange_line(value)
    for title, message in (("request", value["request"]), ("answer", value["answer"])):
        _print(f"\n{title}")
        for name, header in message["headers"]:
            _print(f"  {name}: {header}")
        if message["body"]:
            whole = "" if message["whole"] else " (the beginning of it)"
            kind = " in base64" if message["base64"] else ""
            _print(f"  body{kind}{whole}:")
            _print("\n".join(f"    {line}" for line in _pretty(message["body"]).splitlines()), keep_lines=True)


def so(_value: Any) -> None:
    """What was asserted is so."""
    _print("it is so")


def scopes(value: Any) -> None:
    """Scopes, one a row."""
    own = "(the server's own)"
    rows = [(one["name"] or own, one["edition"], one["jobs"], one["exchanges"], one["url"]) for one in value]
    _table(("scope", "edition", "jobs", "exchanges", "url"), rows, "no scopes")


def scope(value: Any) -> None:
    """The URL of a scope, for a shell to take."""
    _print(value["url"])


def snapshot(value: Any) -> None:
    """The name of a snapshot, for a shell to take."""
    _print(value)


def snapshots(value: Any) -> None:
    """Snapshots, one a row."""
    rows = [(one["name"], _time(one["at"]), one["jobs"]) for one in value]
    _table(("snapshot", "taken at", "jobs"), rows, "no snapshots")


def _console() -> Console:
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return Console(width=None if is_terminal else _WIDTH_ELSEWHERE, highlight=False, markup=False, emoji=False)


def _print(what: object, *, keep_lines: bool = False) -> None:
    text = what if isinstance(what, Text) else Text(_shown(str(what), keep="\n"))
    _console().print(text, soft_wrap=True, no_wrap=keep_lines)


def _table(names: Sequence[str], rows: Iterable[_Row], empty: str) -> None:
    table = Table(*names, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(_shown(str(cell))) for cell in row))
    if table.row_count:
        _console().print(table)
    else:
        _print(empty)


def _facts(facts: Mapping[str, Any]) -> None:
    width = max((len(name) for name in facts), default=0)
    for name, value in facts.items():
        _print(f"{name:<{width}}  {value}")


def _standing(value: Any) -> str:
    speed = "stands still until it is moved" if value["manual"] else f"runs at {value['speed']:g}x"
    return f"{value['time']}, {speed}"


def _status(status: str) -> Text:
    return Text(_shown(status), _COLOURS.get(status, ""))


def _to_come(one: Any) -> str:
    if one["starts_at"] is not None:
        return f"starts {_time(one['starts_at'])}"
    return "" if one["ends_at"] is None else f"{one['ends_as']} {_time(one['ends_at'])}"


def _time(instant: float | None) -> str:
    """An instant to the tenth of a second, on its day."""
    return "" if instant is None else (_EPOCH + timedelta(seconds=instant)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-5]


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return ", ".join(value) if isinstance(value, list) else _compact(value)


def _compact(value: Any) -> str:
    if value is None or value == {}:
        return ""
    return json.dumps(value, ensure_ascii=False)


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body


def _shown(text: str, keep: str = "") -> str:
    """A text of which no character moves the cursor or starts a sequence for a terminal."""
    return "".join(c if c.isprintable() or c in keep else "\N{REPLACEMENT CHARACTER}" for c in text)


VIEWS: Final[Mapping[str, Callable[[Any], None]]] = {
    one.__name__: one
    for one in (
        *(state, clock, latency, scenario, jobs, job, sessions, backends, faults, fault, profiles, exchanges),
        *(exchange_line, exchange, so, scopes, scope, snapshot, snapshots),
    )
}
"""The views, by name."""
