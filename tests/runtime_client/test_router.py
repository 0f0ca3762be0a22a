"""The router for users' tests: the fake answers IBM's hosts, routes of the user's own go first, nothing gets out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

import runtime_client
from mock_runtime import Config, ManualClock, create_app, runtime_of
from mock_runtime.config import InvalidConfig
from runtime_client import ServerError, TransportError, testing

BACKENDS = "https://quantum.cloud.ibm.com/api/v1/backends"
PARAMS = {"pubs": [['OPENQASM 3.0; include "stdgates.inc"; qubit[1] q; bit[1] c; c = measure q;']], "version": 2}


@pytest.fixture
def router() -> Iterator[testing.RuntimeRouter]:
    """Return a router in force, as a user's fixture would make it."""
    with testing.router(polls=2, engine="synthetic") as router:
        yield router


def test_a_job_from_end_to_end(router: testing.RuntimeRouter) -> None:
    """Answers IAM and the API; the scenario is the one that was asked for."""
    with router.connect() as client:
        polls: list[object] = []
        job = client.submit_job("sampler", "ibm_fez", params=PARAMS)
        job.wait(poll_interval=0.01, progress=polls.append)
        assert job.result().primitive()[0].data.c.num_bits == 1
    assert len(polls) >= 2
    assert {call.request.url.host for call in router.calls} == {"iam.cloud.ibm.com", "quantum.cloud.ibm.com"}


def test_clients_that_await() -> None:
    """Answers them, too, in every edition."""

    async def main() -> list[str]:
        async with testing.router(edition="2021") as router, router.connect_async() as client:
            await client.login()
            await client.submit_job("runtime-simple", {"iterations": 1}, backend="ibmq_montreal")
            return [job.program_id async for job in client.iter_jobs()]

    assert asyncio.run(main()) == ["runtime-simple"]


def test_latency_does_not_block_the_loop() -> None:
    """Lets other tasks go on while an answer takes its time, and gives up when the client does."""

    async def main() -> None:
        async with testing.router(latency=60, clock=ManualClock()), httpx.AsyncClient(timeout=1) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get(BACKENDS)

    asyncio.run(main())


def test_routes_of_the_users_own_go_first(router: testing.RuntimeRouter) -> None:
    """A route that was added answers in place of the fake, whichever was there first."""
    route = router.get(BACKENDS).respond(503)
    with router.connect(retries=0) as client:
        with pytest.raises(ServerError):
            client.list_backends()
        assert client.versions().versions
    assert route.call_count == 1
    assert router.fake.call_count == 2


def test_awaited_routes_of_the_users_own() -> None:
    """A side effect that is a coroutine function is awaited; what it raises is raised by the client."""

    async def broken(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    async def main() -> None:
        async with testing.router() as router:
            router.get(BACKENDS).mock(side_effect=broken)
            async with router.connect_async(retries=0) as client:
                with pytest.raises(TransportError, match="refused"):
                    await client.list_backends()

    asyncio.run(main())


def test_all_called_is_about_the_users_routes() -> None:
    """Nobody has to call the fake, and who adds a route has to have it called."""
    with testing.router():
        pass
    unused = testing.router()
    with pytest.raises(AssertionError, match="some routes were not called"), unused:
        unused.get(BACKENDS)
    with testing.router(assert_all_called=False) as router:
        router.get(BACKENDS)


def test_nothing_gets_out(router: testing.RuntimeRouter) -> None:
    """A host that is neither the fake's nor a route's is an error, and is not asked."""
    with pytest.raises(AssertionError, match="not mocked"):
        httpx.get("https://example.org/")
    assert not router.fake.called


def test_hosts_that_nobody_mocks() -> None:
    """Gives an empty answer for them where respx was told not to mind, as it does."""

    async def main() -> int:
        async with testing.router(assert_all_mocked=False), httpx.AsyncClient() as client:
            return (await client.get("https://example.org/")).status_code

    with testing.router(assert_all_mocked=False) as router:
        assert httpx.get("https://example.org/").status_code == 200
        router.get("https://example.org/stream").respond(stream=httpx.ByteStream(b"x"))
        assert httpx.get("https://example.org/stream").content == b"x"
    assert asyncio.run(main()) == 200


def test_calls_are_bounded_and_can_be_forgotten() -> None:
    """Keeps the last ones only, and none after a reset."""
    with testing.router(calls_kept=3) as router:
        for _ in range(5):
            httpx.get(f"{router.url}/v1/versions")
        assert (len(router.calls), router.fake.call_count) == (3, 3)
        router.reset()
        assert (len(router.calls), router.fake.called) == (0, False)
    with pytest.raises(ValueError, match="calls_kept"):
        testing.router(calls_kept=0)


def test_each_time_there_is_a_new_fake() -> None:
    """Nothing is left of the one before; an application that was given goes on."""
    router = testing.router()
    with router:
        first = router.runtime
    with router:
        assert router.runtime is not first
    app = create_app(Config(seed=3))
    with testing.router(app) as router:
        assert router.runtime is runtime_of(app)
    with pytest.raises(RuntimeError, match="not in force"):
        _ = router.runtime


def test_decorator() -> None:
    """Is in force during a call, and hands itself over; with brackets it makes another one."""

    @testing.router(polls=1)
    def blocking(respx_mock: testing.RuntimeRouter) -> int:
        return httpx.get(f"{respx_mock.url}/v1/versions").status_code

    @testing.router()
    async def awaiting(respx_mock: testing.RuntimeRouter) -> int:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"{respx_mock.url}/v1/versions")).status_code

    assert blocking() == 200
    assert asyncio.run(awaiting()) == 200
    with testing.router()(assert_all_called=False) as router:
        router.get(BACKENDS)
        assert httpx.get(f"{router.url}/v1/versions").status_code == 200


def test_as_the_transport_of_one_client(router: testing.RuntimeRouter) -> None:
    """Answers by `handler` the client that was made with it."""
    transport = httpx.MockTransport(router.handler)
    with runtime_client.connect(router.url, edition="platform", access_token="abcd", transport=transport) as client:
        assert client.versions().versions


def test_configured_users() -> None:
    """Takes the first token and the first of its instances where there are some."""
    with (
        testing.router(tokens=["alice-token"], instances=[{"name": "mine", "region": "eu-de"}]) as router,
        router.connect() as client,
    ):
        assert ":eu-de:" in client.usage().instance_id


def test_errors_of_the_fake_are_raised_at_the_end() -> None:
    """A bug of the fake is the test's failure, even if the code under test was content with a 500."""
    app = create_app(Config(seed=0))
    bug = KeyError("a bug")
    with pytest.raises(KeyError, match="a bug"), testing.router(app) as router:
        router.runtime.bugs.append(bug)


def test_settings_that_make_no_sense() -> None:
    """Are refused when the router is made."""
    with pytest.raises(InvalidConfig, match="unknown setting"):
        testing.router(poll=2)
    with pytest.raises(TypeError, match="not several of them"):
        testing.router(create_app(Config()), polls=2)
