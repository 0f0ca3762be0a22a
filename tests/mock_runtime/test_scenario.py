"""How jobs unfold, as data: reading it, merging it, and the timeline that comes of it."""

from __future__ import annotations

import math
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_runtime.domain.jobs import FOR_EVER, Polls, Seconds, Status, Timeline
from mock_runtime.durations import Exponential, Fixed, Normal, PollCount, Uniform
from mock_runtime.ids import Ids
from mock_runtime.scenario import UNSET, InvalidScenario, Outcome, Plan, Scenario, Script, plan, scenario

if TYPE_CHECKING:
    from collections.abc import Callable

RNG = Ids(0).stream("test")


def test_a_plan_says_what_was_set_and_leaves_the_rest_open() -> None:
    """Texts are read as lengths and outcomes; None is the same as nothing, but for a result."""
    read = plan({"queue": "1s..3s", "run": "5s~2s", "outcome": "failed", "reason": "E", "cancel_lag": "exp(10s)"})
    assert read == Plan(
        queue=Uniform(1, 3), run=Normal(5, 2), outcome=Outcome.FAILED, reason="E", cancel_lag=Exponential(10)
    )
    assert plan({}) == plan({"queue": None, "reason": None, "polls": None}) == Plan()
    assert plan({"result": None}).result is None
    assert plan({}).result is UNSET
    assert repr(UNSET) == "UNSET"


@pytest.mark.parametrize(("n", "queue", "run"), [(0, 0, 0), (1, 0, 1), (2, 1, 1), (23, 11, 12)])
def test_polls_are_shared_between_queue_and_work(n: int, queue: int, run: int) -> None:
    """Half of them queued, the rest running."""
    assert plan({"polls": n}) == Plan(queue=PollCount(queue), run=PollCount(run))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"runn": "1s"}, "runn: unknown setting; known are cancel_lag, outcome, polls, queue, reason, result, run"),
        ({"latency": "1s"}, "latency: unknown setting"),
        ({"run": "soon"}, "run: 'soon' is not a length of time: write e.g. 1s"),
        ({"queue": "3s..1s"}, "queue: '3s..1s' runs backwards"),
        ({"cancel_lag": "3 polls"}, "cancel_lag: a cancellation takes time, not polls"),
        ({"polls": -1}, "polls: expected a whole number of polls, 0 or more, found -1"),
        ({"polls": True}, "polls: expected a whole number of polls, 0 or more, found True"),
        ({"polls": "3"}, "polls: expected a whole number of polls, 0 or more, found '3'"),
        ({"polls": 10**9 + 1}, "polls: expected a whole number of polls"),
        (
            {"outcome": "maybe"},
            "outcome: expected one of completed, failed, cancelled, ran-too-long, stuck, found 'maybe'",
        ),
        ({"reason": 5}, "reason: expected a text, found 5"),
    ],
)
def test_a_mistake_in_a_plan_is_named_with_its_place(settings: dict[str, object], sentence: str) -> None:
    """On its own, inside of a scenario, under a program and in the list of jobs."""
    readers: dict[str, Callable[[dict[str, object]], object]] = {
        "": plan,
        "scenario.": scenario,
        "scenario.programs.vqe.": lambda s: scenario({"programs": {"vqe": s}}),
        "scenario.jobs[1].": lambda s: scenario({"jobs": [{}, s]}),
    }
    for where, read in readers.items():
        with pytest.raises(InvalidScenario) as refused:
            read(settings)
        assert str(refused.value).startswith(where + sentence)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (5, "scenario: expected settings such as 'run: 5s', found 5"),
        (["run"], "scenario: expected settings such as 'run: 5s', found ['run']"),
        ({"programs": [1]}, "scenario.programs: expected a mapping of program ids to settings"),
        ({"programs": {"vqe": "5s"}}, "scenario.programs.vqe: expected settings such as 'run: 5s', found '5s'"),
        ({"jobs": {"a": 1}}, "scenario.jobs: expected a list, one entry for each next submission"),
        ({"jobs": [3]}, "scenario.jobs[0]: expected settings such as 'run: 5s', found 3"),
    ],
)
def test_a_scenario_of_the_wrong_shape_is_named_with_its_place(settings: object, sentence: str) -> None:
    """Each level says what it expected."""
    with pytest.raises(InvalidScenario) as refused:
        scenario(settings)
    assert str(refused.value) == sentence


def test_an_empty_scenario_leaves_everything_open() -> None:
    """Nothing, and nothing under each of its headings."""
    assert scenario({}) == scenario({"programs": None, "jobs": None}) == Scenario()


def test_the_nearest_plan_wins_setting_by_setting() -> None:
    """The job's own over the program's over the server's over the defaults."""
    read = scenario(
        {
            "queue": "10s",
            "run": "20s",
            "reason": "server",
            "programs": {"vqe": {"run": "30s", "outcome": "failed"}},
            "jobs": [{"outcome": "cancelled"}],
        }
    )
    taken = read.plan_for("vqe")
    assert (taken.queue, taken.run, taken.outcome, taken.reason) == (
        Fixed(10),
        Fixed(30),
        Outcome.CANCELLED,
        "server",
    )
    assert read.plan_for("other").run == Fixed(20)
    assert Scenario().plan_for("vqe").queue == Fixed(1)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, Timeline(queue=Seconds(0), run=Seconds(0), limit_s=9)),
        ({"queue": 1, "run": 2}, Timeline(queue=Seconds(1), run=Seconds(2), limit_s=9)),
        ({"polls": 3}, Timeline(queue=Polls(1), run=Polls(2), limit_s=9)),
        ({"queue": "2 polls", "run": "5s"}, Timeline(queue=Polls(2), run=Seconds(5), limit_s=9)),
        ({"outcome": "failed"}, Timeline(queue=Seconds(0), run=Seconds(0), ending=Status.FAILED, limit_s=9)),
        ({"outcome": "cancelled"}, Timeline(queue=Seconds(0), run=Seconds(0), ending=Status.CANCELLED, limit_s=9)),
        (
            {"outcome": "ran-too-long"},
            Timeline(queue=Seconds(0), run=Seconds(0), ending=Status.RAN_TOO_LONG, limit_s=9),
        ),
        ({"outcome": "stuck", "queue": 1}, Timeline(queue=FOR_EVER, run=Seconds(0), limit_s=9)),
        ({"cancel_lag": "10s"}, Timeline(queue=Seconds(0), run=Seconds(0), limit_s=9, cancel_lag_s=10)),
    ],
)
def test_a_plan_becomes_a_timeline(settings: dict[str, object], expected: Timeline) -> None:
    """What a plan leaves open takes no time."""
    assert plan(settings).timeline(RNG, limit_s=9) == expected


