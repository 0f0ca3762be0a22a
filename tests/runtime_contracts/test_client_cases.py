"""The cases that clients are fed: mutations, faults of the wire, and what has to be done with them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import requests

from runtime_contracts.client_cases import ClientCase, cases, judged
from runtime_contracts.client_driver import Arguments, ClientDriver, DriverNotLoadedError, load_driver
from runtime_contracts.client_fuzz import fuzz_client
from runtime_contracts.contract import Contract
from runtime_contracts.feeding import ORIGIN, Feed, FeedingAdapter, fed_session
from runtime_contracts.mutations import mutations
from runtime_contracts.wire_faults import OF_ANY_BODY, OF_JSON, OF_NO_BODY, OF_THE_STATUS, Policy, WireFault
from tests.runtime_contracts.reference_driver import driver

CONTRACT = Contract.of("legacy-2021")
JOB = CONTRACT.operations["get-programs-id-jobs-jid"]


def _by_name(operation: str, status: int) -> dict[str, ClientCase]:
    found = [case for case in cases(CONTRACT, CONTRACT.operations[operation]) if case.feed.status == status]
    return {case.name: case for case in found}


def test_each_mutation_differs_in_one_place() -> None:
    """A small schema gives exactly these mutations, each named after its place."""
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "boolean"}}}
    found = {mutation.name: mutation.value for mutation in mutations({}, schema, {"a": True})}
    assert found["as documented"] == {"a": True}
    assert found["/a is missing"] == {}
    assert found["/a is null"] == {"a": None}
    assert found["/a is the other truth value"] == {"a": False}
    assert found["/ is a text"] == "text"
    assert found["/ has an unknown property"]["a"] is True
    assert len(found) == len({json.dumps(value) for value in found.values()})


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("as documented", Policy.ACCEPT),
        ("/status is missing", Policy.REFUSE),
        ("/status is null", Policy.REFUSE),
        ("/status is the text 'Failed'", Policy.ACCEPT),
        ("/status is the text 'x'", Policy.UNUSUAL),
        ("/params is empty", Policy.ACCEPT),
        ("/params/0 is an integer", Policy.REFUSE),
        ("/ has an unknown property", Policy.ACCEPT),
        ("NaN", Policy.REFUSE),
        ("/created is the text ''", Policy.UNUSUAL),
        ("the content type image/png", Policy.UNUSUAL),
        ("the charset utf-16", Policy.UNUSUAL),
        ("no content type", Policy.UNUSUAL),
        ("the connection is cut", Policy.REFUSE),
    ],
)
def test_policy_follows_from_the_validator(name: str, policy: Policy) -> None:
    """What is broken must be refused, what is only unusual may be, and what is valid must be understood."""
    assert _by_name("get-programs-id-jobs-jid", 200)[name].policy is policy


def test_other_successes_are_unusual_and_redirects_either() -> None:
    """A success that the document does not know must be refused; a redirect may be followed."""
    policies = {case.feed.status: case.policy for case in cases(CONTRACT, JOB) if case.feed.status in {206, 299, 302}}
    assert policies == {206: Policy.UNUSUAL, 299: Policy.UNUSUAL, 302: Policy.EITHER}
    assert _by_name("delete-job", 204)["a body where none belongs"].policy is Policy.UNUSUAL


def test_errors_stay_errors() -> None:
    """Whatever the body of an error says, the client has to raise."""
    assert {case.policy for case in _by_name("get-jobs", 401).values()} == {Policy.REFUSE}


def test_integer_written_as_fraction_may_be_either() -> None:
    """1.0 is an integer by the letter of JSON Schema, but no client is asked to know that."""
    operation = CONTRACT.operations["get-jobs"]
    judge = operation.responses[200]["application/json"]
    case = judged(operation, 200, "odd", judge=judge, value={"jobs": [], "count": 1.0})
    assert case.policy is Policy.EITHER


@pytest.mark.parametrize(
    ("created", "policy"),
    [
        ("0000-00-00T00:00:00.000000Z", Policy.EITHER),
        ("2021-02-31T00:00:00.000000Z", Policy.EITHER),
        ("2021-05-07T25:00:00.000000Z", Policy.EITHER),
        ("2021-05-07T12:00:00.000000Z", Policy.ACCEPT),
        ("2021-05-07", Policy.UNUSUAL),
    ],
)
def test_moment_that_cannot_be_may_be_either(created: str, policy: Policy) -> None:
    """A date that fits its pattern and is in no calendar may be refused; one that is must be understood."""
    judge = JOB.responses[200]["application/json"]
    good = _by_name(JOB.id, 200)["as documented"].value
    assert judged(JOB, 200, "odd", judge=judge, value={**good, "created": created}).policy is policy


def test_what_a_client_cannot_notice_is_unusual() -> None:
    """An absurd value under an unknown key is only unusual, while what is no JSON at all is broken."""
    policies = {fault.name: fault.policy for fault in (*OF_ANY_BODY, *OF_JSON)}
    unusual = {name for name, policy in policies.items() if policy is Policy.UNUSUAL}
    assert {name for name in unusual if name.endswith("under an unknown key")} == {
        "the number 1e400 under an unknown key",
        "the same key twice under an unknown key",
        "half of a surrogate pair under an unknown key",
        "an integer of 5000 digits under an unknown key",
        "100000 nested arrays under an unknown key",
    }
    assert "half of a gzip body" in unusual
    assert {policies[name] for name in ("NaN", "a body that is not gzip but says so")} == {Policy.REFUSE}


@pytest.mark.parametrize("fault", [*OF_ANY_BODY, *OF_JSON, *OF_NO_BODY, *OF_THE_STATUS], ids=lambda fault: fault.name)
def test_every_fault_changes_the_answer(fault: WireFault) -> None:
    """Each fault plants something in a good answer."""
    good = Feed(200, {"Content-Type": "application/json"}, b'{"id": "c2b04fot418h0qp0peh0"}')
    assert fault.plant(good) != good


def test_every_json_fault_is_caught_by_the_strict_reader() -> None:
    """What must be refused in JSON is what our own validator refuses."""
    operation = CONTRACT.operations["post-program-id"]
    good = Feed(200, {"Content-Type": "application/json"}, b'{"id": "c2b04fot418h0qp0peh0"}')
    for fault in OF_JSON:
        feed = fault.plant(good)
        assert CONTRACT.check_response(operation, feed.status, headers=feed.headers, body=feed.body), fault.name


def test_adapter_answers_from_memory_and_keeps_the_request() -> None:
    """The adapter gives the feed as a response and remembers what was sent."""
    adapter = FeedingAdapter()
    adapter.feed = Feed(201, {"Content-Type": "text/plain"}, b"fed")
    session = fed_session(adapter)
    response = session.post(f"{ORIGIN}/jobs?x=1", data="body", headers={"A": "b"})
    assert (response.status_code, response.text) == (201, "fed")
    assert [(sent.method, sent.target, sent.body) for sent in adapter.sent] == [("POST", "/jobs?x=1", b"body")]
    session.close()


@pytest.mark.parametrize("feed", [Feed(200, cut=True), Feed(200, {}, b"short", missing=5)])
def test_adapter_breaks_connections(feed: Feed) -> None:
    """A cut connection and a short body reach the client as the errors of requests."""
    adapter = FeedingAdapter()
    adapter.feed = feed
    session = fed_session(adapter)
    with pytest.raises(requests.RequestException):
        session.get(f"{ORIGIN}/jobs")
    session.close()


def test_driver_is_loaded_by_its_name() -> None:
    """A driver is found as package.module:attribute."""
    assert load_driver("tests.runtime_contracts.reference_driver:driver") is driver
    assert isinstance(driver, ClientDriver)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("nothing", "not of the form"),
        (":driver", "not of the form"),
        ("no.such.module:driver", "cannot import 'no.such.module'"),
        (
            "json:loads",
            "no client driver: it lacks name, error_class, secrets, operations, make_client, observed, expected",
        ),
        ("json:nothing.there", "is nothing: there is no 'nothing'"),
        (
            "tests.runtime_contracts.reference_driver:ReferenceDriver",
            "is no client driver but a class; name an object made of it",
        ),
    ],
)
def test_driver_that_cannot_be_loaded_is_explained(reference: str, message: str) -> None:
    """The error says what is wrong with the name or the thing behind it."""
    with pytest.raises(DriverNotLoadedError, match=message):
        load_driver(reference)


def test_every_argument_has_the_value_of_the_walkthrough() -> None:
    """Without the fuzz, a driver gets the arguments of the walkthrough."""
    arguments = Arguments()
    assert (arguments.program_id, arguments.backend, arguments.hub) == (
        "runtime-simple",
        "ibmq_montreal",
        "ibm-q-internal",
    )


def test_same_seed_feeds_the_same() -> None:
    """Two runs with one seed are equal."""
    operations = ("get-version",)
    first, second = (fuzz_client(driver, operations=operations, seed=3, max_examples=5) for _ in range(2))
    assert first == second


def test_ctrl_c_keeps_what_was_found() -> None:
    """A run that is stopped early says so."""
    stops: dict[str, Callable[[], None]] = {"phase fuzzing": _interrupt}
    report = fuzz_client(driver, operations=("get-version",), progress=lambda line: stops.get(line, _nothing)())
    assert report.interrupted
    assert report.exit_code == 130
    assert report.phases["answers"] > 0


def _interrupt() -> None:
    raise KeyboardInterrupt


def _nothing() -> None:
    """Go on."""


@pytest.mark.parametrize("options", [{"phases": ("guessing",)}, {"operations": ("get-everything",)}])
def test_unknown_names_are_refused(options: dict[str, tuple[str, ...]]) -> None:
    """A phase or an operation that does not exist is refused."""
    with pytest.raises(ValueError, match="there is no"):
        fuzz_client(driver, phases=options.get("phases", ()), operations=options.get("operations"))
