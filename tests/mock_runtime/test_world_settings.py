"""What a fake starts from: a configuration over its world file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock_runtime.accounts import Token
from mock_runtime.config import Config, InvalidConfig
from mock_runtime.directory import InstanceSpec
from mock_runtime.domain.instances import OPEN_PLAN, PAYGO_PLAN
from mock_runtime.durations import Fixed
from mock_runtime.scenario import Outcome, Plan
from mock_runtime.world_settings import Start, start_from, start_of
from mock_runtime.worlds import legacy_2021
from mock_runtime.worlds.files import world_file
from mock_runtime.worlds.nodes import InvalidWorld
from tests.mock_runtime.worlds.world_texts import own_world, start


def test_without_a_file_there_is_the_world_of_the_edition() -> None:
    """And the configuration as it is."""
    config = Config(edition="2021", seed=7)
    assert start_from(config, own_world) == Start(config=config, world=legacy_2021.WORLD)
    with pytest.raises(InvalidConfig, match="edition: there is no 'x'"):
        start_from(Config(edition="x"), own_world)


def test_a_file_gives_what_nobody_gave(tmp_path: Path) -> None:
    """The file's settings are those of the configuration."""
    file = tmp_path / "world.yaml"
    file.write_text(
        "seed: 7\nedition: 2021\nlatency: 1s\nclock: {start: 1000, speed: 10x}\nbackends: [{from: ibmq_lima}]"
    )
    found = start_from(Config(world=file, max_body_bytes=5), own_world)
    config = found.config
    assert (config.seed, config.edition, config.latency) == (7, "legacy-2021", Fixed(1))
    assert (config.clock_start, config.speed, config.max_body_bytes, config.world) == (1000.0, 10.0, 5, file)
    assert [backend.name for backend in found.world.backends] == ["ibmq_lima"]
    assert found.world.projects == legacy_2021.WORLD.projects
    assert found.file == file


def test_mistakes_in_the_file_are_those_of_the_setting(tmp_path: Path) -> None:
    """All of them, with their lines; and what cannot be read says why."""
    file = tmp_path / "world.yaml"
    with pytest.raises(InvalidConfig) as refused:
        start_from(Config(world=file), own_world)
    assert str(refused.value) == f"{file}: cannot be read: No such file or directory"
    file.write_text("seed: x\nbackends: [{name: 'a b', n_qubits: 1}]\njobs: [{program: x}]\nsessions: [{mode: x}]")
    with pytest.raises(InvalidConfig) as refused:
        start_from(Config(world=file), own_world)
    lines = str(refused.value).splitlines()
    assert [line.partition(": ")[0] for line in lines] == [f"{file}, line {number}" for number in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("given", "text", "name", "value"),
    [
        ({"seed": 8}, "seed: 7", "seed", 8),
        ({"latency": 0}, "latency: 1s", "latency", Fixed(0)),
        ({"speed": 1}, "clock: {speed: 5x}", "speed", 1.0),
        ({"tokens": ["mine"]}, "tokens: [theirs, others]", "tokens", (Token("mine"),)),
        ({"tokens": ["mine"]}, "tenants: [{name: a, tokens: [theirs]}]", "tokens", (Token("mine"),)),
        ({"instances": ["mine"]}, "instances: [theirs]", "instances", (InstanceSpec(name="mine"),)),
        ({"edition": "platform"}, "edition: today", "edition", "platform"),
        ({"chaos": ["b"]}, "chaos: [a]", "chaos", ("a", "b")),
        (
            {"faults": [{"act": {"status": 500}}]},
            "faults: [{act: {status: 503}}]",
            "faults",
            ({"act": {"status": 503}}, {"act": {"status": 500}}),
        ),
        (
            {"latencies": {"get-job": 1}},
            "latencies: {get-job: 2, submit-job: 3}",
            "latencies",
            {"get-job": Fixed(1), "submit-job": Fixed(3)},
        ),
    ],
)
def test_what_was_given_wins_over_the_file(given: dict[str, Any], text: str, name: str, value: object) -> None:
    """Also if it is what it would be anyway; of what is a collection of things that stand alone, there are both."""
    assert getattr(start(text, **given).config, name) == value


def test_plans_of_both_are_there() -> None:
    """Of two of one name the configuration's, for the instances of the file, too."""
    config = start(
        "plans: [{name: a}, {name: b, max_ttl: 1h}]\ninstances: [{name: one, plan: b}, {name: two, plan: c}]",
        plans=[{"name": "b", "max_ttl": "2h"}, {"name": "c", "max_ttl": "3h"}],
    ).config
    assert [(plan.name, plan.max_ttl_s) for plan in config.plans] == [("a", 28800), ("b", 7200), ("c", 10800)]
    assert [instance.plan.max_ttl_s for instance in config.instances] == [7200, 10800]


