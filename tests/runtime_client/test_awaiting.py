"""What only clients that await have: tasks that share a token, cancellation, deadlines, and being closed."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest
import respx

from runtime_client import NotAuthorized, Poll, TransportError
from runtime_client.platform import AsyncRuntimeClient
from runtime_client.polling import sleep_async
from tests.runtime_client.platform.answers import API_KEY, INSTANCE, JOB_ID, job_json

URL = "http://runtime.test/api"
TOKEN = {"access_token": "t-1", "token_type": "Bearer", "expires_in": 3600}
Work = Callable[[AsyncRuntimeClient, respx.Router], Coroutine[Any, Any, None]]


async def no_sleep(_: float) -> None:
    """Let the other tasks go on."""
    await asyncio.sleep(0)


def run(work: Work, **options: Any) -> respx.Router:
    """Run something with a client and the router that it sends to."""
    router = respx.Router(assert_all_called=False)
    router.post(path="/identity/token", name="iam").respond(json=TOKEN)
    router.get(path=f"/api/v1/jobs/{JOB_ID}", name="job").respond(json=job_json("Completed"))

    async def main() -> None:
        transport = httpx.MockTransport(router.async_handler)
        made = {"token": API_KEY, "instance": INSTANCE, "transport": transport, "sleep": no_sleep, **options}
        async with AsyncRuntimeClient(URL, **made) as client:
            await work(client, router)

    asyncio.run(main())
    return router


def test_one_exchange_for_many_tasks() -> None:
    """A hundred tasks that need a token at once wait for a single exchange."""

    async def slowly(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        return httpx.Response(200, json=TOKEN)

    async def work(client: AsyncRuntimeClient, router: respx.Router) -> None:
        router["iam"].mock(side_effect=slowly)
        infos = await asyncio.gather(*(client.get_job(JOB_ID) for _ in range(100)))
        assert {info.id for info in infos} == {JOB_ID}

    router = run(work)
    assert (router["iam"].call_count, router["job"].call_count) == (1, 100)


def test_one_renewal_for_many_refusals() -> None:
    """Tasks whose token is refused at the same time get a new one by a single exchange, and each asks again once."""
    tokens = iter(["old", "new"])

    def give(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={**TOKEN, "access_token": next(tokens)})

    async def answer(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        is_known = request.headers["Authorization"] == f"Bearer {accepted[0]}"
        return httpx.Response(200, json=job_json()) if is_known else httpx.Response(401, json={})

    async def work(client: AsyncRuntimeClient, router: respx.Router) -> None:
        router["iam"].mock(side_effect=give)
        router["job"].mock(side_effect=answer)
        await client.get_job(JOB_ID)
        accepted[0] = "new"
        await asyncio.gather(*(client.get_job(JOB_ID) for _ in range(20)))

    accepted = ["old"]
    router = run(work)
    assert (router["iam"].call_count, router["job"].call_count) == (2, 1 + 20 + 20)


def test_a_task_that_is_cancelled_holds_nobody_up() -> None:
    """Cancelling the task that fetches the token leaves the exchange to the next one in line."""
    begun = asyncio.Event()

    async def never_then_at_once(_: httpx.Request) -> httpx.Response:
        if not begun.is_set():
            begun.set()
            await asyncio.Event().wait()
        return httpx.Response(200, json=TOKEN)

    async def work(client: AsyncRuntimeClient, router: respx.Router) -> None:
        router["iam"].mock(side_effect=never_then_at_once)
        first = asyncio.create_task(client.get_job(JOB_ID))
        await begun.wait()
        second = asyncio.create_task(client.get_job(JOB_ID))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await second).id == JOB_ID

    run(work)


def test_waiting_can_be_cancelled() -> None:
    """A deadline of asyncio's ends the waiting for a job between two polls, and the client goes on."""
    pausing = asyncio.Event()

    async def work(client: AsyncRuntimeClient, router: respx.Router) -> None:
        router["job"].respond(json=job_json("Running"))
        waiting = asyncio.create_task(client.job(JOB_ID).wait())
        await pausing.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await client.job(JOB_ID).info()).status.value == "Running"

    async def forever(_: float) -> None:
        pausing.set()
        await asyncio.Event().wait()

    run(work, sleep=forever)


def test_progress_may_be_awaited() -> None:
    """What `progress` gives is awaited if it can be."""
    told: list[int] = []

    async def tell(poll: Poll) -> None:
        await asyncio.sleep(0)
        told.append(poll.number)

    async def work(client: AsyncRuntimeClient, _: respx.Router) -> None:
        await client.job(JOB_ID).wait(progress=tell)

    router = run(lambda client, router: with_results(client, router, work))
    assert told == [1]
    assert router["job"].call_count == 1


async def with_results(client: AsyncRuntimeClient, router: respx.Router, work: Work) -> None:
    """Do some work with a service that has results."""
    router.get(path=f"/api/v1/jobs/{JOB_ID}/results").respond(text="{}")
    await work(client, router)


def test_the_callers_client_is_left_open() -> None:
    """Neither closes nor changes an httpx.AsyncClient that it was given, whose auth it does not use either."""
    router = respx.Router()
    router.get(path="/api/v1/versions").respond(json={"versions": []})
    router.get(path="/api/v1/instances/usage").respond(401, json={})

    async def main() -> None:
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(router.async_handler), auth=("a", "b"))
        async with AsyncRuntimeClient(URL, access_token="abcd", http_client=http_client) as client:
            await client.versions()
            with pytest.raises(NotAuthorized):
                await client.usage()
        assert not http_client.is_closed
        await http_client.aclose()
        with pytest.raises(TransportError, match="the client is closed"):
            await client.versions()

    asyncio.run(main())
    sent = [call.request.headers.get("Authorization") for call in router.calls]
    assert sent == [None, "Bearer abcd"]


def test_forgotten_open() -> None:
    """A client that was used and never closed says so; one that was not used, or was closed, does not."""

    async def main(*, used: bool, closed: bool) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"versions": []}))
        client = AsyncRuntimeClient(URL, access_token="abcd", transport=transport)
        if used:
            await client.versions()
        if closed:
            await client.aclose()

    for used, closed, count in ((True, False, 1), (False, False, 0), (True, True, 0)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            asyncio.run(main(used=used, closed=closed))
            gc.collect()
        assert [str(item.message) for item in caught if item.category is ResourceWarning] == [
            "unclosed AsyncRuntimeClient('http://runtime.test/api', token=***)"
        ] * count


def test_the_default_sleep() -> None:
    """Is that of the loop, which goes on meanwhile."""
    seen: list[str] = []

    async def other() -> None:
        seen.append("meanwhile")

    async def main() -> None:
        task = asyncio.create_task(other())
        await sleep_async(0)
        assert seen == ["meanwhile"]
        await task

    asyncio.run(main())


def test_a_list_can_be_left() -> None:
    """Stops asking for pages when the loop over them is left."""

    async def work(client: AsyncRuntimeClient, router: respx.Router) -> None:
        page = {"jobs": [job_json(id="a"), job_json(id="b")], "limit": 2, "offset": 0, "count": 9}
        pages = router.get(path="/api/v1/jobs").respond(json=page)
        async for job in client.jobs(page_size=2):
            assert job.id == "a"
            break
        assert pages.call_count == 1

    run(work)
