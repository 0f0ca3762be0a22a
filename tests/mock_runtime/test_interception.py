"""Code that knows nothing of the fake, and calls IBM's hosts in this process."""

from __future__ import annotations

import asyncio
import importlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests
import urllib3
from flask import Response, redirect, request
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util import Retry

import mock_runtime
from mock_runtime import Config, LiveServer, ManualClock, create_app, intercept, runtime_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask

IBM = "https://runtime-us-east.quantum-computing.ibm.com"
OTHER_IBM = "https://auth.quantum-computing.ibm.com"
ALICE = {"Authorization": "Bearer alice"}
EDITION = "legacy-2021"
SUBMISSION = {"programId": "runtime-simple"}


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """After every test the libraries are as they were."""
    before = (
        HTTPConnectionPool.urlopen,
        httpx.HTTPTransport.handle_request,
        httpx.AsyncHTTPTransport.handle_async_request,
    )
    yield
    after = (
        HTTPConnectionPool.urlopen,
        httpx.HTTPTransport.handle_request,
        httpx.AsyncHTTPTransport.handle_async_request,
    )
    assert after == before


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without accounts and variables; the folder for accounts."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("QISKIT_IBM_INSTANCE", raising=False)
    return tmp_path / ".qiskit"


def app_with(path: str, view: Callable[..., Any], clock: ManualClock | None = None, **settings: Any) -> Flask:
    """A fake with one more operation, which no API has."""
    app = create_app(Config(edition=EDITION, seed=0, **settings), clock=clock or ManualClock())
    app.add_url_rule(path, view_func=view, methods=["GET", "POST"])
    return app


def jobs(url: str = IBM) -> int:
    """How many jobs `alice` has."""
    return int(requests.get(f"{url}/jobs", headers=ALICE, timeout=5).json()["count"])


def submit() -> str:
    """The id of a new job of `alice`."""
    return str(requests.post(f"{IBM}/jobs", json=SUBMISSION, headers=ALICE, timeout=5).json()["id"])


def test_requests_and_httpx_speak_to_one_fake() -> None:
    """A job that one of them submits is there for the others; two polls, and it is done."""
    with intercept(edition=EDITION) as runtime:
        job = submit()
        polls = [requests.get(f"{IBM}/jobs/{job}/results", headers=ALICE, timeout=5) for _ in range(3)]
        with httpx.Client() as client:
            assert client.get(f"{IBM}/jobs", headers=ALICE).json()["jobs"][0]["id"] == job
        raw = urllib3.PoolManager().request("GET", f"{IBM}/jobs/{job}", headers=ALICE)
        assert runtime.ids.seed == 0
    assert [(answer.status_code, answer.text) for answer in polls] == [(204, ""), (204, ""), (200, "All done!")]
    assert json.loads(raw.data)["status"] == "Completed"


def test_an_async_client_is_answered() -> None:
    """On the event loop, and with latency that is awaited."""
    clock = ManualClock()
    begun = clock.now()

    async def main() -> list[int]:
        async with httpx.AsyncClient(base_url=IBM, headers=ALICE) as client:
            answers = await asyncio.gather(*(client.post("/jobs", json=SUBMISSION) for _ in range(3)))
        return [answer.status_code for answer in answers]

    with intercept(edition=EDITION, clock=clock, latency="2s"):
        assert asyncio.run(main()) == [200, 200, 200]
    assert clock.now() - begun == 2.0


