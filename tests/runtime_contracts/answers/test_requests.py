"""The requests of a client, held to the document."""

from __future__ import annotations

import pytest

from runtime_contracts.answers.requests import RequestChecks, Seen
from runtime_contracts.contract import Contract

CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef:00000000-1111-4222-8333-444444444444::"
TOKEN = "a-token-that-nobody-may-see"
GOOD = {"Authorization": f"Bearer {TOKEN}", "Service-CRN": CRN}
CONTRACT = Contract.of("platform")


def checks(shown: list[str] | None = None) -> RequestChecks:
    """What holds requests to today's document."""
    lines = [] if shown is None else shown
    return RequestChecks(CONTRACT, edition="platform", seed=7, url="http://here", show=lines.append)


def get(target: str, headers: dict[str, str] | None = None, **seen: object) -> Seen:
    """A GET with good credentials."""
    return Seen(method="GET", target=target, headers=GOOD if headers is None else headers, **seen)  # type: ignore[arg-type]


def test_a_good_request_breaks_nothing() -> None:
    """It is counted, with the status of its answer."""
    checked = checks()
    assert checked.see(get("/api/v1/jobs?limit=5"), 200) == []
    report = checked.report()
    assert (report.exit_code, report.statuses, checked.violations) == (0, {"list_jobs": {200: 1}}, 0)
    assert list(checked.lines()) == ["1 request checked, no kind of violation of the contract"]


@pytest.mark.parametrize(
    ("seen", "check", "said"),
    [
        (get("/api/v1/jobs?pending=abc"), "query", "/query/pending"),
        (get("/api/v1/jobs?page=2"), "undocumented_parameter", "/query/page"),
        (get("/api/v1/jobs", {"Service-CRN": CRN}), "headers", "credentials"),
        (get("/api/v1/nothing"), "undocumented_operation", "GET /api/v1/nothing: expected a documented path"),
        (Seen(method="POST", target="/api/v1/jobs", headers=GOOD), "body", "/body: expected"),
    ],
)
def test_a_broken_one_is_shown_and_kept(seen: Seen, check: str, said: str) -> None:
    """Once a kind, with how often it came and a line that repeats it."""
    shown: list[str] = []
    checked = checks(shown)
    for _ in range(3):
        checked.see(seen, 200)
    (failure,) = [failure for failure in checked.report().failures if failure.check == check]
    assert said in failure.message
    assert failure.count == checked.violations == 3
    assert failure.reproduce.startswith("curl -i -X ")
    assert [line.startswith("VIOLATION  ") for line in shown] == [True]
    assert any(line.endswith("  x3") for line in checked.lines())


def test_no_secret_is_shown_or_kept() -> None:
    """Wherever it stands: headers, query, path, body; tokens, CRNs, addresses of people."""
    shown: list[str] = []
    checked = checks(shown)
    body = b'{"apiToken": "hush-hush", "who": "some.one@example.org"}'
    checked.see(get(f"/api/v1/jobs?limit={TOKEN}&x={CRN}&some.one@example.org=1"), 200)
    checked.see(Seen(method="POST", target=f"/api/v1/{CRN}/some.one@example.org", headers=GOOD, body=body), 404)
    checked.see(Seen(method="POST", target="/api/v1/jobs?x=1", headers={**GOOD, "X-Api-Key": TOKEN}, body=body), 200)
    report = checked.report()
    everything = "\n".join([*shown, *checked.lines(), report.to_text(), report.to_json(), report.to_junit()])
    for secret in (TOKEN, CRN, "0123456789abcdef", "some.one@example.org", "hush-hush"):
        assert secret not in everything
    assert "undocumented_operation" in everything


def test_what_nobody_forbids_is_a_remark() -> None:
    """Headers and fields that the document does not name; what every client sends is none."""
    checked = checks()
    headers = {**GOOD, "User-Agent": "mine", "X-Mine": "1", "Content-Type": "application/json"}
    body = b'{"tags": ["a"], "more": 1}'
    seen = Seen(method="PUT", target="/api/v1/jobs/abc/tags", headers=headers, body=body)
    found = [finding for finding in checked.see(seen, 204) if finding.check == "undocumented_field"]
    assert found == []
    notes = checked.report().notes
    assert "the header X-Mine is sent, which the document does not name (1x)" in notes
    assert not any("User-Agent" in note for note in notes)


def test_neighbours_are_nobodys_business() -> None:
    """Services beside the API, and what somebody else knows."""
    checked = checks()
    assert checked.see(Seen(method="POST", target="/identity/token", headers={}), 200) == []
    assert checked.see(get("/api/version", is_known=True), 200) == []
    assert checked.requests == 0


def test_memory_is_bounded() -> None:
    """However many kinds of violations come, a few hundred are kept and the rest counted."""
    shown: list[str] = []
    checked = checks(shown)
    for number in range(1500):
        checked.see(get(f"/api/v1/no{number}", {**GOOD, f"X-{number}": "1"}), 404)
        checked.see(get("/api/v1/jobs", {**GOOD, f"X-{number}": "1"}), 200)
    report = checked.report(interrupted=True)
    assert len(report.failures) == 300
    assert len(shown) == 100
    assert checked.violations == 1500
    assert "1200 violations of further kinds were not kept" in report.notes
    assert len(report.notes) == 41
    assert report.exit_code == 130
