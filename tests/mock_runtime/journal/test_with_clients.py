"""What the journal says of the reference clients, on good days and on bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
import requests
from pytest import approx  # noqa: PT013 - as users write it

from mock_runtime import ManualClock, Runtime, create_app, runtime_of
from mock_runtime.config import from_mapping
from mock_runtime.journal.scorecard import Scorecard, scorecard
from mock_runtime.transport.in_process import HOST, WSGIAdapter
from runtime_client import TransportError
from runtime_client.legacy_2021 import RuntimeClient as ClientOf2021
from runtime_client.platform import RuntimeClient

KEY: Final = "Tk7-of-the-reference-client-42"
ASK: Final = {"pubs": [['OPENQASM 3.0; include "stdgates.inc"; bit[1] c; sx $0; c[0] = measure $0;']], "version": 2}


class World:
    """A fake and a client of it, on one clock."""

    def __init__(self, edition: str, session: requests.Session, **settings: Any) -> None:
        self.clock = ManualClock()
        app = create_app(
            from_mapping({"edition": edition, "seed": 0, "engine": "synthetic", **settings}), clock=self.clock
        )
        self.runtime: Runtime = runtime_of(app)
        self.runtime.hold_time()
        session.mount("http://", WSGIAdapter(app))
        url = f"http://{HOST}{self.runtime.prefix}/"
        self.client: Any
        if edition == "2021":
            self.client = ClientOf2021(
                url, token=KEY, session=session, sleep=self.clock.sleep, monotonic=self.clock.now
            )
        else:
            directory = self.runtime.directory
            self.client = RuntimeClient(
                url,
                token=KEY,
                instance=directory.instances_of(directory.by_api_key(KEY))[0].crn,
                session=session,
                sleep=self.clock.sleep,
                monotonic=self.clock.now,
            )

    def submit(self) -> Any:
        """A new job."""
        if isinstance(self.client, ClientOf2021):
            return self.client.submit_job("runtime-simple")
        return self.client.submit_job("sampler", backend="ibm_fez", params=ASK)

    def card(self) -> Scorecard:
        """What an operator says."""
        return scorecard(self.runtime.requests, now=self.clock.now())


@contextmanager
def world(edition: str, **settings: Any) -> Iterator[World]:
    """A fake and a client, closed at the end."""
    with requests.Session() as session:
        made = World(edition, session, **settings)
        with made.client:
            yield made
        made.runtime.check()
        made.runtime.close()


EDITIONS: Final = pytest.mark.parametrize("edition", ["2021", "platform"])


@EDITIONS
def test_a_good_day(edition: str) -> None:
    """The client polls as it says, submits once, sends nothing unknown, and nobody complains."""
    with world(edition, scenario={"polls": 23}) as here:
        job = here.submit()
        job.result(poll_interval=2.0)
        journal = here.runtime.requests
        assert len(journal.assert_polled(job, times=24, interval=approx(2.0))) == 24
        assert journal.assert_submitted_once() == job.id
        journal.assert_order(["submit-job", "get-job", ("get-results", 200)])
        journal.assert_no_unknown_fields()
        assert list(here.card().findings) == []


@EDITIONS
def test_a_service_that_asks_for_patience(edition: str) -> None:
    """The client waits as long as Retry-After says, and longer each time where nothing is said."""
    with world(edition, scenario={"polls": 2}) as here:
        here.runtime.faults.add(
            match={"operation": "get-job"}, act={"status": 503, "retry_after": "7s"}, times=2, id="patience"
        )
        job = here.submit()
        job.result(poll_interval=2.0)
        journal = here.runtime.requests
        assert len(journal.assert_retried("get-job", after=(7, 10), times=2)) == 2
        assert [entry.status for entry in journal.entries(fault="patience")] == [503, 503]
        card = here.card()
        assert list(card.findings) == []
        assert "retry-after" in [mark.rule for mark in card.marks]


@EDITIONS
def test_an_answer_that_is_cut(edition: str) -> None:
    """A submission whose answer is cut made a job; the client does not send it again, and who does makes another."""
    with world(edition) as here:
        here.runtime.faults.add(match={"operation": "submit-job"}, act={"cut": "before"}, times=1)
        with pytest.raises(TransportError):
            here.submit()
        journal = here.runtime.requests
        journal.assert_submitted_once()
        assert list(here.card().findings) == []
        here.submit()
        with pytest.raises(AssertionError, match=r"expected 1 job to be made, found 2, by 2 requests") as raised:
            journal.assert_submitted_once()
        assert KEY not in str(raised.value)
        assert [finding.rule for finding in here.card().findings] == ["made-twice"]
