"""The fixtures, as the tests of a user see them."""

from __future__ import annotations

import subprocess
import sys

import pytest

import runtime_client.legacy_2021
import runtime_client.platform
from mock_runtime import LiveServer, Runtime

ALREADY_IMPORTED = (LiveServer, runtime_client.legacy_2021, runtime_client.platform)
"""Imported here, so that tests of tests in this process do not import them anew each time."""

TEST_OF_EVERYTHING = """
import pytest, requests

HEADERS = {"Authorization": "Bearer x"}
pytestmark = pytest.mark.mock_runtime(edition="2021")

def check_that_it_is_fresh(app, server, client, clock, scenario):
    begun = 1620443711.0
    assert clock.now() == begun
    assert scenario.current.as_dict() == {"queue": "1 poll", "run": "1 poll", "programs": {}, "jobs": []}
    assert client.list_jobs().count == 0
    assert len(client.list_programs()) == 6
    assert requests.get(server.url + "jobs", headers=HEADERS).json() == {"jobs": [], "count": 0}

@pytest.mark.parametrize("time", range(3))
def test(time, runtime_app, runtime_server, runtime_client, runtime_clock, runtime_scenario):
    check_that_it_is_fresh(runtime_app, runtime_server, runtime_client, runtime_clock, runtime_scenario)
    job = runtime_client.submit_job("runtime-simple", {"iterations": 1}, backend="ibmq_montreal")
    assert job.result() == "All done!"
    runtime_client.create_program(name="mine", source="x")
    runtime_scenario.set(queue="1h", run="1h", outcome="failed")
    runtime_scenario.next_job(polls=5)
    runtime_clock.advance(1000)
    runtime_server.stop()
"""


def test_every_test_has_a_fake_of_its_own(pytester: pytest.Pytester) -> None:
    """Whatever the one before did with jobs, programs, scenario, clock and server."""
    pytester.makepyfile(TEST_OF_EVERYTHING)
    pytester.runpytest_inprocess("-q").assert_outcomes(passed=3)


def test_fixtures_of_one_test_are_of_one_fake(pytester: pytest.Pytester) -> None:
    """A job that was submitted in-process is there on the socket."""
    pytester.makepyfile(
        """
        import pytest
        import requests
        from mock_runtime import runtime_of

        @pytest.mark.mock_runtime(edition="2021")
        def test(runtime_app, runtime_server, runtime_client, runtime_clock, runtime_scenario, runtime_config):
            job = runtime_client.submit_job("vqe", backend="ibmq_montreal")
            headers = {"Authorization": "Bearer a-token-for-tests"}
            assert requests.get(runtime_server.url + "jobs", headers=headers).json()["count"] == 1
            runtime = runtime_of(runtime_app)
            assert runtime.clock is runtime_clock
            assert runtime.script is runtime_scenario
            assert runtime.config is runtime_config
        """
    )
    pytester.runpytest_inprocess("-q").assert_outcomes(passed=1)


