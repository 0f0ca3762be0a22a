"""Deliberately broken clients: each makes one mistake that clients of the wild make."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import requests

from runtime_client import RuntimeClientError
from runtime_client.models import JobStatus
from runtime_contracts.client_driver import Arguments
from runtime_contracts.feeding import Feed, FeedingAdapter
from runtime_contracts.strict_json import InvalidJsonError, decode_json
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


class PlantedDriver(ReferenceDriver):
    """A driver of something with one mistake.

    Attributes:
        operation: id of the operation that has it.
    """

    operation: str


class NaiveDriver(PlantedDriver):
    """Drives one naive call in place of the reference client."""

    def __init__(self, name: str, operation: str, call: Callable[[Naive, Arguments], object]) -> None:
        self.name = name
        self.operation = operation
        self.operations = {operation: call}

    def make_client(self, session: requests.Session, url: str, _: str, /) -> Any:
        """Return the naive client."""
        return Naive(session, url)


class SpoiledDriver(PlantedDriver):
    """Drives the reference client with one call replaced by something that uses it."""

    def __init__(self, name: str, operation: str, call: Callable[[Any, Arguments], object]) -> None:
        self.name = name
        self.operation = operation
        self.operations = {**ReferenceDriver.operations, operation: call}


class ForgivingDriver(PlantedDriver):
    """Drives the reference client behind something that puts one kind of broken answer right."""

    def __init__(self, operation: str, forgive: Callable[[Feed], Feed]) -> None:
        self.name = "forgiving"
        self.operation = operation
        self.operations = {operation: ReferenceDriver.operations[operation]}
        self._forgive = forgive

    def make_client(self, session: requests.Session, url: str, operation_id: str, /) -> Any:
        """Return the reference client, which is about to be fed something better."""
        adapter = session.get_adapter(url)
        assert isinstance(adapter, FeedingAdapter)
        adapter.feed = self._forgive(adapter.feed)
        return super().make_client(session, url, operation_id)


JOB = "get-programs-id-jobs-jid"
_STATUSES = {status.value for status in JobStatus}


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
    job = client.get_job(args.job_id)
    return replace(job, hub=job.group, group=job.hub)


def _asks_too_much(client: Naive, args: Arguments) -> object:
    return client.get(f"/jobs?limit={args.limit}&verbose=1").text


def _asks_for_ever(client: Naive, _: Arguments) -> object:
    while True:
        client.get("/jobs")


def _hangs(_: Naive, __: Arguments) -> object:
    for number in itertools.count():
        if number < 0:
            break
    return None


def _drops_zero(client: Naive, args: Arguments) -> object:
    query = f"?limit={args.limit}&offset={args.offset}" if args.limit else ""
    return client.get(f"/jobs{query}").text


def _counts_from_one(client: Naive, args: Arguments) -> object:
    return client.get(f"/jobs?offset={args.offset + 1}").text


def _lowers_the_name(client: Naive, args: Arguments) -> object:
    return client.checked("POST", "/jobs", json={"programId": args.program_id.lower()}).text


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


def _in_object(feed: Feed, mend: Callable[[dict[str, Any]], dict[str, Any]]) -> Feed:
    try:
        value = decode_json(feed.body)
    except InvalidJsonError:
        return feed
    return replace(feed, body=json.dumps(mend(value)).encode()) if isinstance(value, dict) else feed


def _takes_any_status(feed: Feed) -> Feed:
    def mend(value: dict[str, Any]) -> dict[str, Any]:
        status = value.get("status")
        return {**value, "status": "Queued"} if isinstance(status, str) and status not in _STATUSES else value

    return _in_object(feed, mend)


def _takes_any_date(feed: Feed) -> Feed:
    def mend(value: dict[str, Any]) -> dict[str, Any]:
        fits = re.fullmatch(r"[0-9T:.-]+Z", str(value.get("created")))
        known = isinstance(value.get("created"), str) and not fits
        return {**value, "created": "2021-05-07T12:00:00.000000Z"} if known else value

    return _in_object(feed, mend)


def _looks_at_no_content_type(feed: Feed) -> Feed:
    known = feed.status == 200 and not feed.cut
    return replace(feed, headers={**feed.headers, "Content-Type": "application/json"}) if known else feed


def _takes_any_success(feed: Feed) -> Feed:
    return replace(feed, status=200) if 200 <= feed.status < 300 else feed


def _returns_nothing(client: Any, args: Arguments) -> object:
    client.get_program(args.program_id)
    return None


class OwnSessionDriver(PlantedDriver):
    """Drives a client that goes its own way, past the session it was given.

    Attributes:
        tries: how often it has been made.
    """

    name = "wayward"
    operation = "get-version"

    def __init__(self, address: str, call: Callable[[str], object]) -> None:
        self.operations = {"get-version": lambda _, __: call(address)}
        self.tries = 0

    def make_client(self, *_: object) -> Any:
        """Return nothing of use: the call needs none."""
        self.tries += 1


def _asks_requests(address: str) -> object:
    try:
        return requests.get(f"http://{address}/api/version", timeout=5).json()
    except requests.RequestException as error:
        raise RuntimeClientError(type(error).__name__) from None


def _connects(address: str) -> object:
    host, _, port = address.partition(":")
    with socket.socket() as plain:
        plain.connect((host, int(port)))
    return None


def _tries_again(address: str) -> object:
    tries = itertools.count()
    while next(tries) >= 0:
        with contextlib.suppress(Exception):
            _connects(address)
    return None


def _hides_it(address: str) -> object:
    try:
        return _connects(address)
    except BaseException as error:  # noqa: BLE001 - this is the mistake
        raise RuntimeClientError(type(error).__name__) from None


WAYWARD: Mapping[str, OwnSessionDriver] = {
    "requests without the session": OwnSessionDriver("runtime.test:80", _asks_requests),
    "a socket of its own": OwnSessionDriver("127.0.0.1:9", _connects),
    "a socket of its own, again and again": OwnSessionDriver("127.0.0.1:9", _tries_again),
    "a socket of its own, and no word of it": OwnSessionDriver("127.0.0.1:9", _hides_it),
}
"""Drivers of clients that try to reach a network; each must end the run at once."""

UNUSUAL: Mapping[str, ForgivingDriver] = {
    "an unknown status is taken for Queued": ForgivingDriver(JOB, _takes_any_status),
    "a bad date is taken": ForgivingDriver(JOB, _takes_any_date),
    "the content type is ignored": ForgivingDriver("get-version", _looks_at_no_content_type),
    "299 is taken for 200": ForgivingDriver("get-version", _takes_any_success),
}
"""Drivers that take an answer which is only unusual; "accepts_broken" has to notice each, unless a run is lenient."""

PLANTS: Mapping[str, tuple[PlantedDriver, str]] = {
    **{name: (driver, "accepts_broken") for name, driver in UNUSUAL.items()},
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
    "requests for ever": (NaiveDriver("naive", "get-jobs", _asks_for_ever), "never_ends"),
    "an endless loop": (NaiveDriver("naive", "get-jobs", _hangs), "never_ends"),
    "an argument of zero that is dropped": (NaiveDriver("naive", "get-jobs", _drops_zero), "argument_lost"),
    "an argument in the query that is changed": (
        NaiveDriver("naive", "get-jobs", _counts_from_one),
        "argument_changed",
    ),
    "an argument in the body that is changed": (
        NaiveDriver("naive", "post-program-id", _lowers_the_name),
        "argument_changed",
    ),
    "nothing is sent": (NaiveDriver("naive", "logout", _remembers), "sends_nothing"),
    "an operation is left out": (NaiveDriver("naive", "get-version", _remembers), "operation_left_out"),
}
"""By what is wrong: a driver with that mistake, and the check that has to notice it."""
