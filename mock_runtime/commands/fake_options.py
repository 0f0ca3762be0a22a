"""The options that describe a fake, for all commands that start one, and the configuration that they come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from mock_runtime.config import Config

Command = TypeVar("Command", bound=Callable[..., Any])

_LENGTHS: Final = (
    "1s, 250ms, 1s..3s (uniform), 5s~2s (normal), exponential(5s), lognormal(5s, 0.5), 3 polls, now, never"
)


class _Lines(click.ParamType[str]):
    """A text that may hold blanks: several of them in a variable are parted by line ends."""

    name = "text"
    envvar_list_splitter = "\n"


_OPTIONS: Final = (
    click.option("--config", type=click.Path(dir_okay=False), help="YAML file with settings; flags win over it."),
    click.option("--edition", help="Generation of the API.  [default: platform]"),
    click.option("--prefix", help="Path under which the API stands.  [default: as the real one]"),
    click.option("--token", multiple=True, help="API token to accept; repeat for more.  [default: any]"),
    click.option(
        "--instance",
        multiple=True,
        metavar="NAME|CRN",
        help="Service instance that there is; repeat for more.  [default: one for each token]",
    ),
    click.option(
        "--also-instance",
        multiple=True,
        metavar="NAME|CRN",
        help="Service instance that there is beside these, or beside that one; repeat for more.",
    ),
    click.option(
        "--world",
        type=click.Path(dir_okay=False),
        help="YAML file of the whole world, or of devices alone: see docs/worlds.md.",
    ),
    click.option(
        "--engine",
        type=click.Choice(["auto", "qiskit", "synthetic"]),
        help="Who computes results: Qiskit's simulators, or a seeded distribution.  [default: the first if installed]",
    ),
    click.option(
        "--noise", type=click.Choice(["device", "ideal"]), help="How good a simulated device is.  [default: device]"
    ),
    click.option("--queue", help=f"How long a job is queued: {_LENGTHS}.  [default: 1s]"),
    click.option("--run", help="How long a job runs, likewise.  [default: 2s]"),
    click.option(
        "--polls", type=click.IntRange(0, 10**9), help="End a job after exactly so many polls, however long that takes."
    ),
    click.option(
        "--outcome",
        type=click.Choice(["completed", "failed", "cancelled", "ran-too-long", "stuck"]),
        help="How a job ends.  [default: completed]",
    ),
    click.option("--reason", help="Why it failed: the last line of its traceback."),
    click.option(
        "--program",
        type=_Lines(),
        multiple=True,
        metavar="ID:SETTINGS",
        help="For the jobs of one program: vqe:run=30s;outcome=failed.",
    ),
    click.option(
        "--next-job",
        type=_Lines(),
        multiple=True,
        metavar="SETTINGS",
        help="For one of the next jobs, in turn: polls=3;outcome=failed.",
    ),
    click.option("--latency", help="How long each answer is held back: a length as above.  [default: now]"),
    click.option("--seed", type=int, help="Makes all that is random repeatable.  [default: chosen, and told]"),
    click.option(
        "--max-body", type=click.IntRange(1), metavar="BYTES", help="Largest body that is read.  [default: 32 MiB]"
    ),
    click.option(
        "--speed",
        metavar="real|manual|100x",
        help="How fast time goes by for jobs; manual: it stands still until it is moved.  [default: real]",
    ),
    click.option(
        "--start", metavar="INSTANT", help="When it is at the start, such as 2026-11-22T09:00:00Z.  [default: now]"
    ),
    click.option(
        "--fault",
        type=_Lines(),
        multiple=True,
        metavar="SETTINGS",
        help="Misbehave: match.operation=get-results;act.status=503;times=3. Repeatable: see docs/faults.md.",
    ),
    click.option(
        "--chaos",
        multiple=True,
        metavar="PROFILE",
        help="Misbehave as on a bad day: flaky-network, slow-friday, ibm-maintenance, ... Repeatable.",
    ),
    click.option("--require-faults", is_flag=True, help="Exit code 1 if no request met a fault, or a profile."),
    click.option(
        "--journal", type=click.IntRange(1), metavar="EXCHANGES", help="So many exchanges are kept.  [default: 10000]"
    ),
    click.option("--control/--no-control", default=None, help="Whether /_mock/ is there.  [default: it is]"),
    click.option(
        "--answers",
        type=click.Choice(["generated", "broken"]),
        help="Answer with what the document allows and nobody expects, or with named faults: see docs/answers.md.",
    ),
    click.option(
        "--answer-operation",
        multiple=True,
        metavar="ID",
        help="With --answers: only this operation, by its id in the document; the fake answers the others. Repeatable.",
    ),
    click.option(
        "--answer-status",
        metavar="STATUS",
        help="With --answers: which documented statuses come in turn: all, success, 4xx, 404.  [default: all]",
    ),
    click.option(
        "--case",
        type=click.IntRange(0, 10**15 - 1),
        help="With --answers: answer with this case only.  [default: one after the other]",
    ),
    click.option("--check", is_flag=True, help="Hold each request to the document, and show what breaks it."),
    click.option(
        "--report",
        type=click.Path(file_okay=False),
        help="With --check or --answers: folder for a report of it as text, JSON and JUnit.",
    ),
    click.option(
        "--strict", is_flag=True, help="With --check or --answers: exit code 1 if a request broke the document."
    ),
)


def describing_a_fake(command: Command) -> Command:
    """Give a function the options by which a fake is described."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def options_of_a_fake() -> list[click.Parameter]:
    """The same options for a command that has others, too."""

    @describing_a_fake
    def described(**_flags: Any) -> None: ...

    return list(reversed(getattr(described, "__click_params__")))  # noqa: B009 - click puts it there