def test_sessions_made_before_and_adapters_of_others_are_answered() -> None:
    """What decides is where a request goes, not who sends it."""
    seen = []

    class Counting(HTTPAdapter):
        def send(self, *args: Any, **named: Any) -> requests.Response:
            seen.append(1)
            return super().send(*args, **named)

    with requests.Session() as session, httpx.Client() as client:
        session.mount("https://", Counting(max_retries=Retry(total=3)))
        with intercept(edition=EDITION):
            assert session.get(f"{IBM}/programs", headers=ALICE).status_code == 200
            assert client.get(f"{IBM}/programs", headers=ALICE).status_code == 200
    assert seen == [1]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_of_the_environment_does_not_matter(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """A request through a proxy is still one to IBM's host, though it goes to the proxy's."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with intercept(edition=EDITION):
        url = IBM.replace("https", scheme)
        assert requests.get(f"{url}/jobs?limit=1", headers=ALICE, timeout=5).json()["count"] == 0
        assert httpx.get(f"{url}/jobs", headers=ALICE).json()["count"] == 0


def test_the_application_sees_what_a_socket_would_bring() -> None:
    """Host, scheme, query, pieces of a body, headers of one name, and a path that is percent-encoded."""
    seen: list[Any] = []

    def view() -> str:
        seen.append((request.host, request.scheme, request.query_string, request.get_data(), request.headers["X-Two"]))
        return "ok"

    with intercept(app_with("/a b", view)):
        url, headers = f"{IBM}/a%20b?x=%2F", {"X-Two": "1,2"}
        requests.post(url, data=iter([b"on", b"e"]), headers=headers, timeout=5)
        with httpx.Client() as client:
            client.post(url, content=iter([b"on", b"e"]), headers=[("X-Two", "1"), ("X-Two", "2")])
    expected = ("runtime-us-east.quantum-computing.ibm.com", "https", b"x=%2F", b"one", "1,2")
    assert seen == [expected, expected]


def test_cookies_redirects_and_streams_are_the_libraries_own() -> None:
    """As over a socket."""

    def view() -> Any:
        if "again" not in request.args:
            answer = redirect("?again=1")
            answer.set_cookie("a", "1")
            answer.set_cookie("b", "2")
            return answer
        return f"cookies {sorted(request.cookies.items())}\n" * 2

    with intercept(app_with("/x", view)), requests.Session() as session, httpx.Client(follow_redirects=True) as client:
        answer = session.get(f"{IBM}/x", stream=True)
        assert list(answer.iter_lines()) == [b"cookies [('a', '1'), ('b', '2')]"] * 2
        assert [step.status_code for step in answer.history] == [302]
        with client.stream("GET", f"{IBM}/x") as streamed:
            assert list(streamed.iter_lines()) == ["cookies [('a', '1'), ('b', '2')]"] * 2


def test_an_answer_without_a_body_has_none() -> None:
    """HEAD has the length that the GET would have had."""
    with intercept(edition=EDITION):
        for library in (requests, httpx):
            head = library.head(f"{IBM}/programs", headers=ALICE, timeout=5)
            assert (head.status_code, head.content) == (200, b"")
            assert int(head.headers["content-length"]) > 1000


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_retries_are_those_of_the_session(method: str) -> None:
    """As many as it wants, for what it wants, and the pauses between them pass on the clock of the fake."""
    statuses, clock = iter([503, 500, 503, 200]), ManualClock()

    class Insistent(Retry):
        def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:  # noqa: ARG002
            return status_code in self.status_forcelist

    retries = Insistent(total=5, backoff_factor=0.5, status_forcelist=(500, 503))
    with intercept(app_with("/flaky", lambda: Response(status=next(statuses)), clock)), requests.Session() as session:
        session.mount("https://", HTTPAdapter(max_retries=retries))
        begun = clock.now()
        answer = session.request(method, f"{IBM}/flaky")
        assert (answer.status_code, clock.now() - begun) == (200, 0 + 1 + 2)
        assert isinstance(answer.raw.retries, Insistent)
        assert len(answer.raw.retries.history) == 3


def test_retries_come_to_their_end() -> None:
    """With the error that requests has for it; a pause that the server asks for is kept."""
    clock, times = ManualClock(), []

    def view() -> Response:
        times.append(clock.now())
        return Response(status=503, headers={"Retry-After": "7"})

    with intercept(app_with("/down", view, clock)), requests.Session() as session:
        session.mount("https://", HTTPAdapter(max_retries=Retry(total=2, status_forcelist=(503,))))
        with pytest.raises(requests.exceptions.RetryError, match="too many 503 error responses"):
            session.get(f"{IBM}/down")
    assert [later - earlier for earlier, later in pairwise(times)] == [7.0, 7.0]


def test_a_way_to_wait_of_somebody_elses_is_kept() -> None:
    """A Retry that sleeps in its own way does so."""
    slept = []

    class Own(Retry):
        def sleep(self, response: Any = None) -> None:
            slept.append(response.status)

    with intercept(app_with("/down", lambda: Response(status=503))), requests.Session() as session:
        session.mount("https://", HTTPAdapter(max_retries=Own(total=1, status_forcelist=(503,))))
        with pytest.raises(requests.exceptions.RetryError):
            session.get(f"{IBM}/down")
    assert slept == [503]


def test_latency_beyond_the_timeout_is_a_timeout() -> None:
    """After as long as the client waits; the request is carried out all the same, as by a server."""
    clock = ManualClock()

    async def post() -> None:
        async with httpx.AsyncClient() as client:
            await client.post(f"{IBM}/jobs", json=SUBMISSION, headers=ALICE, timeout=2)

    with intercept(edition=EDITION, clock=clock, latency="5s"):
        begun = clock.now()
        with pytest.raises(requests.exceptions.ReadTimeout, match=r"read timeout=2"):
            requests.post(f"{IBM}/jobs", json=SUBMISSION, headers=ALICE, timeout=(9, 2))
        with pytest.raises(httpx.ReadTimeout, match=f"POST {IBM}/jobs"):
            httpx.post(f"{IBM}/jobs", json=SUBMISSION, headers=ALICE, timeout=2)
        with pytest.raises(httpx.ReadTimeout):
            asyncio.run(post())
        assert clock.now() - begun == 6.0
        assert requests.get(f"{IBM}/jobs", headers=ALICE, timeout=6).json()["count"] == 3
        assert httpx.get(f"{IBM}/jobs", headers=ALICE, timeout=httpx.Timeout(1, read=None)).json()["count"] == 3


def test_a_body_that_is_too_large_is_refused() -> None:
    """By the same bound as on a socket."""
    with intercept(edition=EDITION, max_body_bytes=1000):
        assert requests.post(f"{IBM}/jobs", headers=ALICE, timeout=5, data=b"x" * 2000).status_code == 413
        assert httpx.post(f"{IBM}/jobs", headers=ALICE, content=b"x" * 2000).status_code == 413


def test_other_hosts_are_left_alone() -> None:
    """A server on this machine is reached, by its own port, through every library."""
    other = create_app(Config(edition=EDITION, seed=1))
    with LiveServer(other) as server, intercept(edition=EDITION), httpx.Client() as client:
        submit()
        assert (jobs(server.url.rstrip("/")), jobs()) == (0, 1)
        assert client.get(f"{server.url}jobs", headers=ALICE).json()["count"] == 0


def test_other_hosts_are_refused_on_request() -> None:
    """By the error that each library has for what cannot be reached; it says how to allow them."""

    async def get() -> None:
        async with httpx.AsyncClient() as client:
            await client.get("https://example.org/")

    sentence = r"example\.org is none of IBM's hosts.*allow=\('example\.org',\)"
    with intercept(edition=EDITION, block_others=True):
        with pytest.raises(requests.exceptions.ConnectionError, match=sentence):
            requests.get("https://example.org/", timeout=5)
        with pytest.raises(httpx.ConnectError, match=sentence):
            httpx.get("https://example.org/")
        with pytest.raises(httpx.ConnectError, match=sentence):
            asyncio.run(get())
        assert jobs() == 0


def test_allowed_hosts_and_loopback_are_not_refused() -> None:
    """They get to the network, where nobody has that name."""
    with (
        LiveServer(create_app(Config(edition=EDITION, seed=1))) as server,
        intercept(edition=EDITION, block_others=True, allow=("Nobody.Invalid", "*.test")),
    ):
        assert jobs(server.url.rstrip("/")) == 0
        with pytest.raises(requests.exceptions.ConnectionError, match="Max retries exceeded"):
            requests.get("https://nobody.invalid/", timeout=5)
        with pytest.raises(requests.exceptions.ConnectionError, match="Max retries exceeded"):
            requests.get("https://nobody.test/", timeout=5)


def test_the_one_that_began_last_answers() -> None:
    """And the one around it again, when that has ended; they may end in any order."""
    outer, inner = intercept(edition=EDITION), intercept(edition=EDITION)
    with outer:
        submit()
        with inner:
            assert jobs() == 0
        assert jobs() == 1
    first, second = intercept(edition=EDITION), intercept(edition=EDITION)
    first.__enter__()
    submit()
    second.__enter__()
    first.__exit__(None, None, None)
    assert jobs() == 0
    second.__exit__(None, None, None)


def test_an_application_keeps_its_state_and_settings_begin_anew() -> None:
    """Each time that it is entered."""
    app = create_app(Config(edition=EDITION, seed=0))
    for kept in (intercept(app), intercept(Config(edition=EDITION)), intercept(edition=EDITION, polls=1)):
        counts = []
        for _ in range(2):
            with kept:
                submit()
                counts.append(jobs())
        assert counts == ([1, 2] if kept._given is app else [1, 1])


def test_an_error_of_the_code_passes_and_restores() -> None:
    """What it raised is what comes out, even if the fake has failed as well."""

    def view() -> str:
        raise ZeroDivisionError("a bug of the fake")

    @intercept(app_with("/broken", view))
    def code() -> None:
        assert requests.get(f"{IBM}/broken", timeout=5).status_code == 500
        raise RuntimeError("of the code")

    with pytest.raises(RuntimeError, match="of the code"):
        code()


def test_a_bug_of_the_fake_is_raised_at_the_end() -> None:
    """Though the code was content with a 500."""

    def view() -> str:
        raise ZeroDivisionError("a bug of the fake")

    with pytest.raises(ZeroDivisionError, match="a bug of the fake"), intercept(app_with("/broken", view)):
        assert requests.get(f"{IBM}/broken", timeout=5).status_code == 500


def test_threads_are_answered_too() -> None:
    """The seam is open for the whole process."""
    with intercept(edition=EDITION), ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: submit(), range(40)))) == 40
        assert jobs() == 40


def test_decorated_functions_on_several_threads_do_not_end_each_others() -> None:
    """Each call has an interception of its own; none is left when the last has ended."""
    together = threading.Barrier(4)

    @intercept(edition=EDITION)
    def call() -> int:
        together.wait(20)
        found = jobs()
        together.wait(20)
        return found

    with ThreadPoolExecutor(4) as pool:
        assert [future.result() for future in [pool.submit(call) for _ in range(4)]] == [0] * 4


def test_functions_and_coroutines_can_be_decorated() -> None:
    """Each call has a fake of its own, and the name and the arguments stay."""

    @intercept(edition=EDITION)
    def twice(times: int, *, more: int = 0) -> int:
        """Submit jobs."""
        for _ in range(times + more):
            submit()
        return jobs()

    @intercept(edition=EDITION, polls=1)
    async def awaited() -> int:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"{IBM}/jobs", headers=ALICE)).status_code

    assert (twice(1, more=1), twice(1), twice.__name__, twice.__doc__) == (2, 1, "twice", "Submit jobs.")
    assert asyncio.run(awaited()) == 200


def test_brackets_can_be_left_out() -> None:
    """The settings are then the defaults."""

    @intercept
    def called() -> bool:
        return hasattr(HTTPConnectionPool.urlopen, "__wrapped__")

    @intercept
    async def awaited() -> bool:
        return hasattr(HTTPConnectionPool.urlopen, "__wrapped__")

    assert (called(), asyncio.run(awaited())) == (True, True)
    assert not hasattr(HTTPConnectionPool.urlopen, "__wrapped__")


def test_what_cannot_be_covered_is_not_decorated() -> None:
    """A class does things outside its tests, and a generator between its steps."""

    class TestOfSomebody:
        pass

    def generator() -> Iterator[int]:
        yield 1

    with pytest.raises(TypeError, match="decorates functions, not classes: what TestOfSomebody does"):
        intercept(TestOfSomebody)
    with pytest.raises(TypeError, match="does not decorate generators such as generator"):
        intercept(edition=EDITION)(generator)


@pytest.mark.parametrize(
    ("arguments", "settings", "sentence"),
    [
        ((5,), {}, "takes an application of create_app or a Config, not int"),
        ((Config(),), {"polls": 3}, "takes an application, a configuration or settings by name, not several"),
        ((), {"allow": "pypi.org"}, "expected several host names"),
        ((), {"pols": 3}, "pols: unknown setting; did you mean polls. known are also_instances, .*polls, .*tokens"),
        ((), {"scenario": {"pols": 3}}, "scenario.pols: unknown setting"),
        ((), {"scenario": 3}, "scenario: expected a mapping"),
        ((), {"seed": "x"}, "seed: expected a whole number"),
    ],
)
def test_mistakes_are_named_at_once(arguments: tuple[Any, ...], settings: dict[str, Any], sentence: str) -> None:
    """Before anything is intercepted."""
    with pytest.raises((TypeError, ValueError), match=sentence):
        intercept(*arguments, **settings)


def test_an_application_has_a_clock_already() -> None:
    """Two would be one too many."""
    with pytest.raises(TypeError, match="has a clock already"):
        intercept(create_app(Config(edition=EDITION)), clock=ManualClock())


def test_what_others_have_put_over_it_is_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays when the interception ends, which is idle below it from then on."""
    original = HTTPConnectionPool.urlopen
    with monkeypatch.context() as others, intercept(edition=EDITION):
        ours: Any = HTTPConnectionPool.urlopen

        def theirs(self: Any, *args: Any, **named: Any) -> Any:
            return ours(self, *args, **named)

        others.setattr(HTTPConnectionPool, "urlopen", theirs)
        assert jobs() == 0
    assert HTTPConnectionPool.urlopen is ours
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get("https://nobody.invalid/", timeout=5)
    HTTPConnectionPool.urlopen = original  # type: ignore[method-assign]


def test_the_name_is_a_function_however_it_is_imported() -> None:
    """A module of the same name would take its place."""
    interception = importlib.import_module("mock_runtime.interception")
    assert mock_runtime.intercept is interception.intercept
    assert "intercept" in mock_runtime.__all__


def test_the_fixture_is_of_the_same_fake(pytester: pytest.Pytester) -> None:
    """What the code under test submits to IBM is a job of `runtime_app`, and takes virtual time."""
    pytester.makepyfile(
        f"""
        import pytest, requests, httpx

        def code_under_test():
            headers = {{"Authorization": "Bearer x"}}
            job = requests.post("{IBM}/jobs", json={{"programId": "vqe"}}, headers=headers).json()["id"]
            return httpx.get("{IBM}/jobs/" + job, headers=headers).json()["status"]

        @pytest.mark.mock_runtime(edition="{EDITION}", queue="5m", latency="3s")
        def test(runtime_intercept, runtime_app, runtime_clock):
            begun = runtime_clock.now()
            assert code_under_test() == "Queued"
            assert runtime_intercept.app is runtime_app
            assert runtime_clock.now() - begun == 6.0

        @pytest.mark.mock_runtime(edition="{EDITION}")
        @pytest.mark.usefixtures("runtime_intercept")
        class TestClass:
            def test_method(self):
                assert code_under_test() == "Queued"
        """
    )
    pytester.runpytest_inprocess("-q").assert_outcomes(passed=2)


def test_the_fake_behind_it_is_closed() -> None:
    """If it was made for it; one that was given belongs to somebody else."""
    closed = []

    class Execution:
        def __getattr__(self, name: str) -> Any:
            if name == "close":
                return lambda: closed.append(1)
            raise AttributeError(name)

    given = create_app(Config(edition=EDITION))
    runtime_of(given).execution = Execution()
    with intercept(given):
        pass
    assert closed == []
    with intercept(edition=EDITION) as runtime:
        runtime.execution = Execution()
    assert closed == [1]


def instances() -> list[str]:
    """The names of the instances of `alice`, as a search finds them."""
    url = "https://api.global-search-tagging.cloud.ibm.com/v3/resources/search"
    return [item["name"] for item in requests.post(url, json={}, headers=ALICE, timeout=5).json()["items"]]


def test_the_instances_of_the_user_are_there(nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the one that everybody has; unless the interception is told which there are."""
    nobody.mkdir()
    account = {"channel": "ibm_quantum_platform", "token": "t", "instance": "saved"}
    (nobody / "qiskit-ibm.json").write_text(json.dumps({"mine": account}), encoding="utf-8")
    monkeypatch.setenv("QISKIT_IBM_INSTANCE", "my-instance")
    with intercept():
        assert instances() == ["default", "my-instance", "saved"]
    with intercept(also_instances=["more"]):
        assert instances() == ["default", "more", "my-instance", "saved"]
    with intercept(instances=["given"]):
        assert instances() == ["given"]
    with intercept(create_app()):
        assert instances() == ["default"]
