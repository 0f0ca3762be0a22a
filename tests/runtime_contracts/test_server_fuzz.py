"""A run against a server as a whole: what it needs, what it says, and that it can be repeated."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest
from werkzeug.wrappers import Request

from mock_runtime import Config, ManualClock, create_app
from mock_runtime.accounts import Token
from mock_runtime.transport.server import LiveServer
from runtime_contracts import documents, engine
from runtime_contracts.contract import Contract
from runtime_contracts.gate import Gate
from runtime_contracts.server_fuzz import fuzz_server
from runtime_contracts.violation import Violation
from tests.broken import servers
from tests.broken.serving import ALICE, BOB, Ask, Plant, Reply, served

CLOSED = "http://127.0.0.1:9"
PLAIN = "as sent it is good: nothing in it is wrong"
FORM = "as sent it is good: in a form every value is text"


def test_server_that_does_not_answer_is_a_problem() -> None:
    """Without a server the run says so, and is neither clean nor a violation."""
    report = fuzz_server(CLOSED, token=ALICE)
    assert report.problem == f"{CLOSED} does not answer (POST /identity/token: ConnectionError)"
    assert report.exit_code == 2


def test_token_that_is_refused_is_a_problem() -> None:
    """With a token that the server does not know, nothing can be said about it."""
    with served() as server:
        report = fuzz_server(server.url, token="somebody-else")
    assert report.problem == f"{server.url} refuses the token; pass one that it knows"


def test_login_that_fails_is_a_problem() -> None:
    """Without a session token half of the operations could not be called, so the run says what is missing."""
    with served(servers.logins_are_refused) as server:
        report = fuzz_server(server.url, token=ALICE)
    assert report.problem == "logging in at /api/users/loginWithToken answered 401 without a session token"


def test_session_token_can_be_given() -> None:
    """With a session token at hand no login is needed."""
    with served(servers.logins_are_refused) as server:
        report = fuzz_server(
            server.url, token=ALICE, access_token="given", operations=("get-version",), phases=("coverage",)
        )
    assert report.problem is None
    assert report.failures == ()


def test_server_that_lets_anybody_in_is_told_about() -> None:
    """A fake without fixed tokens fails the checks of credentials, and a note says how to start it."""
    app = create_app(Config(edition="legacy-2021", tokens=(), seed=7), clock=ManualClock())
    with LiveServer(app) as server:
        report = fuzz_server(server.url, token=ALICE, operations=("get-programs",), phases=("probes", "coverage"))
    assert {"credentials_refused", "ignored_auth"} <= {failure.check for failure in report.failures}
    assert any("serve --token" in note for note in report.notes)


def test_slow_answers_are_noticed() -> None:
    """An answer that takes longer than allowed is a failure of max_response_time."""
    with served() as server:
        report = fuzz_server(
            server.url, token=ALICE, operations=("get-version",), phases=("coverage",), max_response_time_s=1e-9
        )
    assert {failure.check for failure in report.failures} == {"max_response_time"}


def test_operation_without_a_case_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Operations that a visiting phase did not reach are one failure that lists them."""
    monkeypatch.setattr(engine, "run_engine", lambda *_, **__: None)
    with served() as server:
        operations = ("get-version", "get-network")
        report = fuzz_server(server.url, token=ALICE, operations=operations, phases=("coverage",))
    assert [(failure.title, failure.message) for failure in report.failures] == [
        ("operation_left_out", "no case was sent to get-version, get-network")
    ]


def test_request_that_cannot_be_made_is_told_apart() -> None:
    """When the engine cannot make a request, the failure says so and does not blame an answer."""
    with served(servers.logins_are_refused) as server:
        report = fuzz_server(
            server.url, token=ALICE, access_token="given", operations=("logout-user",), phases=("coverage",)
        )
    assert {failure.check for failure in report.failures} == {"engine_error", "operation_left_out"}


