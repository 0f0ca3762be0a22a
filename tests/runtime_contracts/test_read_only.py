"""A run that only reads: nothing but GET leaves, and what was left out is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.wrappers import Request

from runtime_contracts.options import ServerSettings
from runtime_contracts.report import Report
from runtime_contracts.server_fuzz import fuzz_server
from tests.broken.serving import ALICE, BOB, Ask, Reply, served

CRN = (
    "crn:v1:bluemix:public:quantum-computing:us-east:a/5908d5f40a9fd19225ff4a8e76b26e88:421e2c20-341f-4105-a36c-6e4d::"
)
OPERATIONS = {
    "platform": ("list_jobs", "get_job", "create_job", "get_job_results_jid"),
    "legacy-2021": ("get-jobs", "get-programs", "post-program-id", "get-user"),
}


class FailsOnWriting:
    """Break down at everything that is not a GET, apart from the exchange of a key."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        self.asked.append(f"{request.method} {request.path}")
        exchange = (request.method, request.path) == ("POST", "/identity/token")
        return ask(request) if exchange or request.method == "GET" else Reply(500)


def _read(edition: str, plant: Callable[[Request, Ask], Reply], **options: object) -> Report:
    with served(plant, edition=edition) as server:
        return fuzz_server(
            server.url,
            edition=edition,
            token=ALICE,
            other_token=BOB,
            instance=CRN,
            other_instance=f"{CRN[:-4]}77::",
            read_only=True,
            rate_per_s=10_000.0,
            **options,  # type: ignore[arg-type]
        )


@pytest.mark.parametrize("edition", OPERATIONS)
def test_nothing_but_reading_leaves(edition: str) -> None:
    """A server that breaks down at any other method is found to be without fault."""
    plant = FailsOnWriting()
    report = _read(edition, plant, operations=OPERATIONS[edition], max_examples=1)
    assert report.problem is None
    assert report.failures == (), report.to_text()
    assert {line.partition(" ")[0] for line in plant.asked} - {"GET"} <= {"POST"}
    assert {line for line in plant.asked if line.startswith("POST")} <= {"POST /identity/token"}
    assert set(report.phases) == {"probes", "requests", "examples", "fuzzing", "journeys"}
    assert any("create_job" in thing or "post-program-id" in thing for thing in report.not_done)
    assert any("lifecycle" in thing for thing in report.not_done)
    assert "left out: " in report.to_text()


def test_phase_that_is_asked_for_reads_as_well() -> None:
    """What somebody asks for beyond the usual sends no other method either."""
    plant = FailsOnWriting()
    report = _read(
        "platform", plant, phases=("coverage",), operations=("list_backends", "get_backend_status"), max_examples=2
    )
    assert report.failures == (), report.to_text()
    assert {line for line in plant.asked if not line.startswith("GET")} == {"POST /identity/token"}


def test_phase_that_writes_is_refused_before_it_does() -> None:
    """The lifecycle is nothing for a run that reads: it ends where it would write."""
    plant = FailsOnWriting()
    report = _read("platform", plant, phases=("lifecycle",))
    assert report.exit_code == 2
    assert "was not sent: the run is read-only" in str(report.problem)
    assert {line for line in plant.asked if not line.startswith("GET")} == {"POST /identity/token"}


@pytest.mark.parametrize("missing", ["instance", "other_instance"])
def test_instance_has_to_be_named(missing: str) -> None:
    """Instances are searched for with POST, so a run that only reads has to be told."""
    given = {"instance": CRN, "other_instance": CRN, missing: None}
    with served(FailsOnWriting(), edition="platform") as server:
        report = fuzz_server(server.url, token=ALICE, other_token=BOB, read_only=True, **given)  # type: ignore[arg-type]
    assert report.exit_code == 2
    assert f"name it: --{missing.replace('_', '-')} CRN" in str(report.problem)


def test_session_token_may_be_given() -> None:
    """In 2021 logging in makes a session; with a token at hand what needs one is read as well."""
    plant = FailsOnWriting()
    report = _read("legacy-2021", plant, phases=("probes",), operations=("get-user",))
    assert report.total == 0
    with served(edition="legacy-2021") as server:
        alone = fuzz_server(
            server.url,
            token=ALICE,
            access_token="given",
            read_only=True,
            operations=("get-version",),
            phases=("probes",),
        )
    assert alone.exit_code == 0
    assert not any("session token" in thing for thing in alone.not_done)


def test_429_is_a_wish_and_no_violation() -> None:
    """A server that says 429 to whoever is polite is not reported for it."""

    def plant(request: Request, ask: Ask) -> Reply:
        busy = request.path.endswith("/v1/instance")
        return Reply(429, {"Retry-After": "0", "Content-Type": "text/plain"}, b"later") if busy else ask(request)

    report = _read("platform", plant, operations=("get_instance",), phases=("requests", "coverage"))
    assert report.failures == (), report.to_text()
    assert set(report.statuses["get_instance"]) == {429}


def test_explicit_wins_over_profile() -> None:
    """What is given holds; else the profile; and a run that only reads does less of everything."""
    assert ServerSettings().examples == 15
    assert ServerSettings(profile="nightly").examples == 200
    assert ServerSettings(profile="nightly", max_examples=3).examples == 3
    assert ServerSettings(read_only=True).examples == 3
    assert ServerSettings(profile="quick").chosen_phases == ("probes", "requests", "examples", "journeys", "lifecycle")
    assert ServerSettings(profile="quick", phases=("stateful",)).chosen_phases == ("stateful",)
    assert "coverage" not in ServerSettings(read_only=True).chosen_phases
    assert "coverage" in ServerSettings(read_only=True, profile="nightly").chosen_phases
    assert ServerSettings(read_only=True).rate == 4.0
    assert ServerSettings(read_only=True, rate_per_s=9.0).rate == 9.0
    assert ServerSettings().rate is None
    assert (ServerSettings(profile="quick").walks, ServerSettings(max_examples=4).walks) == (2, 4)
    with pytest.raises(ValueError, match="there is no profile 'slow'; known: quick, ci, nightly"):
        _ = ServerSettings(profile="slow").run_profile
