"""Configuration: from Python, from a mapping, from a file, and every mistake in it."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mock_runtime.accounts import Token
from mock_runtime.config import Config, InvalidConfig, from_mapping, load, over
from mock_runtime.directory import InstanceSpec
from mock_runtime.domain.instances import OPEN_PLAN, PAYGO_PLAN
from mock_runtime.durations import Fixed, Uniform
from mock_runtime.scenario import InvalidScenario, Plan, Scenario
from mock_runtime.service import Limits
from mock_runtime.tenants import read_tenants


def test_the_defaults() -> None:
    """What a fake is that nobody configured."""
    config = Config()
    assert (config.edition, config.prefix, config.tokens, config.seed) == ("platform", None, (), None)
    assert (config.scenario, config.latency, config.limits) == (Scenario(), Fixed(0), Limits())
    assert (config.max_body_bytes, config.control) == (32 * 1024 * 1024, True)
    assert (config.instances, config.world, config.engine, config.noise) == ((), None, "auto", "device")


@pytest.mark.parametrize(
    ("short", "name"),
    [("2021", "legacy-2021"), (2021, "legacy-2021"), ("today", "platform"), ("platform", "platform")],
)
def test_an_edition_has_a_short_name(short: object, name: str) -> None:
    """A year, which YAML reads as a number, or `today`."""
    assert from_mapping({"edition": short}).edition == name


CRN = "crn:v1:bluemix:public:quantum-computing:eu-de:a/abc:01234567-89ab-4cde-af01-23456789abcd::"


def test_instances_are_read_in_every_form() -> None:
    """A name, a CRN, settings, or what the settings would make."""
    config = Config(
        instances=[
            "mine",
            CRN,
            {"name": "theirs", "plan": "open", "region": "eu-de", "limit_s": 60, "keys": ["bob"], "tags": ["t"]},
            {"crn": CRN, "backends": ["ibm_fez"], "plan": None},
            {"plan": OPEN_PLAN},
            InstanceSpec(name="ready"),
        ]
    )
    assert config.instances == (
        InstanceSpec(name="mine"),
        InstanceSpec(name="instance-01234567", crn=CRN),
        InstanceSpec(name="theirs", plan=OPEN_PLAN, region="eu-de", limit_s=60, keys=("bob",), tags=("t",)),
        InstanceSpec(name="instance-01234567", crn=CRN, backends=("ibm_fez",)),
        InstanceSpec(name="default", plan=OPEN_PLAN),
        InstanceSpec(name="ready"),
    )
    assert Config(also_instances=["mine"]).also_instances == (InstanceSpec(name="mine"),)
    assert Config(instances=[{}]).instances == (InstanceSpec(name="default"),)


def test_a_world_is_a_path() -> None:
    """As a text or a path; it is read when the fake is made."""
    assert Config(world="devices.yaml").world == Path("devices.yaml")
    assert Config(world=Path("devices.yaml")).world == Path("devices.yaml")
    assert Config(world=None).world is None


def test_how_results_are_computed_is_chosen_by_name() -> None:
    """Who computes, and whether as badly as the device."""
    config = Config(engine="synthetic", noise="ideal")
    assert (config.engine, config.noise) == ("synthetic", "ideal")


def test_a_token_can_be_of_an_account() -> None:
    """So that two users share one."""
    config = Config(tokens=[{"token": "a", "account": "abc"}, {"token": "b", "account": None}])
    assert [token.account for token in config.tokens] == ["abc", None]


def test_jobs_a_minute_are_a_limit_only_if_somebody_says_so() -> None:
    """A number of jobs, not a length of time."""
    assert Config().limits.jobs_per_minute is None
    assert Config(limits={"jobs_per_minute": 5}).limits == Limits(jobs_per_minute=5)
    assert Config(limits={"jobs_per_minute": None}).limits.jobs_per_minute is None


def test_settings_are_read_as_in_a_file() -> None:
    """Texts become what they mean, and what is one already stays."""
    config = Config(
        edition="2021",
        prefix="/runtime/",
        tokens=["a", Token("b", "Bob"), {"token": "c", "name": "Carol", "may_upload": False}],
        scenario={"run": "5s"},
        latency="50ms..80ms",
        limits={"logs_kept_s": "1h"},
    )
    assert (config.edition, config.prefix) == ("legacy-2021", "/runtime")
    assert config.tokens == (Token("a"), Token("b", "Bob"), Token("c", "Carol", may_upload=False))
    assert config.scenario.default == Plan(run=Fixed(5))
    assert config.latency == Uniform(0.05, 0.08)
    assert config.limits == Limits(logs_kept_s=3600.0)
    assert Config(scenario=config.scenario, limits=config.limits, latency=config.latency).scenario is config.scenario


def test_a_changed_configuration_keeps_the_rest() -> None:
    """And is a new value: the old one stays as it is."""
    config = Config(seed=7, tokens=["a"])
    changed = config.with_changes(latency="1s")
    assert (changed.seed, changed.tokens, changed.latency) == (7, (Token("a"),), Fixed(1))
    assert config.latency == Fixed(0)
    with pytest.raises(
        InvalidConfig, match=r"^sed: unknown setting; known are also_instances, chaos, clock_start, control"
    ):
        config.with_changes(sed=8)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"edition": ""}, "edition: expected the name of an edition, found ''"),
    ({"edition": None}, "edition: expected the name of an edition, found None"),
    ({"prefix": "runtime"}, "prefix: expected a path of letters, digits and . _ ~ - such as /runtime, found"),
    ({"prefix": 5}, "prefix: expected a path of letters, digits and . _ ~ - such as /runtime, found 5"),
    ({"prefix": "/<x>"}, "prefix: expected a path of letters, digits and . _ ~ - such as /runtime, found '/<x>'"),
    ({"prefix": "//x"}, "prefix: expected a path of letters, digits and . _ ~ - such as /runtime, found '//x'"),
    ({"prefix": "/a?b"}, "prefix: expected a path of letters, digits and . _ ~ - such as /runtime, found '/a?b'"),
    ({"prefix": "/api/"}, "prefix: '/api/' is taken: /api, /_mock, /openapi, /static, /identity, /globalcatalog, /v2"),
    ({"prefix": "/_mock/x"}, "prefix: '/_mock/x' is taken: /api, /_mock, /openapi, /static"),
    ({"prefix": "/openapi"}, "prefix: '/openapi' is taken: /api, /_mock, /openapi, /static"),
    ({"prefix": "/identity/x"}, "prefix: '/identity/x' is taken: /api, /_mock, /openapi, /static, /identity"),
    ({"prefix": "/v3"}, "prefix: '/v3' is taken: /api, /_mock, /openapi, /static, /identity, /globalcatalog, /v2, /v3"),
    ({"tokens": "secret"}, "tokens: expected a list of tokens"),
    ({"tokens": {"token": "secret"}}, "tokens: expected a list of tokens"),
    ({"tokens": 5}, "tokens: expected a list of tokens"),
    ({"tokens": ["a", ""]}, "tokens[1]: a token must not be empty"),
    ({"tokens": [{"token": " "}]}, "tokens[0]: a token must not be empty"),
    ({"tokens": [5]}, "tokens[0]: expected a token, or a mapping with token or sha256, and perhaps"),
    ({"tokens": [{"name": "x"}]}, "tokens[0]: expected a token, or a mapping with token or sha256, and perhaps"),
    ({"tokens": [{"token": "secret", "x": 1}]}, "tokens[0]: expected a token, or a mapping with token"),
    ({"tokens": [{"token": "s", "may_upload": "no"}]}, "tokens[0].may_upload: expected true or false, found 'no'"),
    ({"tokens": [{"token": "s", "account": 5}]}, "tokens[0].account: expected the id of an account, letters and"),
    ({"tokens": [{"token": "s", "account": "a/b"}]}, "tokens[0].account: expected the id of an account"),
    ({"instances": "mine"}, "instances: expected a list of instances"),
    ({"instances": {"name": "mine"}}, "instances: expected a list of instances"),
    ({"also_instances": [5]}, "also_instances[0]: expected a name, a CRN, or settings among backends"),
    ({"instances": 5}, "instances: expected a list of instances"),
    ({"instances": [5]}, "instances[0]: expected a name, a CRN, or settings among backends, crn, keys, limit_s, name"),
    ({"instances": ["a", {"nam": "b"}]}, "instances[1]: expected a name, a CRN, or settings among backends"),
    ({"instances": [{5: "b"}]}, "instances[0]: expected a name, a CRN, or settings among backends"),
    ({"instances": [""]}, "instances[0].name: expected a text, found ''"),
    ({"instances": [{"name": 5}]}, "instances[0].name: expected a text, found 5"),
    ({"instances": [{"region": ["x"]}]}, "instances[0].region: expected a text, found ['x']"),
    ({"instances": [{"region": "US East"}]}, "instances[0].region: expected a region such as us-east, found 'US East'"),
    ({"instances": ["crn:v1:nothing"]}, "instances[0].crn: expected crn:v1:bluemix:public:quantum-computing:<region>"),
    ({"instances": [{"crn": "mine"}]}, "instances[0].crn: expected crn:v1:bluemix:public:quantum-computing:<region>"),
    ({"instances": [{"plan": "premium"}]}, "instances[0].plan: expected one of open, pay-as-you-go, found 'premium'"),
    ({"instances": [{"plan": ["open"]}]}, "instances[0].plan: expected one of open, pay-as-you-go, found ['open']"),
    ({"instances": [{"limit_s": "60"}]}, "instances[0].limit_s: expected a whole number of seconds, found '60'"),
    ({"instances": [{"limit_s": True}]}, "instances[0].limit_s: expected a whole number of seconds, found True"),
    ({"instances": [{"limit_s": -1}]}, "instances[0].limit_s: expected a whole number of seconds, found -1"),
    ({"instances": [{"backends": "ibm_fez"}]}, "instances[0].backends: expected a list of names, found 'ibm_fez'"),
    ({"instances": [{"tags": 5}]}, "instances[0].tags: expected a list of names, found 5"),
    ({"instances": [{"keys": "bob"}]}, "instances[0].keys: expected a list of names, found 'bob'"),
    ({"world": 5}, "world: expected the path of a YAML file, found 5"),
    ({"engine": "abacus"}, "engine: expected one of auto, qiskit, synthetic, found 'abacus'"),
    ({"engine": None}, "engine: expected one of auto, qiskit, synthetic, found None"),
    ({"noise": ["ideal"]}, "noise: expected one of device, ideal, found ['ideal']"),
    ({"limits": {"jobs_per_minute": 0}}, "limits.jobs_per_minute: expected a whole number, 1 or more, found 0"),
    ({"limits": {"jobs_per_minute": True}}, "limits.jobs_per_minute: expected a whole number, 1 or more, found True"),
    ({"limits": {"jobs_per_minute": "5"}}, "limits.jobs_per_minute: expected a whole number, 1 or more, found '5'"),
    ({"seed": "7"}, "seed: expected a whole number, found '7'"),
    ({"seed": True}, "seed: expected a whole number, found True"),
    ({"seed": 1.5}, "seed: expected a whole number, found 1.5"),
    ({"scenario": 5}, "scenario: expected settings such as 'run: 5s', found 5"),
    ({"scenario": {"run": "soon"}}, "scenario.run: 'soon' is not a length of time"),
    ({"scenario": {"jobs": [{"polls": -1}]}}, "scenario.jobs[0].polls: expected a whole number of polls"),
    ({"latency": "soon"}, "latency: 'soon' is not a length of time"),
    ({"latency": "3 polls"}, "latency: '3 polls' is not a length of time"),
    ({"latency": "never"}, "latency: an answer that never comes is not a latency"),
    ({"latency": 10**400}, "latency: a number of more than 1e+09 seconds is too long"),
    ({"limits": 5}, "limits: expected settings among device_run_s, jobs_per_minute, logs_kept_s"),
    ({"limits": {"x": 1}}, "limits: expected settings among device_run_s, jobs_per_minute, logs_kept_s"),
    ({"limits": {"logs_kept_s": "soon"}}, "limits.logs_kept_s: 'soon' is not a length of time"),
    ({"limits": {"logs_kept_s": "1s..2s"}}, "limits.logs_kept_s: a limit is one length of time, not a distribution"),
    ({"max_body_bytes": 0}, "max_body_bytes: expected a number of bytes, 1 or more, found 0"),
    ({"max_body_bytes": True}, "max_body_bytes: expected a number of bytes, 1 or more, found True"),
    ({"max_body_bytes": "1k"}, "max_body_bytes: expected a number of bytes, 1 or more, found '1k'"),
    ({"control": "yes"}, "control: expected true or false, found 'yes'"),
    ({"tokens": [{"sha256": "abc"}]}, "tokens[0].sha256: expected a SHA-256 digest, 64 hexadecimal digits"),
    ({"tokens": [{"sha256": 5}]}, "tokens[0].sha256: expected a SHA-256 digest, 64 hexadecimal digits"),
    ({"tokens": [{"token": "secret", "sha256": "0" * 64}]}, "tokens[0]: a token and its digest do not agree: give one"),
    ({"tokens": [{"token": "", "name": "x"}]}, "tokens[0]: a token must not be empty"),
    ({"plans": "mine"}, "plans: expected a list of plans"),
    ({"plans": [{"pricing": "free"}]}, "plans[0]: expected a name, and settings among allocation, dedicated, id, max"),
    ({"plans": [{"name": "a", "x": 1}]}, "plans[0]: expected a name, and settings among allocation, dedicated, id"),
    ({"plans": [{"name": ""}]}, "plans[0].name: expected a text, found ''"),
    ({"plans": [{"name": "a"}, {"name": "a"}]}, "plans[1].name: expected each plan once, and 'a' is there before"),
    ({"plans": [{"name": "a", "max_ttl": "soon"}]}, "plans[0].max_ttl: 'soon' is not a length of time"),
    ({"plans": [{"name": "a", "max_ttl": 0}]}, "plans[0].max_ttl: expected whole seconds such as 10m or 8h, found 0"),
    ({"plans": [{"name": "a", "max_ttl": "never"}]}, "plans[0].max_ttl: expected whole seconds such as 10m or 8h"),
    ({"plans": [{"name": "a", "period": "36h"}]}, "plans[0].period: expected whole days such as 28d, found '36h'"),
    ({"plans": [{"name": "a", "dedicated": "no"}]}, "plans[0].dedicated: expected true or false, found 'no'"),
    ({"clock_start": "soon"}, "clock_start: expected an instant such as 2026-11-22T09:00:00Z, found 'soon'"),
    ({"clock_start": True}, "clock_start: expected an instant such as 2026-11-22T09:00:00Z, found True"),
    ({"clock_start": 1e300}, "clock_start: expected an instant such as 2026-11-22T09:00:00Z, found 1e+300"),
    ({"clock_start": float("nan")}, "clock_start: expected an instant such as 2026-11-22T09:00:00Z, found nan"),
    ({"speed": "fast"}, "speed: 'fast' is no speed of time"),
    ({"speed": None}, "speed: None is no speed of time"),
    ({"latencies": "1s"}, "latencies: expected a mapping of operations to lengths such as 'submit-job: 1s'"),
    ({"latencies": {"submit": "1s"}}, "latencies.submit: there is no such operation; known are log-in, submit-job"),
    ({"latencies": {"get-job": "never"}}, "latencies.get-job: an answer that never comes is not a latency"),
    ({"faults": "storm"}, "faults: expected a list of faults"),
    ({"faults": {"act": {}}}, "faults: expected a list of faults"),
    ({"faults": [503]}, "faults[0]: expected a mapping with match and act, found 503"),
    ({"faults": [{"act": {1, 2}}]}, "faults[0]: expected values that JSON has, found {'act': {1, 2}}"),
    ({"faults": [{}] * 1001}, "faults: expected at most 1000 faults"),
    ({"chaos": "slow-friday"}, "chaos: expected a list of names, found 'slow-friday'"),
    ({"journal": 5}, "journal: expected settings among longest_body, most_bytes, most_entries"),
    ({"journal": {"size": 5}}, "journal: expected settings among longest_body, most_bytes, most_entries"),
    ({"journal": {"most_entries": 0}}, "journal.most_entries: expected a whole number, 1 or more, found 0"),
    (
        {"sed": 7},
        "sed: unknown setting; known are also_instances, chaos, clock_start, control, edition, engine, faults",
    ),
]


@pytest.mark.parametrize(("settings", "sentence"), WRONG)
def test_every_mistake_is_named_with_its_place(settings: dict[str, Any], sentence: str) -> None:
    """The sentence begins with the setting and never repeats a token."""
    with pytest.raises(InvalidConfig) as refused:
        from_mapping(settings)
    assert str(refused.value).startswith(sentence)
    assert "secret" not in str(refused.value)


def test_time_can_begin_anywhere_and_run_at_any_speed() -> None:
    """As a number, a text, or what YAML makes of a date."""
    assert (Config().clock_start, Config().speed) == (None, 1.0)
    texts = (1_795_338_000, "2026-11-22T09:00:00Z", "2026-11-22T09:00:00", datetime(2026, 11, 22, 9, tzinfo=UTC))
    assert [Config(clock_start=each).clock_start for each in texts] == [1_795_338_000.0] * 4  # type: ignore[arg-type]
    assert Config(clock_start="2026-11-22").clock_start == 1_795_305_600.0
    assert [Config(speed=speed).speed for speed in (100, "100x", "manual", "real", 0.5)] == [100, 100, 0, 1, 0.5]


def test_latencies_faults_and_bounds_are_kept() -> None:
    """Lengths are read; faults stay as they were written, in values of their own."""
    written: dict[str, Any] = {"act": {"status": 503}}
    config = Config(latencies={"submit-job": "1s"}, faults=[written], chaos=["storm"], journal={"most_entries": 5})
    assert (dict(config.latencies), config.chaos, dict(config.journal)) == (
        {"submit-job": Fixed(1)},
        ("storm",),
        {"most_entries": 5},
    )
    assert config.faults == (written,)
    assert config.faults[0] is not written


def test_plans_of_ones_own() -> None:
    """What is not said is as in the plan that is paid for, or in IBM's of that name; instances find them by name."""
    config = Config(
        plans=[
            {"name": "mine", "allocation": "10m", "period": "7d", "max_ttl": "1h", "dedicated": False, "id": "x"},
            {"name": "open", "allocation": None},
            replace(PAYGO_PLAN, name="ready"),
        ],
        instances=[{"name": "a", "plan": "mine"}, {"name": "b", "plan": "open"}, {"name": "c", "plan": "ready"}],
    )
    mine, free, ready = config.plans
    assert mine == replace(
        PAYGO_PLAN, name="mine", id="x", allocation_s=600, period_days=7, max_ttl_s=3600, dedicated=False
    )
    assert free == replace(OPEN_PLAN, allocation_s=None)
    assert [instance.plan for instance in config.instances] == [mine, free, ready]
    assert Config(plans=[{"name": "a"}]).plans[0].id == Config(plans=[{"name": "a"}]).plans[0].id