def test_a_marker_takes_settings_of_scenario_and_configuration(pytester: pytest.Pytester) -> None:
    """The nearer one wins setting by setting; a mapping for the scenario is one more way to say it."""
    pytester.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.mock_runtime(tokens=["alice"], reason="E", seed=5)

        @pytest.mark.mock_runtime(outcome="failed", latency="50ms", seed=7)
        def test_both(runtime_config):
            assert runtime_config.seed == 7
            assert str(runtime_config.latency) == "0.05s"
            assert len(runtime_config.tokens) == 1
            assert runtime_config.scenario.default.as_dict() == {
                "queue": "1 poll", "run": "1 poll", "outcome": "failed", "reason": "E",
            }

        @pytest.mark.mock_runtime(run="5s")
        def test_time(runtime_config):
            assert runtime_config.scenario.default.as_dict() == {"run": "5s", "outcome": "failed", "reason": "E"}

        @pytest.mark.mock_runtime(polls=23, scenario={"programs": {"vqe": {"run": "9s"}}})
        def test_mapping(runtime_config):
            assert runtime_config.scenario.as_dict() == {
                "queue": "11 polls", "run": "12 polls", "outcome": "failed",
                "reason": "E", "programs": {"vqe": {"run": "9s"}}, "jobs": [],
            }

        class TestClass:
            pytestmark = pytest.mark.mock_runtime(reason="F")

            def test_class(self, runtime_config):
                assert runtime_config.scenario.default.reason == "F"
                assert runtime_config.seed == 5
        """
    )
    pytester.runpytest_inprocess("-q", "--strict-markers").assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        ("pols=3", "pols: unknown setting; did you mean polls"),
        ("polls=-1", "scenario.polls: expected a whole number of polls"),
        ("latency='soon'", "latency: 'soon' is not a length of time"),
        ("edition='1999'", "edition: there is no '1999'; known are platform, legacy-2021"),
        ("scenario=5", "expected a mapping of settings"),
        ("{'polls': 3}", "mock_runtime takes settings by name only, e.g. mock_runtime(polls=3)"),
    ],
)
def test_a_mistake_in_a_marker_is_named(pytester: pytest.Pytester, marker: str, sentence: str) -> None:
    """As an error of the test that carries it."""
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.mock_runtime({marker})
        def test(runtime_app):
            pass
        """
    )
    result = pytester.runpytest_inprocess("-q")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{sentence.replace('[', '[[]')}*"])


def test_the_configuration_can_be_overridden_for_a_module(pytester: pytest.Pytester) -> None:
    """By a fixture of the same name."""
    pytester.makepyfile(
        """
        import pytest
        from mock_runtime import Config, runtime_of

        @pytest.fixture
        def runtime_config():
            return Config(edition="2021", scenario={"run": "9s"}, tokens=["alice"])

        def test(runtime_client, runtime_app):
            runtime_client.list_programs()
            assert runtime_of(runtime_app).script.current.default.as_dict() == {"run": "9s"}
        """
    )
    pytester.runpytest_inprocess("-q").assert_outcomes(passed=1)


def test_the_client_knows_a_prefix(pytester: pytest.Pytester) -> None:
    """The account service stays at its place."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.mock_runtime(edition="2021", prefix="/runtime", tokens=["alice", "bob"])
        def test(runtime_client, runtime_server):
            assert len(runtime_client.list_programs()) == 6
            runtime_client.login()
            assert len(runtime_client.list_programs()) == 6
            assert runtime_server.url.endswith("/runtime/")
        """
    )
    pytester.runpytest_inprocess("-q").assert_outcomes(passed=1)


def test_without_a_word_the_fake_and_the_client_are_of_today(pytester: pytest.Pytester) -> None:
    """A job that was submitted in-process is there on the socket; waiting for it takes no time."""
    pytester.makepyfile(
        """
        import pytest
        import requests
        import runtime_client.platform

        @pytest.mark.mock_runtime(result={"done": True}, queue="1h", run="1h")
        def test(runtime_client, runtime_server, runtime_config, runtime_clock):
            assert runtime_config.edition == "platform"
            assert runtime_server.url.endswith("/api/")
            begun = runtime_clock.now()
            job = runtime_client.submit_job("sampler", "ibm_fez", params={"pubs": [["OPENQASM 3.0;"]], "version": 2})
            assert job.result().json() == {"done": True}
            assert runtime_clock.now() - begun == 7200
            who = {"Authorization": "apikey a-token-for-tests", "Service-CRN": runtime_client.usage().instance_id}
            answer = requests.get(f"{runtime_server.url}v1/jobs/{job.id}", headers=who)
            assert answer.json()["state"] == {"status": "Completed"}

        def test_it_is_fresh(runtime_client):
            assert type(runtime_client).__module__ == "runtime_client.platform.client"
            assert runtime_client.list_jobs().count == 0
        """
    )
    pytester.runpytest_inprocess("-q").assert_outcomes(passed=2)


