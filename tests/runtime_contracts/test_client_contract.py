"""The fixture `client_contract`, and the runs behind it: numbers of cases, seeds, levels, and what a failure says."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time  # noqa: TID251 - it is looked at, not used
from pathlib import Path
from typing import Any

import pytest
import requests

from runtime_contracts import client_fuzz
from runtime_contracts.client_contract import ClientContract, ClientContractError, ContractViolated
from runtime_contracts.client_fuzz import fuzz_client
from runtime_contracts.inferring import Wishes
from runtime_contracts.report import Report
from tests.broken import strangers
from tests.broken.stranger_base import HonestError
from tests.broken.stranger_classes import async_get_job
from tests.runtime_contracts.reference_driver import driver

CLIENT = '''
import requests

class MyError(Exception):
    """Mine."""

def fetch_job(url, job_id, token):
    crn = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"
    headers = {"Authorization": f"Bearer {token}", "Service-CRN": crn}
    try:
        answer = requests.get(f"{url}/v1/jobs/{job_id}", headers=headers, timeout=5, allow_redirects=False)
        if answer.status_code != 200:
            raise MyError(f"status {answer.status_code}")
        return answer.json()["state"]["status"]
    except (requests.RequestException, ValueError, RecursionError, TypeError, KeyError) as error:
        raise MyError(type(error).__name__) from None
'''
TEST = """
import pytest
import my_package

def get(url):
    return my_package.fetch_job(url, "d1bchgmo6sec73evkqo0", token="any token at all")

def test_my_client(client_contract):
    client_contract.check(
        get, operation="get_job", raises=my_package.MyError,
        expected=lambda value: value["state"]["status"], level="tolerant",
    )

def test_strictly(client_contract):
    client_contract.check(get, raises=my_package.MyError)

@pytest.mark.mock_runtime(edition="2021")
def test_of_another_edition(client_contract):
    client_contract.check(get)