def test_scenarios_are_laid_over_one_another() -> None:
    """What one leaves open is as in the file's; the file's plans for the next jobs come first."""
    scenario = start(
        "scenario: {queue: 1h, run: 2h, programs: {sampler: {run: 3h, outcome: failed}, estimator: {run: 4h}}, "
        "jobs: [{outcome: stuck}]}",
        scenario={"run": "5s", "programs": {"sampler": {"run": "6s"}}, "jobs": [{"outcome": "cancelled"}]},
    ).config.scenario
    assert scenario.default == Plan(queue=Fixed(3600), run=Fixed(5))
    assert dict(scenario.programs) == {
        "sampler": Plan(run=Fixed(6), outcome=Outcome.FAILED),
        "estimator": Plan(run=Fixed(14400)),
    }
    assert [plan.outcome for plan in scenario.jobs] == [Outcome.STUCK, Outcome.CANCELLED]


def test_a_world_for_another_edition_is_not_served() -> None:
    """It would be another world."""
    with pytest.raises(InvalidWorld, match=r"my.yaml, line 2: edition: expected platform, which is served here, not"):
        start("seed: 1\nedition: 2021", edition="platform")
    with pytest.raises(InvalidWorld, match="line 1: edition: there is no '2023'; known are platform, legacy-2021"):
        start("edition: 2023\nseed: x")
    with pytest.raises(InvalidConfig, match="edition: there is no 'x'"):
        start("seed: 1", edition="x")


def test_mistakes_are_told_for_the_edition_of_the_file() -> None:
    """Its programs and backends, although another setting is wrong."""
    with pytest.raises(InvalidWorld) as refused:
        start("edition: 2021\nseed: x\njobs: [{program: vqe, backend: ibm_fez, owner: nobody}]")
    assert [problem.line for problem in refused.value.problems] == [2, 3]
    assert "jobs[0].backend: expected a backend of this world" in str(refused.value)


def test_tenants_are_tokens_and_instances_of_an_account() -> None:
    """Tokens without a name get one, and instances belong to them."""
    config = start("""
tokens: [{token: z, name: zoe}]
instances: [everybodys]
tenants:
  - {name: physics, tokens: [a, {token: b, name: bob, account: other}], instances: [main, {name: free, plan: open}]}
  - {name: chemistry, account: chem, tokens: [c]}
  - {name: guests, tokens: [d], instances: []}
""").config
    assert [(token.name, token.account) for token in config.tokens][:2] == [
        ("zoe", None),
        ("physics-1", config.tokens[1].account),
    ]
    assert [(token.name, token.account) for token in config.tokens][2:4] == [("bob", "other"), ("chemistry", "chem")]
    assert config.instances == (
        InstanceSpec(name="everybodys"),
        InstanceSpec(name="main", keys=("physics-1", "bob"), plan=PAYGO_PLAN),
        InstanceSpec(name="free", keys=("physics-1", "bob"), plan=OPEN_PLAN),
        InstanceSpec(name="default", keys=("chemistry",)),
    )
    assert start("tenants: [{name: physics, tokens: [x]}]").config.tokens[0].account == config.tokens[1].account


def test_faults_are_kept_as_they_were_written_where_nobody_reads_them(tmp_path: Path) -> None:
    """They have to be mappings, at least."""
    file = tmp_path / "world.yaml"
    file.write_text("faults: [{any: thing}]")
    assert start_from(Config(world=file), own_world).config.faults == ({"any": "thing"},)
    file.write_text("faults: [{any: thing}, 5]")
    with pytest.raises(InvalidConfig, match=r"line 1: faults\[1\]: expected a mapping with match and act, not '5'"):
        start_from(Config(world=file), own_world)


def test_profiles_are_read_where_somebody_can() -> None:
    """What is wrong with one is told with its line."""

    def read_profile(text: str) -> str:
        if text != "storm":
            raise ValueError(f"there is no profile {text!r}")
        return text

    written = world_file("chaos: [storm]", "f")
    assert start_of(written, Config(), own_world, read_profile=read_profile).config.chaos == ("storm",)
    with pytest.raises(InvalidWorld, match=r"\Af, line 3: chaos\[1\]: there is no profile 'strom'\Z"):
        start_of(world_file("chaos:\n- storm\n- strom", "f"), Config(), own_world, read_profile=read_profile)


def test_no_mistake_shows_a_token() -> None:
    """Wherever in the file it is."""
    for text in (
        "tokens: [{token: my-secret, nam: x}]",
        "tokens: [{my-secret: x}]",
        "tokens: [[my-secret]]",
        "tokens: my-secret",
        "tokens: {my-secret: alice}",
        "tokens: [{token: my-secret, sha256: my-secret}]",
        "tokens: [{token: {my-secret: 5}}]",
        "tokens: [my-secret, my-secret]",
        "tenants: [{name: a, tokens: my-secret}]",
        "tenants: [my-secret]",
        "tenants: my-secret",
        "tenants: [{name: a, tokens: [{token: my-secret, x: 1}]}]",
        "tenants: [{name: a, tokens: [[my-secret]]}]",
        "tokens: [*my-secret]",
        "tokens: [!my-secret]",
        "tokens: [&my-secret a, &my-secret b, *my-secret]",
    ):
        with pytest.raises(InvalidWorld) as refused:
            start(text)
        assert "my-secret" not in str(refused.value), text
        assert "my-secret" not in repr(refused.value)