@pytest.mark.parametrize(
    ("plant", "operation", "reasons"),
    [
        (servers.ignores_bad_limits, "get-jobs", {PLAIN}),
        (servers.takes_any_form, "post-program", {PLAIN, FORM}),
    ],
)
def test_alarm_that_the_contract_does_not_share_is_kept_by_its_kind(
    plant: Plant, operation: str, reasons: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the generator calls a request broken and the contract calls it good, the alarm is kept as discarded."""
    monkeypatch.setattr(Contract, "check_request", lambda *_, **__: [])
    with served(plant) as server:
        report = fuzz_server(server.url, token=ALICE, operations=(operation,), phases=("coverage",))
    assert report.failures == ()
    kinds = {(kind.check, kind.operation, kind.reason) for kind in report.discarded}
    assert kinds == {("negative_data_rejection", operation, reason) for reason in reasons}
    assert "alarms were false and do not count" in report.to_text()


def test_refusal_of_what_the_contract_refuses_is_kept_by_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the generator calls a request good and the contract does not, the kind names the place and the rule."""
    violation = Violation("/body/programId", "a better one", "found")
    monkeypatch.setattr(Contract, "check_request", lambda *_, **__: [violation])
    with served(servers.refuses_images) as server:
        report = fuzz_server(server.url, token=ALICE, operations=("post-program-id",), phases=("coverage",))
    assert report.failures == ()
    assert {(kind.check, kind.reason) for kind in report.discarded} == {
        ("positive_data_acceptance", "as sent it is broken: /body/programId: a better one")
    }


def test_server_below_a_path_is_held_to_the_contract() -> None:
    """Alarms are judged by the contract also when the server is mounted below a path of its own."""
    app = create_app(
        Config(edition="legacy-2021", tokens=(Token(ALICE),), seed=7, prefix="/runtime"), clock=ManualClock()
    )
    with LiveServer(app) as server:
        report = fuzz_server(server.url, token=ALICE, operations=("get-jobs",), phases=("probes", "coverage"))
    assert server.url.rstrip("/").endswith("/runtime")
    assert report.failures == (), report.to_text()
    assert report.discarded == ()


def test_url_that_is_none_is_refused() -> None:
    """An address without a scheme is refused before anything is sent."""
    with pytest.raises(ValueError, match="is no http or https URL"):
        fuzz_server("localhost:8000", token=ALICE)


@pytest.mark.parametrize(
    ("name", "options"), [("phase", {"phases": ("guessing",)}), ("operation", {"operations": ("get-everything",)})]
)
def test_unknown_names_are_refused(name: str, options: dict[str, tuple[str, ...]]) -> None:
    """A phase or an operation that does not exist is refused before anything is sent."""
    with pytest.raises(ValueError, match=f"there is no {name}"):
        fuzz_server(CLOSED, token=ALICE, phases=options.get("phases", ()), operations=options.get("operations"))


def test_unknown_edition_is_refused() -> None:
    """An edition that does not exist is refused with the ones that do."""
    with pytest.raises(documents.UnknownDocumentError, match="legacy-2021"):
        fuzz_server(CLOSED, token=ALICE, edition="legacy-1999")


def test_ctrl_c_keeps_what_was_found() -> None:
    """A run that is stopped early says so, and reports what it had found."""
    seen: list[str] = []

    def stop(line: str) -> None:
        seen.append(line)
        if line == "phase coverage":
            raise KeyboardInterrupt

    with served(servers.lets_anybody_list) as server:
        report = fuzz_server(server.url, token=ALICE, operations=("get-programs",), progress=stop)
    assert report.interrupted
    assert report.exit_code == 130
    assert "credentials_required" in {failure.check for failure in report.failures}


def _requests_of(seed: int, edition: str) -> list[tuple[str, str, bytes]]:
    """Return the requests of one run against a fresh fake, as the server has met them."""
    met: list[tuple[str, str, bytes]] = []

    def listening(request: Request, ask: Ask) -> Reply:
        reply = ask(request)
        request.environ["wsgi.input"].seek(0)
        target = request.path + "?" + request.query_string.decode()
        met.append((request.method, target, request.environ["wsgi.input"].read()))
        return reply

    operations = {"platform": ("list_tags", "replace_job_tags"), "legacy-2021": ("get-jobs", "delete-job")}
    with served(listening, edition=edition) as server:
        fuzz_server(
            server.url,
            token=ALICE,
            other_token=BOB,
            seed=seed,
            operations=operations[edition],
            phases=("probes", "requests", "fuzzing", "journeys", "lifecycle"),
            journeys=("tags-are-replaced", "pages-are-stretches-of-the-list")[edition == "legacy-2021" :],
            max_examples=2,
            advance=server.advance,
        )
    return met


@pytest.mark.parametrize("edition", ["platform", "legacy-2021"])
def test_same_seed_sends_the_same_requests(edition: str) -> None:
    """Two runs with one seed send the same requests in the same order, byte for byte."""
    first = _requests_of(5, edition)
    assert len(first) > 100
    assert _requests_of(5, edition) == first


def test_another_seed_sends_other_requests() -> None:
    """The seed makes a difference to what is drawn."""
    runs = []
    for seed in (5, 6):
        with served() as server:
            report = fuzz_server(
                server.url, token=ALICE, seed=seed, operations=("get-jobs",), phases=("fuzzing",), max_examples=5
            )
        runs.append(report.statuses)
    assert runs[0] != runs[1]


@pytest.mark.parametrize("phase", ["probes", "coverage", "journeys"])
def test_time_limit_ends_a_run_with_what_was_found(phase: str) -> None:
    """When the time is over the run ends, says so, and keeps what it has found."""
    gates: list[Gate] = []
    standing = Gate.standing

    def stop(line: str) -> None:
        if line == f"phase {phase}":
            gates[0].end()

    def watched(gate: Gate) -> AbstractContextManager[None]:
        gates.append(gate)
        return standing(gate)

    with pytest.MonkeyPatch.context() as patched, served(servers.lets_anybody_list) as server:
        patched.setattr(Gate, "standing", watched)
        report = fuzz_server(
            server.url,
            token=ALICE,
            operations=("get-programs",),
            phases=("probes", "coverage", "journeys"),
            time_limit_s=600.0,
            progress=stop,
        )
    assert report.time_limit_s == 600.0
    assert not report.interrupted
    assert phase not in report.phases
    assert bool(report.failures) == (phase != "probes")
    assert f"the time of 600 s was over: {'' if report.failures else 'no '}" in report.to_text()


def test_document_that_lacks_operations_is_good_enough() -> None:
    """With somebody's own document, what needs an operation that is not in it is skipped, and the reason told."""
    document = documents.load("platform")
    del document["paths"]["/v1/workloads"]
    del document["paths"]["/v1/jobs/{id}/tags"]
    with served(edition="platform") as server:
        report = fuzz_server(
            server.url,
            token=ALICE,
            document=document,
            phases=("journeys", "lifecycle"),
            journeys=("tags-are-replaced", "a-result-comes-at-the-end-and-stays"),
            max_examples=1,
            advance=server.advance,
        )
    assert report.problem is None
    assert report.failures == ()
    assert [(one.outcome, one.reason) for one in report.journeys] == [
        ("passed", ""),
        ("skipped", "the document has no operation replace_job_tags"),
    ]
    assert "the lifecycle ended early: the document has no operation replace_job_tags" in report.notes