"""


@pytest.fixture
def contract(tmp_path: Path) -> ClientContract:
    """What the fixture gives."""
    return ClientContract(report_dir=tmp_path)


def test_fixture_holds_a_client_to_the_contract(pytester: pytest.Pytester, tmp_path: Path) -> None:
    """One client passes at one level and fails at another, with findings, a report, and a way to repeat it."""
    pytester.makepyfile(my_package=CLIENT, test_my=TEST)
    folder = tmp_path / "reports"
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", f"--client-contract-report={folder}")
    result.assert_outcomes(passed=1, failed=2)
    text = result.stdout.str()
    assert "ContractViolated: get breaks the contract:" in text
    assert "again: client_contract.replay(..., operation='get_job', case=" in text
    assert "accepts_broken: get_job" in text
    assert "wrong_operation" in text
    assert "any token at all" not in text
    reports = sorted(folder.rglob("client-*.json"))
    assert [json.loads(file.read_text())["edition"] for file in reports] == ["platform", "legacy-2021", "platform"]


def test_fixture_without_the_extra_says_what_to_install(pytester: pytest.Pytester) -> None:
    """Where the optional parts are not there the test fails with one sentence."""
    pytester.makeconftest("import sys\nsys.modules['runtime_contracts.client_contract'] = None")
    pytester.makepyfile("def test_it(client_contract):\n    pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(errors=1)
    assert "install mock-runtime[contract]" in result.stdout.str()


def test_replay_shows_one_case_again(contract: ClientContract) -> None:
    """The number in a finding gives that finding again, and nothing else."""
    with pytest.raises(ContractViolated, match="closed_enum") as raised:
        contract.check(strangers.closed_enum, operation="get_job", level="tolerant", phases=("answers",))
    number = re.search(r"case=(\d+)", str(raised.value))
    assert number is not None
    with pytest.raises(ContractViolated) as again:
        contract.replay(strangers.closed_enum, operation="get_job", case=int(number[1]), level="tolerant")
    assert again.value.report.total == 1
    assert [failure.message.splitlines()[0] for failure in again.value.report.failures] == [
        raised.value.report.failures[0].message.splitlines()[0]
    ]


def test_numbers_do_not_depend_on_what_is_run() -> None:
    """A case has its number whichever phases a run has, and the same seed makes the same random ones."""
    seen: list[dict[int, bytes]] = []
    for phases in (("fuzzing",), ("answers", "fuzzing", "arguments")):
        found: dict[int, bytes] = {}
        for number in (1, 400, 420):
            report = fuzz_client(
                strangers.believes_types, operations=["list_tags"], phases=phases, case=number, seed=3, max_examples=6
            )
            found[number] = report.to_text().encode()
        seen.append(found)
    assert seen[0] == seen[1]


@pytest.mark.parametrize("seed", [1, 2])
def test_same_seed_gives_the_same_report(seed: int) -> None:
    """Two runs of a client without a driver are equal."""
    first, second = (
        fuzz_client(strangers.unquoted_id, phases=("arguments",), seed=seed, max_examples=10) for _ in range(2)
    )
    assert first.failures
    assert first == second


def test_smallest_answer_is_shown() -> None:
    """What has nothing to do with a finding is left out of the answer that shows it."""
    report = fuzz_client(strangers.closed_enum, level="tolerant", phases=("answers",), profile="quick")
    leaks = [found for found in report.failures if found.check == "leaks_exception"]
    (failure,) = (found for found in leaks if "Cancelled" in found.message)
    body = json.loads(failure.reproduce.partition("body ")[2].splitlines()[0])
    assert body["state"] == {"status": "Cancelled"}
    assert set(body) == {"id", "state", "status", "program", "created", "cost"}
    assert "tests/broken/strangers.py" in failure.message
    assert "in closed_enum: return _State(" in failure.message


def test_class_is_held_to_the_contract(contract: ClientContract) -> None:
    """Methods that break it are named, methods that send nothing are left out with a note."""

    class Client:
        def __init__(self, url: str, token: str) -> None:
            self.url, self.headers = url, {"Authorization": f"Bearer {token}"}

        def get_job(self, job_id: str) -> Any:
            """Ask for a job, without a CRN."""
            return requests.get(f"{self.url}/v1/jobs/{job_id}", headers=self.headers, timeout=5).json()

        def add(self) -> int:
            """Send nothing."""
            return 1

        def needs(self, nobody_knows_what: object) -> None:
            """Take what cannot be guessed."""

    with pytest.raises(ContractViolated, match="request_conformance: get_job") as raised:
        contract.check_class(Client, phases=("answers",), level="tolerant", raises=(HonestError, ValueError))
    nothing, unknown = raised.value.report.notes
    assert nothing == "left out: Client.add sent no request that could be seen; it returned 1"
    assert unknown.startswith("left out: nothing is known to fill in for the parameter 'nobody_knows_what' of ")


def test_driver_is_held_to_the_contract(contract: ClientContract) -> None:
    """A driver passes, can be replayed, and what is none is refused with a hint."""
    assert contract.driver(driver, operations=("get-version",), phases=("answers",)).exit_code == 0
    assert contract.replay(driver, operation="get-version", case=1).total == 1
    with pytest.raises(ClientContractError, match="is no client driver; check is for functions"):
        contract.driver(strangers.honest_get_job)  # type: ignore[arg-type]


def _sends_nothing(url: str) -> str:
    return url


def _raises_at_once(url: str) -> None:
    raise LookupError(url)


def _wants_to_know(url: str, moon: str) -> None:
    """Ask for what nobody knows."""


def _by_position(url: str, /) -> None:
    """Take nothing by name."""


@pytest.mark.parametrize(
    ("subject", "options", "message"),
    [
        (_sends_nothing, {}, "_sends_nothing sent no request that could be seen; it returned"),
        (
            _raises_at_once,
            {},
            "_raises_at_once raised LookupError: http://runtime.test/api before it sent anything, at ",
        ),
        (_wants_to_know, {}, "nothing is known to fill in for the parameter 'moon' of _wants_to_know"),
        (_wants_to_know, {"arguments": {"mon": 1}}, "there is no parameter 'mon'; did you mean 'moon'?"),
        (_by_position, {}, "_by_position takes 'url' by position only; wrap it in a function"),
        (object, {}, "object has no public method"),
    ],
)
def test_what_cannot_be_judged_is_explained(contract: ClientContract, subject: Any, options: Any, message: str) -> None:
    """A client of which nothing can be said is told from one that breaks the contract."""
    with pytest.raises(ClientContractError, match=re.escape(message)):
        contract.check(subject, **options)


def test_undocumented_path_is_a_finding(contract: ClientContract) -> None:
    """A client that asks for nothing that is documented breaks the contract, whatever it makes of the answer."""

    def get_moon(url: str) -> Any:
        return requests.get(f"{url}/v9/moons/of/jupiter/and/saturn", timeout=5).text

    with pytest.raises(ContractViolated, match="asked for GET /api/v9/moons/of/jupiter/and/saturn"):
        contract.check(get_moon)


def test_expected_tells_what_an_answer_means(contract: ClientContract) -> None:
    """With `expected` the value that a client returns is compared."""
    with pytest.raises(ContractViolated, match="decodes_wrong: get_job"):
        contract.check(
            strangers.honest_get_job, expected=lambda value: value["id"], level="tolerant", phases=("answers",)
        )


def test_interrupted_run_stays_interrupted(contract: ClientContract, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the test, and not only the run."""
    report = Report("client", "t", "e", 1, interrupted=True)
    monkeypatch.setattr("runtime_contracts.client_contract.fuzz_client", lambda *_, **__: report)
    with pytest.raises(KeyboardInterrupt):
        contract.check(strangers.honest_get_job)


def test_time_limit_ends_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run ends when its time is over, and says so."""
    report = fuzz_client(strangers.honest_get_job, level="tolerant", time_limit_s=0.000001, phases=("answers",))
    assert report.time_limit_s == 0.000001
    assert report.exit_code == 0


@pytest.mark.parametrize("options", [{"level": "angry"}, {"profile": "slow"}, {"operations": ["get_moon"]}])
def test_unknown_names_are_refused(options: Any) -> None:
    """A level, a profile or an operation that does not exist is refused, with those that do."""
    with pytest.raises(ValueError, match=r"there is no .*; known: "):
        fuzz_client(strangers.honest_get_job, **options)


def test_wishes_reach_the_client() -> None:
    """Values for parameters and tokens are taken from the user of the run, and no token is in the report."""
    secret = "the-secret-of-the-user"
    wishes = Wishes(arguments={"token": secret}, secrets=(secret,))
    report = fuzz_client(strangers.token_in_the_error, wishes=wishes, level="tolerant", phases=("answers",), case=1)
    assert [failure.check for failure in report.failures] == ["leaks_secret"]
    assert secret not in report.to_json()


def test_running_loop_is_no_place_for_a_run() -> None:
    """Inside a coroutine the run says that it cannot be made there."""

    async def inside() -> Report:
        return client_fuzz.fuzz_client(async_get_job)

    report = asyncio.run(inside())
    assert report.problem is not None
    assert "an event loop is running already" in report.problem


def test_main_module_is_not_touched() -> None:
    """Clocks and sleeping are as before after a run."""
    before = (time.sleep, time.monotonic, sys.stdout)
    fuzz_client(strangers.sleeps_a_minute, phases=(), level="tolerant")
    assert (time.sleep, time.monotonic, sys.stdout) == before