def test_virtual_time_waits_for_what_is_computed(pytester: pytest.Pytester) -> None:
    """A job takes as long as was planned, however long it really takes, and its usage is what was planned."""
    pytester.makepyfile(
        """
        import pytest
        from concurrent.futures import Future, ThreadPoolExecutor
        from threading import Event
        from mock_runtime import runtime_of
        from mock_runtime.domain.results import Output

        @pytest.mark.mock_runtime(queue="1s", run="6s", engine="synthetic")
        def test(runtime_client, runtime_clock, runtime_app, monkeypatch):
            with ThreadPoolExecutor() as pool:
                execution = type(runtime_of(runtime_app).execution)
                slow = lambda *_: pool.submit(lambda: Event().wait(0.2) or Output(result="{}"))
                monkeypatch.setattr(execution, "start", slow)
                begun = runtime_clock.now()
                params = {"pubs": [["OPENQASM 3.0;"]], "version": 2}
                job = runtime_client.submit_job("sampler", "ibm_fez", params=params)
                assert job.result(poll_interval=1).json() == {}
                assert runtime_clock.now() - begun == 7
                assert job.metrics().usage.qpu_charge_time_seconds == 6
        """
    )
    pytester.runpytest_inprocess("-q").assert_outcomes(passed=1)


def test_the_client_is_of_a_token_and_an_instance_that_fit(pytester: pytest.Pytester) -> None:
    """The first token's first instance; where it has none, that is an error of the test."""
    pytester.makepyfile(
        """
        import pytest

        INSTANCES = [{"name": "bobs", "keys": ["bob"]}, {"name": "ours", "region": "eu-de"}]
        ALICE, BOB = ({"token": f"{name}-key", "name": name} for name in ("alice", "bob"))

        @pytest.mark.mock_runtime(tokens=[ALICE, BOB], instances=INSTANCES)
        def test_alice(runtime_client):
            assert ":eu-de:" in runtime_client.usage().instance_id

        @pytest.mark.mock_runtime(tokens=[ALICE, BOB], instances=INSTANCES[:1])
        def test_none(runtime_client):
            pass
        """
    )
    result = pytester.runpytest_inprocess("-q")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*none of the configured instances is the first token's"])


def test_the_end_of_a_test_ends_what_computes(pytester: pytest.Pytester) -> None:
    """Also of one that failed."""
    pytester.makepyfile(
        """
        import pytest
        from mock_runtime import runtime_of

        closed = []

        @pytest.mark.mock_runtime(edition="2021")
        def test_first(runtime_app, request):
            runtime_of(runtime_app).close = lambda: closed.append(1)
            assert False

        def test_second():
            assert closed == [1]
        """
    )
    pytester.runpytest_inprocess("-q").assert_outcomes(passed=1, failed=1)


def test_a_bug_of_the_fake_is_raised_at_the_end_of_the_test(pytester: pytest.Pytester) -> None:
    """Though the test itself was content with a 500."""
    pytester.makepyfile(
        """
        import pytest
        from mock_runtime import runtime_of
        from mock_runtime.service import ProgramService

        @pytest.mark.mock_runtime(edition="2021")
        def test(runtime_app, monkeypatch):
            def broken(*_):
                raise ZeroDivisionError("a bug of the fake")

            monkeypatch.setattr(ProgramService, "list", broken)
            answer = runtime_app.test_client().get("/programs", headers={"Authorization": "Bearer x"})
            assert answer.status_code == 500
        """
    )
    result = pytester.runpytest_inprocess("-q")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ZeroDivisionError: a bug of the fake"])


def test_waiting_in_a_test_takes_no_time(pytester: pytest.Pytester) -> None:
    """A client that waits for minutes moves the clock of the fake, and so does latency."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.mock_runtime(edition="2021", queue="20m", run="200s", latency="2s")
        def test(runtime_client, runtime_clock):
            begun = runtime_clock.now()
            job = runtime_client.submit_job("runtime-simple", {"iterations": 1}, backend="ibmq_montreal")
            assert job.result(timeout=100_000) == "All done!"
            assert 1_400 < runtime_clock.now() - begun < 2_000
        """
    )
    pytester.runpytest_inprocess("-q").assert_outcomes(passed=1)