def test_a_token_can_be_given_by_its_digest() -> None:
    """It is equal to the token itself if both digests are those of it."""
    both = {"sha256": sha256(b"a").hexdigest().upper(), "iam_sha256": sha256(b"iam:a").hexdigest()}
    (one,) = Config(tokens=[both]).tokens
    assert one == Token("a")
    assert one.value == ""
    (other,) = Config(tokens=[{"sha256": both["sha256"]}]).tokens
    assert (other.sha256, other == one) == (one.sha256, False)


def test_what_was_given_is_known() -> None:
    """Also if it is the default; what is left out or None is not given, and changes add to it."""
    config = Config(edition="platform", seed=None, tokens=())
    assert config.given == {"edition", "tokens"}
    changed = config.with_changes(seed=7)
    assert changed.given == {"edition", "tokens", "seed"}
    assert changed.with_changes(seed=None).given == {"edition", "tokens"}
    assert from_mapping({"latency": 0}).given == {"latency"}
    assert Config(latency=0) == Config()
    assert copy(changed) == changed
    assert copy(changed).given == changed.given


def test_tenants_are_a_list() -> None:
    """Of mappings, as their reader says."""
    for value, sentence in (("a", "tenants: expected a list of tenants"), ([5], r"tenants\[0\]: expected a name and")):
        with pytest.raises(InvalidConfig, match=sentence):
            read_tenants(value, "tenants")


