"""The server gate: our fake is driven through every operation of the contract, and nothing may be found."""

from __future__ import annotations

import pytest

from mock_runtime import Config, ManualClock, create_app
from mock_runtime.accounts import Token
from mock_runtime.service import Limits
from mock_runtime.transport.server import LiveServer
from runtime_contracts import profiles
from runtime_contracts.collector import Collector
from runtime_contracts.contract import Contract
from runtime_contracts.exchange import Exchange, bearer, form_body, json_body
from runtime_contracts.report import Report
from runtime_contracts.server_fuzz import PHASES, fuzz_server

ALICE, BOB = "alice-token", "bob-token"
# What a server with ordinary limits and rights has no reason to answer; the last test below sees to each of them.
NEEDS_LIMITS = {
    "post-program": (403, 413),
    "put-program-data": (413,),
    "post-program-id": (413,),
    "get-job-logs": (410,),
    "login-with-token": (413,),
}


@pytest.fixture(scope="module")
def report() -> Report:
    """The report of one full run with a fixed seed."""
    clock = ManualClock()
    app = create_app(Config(edition="legacy-2021", tokens=(Token(ALICE), Token(BOB)), seed=7), clock=clock)

    def advance() -> None:
        clock.advance(1.0)

    with LiveServer(app) as server:
        return fuzz_server(server.url, token=ALICE, other_token=BOB, seed=20210507, advance=advance)


def test_fake_keeps_the_contract(report: Report) -> None:
    """No check finds anything, and the run came to its end."""
    assert report.failures == (), report.to_text()
    assert report.problem is None
    assert report.exit_code == 0


def test_every_journey_is_made(report: Report) -> None:
    """Every journey is true of the fake, and none had to be skipped."""
    assert [(journey.name, journey.outcome) for journey in report.journeys] == [
        (journey.name, "passed") for journey in profiles.of("legacy-2021").server.journeys
    ]


def test_no_alarm_is_discarded(report: Report) -> None:
    """Generator and contract agree on every request of the run, so no alarm has to be set aside."""
    assert report.discarded == ()


def test_every_operation_is_met_in_every_phase(report: Report) -> None:
    """No operation is left out, and each phase did something."""
    assert report.left_out == ()
    assert set(report.phases) == set(PHASES)
    for operation in Contract.of("legacy-2021").operations:
        assert {"probes", "coverage", "fuzzing"} <= set(report.cases[operation]), operation


def test_every_documented_answer_is_met(report: Report) -> None:
    """Every documented status came up, apart from those that need unusual limits or rights."""
    assert report.unmet == NEEDS_LIMITS


def test_answers_at_the_limits_keep_the_contract() -> None:
    """A server with narrow limits gives the remaining documented answers, each as documented."""
    clock = ManualClock()
    config = Config(
        edition="legacy-2021",
        tokens=(Token(ALICE, may_upload=False), Token(BOB)),
        seed=7,
        max_body_bytes=2000,
        limits=Limits(logs_kept_s=60.0),
    )
    contract = Contract.of("legacy-2021")
    collector = Collector("server", "limits", "legacy-2021", 7, dict.fromkeys(contract.operations, ()))
    form, form_type = form_body({"name": "mine"}, source=b"pass")
    large_form, large_type = form_body({"name": "mine"}, source=b"#" * 5000)
    alice, bob = bearer(ALICE), bearer(BOB)
    with LiveServer(create_app(config, clock=clock)) as server:
        exchange = Exchange(contract, server.url.rstrip("/"), collector, "limits")
        exchange.call("post-program", headers={**alice, "Content-Type": form_type}, body=form)
        exchange.call("post-program", headers={**bob, "Content-Type": large_type}, body=large_form)
        exchange.call("post-program", headers={**bob, "Content-Type": form_type}, body=form)
        text = {**bob, "Content-Type": "text/plain"}
        exchange.call("put-program-data", headers=text, values={"id": "mine"}, body=b"#" * 5000)
        long = json_body({"programId": "runtime-simple", "params": ["x" * 5000]})
        exchange.call("post-program-id", headers=bob, body=long)
        exchange.call("login-with-token", headers={}, body=json_body({"apiToken": "x" * 5000}))
        short = json_body({"programId": "runtime-simple", "params": ['{"iterations": 1}']})
        job = exchange.call("post-program-id", headers=bob, body=short).get("id")
        clock.advance(3600.0)
        exchange.call("get-job-logs", headers=bob, values={"jid": job})
        exchange.close()
    assert collector.failures == {}
    for operation, statuses in NEEDS_LIMITS.items():
        assert set(statuses) <= set(collector.statuses[operation]), operation
