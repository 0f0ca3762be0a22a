"""Broken clients without a driver as classes, on httpx, and without blocking: one planted deviation each."""

from __future__ import annotations

import asyncio
import time  # noqa: TID251 - clients of the wild know no clock
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import httpx
import requests
import urllib3

from tests.broken.stranger_base import HonestError, Plant, ask, ask_async, ask_httpx, credentials, decoded, quoted


class Honest:
    """An honest client on httpx; nothing is wrong with it in a tolerant run."""

    def __init__(self, url: str, token: str, instance: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=5)
        self._headers = credentials(token, instance)

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return ask_httpx(self._client, method, path, self._headers, **options)

    def get_job(self, job_id: str) -> Any:
        """Return a job."""
        return decoded(self._ask("GET", f"v1/jobs/{quoted(job_id)}").content)

    def delete_job(self, job_id: str) -> None:
        """Delete a job."""
        self._ask("DELETE", f"v1/jobs/{quoted(job_id)}", ok=(204,))


class WithoutVersion(Honest):
    """Asks below /jobs, without a version."""

    def get_job(self, job_id: str) -> Any:
        """Return a job."""
        return decoded(self._ask("GET", f"jobs/{quoted(job_id)}").content)


class LeaksHttpx(Honest):
    """Leaves reading JSON to httpx."""

    def get_job(self, job_id: str) -> Any:
        """Return a job."""
        return self._ask("GET", f"v1/jobs/{quoted(job_id)}").json()


class SwallowsTimeouts(Honest):
    """Takes every broken connection for nothing."""

    def get_job(self, job_id: str) -> Any:
        """Return a job."""
        try:
            return decoded(self._client.get(f"v1/jobs/{quoted(job_id)}", headers=self._headers).content)
        except httpx.HTTPError:
            return {}


class DeletesWithABody(Honest):
    """Waits for a body after deleting."""

    def delete_job(self, job_id: str) -> None:
        """Delete a job."""
        decoded(self._ask("DELETE", f"v1/jobs/{quoted(job_id)}", ok=(204,)).content)


class ShowsItsToken(Honest):
    """Shows its headers when something is refused."""

    def get_job(self, job_id: str) -> Any:
        """Return a job."""
        try:
            return super().get_job(job_id)
        except HonestError as error:
            raise HonestError(f"{error}: {self._headers}") from error


class ResultShowsTheToken(Honest):
    """Puts its token into what it returns."""

    def get_job(self, job_id: str) -> Any:
        """Return a job."""
        return {"job": super().get_job(job_id), "headers": self._headers}


class NoTimeToSee(Honest):
    """Sleeps between two looks at the same job."""

    def get_job(self, job_id: str) -> Any:
        """Return a job."""
        for _ in range(10):
            found = super().get_job(job_id)
            time.sleep(10)
        return found


class Runs(Honest):
    """Submits, waits and reads results, and knows two ends of four."""

    def get_job(self, job_id: str) -> Any:
        """Return a job."""
        return super().get_job(job_id)

    def run(self, program_id: str, backend: str, params: dict[str, Any]) -> str:
        """Run a program."""
        body = {"program_id": program_id, "backend": backend, "params": params}
        job_id = self._text(decoded(self._ask("POST", "v1/jobs", json=body).content), "id")
        while self._text(self._state(self.get_job(job_id)), "status") not in {"Completed", "Failed"}:
            time.sleep(1)
        return self._ask("GET", f"v1/jobs/{quoted(job_id)}/results").text

    def _state(self, job: Any) -> Any:
        return job.get("state") if isinstance(job, dict) else None

    def _text(self, value: Any, name: str) -> str:
        if not isinstance(value, dict) or not isinstance(value.get(name), str):
            raise HonestError(f"no {name}")
        return str(value[name])


class SubmitsAgain(Runs):
    """Submits again whatever went wrong."""

    def run(self, program_id: str, backend: str, params: dict[str, Any]) -> str:
        """Run a program."""
        try:
            return super().run(program_id, backend, params)
        except HonestError:
            return super().run(program_id, backend, params)


class SignsIn:
    """Exchanges its key at IAM, and forgets to say Bearer."""

    def __init__(self, api_key: str, instance: str) -> None:
        self._key, self._instance = api_key, instance

    def get_job(self, job_id: str) -> Any:
        """Return a job."""
        data = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": self._key}
        signed = requests.post("https://iam.cloud.ibm.com/identity/token", data=data, timeout=5)
        headers = {"Authorization": "", "X-Token": signed.json()["access_token"], "Service-CRN": self._instance}
        address = f"https://quantum.cloud.ibm.com/api/v1/jobs/{quoted(job_id)}"
        return decoded(ask("GET", address, headers).content)


async def async_get_job(url: str, token: str, instance: str, job_id: str) -> Any:
    """Return a job; nothing is wrong with it in a tolerant run."""
    async with httpx.AsyncClient(timeout=5) as client:
        answer = await ask_async(client, "GET", f"{url}/v1/jobs/{quoted(job_id)}", credentials(token, instance))
        return decoded(answer.content)


async def async_key_error(url: str, token: str, instance: str, job_id: str) -> Any:
    """Take an optional property for granted."""
    job = await async_get_job(url, token, instance, job_id)
    return job["backend"] if isinstance(job, dict) else None