def test_settings_are_laid_over_a_configuration() -> None:
    """Those of a configuration and those of a scenario, side by side."""
    base = Config(seed=7, scenario={"run": "5s", "programs": {"vqe": {"run": "1s"}}})
    changed = over(base, {"latency": "1s", "queue": "2s", "polls": None})
    assert (changed.seed, changed.latency, changed.scenario.default) == (
        7,
        Fixed(1),
        Plan(queue=Fixed(2), run=Fixed(5)),
    )
    assert changed.scenario.programs == base.scenario.programs
    with pytest.raises(InvalidConfig, match=r"^sed: unknown setting; did you mean seed"):
        over(base, {"sed": 7})
    with pytest.raises(InvalidScenario, match=r"^run: 'soon' is not a length of time"):
        over(base, {"run": "soon"})


def test_there_is_no_other_setting() -> None:
    """A name that is mistyped in Python is told with those there are."""
    with pytest.raises(TypeError, match="Config has no setting 'sed'; there are edition, prefix, tokens"):
        Config(sed=7)  # type: ignore[call-arg]


def test_settings_are_a_mapping() -> None:
    """A list is none, and says what would be."""
    with pytest.raises(InvalidConfig, match=r"^expected settings such as 'seed: 7'$"):
        from_mapping(["seed"])


