"""What there is to mend: failures with one cause are one finding, and it says which line of the document is broken."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from runtime_contracts.collector import Collector, Fleeting
from runtime_contracts.contract import Contract
from runtime_contracts.findings import JourneyOutcome
from runtime_contracts.locating import asked_for, located
from runtime_contracts.report import Report
from runtime_contracts.server_fuzz import fuzz_server
from tests.broken.serving import ALICE, served
from tests.broken.zoo import ZOO

PLANTS = {row.name: row for row in ZOO}
JSON = {"Content-Type": "application/json"}
JOB: dict[str, Any] = {
    "id": "a", "created": "2026-01-01T00:00:00Z", "program": {"id": "sampler"}, "state": {"status": "Queued"},
    "status": "Queued", "cost": 1,
}  # fmt: skip


def _report() -> Report:
    collector = Collector("server", "http://host", "platform", 7, {"get_job": (200,), "list_jobs": (200,)})
    for number in range(6):
        collector.fail(
            "contract_conformance", f"operation_{number}", phase="probes", message="it lacks a header\nin full",
            reproduce="curl x", cause="header", document_pointer="#/components/headers/X", place="/headers/X",
        )  # fmt: skip
    collector.fail("error_body", "get_job", phase="probes", message="100% of it", reproduce="curl y")
    collector.fail("reads_repeat", "get_job", phase="journeys", message="no", kind="it", journey="it-is-so")
    collector.journeys += [
        JourneyOutcome("it-is-so", "It is so", "failed", "no"),
        JourneyOutcome("it-was-so", "It was so", "skipped", "nobody looked"),
        JourneyOutcome("it-will-be", "It will be so", "passed"),
    ]
    collector.not_done.append("the rest: there was none")
    collector.profile, collector.time_limit_s = "quick", 9.0
    return collector.report()


def test_one_cause_is_one_finding() -> None:
    """Six operations that lack one header are one finding with a list of them, and where it is written."""
    report = _report()
    assert [finding.title for finding in report.findings] == [
        "contract_conformance: operation_0, operation_1, operation_2, operation_3 and 2 more operations",
        "error_body: get_job",
        "reads_repeat: get_job",
    ]
    first = report.findings[0]
    assert (first.count, len(first.operations), first.checks) == (6, 6, ("contract_conformance",))
    assert first.lines[2:] == ["document: #/components/headers/X", f"operations: {', '.join(first.operations)}"]


def test_text_has_journeys_and_what_was_left_out() -> None:
    """Each journey is a line, and so is what was not done; the end says that time was over."""
    lines = _report().to_text().splitlines()
    assert lines[0] == "server http://host, edition platform, profile quick, seed 7"
    assert " failed  It is so" in lines
    assert "skipped  It was so (nobody looked)" in lines
    assert "left out: the rest: there was none" in lines
    assert lines[-1] == (
        "the time of 9 s was over: 3 violations of the contract in 0 cases; --seed 7 makes the same run again"
    )


def test_time_that_is_over_is_told_where_nothing_was_found() -> None:
    """A run that ended early without a finding says so, and is clean as far as it came."""
    report = Report("server", "t", "e", 1, time_limit_s=2.5)
    assert report.to_text().splitlines()[-1] == "the time of 2.5 s was over: no violation of the contract in 0 cases"
    assert report.exit_code == 0


def test_json_has_findings_journeys_and_places() -> None:
    """The keys of failures stay, and are joined by the rule and the places; findings refer to failures by number."""
    value = json.loads(_report().to_json())
    assert value["failures"][0]["document_pointer"] == "#/components/headers/X"
    assert value["failures"][0]["place"] == "/headers/X"
    assert value["failures"][0]["rule"].startswith("an answer that breaks the contract")
    assert [finding["failures"] for finding in value["findings"]] == [[0, 1, 2, 3, 4, 5], [6], [7]]
    assert value["journeys"][1] == {
        "name": "it-was-so", "sentence": "It was so", "outcome": "skipped", "reason": "nobody looked",
    }  # fmt: skip
    assert (value["profile"], value["time_limit_s"], value["not_done"]) == ("quick", 9.0, ["the rest: there was none"])


def test_junit_has_a_test_case_for_each_journey() -> None:
    """A journey is a test case of its own with its failure in it, and that is in no other."""
    suite = ET.fromstring(_report().to_junit())  # noqa: S314 - our own text
    cases = {case.get("name"): case for case in suite}
    assert [child.tag for child in cases["It is so"]] == ["failure"]
    assert [child.tag for child in cases["It was so"]] == ["skipped"]
    assert list(cases["It will be so"]) == []
    assert [child.get("type") for child in cases["get_job"]] == ["error_body"]
    assert suite.get("skipped") == "1"


def test_github_gets_an_annotation_for_each_finding() -> None:
    """An annotation is one line, whatever is in it."""
    lines = _report().to_github().splitlines()
    assert lines[0].startswith("::error title=contract_conformance%3A operation_0%2C operation_1")
    assert "::it lacks a header%0Ain full%0Adocument: #/components/headers/X" in lines[0]
    assert lines[1] == "::error title=error_body%3A get_job::100%25 of it"
    assert len(lines) == 4
    broken = Report("server", "t", "e", 1, problem="nobody is there").to_github()
    assert broken.splitlines()[0] == "::error title=could not run::nobody is there"


def test_progress_says_where_it_is_and_what_was_found() -> None:
    """A fleeting line has the cases and failures so far."""
    lines: list[str] = []
    collector = Collector("server", "t", "platform", 7, {}, progress=lines.append)
    collector.count("get_job", phase="probes", status=200)
    collector.fail("error_body", "", phase="probes", message="no")
    collector.fleeting("probes: operation 1 of 3")
    assert lines == ["error_body", "probes: operation 1 of 3; 1 case, 1 failure so far"]
    assert isinstance(lines[1], Fleeting)


@pytest.mark.parametrize(
    ("operation", "status", "headers", "value", "place", "pointer"),
    [
        ("get_job", 200, JSON, {**JOB, "created": "now"}, "/body/created",
         "#/components/schemas/JobResponseV3/properties/created/format"),
        ("get_job", 200, JSON, {**JOB, "status": "Done"}, "/body/status", "#/components/schemas/JobStatus/enum"),
        ("list_jobs", 200, JSON, {"limit": 1, "offset": 0, "jobs": [{**JOB, "program": {}}]}, "/body/jobs/0/program",
         "#/components/schemas/Program/required"),
        ("list_backends", 200, JSON, {"devices": [{"name": 7}]}, "/body/devices/0",
         "#/components/schemas/BackendsResponse/properties/devices/items/required"),
        ("get_job", 203, JSON, JOB, "/status", "#/paths/~1v1~1jobs~1{id}/get/responses"),
        ("get_job", 200, {"Content-Type": "text/html"}, JOB, "/headers/Content-Type",
         "#/paths/~1v1~1jobs~1{id}/get/responses/200/content"),
        ("delete_job", 204, {}, {}, "/body", "#/paths/~1v1~1jobs~1{id}/delete/responses/204"),
    ],
)  # fmt: skip
def test_document_says_what_is_broken(
    operation: str, status: int, headers: dict[str, str], value: Any, place: str, pointer: str
) -> None:
    """The pointer leads to the line of the document that an answer breaks, through references and alternatives."""
    contract = Contract.of("platform")
    body = json.dumps(value).encode()
    found = located(contract, contract.operations[operation], status, headers=headers, body=body)
    assert (place, pointer) in [(one.violation.where, one.document_pointer) for one in found]


def test_body_that_is_no_json_is_broken_as_a_whole() -> None:
    """Where there is no value there is no place in it."""
    contract = Contract.of("platform")
    found = located(contract, contract.operations["get_job"], 200, headers=JSON, body=b"{")
    assert [one.document_pointer for one in found] == [
        "#/paths/~1v1~1jobs~1{id}/get/responses/200/content/application~1json"
    ]


@pytest.mark.parametrize(
    ("operation", "where", "body", "pointer"),
    [
        ("list_jobs", "/query/limit", b"", "#/paths/~1v1~1jobs/get/parameters/0/schema"),
        ("get_job", "/headers/IBM-API-Version", b"", "#/components/parameters/IBM-API-Version/schema"),
        ("get_job", "/headers/Other", b"", "#/paths/~1v1~1jobs~1{id}/get"),
        ("replace_job_tags", "/body/tags", b'{"tags": 7}', "#/components/schemas/Tags/type"),
        ("replace_job_tags", "/body", b"{",
         "#/paths/~1v1~1jobs~1{id}~1tags/put/requestBody/content/application~1json/schema"),
    ],
)  # fmt: skip
def test_document_says_what_was_asked_for(operation: str, where: str, body: bytes, pointer: str) -> None:
    """The pointer leads to what the document says of a place in a request."""
    contract = Contract.of("platform")
    assert asked_for(contract, contract.operations[operation], where, body) == pointer


def test_one_broken_schema_is_one_finding() -> None:
    """A wrong word that several checks and phases notice, in one answer, is mended in one place."""
    with served(PLANTS["platform shapes: states are written in capitals"].planted(), edition="platform") as server:
        report = fuzz_server(
            server.url, token=ALICE, operations=("get_job",), phases=("requests", "coverage"), max_examples=1
        )
    assert len(report.failures) > len(report.findings)
    finding = next(one for one in report.findings if one.first.place == "/body/status")
    assert finding.first.document_pointer == "#/components/schemas/JobStatus/enum"
    assert set(finding.checks) == {"contract_conformance", "response_schema_conformance"}