def test_tests_can_run_on_several_processes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with its own server on its own port."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(TEST_OF_EVERYTHING.replace("range(3)", "range(8)"))
    plugins = ("-p", "xdist", "-p", "mock_runtime.pytest_plugin")
    pytester.runpytest_subprocess("-q", "-n", "2", "-W", "error", *plugins).assert_outcomes(passed=8)


def test_the_marker_is_known(pytester: pytest.Pytester) -> None:
    """With an example."""
    result = pytester.runpytest_inprocess("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.mock_runtime[(][*][*]settings[)]: settings of the fake for this test*"])


def test_the_plugin_itself_imports_nothing_but_itself() -> None:
    """Beside pytest and the standard library, whose modules are counted out."""
    script = (
        "import sys, pytest; before = set(sys.modules); import mock_runtime.pytest_plugin;"
        "new = {m.partition('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names;"
        "print(sorted(new), sorted(m for m in sys.modules if m.startswith('mock_runtime.')))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['mock_runtime'] ['mock_runtime.pytest_plugin']"


def test_a_run_that_uses_no_fixture_imports_nothing_of_the_fake(pytester: pytest.Pytester) -> None:
    """Whoever has the package installed and does not use it pays for one small module."""
    pytester.makeconftest(
        """
        import sys

        def pytest_sessionfinish():
            heavy = ("flask", "werkzeug", "requests", "uvicorn", "yaml", "click", "runtime_", "mock_runtime.")
            print("IMPORTED", sorted(m for m in sys.modules if m.startswith(heavy)))
        """
    )
    pytester.makepyfile("def test(): pass")
    others = ["xdist", "xdist.looponfail", "schemathesis", "hypothesispytest", "anyio", "respx"]
    disabled = [argument for name in others for argument in ("-p", f"no:{name}")]
    result = pytester.runpytest_subprocess("-q", "-s", *disabled)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*IMPORTED [[]'mock_runtime.pytest_plugin']"])


def test_a_test_that_fails_shows_what_was_asked(pytester: pytest.Pytester) -> None:
    """The last requests, with what became of them, and no token; a test that passes shows nothing."""
    pytester.makepyfile(
        """
        import pytest

        me = {"Authorization": "Bearer a-secret-of-mine"}

        @pytest.mark.mock_runtime(edition="2021")
        def test_fails(runtime, runtime_app):
            runtime.faults.add(id="storm", match={"operation": "list-jobs"}, act={"status": 503})
            assert runtime_app.test_client().get("/jobs", headers=me).status_code == 200

        @pytest.mark.mock_runtime(edition="2021")
        def test_passes(runtime_app):
            assert runtime_app.test_client().get("/jobs", headers=me).status_code == 200

        def test_fails_without():
            assert False
        """
    )
    run = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-rA")
    run.assert_outcomes(passed=1, failed=2)
    shown = run.stdout.str()
    assert shown.count("mock-runtime: the last requests") == 1
    run.stdout.fnmatch_lines(["*#1 GET list-jobs 503*fault storm*"])
    # The source of the test is shown by pytest itself.
    assert "a-secret-of-mine" not in shown.partition("mock-runtime: the last requests")[2].partition("____")[0]


@pytest.mark.mock_runtime(
    edition="2021", faults=[{"id": "storm", "match": {"operation": "list-jobs"}, "act": {"status": 503}, "times": 1}]
)
def test_a_marker_arms_faults(runtime: Runtime) -> None:
    """As a file or a flag does."""
    client = runtime.app.test_client()
    me = {"Authorization": "Bearer any"}
    assert [client.get("/jobs", headers=me).status_code for _ in range(2)] == [503, 200]
    runtime.faults.assert_all_met()
