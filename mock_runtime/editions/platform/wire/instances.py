"""Instances, their limits and their usage on the wire of today's API, and the versions of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from mock_runtime.editions.platform.validation import validate
from mock_runtime.editions.platform.versions import VERSIONS
from mock_runtime.editions.platform.wire.jobs import instant
from mock_runtime.parsing import parse_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Request

    from mock_runtime.domain.instances import Instance
    from mock_runtime.service.usage import Usage


def parse_limit(request: Request) -> int | None:
    """The usage limit in the body of PUT /v1/instances/configuration, in seconds; None to have none."""
    body = parse_object(request.get_data(cache=False))
    validate("replace_instance_configuration", body)
    limit: int | None = body.get("instance_limit")
    return limit


def present_instance(instance: Instance, limit_s: int | None, backends: Sequence[str]) -> dict[str, Any]:
    """An instance as an object. The seconds are texts, as IBM's document wants them."""
    present: dict[str, Any] = {"plan_id": instance.plan.id, "backends": list(backends)}
    if limit_s is not None:
        present["instance_limit"] = limit_s
        present["instance_limit_seconds"] = str(limit_s)
    if instance.plan.allocation_s is not None:
        present["usage_allocation_seconds"] = str(instance.plan.allocation_s)
    # Clients of 2023 ask for this before anything else, and want to hear no.
    present["qctrl_enabled"] = False
    return present


def present_configuration(limit_s: int | None) -> dict[str, Any]:
    """The settings of an instance."""
    return {} if limit_s is None else {"instance_limit": limit_s}


def present_usage(usage: Usage) -> dict[str, Any]:
    """What an instance has used, and may use."""
    present: dict[str, Any] = {
        "instance_id": usage.instance.crn,
        "plan_id": usage.instance.plan.id,
        "usage_consumed_seconds": usage.consumed_s,
        "usage_limit_reached": usage.limit_reached,
        "usage_period": {"start_time": instant(usage.period[0]), "end_time": instant(usage.period[1])},
    }
    if usage.limit_s is not None:
        present["usage_limit_seconds"] = usage.limit_s
        present["usage_remaining_seconds"] = max(0.0, usage.limit_s - usage.consumed_s)
    if usage.instance.plan.allocation_s is not None:
        present["usage_allocation_seconds"] = usage.instance.plan.allocation_s
    return present


def present_classic_usage(usage: Usage, pending: int) -> dict[str, Any]:
    """What releases up to 0.40 ask for before they run anything on the channel `ibm_quantum`.

    Evidence: they compare `pendingJobs` with `maxPendingJobs`; the larger number is a guess that is in nobody's way.
    """
    return {
        "byInstance": [
            {
                "instance": "ibm-q/open/main",
                "quota": usage.limit_s or 600,
                "usage": usage.consumed_s,
                "pendingJobs": pending,
                "maxPendingJobs": 100_000,
            }
        ]
    }


def present_versions(today: date) -> dict[str, Any]:
    """The versions of the API that are still there."""
    alive = [one for one in VERSIONS if one.sunset is None or one.sunset > today.isoformat()]
    return {
        "versions": [
            {"version": one.day, "status": "live"}
            if one.sunset is None
            else {"version": one.day, "status": "deprecated", "sunset_date": one.sunset}
            for one in alive
        ]
    }
