"""The operations that look back: workloads, accounts, analytics."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import request

from mock_runtime.editions.platform.wire import accounts, analytics, workloads
from mock_runtime.surface import json_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Blueprint, Response

    from mock_runtime.directory import User
    from mock_runtime.domain.instances import Caller, Instance
    from mock_runtime.site import Site


def add_reports(routes: Blueprint, site: Site, caller: Callable[[], Caller], user: Callable[[], User]) -> None:
    """Add them, for whoever calls: `caller` is that on an instance, `user` alone."""
    service = site.service.reports

    @routes.get("/v1/workloads")
    def find_instance_workloads() -> Response:
        command = workloads.parse_list(request, caller())
        return json_response(workloads.present_page(service.workloads(command), command, request))

    @routes.get("/v1/accounts/<id_>")
    def get_account(id_: str) -> Response:
        caller()
        who = user()
        plan_id = accounts.parse_plan(request)
        account = site.directory.account(who, id_)
        plans = service.plans(account, site.directory.instances_of(who))
        return json_response(accounts.present_account(plans, plan_id))

    _add_analytics(routes, site, caller, user)


def _add_analytics(routes: Blueprint, site: Site, caller: Callable[[], Caller], user: Callable[[], User]) -> None:
    service = site.service.reports

    def instances() -> Sequence[Instance]:
        """Those of the user in the account of the instance that the request names."""
        here = caller().instance
        have = site.directory.instances_of(user())
        return [instance for instance in have if here is not None and instance.account == here.account]

    @routes.get("/v1/analytics/usage")
    def analytics_usage() -> Response:
        command = analytics.parse_usage(request, instances())
        return json_response(analytics.present_sums(service.usage(command)))

    @routes.get("/v1/analytics/usage_grouped")
    def get_usage_analytics_grouped() -> Response:
        command, key = analytics.parse_usage(request, instances()), analytics.parse_key(request)
        return json_response(analytics.present_groups(service.usage_by(command, key)))

    @routes.get("/v1/analytics/usage_grouped_by_date")
    def get_usage_analytics_grouped_by_date() -> Response:
        command, key = analytics.parse_usage(request, instances()), analytics.parse_key(request, analytics.KEYS_BY_DATE)
        return json_response(analytics.present_dated(service.usage_by_date(command, key)))

    @routes.get("/v1/analytics/filters")
    def analytics_filters() -> Response:
        command = analytics.parse_filters(request, instances())
        return json_response(analytics.present_filters(service.filters(command)))
