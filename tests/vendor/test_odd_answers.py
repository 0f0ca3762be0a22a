"""The list of what real clients make of odd answers, and the page that shows it, are in step."""

from __future__ import annotations

from runtime_contracts.answers.answers import Answers
from runtime_contracts.contract import Contract
from tests.vendor.environments import ROOT
from tests.vendor.odd_answers import DRIVEN, FINDINGS, SEED, number_of, page


def test_the_page_shows_the_list() -> None:
    """Each finding with the number that its case has today: `python scripts/fuzz_clients.py` writes it."""
    assert (ROOT / "docs" / "compatibility-answers.md").read_text(encoding="utf-8") == page()


def test_each_finding_is_about_a_call_and_a_right_answer() -> None:
    """Its client makes that call, and the document allows that answer."""
    contract = Contract.of("platform")
    answers = Answers(contract, seed=SEED)
    calls = {driven.key: driven.calls for driven in DRIVEN}
    for finding in FINDINGS:
        operation = calls[finding.client][finding.call]
        answer = answers.case(operation, number_of(operation, finding.case))
        headers = dict(answer.headers)
        assert contract.check_response(operation, answer.status, headers=headers, body=answer.body) == []


def test_every_call_depends_on_an_operation_that_there_is() -> None:
    """And every client has a script that makes its calls."""
    operations = Contract.of("platform").operations
    for driven in DRIVEN:
        assert set(driven.calls.values()) <= set(operations)
        script = driven.script.read_text(encoding="utf-8")
        assert [call for call in driven.calls if f"def {call}(self)" not in script] == []
