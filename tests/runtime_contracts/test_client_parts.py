"""The parts of a run against a client: transports of drivers, parameters, neighbours, pages, and what is heard."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from click.testing import CliRunner, Result

from mock_runtime.commands.verify import verify
from runtime_contracts.calling import TOKEN, Surroundings, UnknownParameterError, filled, refuse_unknown_arguments
from runtime_contracts.client_driver import NOT_COMPARED, Arguments, PlatformArguments
from runtime_contracts.client_fuzz import fuzz_client
from runtime_contracts.client_telling import credentials, excerpt, words_of
from runtime_contracts.contract import Contract
from runtime_contracts.feeding import Feed, SentRequest
from runtime_contracts.learned import Learned
from runtime_contracts.listening import listening
from runtime_contracts.neighbours import CRN, neighbour
from runtime_contracts.own_lines import line_of, place_of
from runtime_contracts.paging import pages_of
from runtime_contracts.undocumented import undocumented_properties
from tests.broken.stranger_base import HonestError, decoded

PLATFORM = Surroundings(url="http://runtime.test/api", edition="platform")


class HttpxDriver:
    """Drives an honest call over httpx."""

    name = "over httpx"
    transport = "httpx"
    error_class: type[Exception] | tuple[type[Exception], ...] = HonestError
    secrets: tuple[str, ...] = ()
    operations: Mapping[str, Any]

    def __init__(self) -> None:
        self.operations = {"get-version": self._version}

    def make_client(self, session: Any, url: str, _: str, /) -> Any:
        """Return what is needed for a request."""
        return session, url

    def observed(self, _: str, result: Any, /) -> object:
        """Return the result."""
        return result

    def expected(self, _: str, __: int, ___: Any, /) -> object:
        """Say nothing."""
        return NOT_COMPARED

    def _version(self, client: Any, _: Any) -> object:
        session, url = client
        try:
            return self._read(session.get(f"{url}/api/version"))
        except httpx.HTTPError as error:
            raise HonestError(type(error).__name__) from None

    def _read(self, answer: httpx.Response) -> object:
        if answer.status_code != 200:
            raise HonestError(str(answer.status_code))
        return decoded(answer.content)


class AsyncDriver(HttpxDriver):
    """Drives the same call without blocking."""

    name = "over httpx without blocking"
    transport = "httpx-async"

    def __init__(self) -> None:
        self.operations = {"get-version": self._version_later}

    async def _version_later(self, client: Any, _: Any) -> object:
        session, url = client
        try:
            return self._read(await session.get(f"{url}/api/version"))
        except httpx.HTTPError as error:
            raise HonestError(type(error).__name__) from None


@pytest.mark.parametrize("kind", [HttpxDriver, AsyncDriver])
def test_driver_may_want_httpx(kind: type[HttpxDriver]) -> None:
    """A driver is given a client of httpx, blocking or not, and fed the same cases."""
    report = fuzz_client(kind(), level="tolerant", operations=("get-version",), phases=("answers",))
    assert report.exit_code == 0, report.to_text()
    assert report.total > 50


def test_unknown_transport_is_refused() -> None:
    """A driver that wants what is not there is told what is."""
    driver = HttpxDriver()
    driver.transport = "pigeons"
    report = fuzz_client(driver, operations=("get-version",))
    assert report.problem is not None
    assert report.problem.endswith("asks for the transport 'pigeons'; known: requests, httpx, httpx-async")


def test_case_that_is_not_there_is_a_problem() -> None:
    """A number that no case has gives no clean run."""
    report = fuzz_client(HttpxDriver(), operations=("get-version",), case=100_000)
    assert report.problem == "there is no case 100000 of get-version"


def _everything(
    base_url: str, host: str, api_key: str, crn: str, session: Any, client: Any, timeout: float, jid: str,
    created_after: str, since: datetime, tags: list[str], names: tuple[str, ...], session_id: str, limit: int = 5,
    key: str = "its own", region: str = "us",
) -> None:  # fmt: skip
    """Take everything that is known by its name."""


def test_parameters_are_filled_in_by_their_names() -> None:
    """Each gets what its name stands for, in the form that its annotation asks for; defaults that say more are kept."""
    found = filled(_everything, PLATFORM, PlatformArguments(names=("a",)))
    values = found.values
    assert (values["base_url"], values["host"]) == ("http://runtime.test/api", "runtime.test")
    assert (values["api_key"], values["crn"], values["timeout"]) == (TOKEN, CRN, 5.0)
    assert isinstance(values["session"], requests.Session)
    assert isinstance(values["client"], httpx.Client)
    assert values["created_after"] == "2026-01-02T03:04:05.000000Z"
    assert isinstance(values["since"], datetime)
    assert (values["tags"], values["names"]) == (["tour"], ("a",))
    assert values["session_id"] == values["jid"] == PlatformArguments().id
    assert values["limit"] == 20
    assert not {"key", "region"} & set(values)
    assert {"id", "limit", "tags", "names", "since"} <= found.passed
    values["session"].close()
    values["client"].close()


def test_one_token_is_enough() -> None:
    """Of several parameters for tokens that need not be given, the first is filled in."""

    def connect(url: str, token: str | None = None, access_token: str | None = None, crn: str | None = None) -> None:
        """Connect with a key, or with a token."""

    assert set(filled(connect, PLATFORM, PlatformArguments()).values) == {"url", "token", "crn"}


def test_id_of_a_program_is_told_from_that_of_a_job() -> None:
    """In 2021 an `id` is of what the name of the function says."""

    def get_program(id: str) -> None:  # noqa: A002 - this is what clients call it
        """Ask for a program."""

    around = Surroundings(url="http://runtime.test", edition="legacy-2021")
    assert filled(get_program, around, Arguments()).values == {"id": "runtime-simple"}


def test_parameters_that_cannot_be_seen_are_explained() -> None:
    """What has no signature cannot be filled in; a value for a parameter that is not there is refused."""
    with pytest.raises(UnknownParameterError, match="cannot be seen"):
        filled(type, PLATFORM, PlatformArguments())
    with pytest.raises(UnknownParameterError, match="there are none"):
        refuse_unknown_arguments([lambda: None], {"moon": 1})


@pytest.mark.parametrize(
    ("method", "url", "found"),
    [
        ("POST", "https://iam.cloud.ibm.com/identity/token", "access_token"),
        ("POST", "https://api.global-search-tagging.cloud.ibm.com/v3/resources/search", "items"),
        ("GET", "https://resource-controller.cloud.ibm.com/v2/resource_instances", "resources"),
        ("GET", f"https://resource-controller.cloud.ibm.com/v2/resource_instances/{CRN}", "crn"),
    ],
)
def test_neighbours_answer_as_they_should(method: str, url: str, found: str) -> None:
    """Signing in and finding an instance work, whatever is spoiled elsewhere."""
    feed = neighbour(SentRequest(method, url, "/" + url.split("/", 3)[3], {}, b""))
    assert feed is not None
    assert found in json.loads(feed.body)


def test_everything_else_is_no_neighbour() -> None:
    """An unknown path is left to others."""
    assert neighbour(SentRequest("GET", "https://x.test/y", "/y", {}, b"")) is None


def _asked(url: str) -> SentRequest:
    return SentRequest("GET", url, url.partition(".test")[2], {}, b"")


def test_pages_follow_a_cursor() -> None:
    """A list with a cursor has a link on each page but the last, and each item once."""
    operation = Contract.of("platform").operations["find_instance_workloads"]
    value = {"workloads": [{"id": "w"}], "total_count": 1, "limit": 1, "next": {"href": "x"}}
    pages = pages_of(operation, Feed(200, {}, json.dumps(value).encode()))
    assert pages is not None
    address: str | None = "http://runtime.test/api/v1/workloads?limit=2"
    seen: list[str] = []
    while address:
        page = json.loads(pages.page(_asked(address)).body)
        seen += [item["id"] for item in page["workloads"]]
        address = page.get("next", {}).get("href")
    assert seen == ["w0", "w1", "w2", "w3", "w4"]
    assert pages.wrong(None) == ""
    assert pages.wrong(seen) == ""
    assert pages.wrong(seen[1:]) == "it gave back 4 of 5 items, from 3 pages"


def test_operation_without_pages_has_none() -> None:
    """What takes no limit, or has no list, is no list on several pages."""
    operations = Contract.of("platform").operations
    assert pages_of(operations["get_job"], Feed(200, {}, b"{}")) is None
    assert pages_of(operations["list_jobs"], Feed(200, {}, b'{"jobs": []}')) is None


@dataclass
class _Job:
    cost: int
    tags: tuple[str, ...] = ()


class _Plain:
    def __init__(self, cost: int) -> None:
        self.cost = cost
        self._hidden = 1


def _deep() -> Any:
    value: Any = 1
    for _ in range(20):
        value = [value]
    return value


@pytest.mark.parametrize("make", [_Job, _Plain, lambda cost: {"cost": cost}, lambda cost: [cost, _deep()]])
def test_value_that_was_followed_has_to_be_followed(make: Any) -> None:
    """A number that arrives as it is may not arrive as another one, in an object, a dict or a list."""
    learned = Learned()
    assert learned.wrong({"cost": 7, "on": True}, make(7)) == ""
    assert learned.wrong({"cost": 8, "on": True}, make(8)) == ""
    assert learned.wrong({"cost": 7, "on": False}, make(7)) == ""
    assert learned.wrong({"cost": 2**60, "on": True}, make(5)).startswith("/cost is 1152921504606846976, but ")
    assert learned.wrong({"cost": 9, "on": False}, make(9)) == ""


def test_value_that_was_never_followed_says_nothing() -> None:
    """A client that makes something else of a value is not judged by it."""
    learned = Learned()
    found = [learned.wrong({"tags": ["a", cost]}, [str(cost)]) for cost in (7, 8, 9)]
    assert found == ["", "", ""]


def test_undocumented_properties_are_named() -> None:
    """Only an object with properties that no part of the schema names has any."""
    contract = Contract.of("platform")
    submit, tags = contract.operations["create_job"], contract.operations["replace_job_tags"]
    body = b'{"program_id": "x", "backend": "y", "shots": 1, "moon": 2}'
    assert undocumented_properties(contract, submit, body) == ["moon", "shots"]
    assert [undocumented_properties(contract, tags, odd) for odd in (b"", b"{", b"[]")] == [[], [], []]


def raise_it(empty: dict[str, int]) -> int:
    """Look for what is not there."""
    return empty["why"]


def test_logs_and_prints_are_heard_and_shown_to_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """What is logged at any level, with its exception, and what is printed, is kept; afterwards all is as before."""
    before = list(logging.getLogger().handlers)
    with listening() as heard:
        print("printed")
        logging.getLogger("a.client").debug("%s of %d", "one")  # noqa: PLE1206 - a client's own mistake
        try:
            raise_it({})
        except KeyError:
            logging.getLogger("a.client").exception("failed")
        print("x" * 300_000, "unheard", file=sys.stderr)
        print("not kept any more")
    assert "printed" in heard.text
    assert "KeyError: 'why'" in heard.text
    assert "%s of %d" in heard.text
    assert "not kept" not in heard.text
    assert logging.getLogger().handlers == before
    assert capsys.readouterr().out == ""


def test_own_line_is_the_last_that_is_of_no_library() -> None:
    """Without packages to look for, the line is the last one outside libraries; nothing raised has none."""
    try:
        json.loads("{")
    except ValueError as error:
        line = line_of(error)
    assert line is not None
    assert str(line).endswith('in test_own_line_is_the_last_that_is_of_no_library: json.loads("{")')
    assert line_of(None) is None
    assert place_of(len) == ""


def _verify(*arguments: str) -> Result:
    return CliRunner().invoke(verify, ["client", *arguments])


STRANGER = "tests.broken.strangers:closed_enum"


def test_command_shows_how_to_see_a_case_again() -> None:
    """The line in the report has every option that the case depends on, and shows the same finding."""
    options = ("--profile", "quick", "--level", "tolerant", "--raises", "tests.broken.stranger_base:HonestError")
    first = _verify(STRANGER, "--phase", "answers", "--argument", "job_id=abc", *options)
    assert first.exit_code == 1, first.output
    line = next(line.partition("again: ")[2] for line in first.stdout.splitlines() if "again: " in line)
    assert line.startswith(f"mock-runtime verify client {STRANGER} --raises tests.broken.stranger_base:HonestError")
    assert "--argument 'job_id=\"abc\"'" in line
    again = _verify(*line.replace("'", "").replace('"', "").split()[3:])
    assert again.exit_code == 1, again.output
    assert "leaks_exception: get_job" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((STRANGER, "--raises", STRANGER), "that is no exception"),
        ((STRANGER, "--argument", "job_id"), "'job_id' is not of the form NAME=VALUE"),
        ((STRANGER, "--argument", "jb_id=1"), "there is no parameter 'jb_id'; did you mean 'job_id'?"),
        ((STRANGER, "--time-limit", "0"), "0"),
    ],
)
def test_command_that_cannot_run_says_why(arguments: tuple[str, ...], message: str) -> None:
    """What is wrong with an option is said, with exit code 2."""
    result = _verify(*arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_module_that_leaves_at_import_is_no_clean_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that ends the process when it is imported gives exit code 2."""
    (tmp_path / "leaves_at_import.py").write_text("raise SystemExit(0)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    result = _verify("leaves_at_import:anything")
    assert result.exit_code == 2
    assert "importing 'leaves_at_import' raised SystemExit" in result.output


def test_json_on_stdout_is_the_report() -> None:
    """With --format json stdout is the report and nothing else."""
    result = _verify(STRANGER, "--operation", "get_job", "--case", "1", "--format", "json", "--level", "tolerant")
    assert json.loads(result.stdout)["total"] == 1


class _Unspeakable(Exception):
    """An exception that cannot be shown."""

    def __str__(self) -> str:
        raise KeyError("no words")

    __repr__ = __str__


def test_every_word_of_an_exception_is_looked_at() -> None:
    """What led to it, its notes, and what cannot be shown are all told; a circle of causes ends."""
    first, second = ValueError("first"), _Unspeakable()
    first.add_note("noted")
    first.__cause__, second.__context__ = second, first
    words = list(words_of(first))
    assert words == [
        "ValueError('first')",
        "first",
        "noted",
        "a value whose repr raises KeyError",
        "an error whose text raises KeyError",
    ]
    assert excerpt(second) == "an error whose text raises KeyError"


def test_tokens_are_learned_from_what_is_sent() -> None:
    """Headers and the two ways to sign in tell the tokens; what follows a redirect, and what is short, tells none."""
    body = b'{"apiToken": "token-of-2021"}'
    sent = (
        SentRequest("GET", "http://runtime.test/x", "/x", {"Authorization": "Bearer token-in-header"}, b""),
        SentRequest("POST", "http://iam.test/t", "/t", {"X-Access-Token": "short"}, b"apikey=key-in-a-form&a=b"),
        SentRequest("POST", "http://runtime.test/l", "/l", {}, body),
        SentRequest("POST", "http://runtime.test/l", "/l", {}, b"apiToken"),
        SentRequest("GET", "https://elsewhere.test/", "/", {"Authorization": "Bearer token-elsewhere"}, b""),
    )
    assert list(credentials(sent)) == ["token-in-header", "key-in-a-form", "token-of-2021"]
