"""Deliberately broken clients: each makes one mistake that clients of the wild make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from runtime_client import RuntimeClientError
from runtime_contracts.client_driver import Arguments
from tests.runtime_contracts.reference_driver import ACCESS_TOKEN, TOKEN, ReferenceDriver


@dataclass(frozen=True, slots=True)
class Naive:
    """A session and an address, as the simplest client has them."""

    session: requests.Session
    url: str

    @property
    def auth(self) -> dict[str, str]:
        """Credentials."""
        return {"Authorization": f"Bearer {TOKEN}"}

    def get(self, path: str, **options: Any) -> requests.Response:
        """Send a GET request and raise the client's own error for whatever is no success."""
        return self.checked("GET", path, **options)

    def checked(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request and raise the client's own error for whatever is no success."""
        options.setdefault("headers", self.auth)
        options.setdefault("allow_redirects", False)
        try:
            response = self.session.request(method, self.url + path, **options)
        except requests.RequestException as error:
            raise RuntimeClientError(type(error).__name__) from None
        if response.status_code not in {200, 201, 204}:
            raise RuntimeClientError(f"{response.status_code}")
        return response


class NaiveDriver(ReferenceDriver):
    """Drives one naive call in place of the reference client."""

    def __init__(self, name: str, operation: str, call: Callable[[Naive, Arguments], object]) -> None:
        self.name = name
        self.operations = {operation: call}

    def make_client(self, session: requests.Session, url: str, _: str, /) -> Any:
        """Return the naive client."""
        return Naive(session, url)


class SpoiledDriver(ReferenceDriver):
    """Drives the reference client with one call replaced by something that uses it."""

    def __init__(self, name: str, operation: str, call: Callable[[Any, Arguments], object]) -> None:
        self.name = name
        self.operations = {**ReferenceDriver.operations, operation: call}


JOB = "get-programs-id-jobs-jid"


def _reads_keys_blindly(client: Naive, args: Arguments) -> object:
    value = client.get(f"/jobs/{args.job_id}").json()
    return value["id"], value["status"]


def _believes_everything(client: Naive, _: Arguments) -> object:
    try:
        return client.get("/jobs").json()
    except (ValueError, RecursionError) as error:
        raise RuntimeClientError(type(error).__name__) from None


def _sees_no_errors(client: Naive, args: Arguments) -> object:
    try:
        client.session.delete(f"{client.url}/jobs/{args.job_id}", headers=client.auth)
    except requests.RequestException:
        raise RuntimeClientError from None
    return None


def _swaps_hub_and_group(client: Any, args: Arguments) -> object:
    from dataclasses import replace  # noqa: PLC0415 - the only user

    job = client.get_job(args.job_id)
    return replace(job, hub=job.group, group=job.hub)


def _asks_too_much(client: Naive, args: Arguments) -> object:
    return client.get(f"/jobs?limit={args.limit}&verbose=1").text


def _forgets_credentials(client: Naive, _: Arguments) -> object:
    return client.get("/programs", headers={}).text


def _submits_again(client: Naive, args: Arguments) -> object:
    body = {"programId": args.program_id, "params": ["{}"]}
    try:
        return client.checked("POST", "/jobs", json=body).json()["id"]
    except RuntimeClientError:
        return client.checked("POST", "/jobs", json=body).json()["id"]


def _sends_objects_as_params(client: Naive, args: Arguments) -> object:
    return client.checked("POST", "/jobs", json={"programId": args.program_id, "params": [{"iterations": 2}]}).text


def _takes_the_wrong_road(client: Naive, args: Arguments) -> object:
    return client.get(f"/job/{args.job_id}").text


def _does_not_quote(client: Naive, args: Arguments) -> object:
    return client.get(f"/programs/{args.program_id}").text


def _tidies_up(client: Naive, args: Arguments) -> object:
    return client.get(f"/programs/{quote(args.program_id.replace('/', '-'), safe='')}").text


def _tells_the_token(client: Naive, _: Arguments) -> object:
    response = client.session.get(f"{client.url}/programs", headers=client.auth, allow_redirects=False)
    raise RuntimeClientError(f"{response.status_code} for {client.auth}")


def _carries_the_token_away(client: Naive, _: Arguments) -> object:
    return client.get("/programs", headers={"X-Access-Token": ACCESS_TOKEN}, allow_redirects=True).text


def _knows_all_keys(client: Any, args: Arguments) -> object:
    value = Naive(client.session, client.url).get(f"/jobs/{args.job_id}").json()
    known = {"id", "hub", "group", "project", "backend", "status", "params", "program", "created", "runtime"}
    if set(value) - known:
        raise RuntimeClientError("an unknown key")
    return value


def _remembers(_: Naive, __: Arguments) -> object:
    return None


def _returns_nothing(client: Any, args: Arguments) -> object:
    client.get_program(args.program_id)
    return None


PLANTS: Mapping[str, tuple[ReferenceDriver, str]] = {
    "a missing key becomes KeyError": (NaiveDriver("naive", JOB, _reads_keys_blindly), "leaks_exception"),
    "wrong types are believed": (NaiveDriver("naive", "get-jobs", _believes_everything), "accepts_broken"),
    "errors are not seen": (NaiveDriver("naive", "delete-job", _sees_no_errors), "accepts_broken"),
    "two values are swapped": (SpoiledDriver("spoiled", JOB, _swaps_hub_and_group), "decodes_wrong"),
    "nothing is returned": (SpoiledDriver("spoiled", "get-program", _returns_nothing), "decodes_wrong"),
    "an undocumented query": (NaiveDriver("naive", "get-jobs", _asks_too_much), "request_conformance"),
    "no credentials": (NaiveDriver("naive", "get-programs", _forgets_credentials), "request_conformance"),
    "inputs that are no strings": (
        NaiveDriver("naive", "post-program-id", _sends_objects_as_params),
        "request_conformance",
    ),
    "a job is submitted twice": (NaiveDriver("naive", "post-program-id", _submits_again), "repeats_unsafe"),
    "another path": (NaiveDriver("naive", JOB, _takes_the_wrong_road), "wrong_operation"),
    "an id that is not quoted": (NaiveDriver("naive", "get-program", _does_not_quote), "wrong_operation"),
    "an id that is tidied up": (NaiveDriver("naive", "get-program", _tidies_up), "argument_changed"),
    "the token in an exception": (NaiveDriver("naive", "get-programs", _tells_the_token), "leaks_secret"),
    "the token follows a redirect": (NaiveDriver("naive", "get-programs", _carries_the_token_away), "leaks_secret"),
    "unknown keys are refused": (NaiveDriver("naive", JOB, _knows_all_keys), "refuses_valid"),
    "nothing is sent": (NaiveDriver("naive", "logout", _remembers), "sends_nothing"),
    "an operation is left out": (NaiveDriver("naive", "get-version", _remembers), "operation_left_out"),
}
"""By what is wrong: a driver with that mistake, and the check that has to notice it."""