def configuration(flags: dict[str, Any]) -> Config:
    """The configuration: what a file says, under what the flags say."""
    from mock_runtime.config import Config, InvalidConfig, load  # noqa: PLC0415 - not for --help
    from mock_runtime.faults.reading import InvalidFault  # noqa: PLC0415
    from mock_runtime.scenario import InvalidScenario, Plan, Scenario, plan  # noqa: PLC0415

    try:
        base = Config() if flags["config"] is None else load(flags["config"])
        own = {name: flags[name] for name in ("queue", "run", "polls", "outcome", "reason") if flags[name] is not None}
        if "polls" in own and ("queue" in own or "run" in own):
            raise click.UsageError(
                "--polls already says how long a job is queued and runs: leave out --queue and --run"
            )
        programs = dict(base.scenario.programs)
        for name, settings in map(_named, flags["program"]):
            programs[name] = plan(settings, where=f"--program {name}").over(programs.get(name, Plan()))
        scenario = Scenario(
            default=plan(own, where="").over(base.scenario.default),
            programs=programs,
            jobs=(*base.scenario.jobs, *(plan(_settings(text), where="--next-job") for text in flags["next_job"])),
        )
        renamed = {"max_body": "max_body_bytes", "start": "clock_start"}
        direct = (
            *("edition", "prefix", "latency", "seed", "max_body", "control", "world", "engine", "noise"),
            *("speed", "start"),
        )
        changes = {renamed.get(name, name): flags[name] for name in direct if flags.get(name) is not None}
        for name in ("token", "instance"):
            if flags.get(name):
                changes[f"{name}s"] = flags[name]
        if flags["journal"] is not None:
            changes["journal"] = {**base.journal, "most_entries": flags["journal"]}
        if flags["fault"]:
            changes["faults"] = (*base.faults, *map(_fault, flags["fault"]))
        if flags["chaos"]:
            changes["chaos"] = (*base.chaos, *flags["chaos"])
        if flags.get("also_instance"):
            changes["also_instances"] = (*base.also_instances, *flags["also_instance"])
        return base.with_changes(scenario=scenario, **changes)
    except (InvalidConfig, InvalidFault, InvalidScenario) as error:
        raise click.UsageError(str(error)) from None


def _fault(text: str) -> dict[str, Any]:
    """The settings of a fault, which makes sense."""
    from mock_runtime.faults.reading import fault, settings_from_text  # noqa: PLC0415 - most fakes behave well

    settings = settings_from_text(text, where="--fault")
    fault(settings, where="--fault")
    return settings


def _named(text: str) -> tuple[str, dict[str, object]]:
    name, colon, settings = text.partition(":")
    if not name or not colon:
        raise click.UsageError(f"--program: expected ID:SETTINGS such as vqe:run=30s, found {text!r}")
    return name, _settings(settings)


def _settings(text: str) -> dict[str, object]:
    """The settings in `run=30s;outcome=failed`."""
    settings: dict[str, object] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key, equals, value = part.partition("=")
        if not equals:
            raise click.UsageError(f"expected SETTING=VALUE, several of them parted by ';', found {part!r}")
        digits = key.strip() == "polls" and value.strip().isascii() and value.strip().isdigit()
        settings[key.strip()] = int(value) if digits else value.strip()
    return settings
