"""Which case a request gets, and what the request makes of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from runtime_contracts.answers.answers import Answers, NoSuchCaseError
from runtime_contracts.answers.case import Answer
from runtime_contracts.answers.senses import Asked
from runtime_contracts.contract import Contract
from runtime_contracts.options import UnknownNameError

PLATFORM, CLASSIC = Contract.of("platform"), Contract.of("legacy-2021")
JOB = "/api/v1/jobs/abc"


def ask(answers: Answers, operation: str, path: str, query: str = "", **asked: Any) -> Answer:
    """The answer to a request."""
    found = answers.contract.operations[operation]
    return answers.answer(found, Asked(method=found.method, path=path, query=query, **asked))


def by_name(answers: Answers, operation: str, name: str) -> int:
    """The number of a designed case."""
    cases = answers.listed(operation, offset=0, limit=5000)
    return next(int(case["case"]) for case in cases if case["name"] == name)


def test_cases_come_one_after_the_other() -> None:
    """Each operation counts for itself."""
    answers = Answers(PLATFORM, seed=7)
    numbers = [ask(answers, "get_job", JOB).number for _ in range(3)]
    numbers.append(ask(answers, "get_versions", "/api/v1/versions").number)
    assert numbers == [0, 1, 2, 0]


@pytest.mark.parametrize(("wanted", "statuses"), [("success", {200}), ("2xx", {200}), ("4xx", {400, 401, 403, 404}),
                                                  ("404", {404})])  # fmt: skip
def test_statuses_can_be_chosen(wanted: str, statuses: set[int]) -> None:
    """Only those come in turn; a number that is asked for comes whatever its status is."""
    answers = Answers(PLATFORM, seed=7, statuses=wanted)
    assert {ask(answers, "get_job", JOB).status for _ in range(120)} == statuses
    named = by_name(answers, "get_job", "401, the least")
    assert ask(answers, "get_job", JOB, headers={"mock-runtime-case": str(named)}).status == 401


def test_an_operation_without_such_a_status_is_left_to_others() -> None:
    """There is no 429 of a job; to ask for it is to ask for nothing."""
    answers = Answers(PLATFORM, statuses="429")
    operations = answers.contract.operations
    assert [name for name in ("get_job", "create_job") if answers.answers_to(operations[name])] == ["create_job"]


def test_one_case_for_all_and_one_for_one() -> None:
    """`case` holds for every operation, `pin` for one; None ends either."""
    answers = Answers(PLATFORM, seed=7, case=3)
    assert ask(answers, "get_versions", "/api/v1/versions").number == 3
    answers.pin("get_job", 5)
    assert ask(answers, "get_job", JOB).number == 5
    answers.pin("get_job", None)
    assert ask(answers, "get_job", JOB).number == 3
    answers.choose(case=None)
    assert ask(answers, "get_job", JOB).number == 0


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "1e3", "\u0661", "9" * 16, "1,2", "0x10"])
def test_a_header_that_is_no_number_is_refused(text: str) -> None:
    """With a sentence that says what is one."""
    with pytest.raises(NoSuchCaseError, match="the number of a case is 0 or more"):
        ask(Answers(PLATFORM), "get_job", JOB, headers={"mock-runtime-case": text})


def test_what_is_not_there_is_refused() -> None:
    """Modes, statuses, operations and numbers."""
    with pytest.raises(ValueError, match="there are no answers 'odd'; known: generated, broken"):
        Answers(PLATFORM, mode="odd")
    with pytest.raises(ValueError, match="no statuses are called '6xx'"):
        Answers(PLATFORM, statuses="6xx")
    with pytest.raises(UnknownNameError, match="get_jobs"):
        Answers(PLATFORM, operations=["get_jobs"])
    with pytest.raises(NoSuchCaseError, match="0 or more"):
        Answers(PLATFORM, case=-1)
    with pytest.raises(UnknownNameError, match="nothing"):
        Answers(PLATFORM).pin("nothing", 1)


def test_the_thing_that_was_asked_for_comes() -> None:
    """Its id is that of the path, percent-decoded, in every case of success."""
    answers = Answers(PLATFORM, seed=7, statuses="success")
    answered = [ask(answers, "get_job", "/api/v1/jobs/a-b_9") for _ in range(60)]
    assert {answer.value["id"] for answer in answered} == {"a-b_9"}
    named = [ask(answers, "get_backend_configuration", "/api/v1/backends/ibm%5Fx/configuration") for _ in range(9)]
    assert {answer.value["backend_name"] for answer in named} == {"ibm_x"}


def test_an_id_that_the_document_forbids_is_not_repeated() -> None:
    """The answer stays right: whoever asks for nonsense gets some other job."""
    answers = Answers(PLATFORM, seed=7, statuses="success")
    answer = ask(answers, "get_job", "/api/v1/jobs/%20")
    assert answer.value["id"] != " "


def test_what_was_made_can_be_asked_for() -> None:
    """An id as the service gives them, and what the caller said of it; or the id that an honest server gave."""
    answers = Answers(PLATFORM, seed=7, statuses="success")
    body = json.dumps({"backend": "ibm_fez", "session_id": "s-1", "program_id": "sampler"}).encode()
    made = [ask(answers, "create_job", "/api/v1/jobs", body=body).value for _ in range(30)]
    assert {value["backend"] for value in made} == {"ibm_fez"}
    assert {value.get("session_id", "s-1") for value in made} == {"s-1"}
    assert all(len(value["id"]) == 20 and value["id"].isalnum() for value in made)
    assert ask(answers, "create_job", "/api/v1/jobs", body=body, made={"id": "honest"}).value["id"] == "honest"
    odd = [b"\xff", b"[]", b"[" * 100_000, b'{"backend": 7}', b" " * 2_000_000]
    assert all("id" in ask(answers, "create_job", "/api/v1/jobs", body=body).value for body in odd)


def test_a_list_is_paged_as_it_was_asked_for() -> None:
    """Its pages belong to one list, and end; ids occur once."""
    answers = Answers(PLATFORM, seed=7)
    answers.pin("list_jobs", by_name(answers, "list_jobs", "every list long"))
    ids: list[str] = []
    for offset in range(0, 1000, 50):
        page = ask(answers, "list_jobs", "/api/v1/jobs", f"limit=50&offset={offset}").value
        assert (page["limit"], page["offset"]) == (50, offset)
        ids += [job["id"] for job in page["jobs"]]
        if not page["jobs"]:
            break
    assert len(ids) == len(set(ids)) == page["count"] > 100


def test_the_pages_that_follow_are_of_the_same_case() -> None:
    """The case goes on with the next list."""
    answers = Answers(CLASSIC, seed=7, statuses="success")
    numbers = [ask(answers, "get-jobs", "/jobs", query).number for query in ("", "offset=10", "offset=20", "", "")]
    assert numbers[0] == numbers[1] == numbers[2] < numbers[3] < numbers[4]


def test_a_cursor_leads_to_the_last_page() -> None:
    """Which has no further one; both name the server that was asked."""
    answers = Answers(PLATFORM, seed=7)
    answers.pin("find_instance_workloads", by_name(answers, "find_instance_workloads", "200, with everything"))
    path = "/api/v1/workloads"
    first = ask(answers, "find_instance_workloads", path, "limit=1&next=", origin="http://here").value
    assert "next" not in first
    first = ask(answers, "find_instance_workloads", path, "limit=1", origin="http://here").value
    assert first["next"]["href"] == "http://here/api/v1/workloads?limit=1&next=the-last-page"
    assert (len(first["workloads"]), first["limit"], "previous" in first) == (1, 1, False)
    last = ask(answers, "find_instance_workloads", path, "limit=1&next=the-last-page").value
    assert ("next" in last, "previous" in last) == (False, True)
    assert first["workloads"][0]["id"] != last["workloads"][0]["id"]


def test_a_client_that_polls_comes_to_an_end() -> None:
    """Though it is told to answer with one case only, which is a job in the queue; but not with the header."""
    answers = Answers(PLATFORM, seed=7)
    queued = by_name(answers, "get_job", "/state/status is Queued")
    answers.choose(case=queued)
    states = [ask(answers, "get_job", JOB).value["state"]["status"] for _ in range(5)]
    assert states == ["Queued"] * 3 + ["Completed"] * 2
    header = {"mock-runtime-case": str(queued)}
    forced = {ask(answers, "get_job", JOB, headers=header).value["state"]["status"] for _ in range(5)}
    assert forced == {"Queued"}


@pytest.mark.parametrize(
    ("contract", "operation", "path"),
    [(PLATFORM, "get_job_results_jid", f"{JOB}/results"),
     (CLASSIC, "get-programs-id-jobs-jid-results", "/jobs/abc/results")],
)  # fmt: skip
def test_results_come_in_the_end(contract: Contract, operation: str, path: str) -> None:
    """A fourth 204 in a row is a result instead; another job waits for itself."""
    answers = Answers(contract, seed=7)
    answers.choose(case=by_name(answers, operation, "204 without a body"))
    assert [ask(answers, operation, path).status for _ in range(5)] == [204, 204, 204, 200, 200]
    assert ask(answers, operation, path.replace("abc", "other")).status == 204


def test_the_shape_of_the_list_follows_the_version() -> None:
    """Names before 2025, objects since; every name can stand in a path."""
    answers = Answers(PLATFORM, seed=7, statuses="success")
    for number in range(0, 200, 3):
        header = {"mock-runtime-case": str(number), "ibm-api-version": "2025-01-01"}
        answer = ask(answers, "list_backends", "/api/v1/backends", headers=header)
        if answer.status == 200:
            assert all(set(device) >= {"name", "status", "queue_length"} for device in answer.value["devices"])
        old = ask(answers, "list_backends", "/api/v1/backends", headers={"mock-runtime-case": str(number)})
        if old.status == 200:
            assert all(isinstance(name, str) and name and "/" not in name for name in old.value["devices"])


def test_the_account_of_2021_leads_back_here() -> None:
    """Its addresses are those of the server, its token fits into a header."""
    answers = Answers(CLASSIC, seed=7, statuses="success")
    users = [ask(answers, "get-user", "/api/users/me", origin="http://here").value for _ in range(40)]
    assert {user["urls"]["http"] for user in users} == {"http://here/api"}
    assert {user["urls"]["services"]["runtime"] for user in users if "services" in user["urls"]} == {"http://here"}
    tokens = [ask(answers, "login-with-token", "/api/users/loginWithToken").value["id"] for _ in range(30)]
    assert all(token.isascii() and token.isalnum() for token in tokens)
    honest = {"id": "t", "urls": {"http": "http://own/api", "ws": "ws://own/", "services": {"runtime": "http://own"}}}
    user = ask(answers, "get-user", "/api/users/me", made=honest).value
    assert user["urls"]["http"] == "http://own/api"
    assert ask(answers, "login-with-token", "/api/users/loginWithToken", made=honest).value["id"] == "t"


def test_a_device_that_is_known_is_named() -> None:
    """Where an honest server answers the rest, a job and a session are on the device that it says."""
    answers = Answers(PLATFORM, seed=7, statuses="success", operations=["get_job", "get_session"])
    assert answers.wants_what_is_made
    made = {"backend": "ibm_fez", "backend_name": "ibm_fez"}
    jobs = [ask(answers, "get_job", JOB, made=made).value for _ in range(20)]
    assert {job.get("backend", "ibm_fez") for job in jobs} == {"ibm_fez"}
    sessions = [ask(answers, "get_session", "/api/v1/sessions/s", made=made).value for _ in range(20)]
    assert {session["backend_name"] for session in sessions} <= {"ibm_fez", None}


def test_broken_answers_keep_their_fault() -> None:
    """The id of the path comes where it does not mend what is broken."""
    answers = Answers(PLATFORM, mode="broken", seed=7)
    found = PLATFORM.operations["get_job"]
    for _ in range(150):
        answer = ask(answers, "get_job", "/api/v1/jobs/mine")
        wrong = PLATFORM.check_response(found, answer.status, headers=dict(answer.headers), body=answer.body)
        assert wrong or answer.wire is not None, answer.fault


def test_many_threads_and_many_requests() -> None:
    """Each case is handed out once, and what is remembered is bounded."""
    answers = Answers(PLATFORM, seed=7, operations=["get_versions"])

    def one(number: int) -> int:
        return ask(answers, "get_versions", "/api/v1/versions").number

    with ThreadPoolExecutor(8) as executor:
        numbers = list(executor.map(one, range(1200)))
    assert sorted(numbers) == list(range(1200))
    assert len(answers.sent) == 1000
    answers.choose(case=by_name(answers, "get_job", "/state/status is Queued"))
    for number in range(5000):
        ask(answers, "get_job", f"/api/v1/jobs/j{number}")
    assert len(answers._waits) == 4096


def test_the_overview_tells_what_there_is() -> None:
    """How many designed cases an operation has, how many were served, which comes next."""
    answers = Answers(CLASSIC, seed=7, statuses="success")
    ask(answers, "get-version", "/api/version")
    told = answers.overview()
    (version,) = [entry for entry in told["operations"] if entry["id"] == "get-version"]
    assert (told["mode"], told["seed"], told["status"], told["case"]) == ("generated", 7, "success", None)
    assert version["designed"] == answers.designed("get-version") > 20
    assert (version["next"], version["served"], version["answered"]) == (1, 1, True)
    assert answers.sent[0].as_dict()["name"] == "200, the least"


def test_a_case_has_a_number_from_0_on() -> None:
    """Python would count a negative one from the end, and give an answer that no server gives."""
    answers = Answers(Contract.of("platform"), mode="generated", seed=7)
    with pytest.raises(ValueError, match="0 or more, and not -1"):
        answers.case("get_versions", -1)