def test_a_seed_draws_the_same_timeline_again() -> None:
    """Both phases and the lag, from the one stream that is given."""
    drawn = plan({"queue": "1s..3s", "run": "5s~2s", "cancel_lag": "exp(10s)"})

    def timeline(seed: int) -> Timeline:
        return drawn.timeline(Ids(seed).stream("timeline", 1), limit_s=math.inf)

    assert timeline(7) == timeline(7)
    assert timeline(7) != timeline(8)


texts = st.sampled_from(
    ["1s", "250ms", "12d", "1s..3s", "5s~2s", "exponential(5s)", "lognormal(5s, 0.5)", "now", "never"]
)
plans = st.fixed_dictionaries(
    {},
    optional={
        "queue": texts | st.just("3 polls"),
        "run": texts | st.just("1 poll"),
        "outcome": st.sampled_from([outcome.value for outcome in Outcome]),
        "reason": st.text(max_size=5),
        "result": st.none() | st.integers() | st.text(max_size=3) | st.just({"a": [1]}),
        "cancel_lag": texts,
    },
)


@given(plans, st.dictionaries(st.text(max_size=5), plans, max_size=2), st.lists(plans, max_size=2))
def test_what_a_scenario_shows_can_be_read_again(
    default: dict[str, Any], programs: dict[str, Any], jobs: list[dict[str, Any]]
) -> None:
    """`as_dict` is the form that `scenario` reads."""
    read = scenario({**default, "programs": programs, "jobs": jobs})
    assert scenario(read.as_dict()) == read


def test_a_script_changes_one_level_at_a_time() -> None:
    """What is not named stays, and reset goes back to the start."""
    script = Script(scenario({"run": "9s"}))
    script.set(queue="2s")
    script.program("vqe", outcome="failed")
    script.program("vqe", run="3s")
    script.next_job(polls=1)
    assert script.current == scenario(
        {"queue": "2s", "run": "9s", "programs": {"vqe": {"outcome": "failed", "run": "3s"}}, "jobs": [{"polls": 1}]}
    )
    assert "'queue': '2s'" in repr(script)
    script.reset()
    assert script.current == scenario({"run": "9s"})
    assert Script().current == Scenario()


def test_a_setting_named_self_is_as_unknown_as_any_other() -> None:
    """Settings come from strangers, too, who may call them what they like."""
    script = Script()
    for change in (script.set, script.next_job, partial(script.program, "vqe")):
        with pytest.raises(InvalidScenario, match=r"self: unknown setting"):
            change(self=1)


def test_a_mistake_leaves_a_script_as_it_was() -> None:
    """And names the program, if it is about one."""
    script = Script(scenario({"run": "9s"}))
    with pytest.raises(InvalidScenario, match=r"^programs\.vqe\.run: 'soon'"):
        script.program("vqe", run="soon")
    with pytest.raises(InvalidScenario, match=r"^polls: "):
        script.set(polls=-1)
    assert script.current == scenario({"run": "9s"})


def test_plans_for_next_jobs_are_used_up_in_turn() -> None:
    """By whichever program is submitted; afterwards the wider plan is back."""
    script = Script(scenario({"run": "9s"}))
    script.next_job(run="1s")
    script.next_job(run="2s")
    assert [script.take(program).run for program in ("vqe", "simple", "vqe")] == [Fixed(1), Fixed(2), Fixed(9)]


def test_every_plan_for_a_next_job_is_taken_by_exactly_one_of_many_threads() -> None:
    """Submissions on different threads share the list without sharing a plan."""
    script = Script()
    for number in range(400):
        script.next_job(run=number)
    taken: list[object] = []

    def submit() -> None:
        taken.extend([script.take("vqe").run for _ in range(100)])

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == 400


def test_a_script_goes_back_to_a_snapshot() -> None:
    """With the plans for next jobs that it had; a reset goes back to the start all the same."""
    script = Script(scenario({"run": "5s"}))
    script.next_job(queue="9s")
    kept = script.snapshot()
    for _ in range(2):
        assert str(script.take("p").queue) == "9s"
        script.set(run="1s")
        script.rollback(kept)
    assert [str(script.current.default.run), len(script.current.jobs)] == ["5s", 1]
    script.reset()
    assert script.current == scenario({"run": "5s"})


def test_the_plan_after_the_next_ones() -> None:
    """That of jobs which have none of their own: the program's, over the server's, over the defaults."""
    made = scenario({"run": "5s", "programs": {"p": {"run": "7s"}}, "jobs": [{"run": "9s"}]})
    assert [str(made.plan_for("p").run), str(made.plan_after("p").run)] == ["9s", "7s"]
    assert [str(made.plan_after("q").run), str(made.plan_after("q").queue)] == ["5s", "1s"]
