"""Arguments that the document does not allow: refused before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from runtime_client.platform import RuntimeClient
from tests.runtime_client.platform.answers import JOB_ID
from tests.runtime_client.platform.conftest import MakeClient
from tests.runtime_client.scripted import Service

REFUSED: dict[str, tuple[Callable[[Any], object], type[Exception], str]] = {
    "an empty id": (lambda c: c.get_job(""), ValueError, "job_id: expected a string of at least 1 characters"),
    "two dots": (lambda c: c.get_job(".."), ValueError, "cannot be part of a path"),
    "a line feed": (lambda c: c.get_job("a\nb"), ValueError, "job_id: expected a string that matches"),
    "a long id": (lambda c: c.backend_status("a" * 501), ValueError, "name: expected a string of at most 500"),
    "a number for an id": (lambda c: c.get_job(5), TypeError, "job_id must be str, not int"),
    "half a surrogate pair": (lambda c: c.get_job("\ud800"), ValueError, "job_id holds half of a surrogate pair"),
    "half of one in a tag": (lambda c: c.replace_tags(JOB_ID, ["\udc00"]), ValueError, "tags holds half of a"),
    "a string for tags": (lambda c: c.replace_tags(JOB_ID, "tag"), TypeError, "tags must be several strings, not str"),
    "no tags at all": (lambda c: c.replace_tags(JOB_ID, None), TypeError, "tags must be several strings"),
    "nine tags": (lambda c: c.replace_tags(JOB_ID, ["t"] * 9), ValueError, "tags: expected an array of at most 8"),
    "a long tag": (lambda c: c.replace_tags(JOB_ID, ["t" * 87]), ValueError, "tags/0: expected a string of at most 86"),
    "a number for a tag": (lambda c: c.replace_tags(JOB_ID, [1]), ValueError, "tags/0: expected a string"),
    "a page of none": (lambda c: c.list_jobs(limit=0), ValueError, "limit: expected an integer of at least 1"),
    "a truth for a number": (lambda c: c.list_jobs(limit=True), TypeError, "limit must be int, not bool"),
    "a number for a truth": (lambda c: c.list_jobs(pending=1), TypeError, "pending must be bool, not int"),
    "an unknown order": (lambda c: c.list_jobs(sort="asc"), ValueError, "sort: expected one of ASC, DESC"),
    "an unknown filter": (lambda c: c.list_jobs(tag="t"), TypeError, "list_jobs has no argument tag"),
    "a moment without a zone": (
        lambda c: c.list_jobs(created_after=datetime(2026, 9, 1)),  # noqa: DTZ001
        ValueError,
        "created_after must know its time zone",
    ),
    "a text that is no moment": (
        lambda c: c.list_jobs(created_before="yesterday"), ValueError, "created_before: expected a date-time",
    ),
    "an unknown state": (lambda c: c.list_workloads(status=["done"]), ValueError, "status/0: expected one of"),
    "a short search": (lambda c: c.list_tags("ab"), ValueError, "search: expected a string of at least 3"),
    "an unknown option": (lambda c: c.submit_job("p", "b", cots=5), TypeError, "submit_job has no argument cots"),
    "a long job": (lambda c: c.submit_job("p", "b", cost=10801), ValueError, "cost: expected an integer of at most"),
    "a word for a cost": (lambda c: c.submit_job("p", "b", cost="5"), TypeError, "cost must be int, not str"),
    "params without JSON": (
        lambda c: c.submit_job("p", "b", params={"a": object()}), TypeError, "the request cannot be written as JSON",
    ),
    "NaN": (lambda c: c.submit_job("p", "b", params={"a": float("nan")}), ValueError, "the request cannot be written"),
    "a header that is none": (
        lambda c: c.cancel_job(JOB_ID, parent_job_id="a\r\nb"), ValueError, "parent_job_id must be one or more",
    ),
    "an unknown mode": (lambda c: c.create_session("b", mode="open"), ValueError, "mode: expected one of batch, ded"),
    "a session of no time": (lambda c: c.create_session("b", max_ttl=0), ValueError, "max_ttl: expected an integer"),
    "a limit of nothing": (
        lambda c: c.replace_instance_configuration(instance_limit=0), ValueError, "instance_limit: expected an integer",
    ),
    "an account with a slash": (lambda c: c.account("a/b"), ValueError, "account_id: expected a string that matches"),
    "an unknown group": (lambda c: c.analytics_usage_grouped("job"), ValueError, "group_by: expected one of instance"),
    "a subscription that is none": (
        lambda c: c.analytics_usage(subscription_id=["x"]), ValueError, "subscription_id/0: expected a string of at",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_argument(platform: RuntimeClient, service: Service, name: str) -> None:
    """Says which argument it is and what was expected, and sends nothing."""
    call, kind, message = REFUSED[name]
    with pytest.raises(kind, match=message) as caught:
        call(platform)
    assert type(caught.value) is kind
    assert service.sent == []


@pytest.mark.parametrize("version", ["2026-4-15", "latest", "", "2026-02-30"])
def test_versions_that_are_no_date(make_platform_client: MakeClient, version: str) -> None:
    """Asks for no version that is no day."""
    with pytest.raises(ValueError, match="api_version: expected"):
        make_platform_client(api_version=version)


def test_an_account_that_nobody_names(make_platform_client: MakeClient, service: Service) -> None:
    """Needs the account to be named where the instance does not say it."""
    with pytest.raises(ValueError, match="account_id must be given"):
        make_platform_client(instance="my-instance").account()
    assert service.sent == []