async def async_gathers(url: str, token: str, instance: str, job_id: str) -> Any:
    """Ask for the job and for its results at a path that is not there."""
    async with httpx.AsyncClient(timeout=5) as client:
        address, headers = f"{url}/v1/jobs/{quoted(job_id)}", credentials(token, instance)
        both = await asyncio.gather(
            ask_async(client, "GET", address, headers), ask_async(client, "GET", f"{address}/result", headers)
        )
        return decoded(both[0].content)


async def async_never_ends(url: str, token: str, instance: str, job_id: str) -> Any:
    """Ask again after every error."""
    while True:
        try:
            return await async_get_job(url, token, instance, job_id)
        except HonestError:
            await asyncio.sleep(1)


async def async_forgets_to_await(url: str, token: str, instance: str, job_id: str) -> Any:
    """Swallow whatever goes wrong in a task."""
    found = await asyncio.gather(async_get_job(url, token, instance, job_id), return_exceptions=True)
    return found[0] if isinstance(found[0], dict) else None


async def async_pages(url: str, token: str, instance: str) -> AsyncIterator[Any]:
    """Yield all jobs but for those of every second page."""
    async with httpx.AsyncClient(timeout=5) as client:
        offset, count = 0, 1
        while offset < count:
            params = {"limit": 5, "offset": offset}
            headers = credentials(token, instance)
            value = decoded((await ask_async(client, "GET", f"{url}/v1/jobs", headers, params=params)).content)
            if not isinstance(value, dict) or not isinstance(value.get("jobs"), list):
                raise HonestError("no page")
            for job in value["jobs"]:
                yield job
            count, offset = int(value.get("count") or 0), offset + 10


def workloads(url: str, token: str, instance: str) -> Iterator[Any]:
    """Yield all workloads, but begin again with the first page after the second."""
    follow: str | None = f"{url}/v1/workloads?limit=3"
    seen = 0
    while follow:
        value = decoded(ask("GET", follow, credentials(token, instance)).content)
        if not isinstance(value, dict):
            raise HonestError("no page")
        yield from value.get("workloads") or []
        link = value.get("next")
        follow = link.get("href") if isinstance(link, dict) else None
        seen += 1
        if seen == 2 and follow:
            follow = f"{url}/v1/workloads?limit=3&next=2"


def on_urllib3(url: str, token: str, instance: str, job_id: str) -> Any:
    """Ask over urllib3, and take every status."""
    pool = urllib3.PoolManager(retries=False)
    try:
        answer = pool.request("GET", f"{url}/v1/jobs/{quoted(job_id)}", headers=credentials(token, instance))
    except urllib3.exceptions.HTTPError as error:
        raise HonestError(type(error).__name__) from None
    return decoded(answer.data)


def own_address(token: str, instance: str, job_id: str) -> Any:
    """Ask IBM's host, whatever anybody says, with the header of another generation."""
    address = f"https://quantum.cloud.ibm.com/api/v1/jobs/{quoted(job_id)}"
    return decoded(ask("GET", address, {"X-Access-Token": token, "Service-CRN": instance}).content)


HONEST: Mapping[str, Plant] = {
    "a class on httpx": Plant(subject=Honest, check=""),
    "a coroutine": Plant(subject=async_get_job, check=""),
}
GET, RUN = ("get_job",), ("create_job",)
PLANTS: Mapping[str, Plant] = {
    "a class without a version": Plant(subject=WithoutVersion, check="wrong_operation"),
    "a class that leaks": Plant(subject=LeaksHttpx, check="leaks_exception", operations=GET),
    "a class that swallows": Plant(subject=SwallowsTimeouts, check="accepts_broken", operations=GET),
    "a class that waits for a body": Plant(subject=DeletesWithABody, check="refuses_valid", operations=("delete_job",)),
    "a class that shows its token": Plant(subject=ShowsItsToken, check="leaks_secret", operations=GET),
    "a result with the token": Plant(subject=ResultShowsTheToken, check="leaks_secret", operations=GET),
    "a class that sleeps": Plant(subject=NoTimeToSee, check="waits_long", operations=GET),
    "a class that knows two ends": Plant(subject=Runs, check="never_ends", operations=GET),
    "a class that submits again": Plant(subject=SubmitsAgain, check="repeats_unsafe", operations=RUN),
    "a class that signs in": Plant(subject=SignsIn, check="request_conformance"),
    "a coroutine that leaks": Plant(subject=async_key_error, check="leaks_exception"),
    "a coroutine that asks at two paths": Plant(subject=async_gathers, check="wrong_operation"),
    "a coroutine that never ends": Plant(subject=async_never_ends, check="never_ends"),
    "a coroutine that swallows": Plant(subject=async_forgets_to_await, check="accepts_broken"),
    "pages without blocking": Plant(subject=async_pages, check="pages_wrong"),
    "workloads that come twice": Plant(subject=workloads, check="pages_wrong"),
    "urllib3 without statuses": Plant(subject=on_urllib3, check="accepts_broken"),
    "an address of its own": Plant(subject=own_address, check="request_conformance"),
}
"""By what is wrong: a broken client, and the check that has to notice it."""
