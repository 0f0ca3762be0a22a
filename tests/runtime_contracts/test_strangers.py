"""Clients without a driver: the honest ones pass, and each planted mistake is noticed by the check that is for it."""

from __future__ import annotations

import pytest

from runtime_contracts.client_fuzz import fuzz_client
from runtime_contracts.report import Report
from tests.broken import stranger_classes, strangers, strangers_2021
from tests.broken.stranger_base import Plant

ZOO = {**strangers.PLANTS, **stranger_classes.PLANTS, **strangers_2021.PLANTS}
HONEST = {**strangers.HONEST, **stranger_classes.HONEST, **strangers_2021.HONEST}


def _run(planted: Plant, *, until: str = "") -> Report:
    """Make a short run, which ends as soon as the check `until` has noticed something."""

    def progress(line: str) -> None:
        if until and line.startswith(f"{until}:"):
            raise KeyboardInterrupt

    return fuzz_client(
        planted.subject,
        edition=planted.edition,
        phases=planted.phases,
        level=planted.level,
        operations=planted.operations,
        profile="quick",
        max_examples=15,
        progress=progress,
    )


@pytest.mark.parametrize("name", ZOO)
def test_planted_mistake_is_noticed(name: str) -> None:
    """The check that is for it notices the mistake."""
    planted = ZOO[name]
    report = _run(planted, until=planted.check)
    assert planted.check in {failure.check for failure in report.failures}, report.to_text()


@pytest.mark.parametrize("name", HONEST)
def test_honest_client_passes(name: str) -> None:
    """What the broken ones are made of passes where they fail, so it is the mistakes that are noticed."""
    report = _run(HONEST[name])
    assert report.exit_code == 0, report.to_text()
    assert report.total > 0


def test_there_are_dozens() -> None:
    """The zoo has mistakes of every kind: in requests, answers, statuses, secrets, time and pages."""
    assert len(ZOO) >= 90
    assert len({planted.check for planted in ZOO.values()}) >= 14