def test_names_may_be_written_with_hyphens() -> None:
    """As the flags are."""
    assert from_mapping({"max-body-bytes": 5}).max_body_bytes == 5


def test_a_token_shows_nowhere() -> None:
    """Neither in the configuration's repr nor in the token's own."""
    config = Config(tokens=["top-secret", {"token": "top-secret-2", "name": "Carol"}])
    assert "top-secret" not in repr(config) + str(config) + repr(config.tokens)
    assert "Carol" in repr(config)


def test_a_file_is_read(tmp_path: Path) -> None:
    """YAML, with the names of the settings; an empty one means the defaults."""
    file = tmp_path / "fake.yaml"
    file.write_text("seed: 7\nscenario:\n  run: 5s~2s\n  programs: {vqe: {outcome: failed}}\ntokens: [a, b]\n")
    config = load(file)
    assert (config.seed, len(config.tokens)) == (7, 2)
    assert config.scenario.as_dict() == {
        "run": "5s~2s",
        "programs": {"vqe": {"outcome": "failed"}},
        "jobs": [],
    }
    file.write_text("")
    assert load(str(file)) == Config()


WRONG_FILES = {
    "unknown": (b"sed: 7", "sed: unknown setting; known are"),
    "list": (b"- seed", "expected settings such as 'seed: 7'"),
    "length": (b"scenario: {run: soon}", "scenario.run: 'soon' is not a length of time"),
    "nested": (b"scenario: {programs: {vqe: {outcome: maybe}}}", "scenario.programs.vqe.outcome: expected one of"),
    "bracket": (b"[1", "is not YAML: while parsing a flow sequence"),
    "tab": (b"\tseed: 7", "is not YAML: while scanning for the next token"),
    "python": (b"seed: !!python/object:os.system x", "is not YAML: could not determine a constructor"),
    "date": (b"seed: 2021-13-45", "holds a value that cannot be: month must be in 1..12"),
    "digits": (b"seed: " + b"1" * 5000, "holds a value that cannot be: Exceeds the limit"),
    "latin": (b"name: \xff", "is not UTF-8 text"),
    "twice": (b"seed: 7\nseed: 8", "is not YAML: the key 'seed' is there twice"),
    "deep": (b"a: " + b"[" * 500, "is nested too deeply"),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_mistake_in_a_file_names_file_and_setting(tmp_path: Path, text: bytes, sentence: str) -> None:
    """On one line, whatever the parser had to say."""
    file = tmp_path / "fake.yaml"
    file.write_bytes(text)
    with pytest.raises(InvalidConfig) as refused:
        load(file)
    assert str(refused.value).startswith(f"{file}: {sentence}")
    assert "\n" not in str(refused.value)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    """One that is not there, and one that is a folder."""
    with pytest.raises(InvalidConfig, match=r"nowhere\.yaml: cannot be read: No such file or directory$"):
        load(tmp_path / "nowhere.yaml")
    with pytest.raises(InvalidConfig, match=r"cannot be read: Is a directory$"):
        load(tmp_path)
