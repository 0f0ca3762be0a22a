"""The operations of today's API. Each view: who calls, what is asked, the use case, the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from flask import Blueprint, request
from werkzeug.exceptions import NotFound

from mock_runtime import operations as names
from mock_runtime.editions.platform.auth import caller_of, user_of
from mock_runtime.editions.platform.reports import add_reports
from mock_runtime.editions.platform.versions import version_of
from mock_runtime.editions.platform.wire import backends as backends_wire
from mock_runtime.editions.platform.wire import instances as instances_wire
from mock_runtime.editions.platform.wire import jobs as jobs_wire
from mock_runtime.editions.platform.wire import query
from mock_runtime.editions.platform.wire import sessions as sessions_wire
from mock_runtime.operations import Operation, called_by, is_about
from mock_runtime.surface import json_response, json_text, no_content, text_response

if TYPE_CHECKING:
    from flask import Response

    from mock_runtime.directory import User
    from mock_runtime.domain.instances import Caller
    from mock_runtime.site import Site

Who = Callable[[], "Caller"]

_ABOUT_BACKENDS: Final = tuple(f"get_backend_{what}" for what in ("configuration", "properties", "status", "defaults"))
_ABOUT_JOBS: Final = ("get_job_metrics_jid", "get_transpiled_circuits", "replace_job_tags")
OPERATIONS: Final = {
    operation.id: operation
    for operation in (
        Operation("create_job", names.SUBMIT_JOB),
        Operation("list_jobs", names.LIST_JOBS),
        Operation("get_job", names.GET_JOB, "job"),
        Operation("get_job_results_jid", names.GET_RESULTS, "job"),
        Operation("get_jog_logs_jid", names.GET_LOGS, "job"),
        Operation("cancel_job_jid", names.CANCEL_JOB, "job"),
        Operation("delete_job", names.DELETE_JOB, "job"),
        Operation("create_session", names.OPEN_SESSION),
        Operation("get_session", names.GET_SESSION, "session"),
        Operation("update_session", names.UPDATE_SESSION, "session"),
        Operation("delete_session_close", names.CLOSE_SESSION, "session"),
        Operation("list_backends", names.LIST_BACKENDS),
        *(Operation(id_, names.GET_BACKEND, "backend") for id_ in _ABOUT_BACKENDS),
        *(Operation(id_, None, "job") for id_ in _ABOUT_JOBS),
    )
}
"""The operations that have a name in all editions, or that are about something."""


def blueprint(site: Site) -> Blueprint:
    """All operations, over one site."""
    routes = Blueprint("platform", __name__)
    caller = partial(_caller, site)
    _add_jobs(routes, site, caller)
    _add_job_details(routes, site, caller)
    _add_sessions(routes, site, caller)
    _add_backends(routes, site, caller)
    _add_instances(routes, site, caller)
    add_reports(routes, site, caller, partial(_user, site))
    return routes


def _user(site: Site) -> User:
    """Who asks for what is not of one instance."""
    user = user_of(request, site.directory, site.accounts)
    called_by(request.environ, user.name)
    return user


def _caller(site: Site) -> Caller:
    """Who calls; and a version that cannot be is refused on every operation."""
    caller = caller_of(request, site.directory, site.accounts)
    called_by(request.environ, caller.name)
    version_of(request)
    return caller


def _add_jobs(routes: Blueprint, site: Site, caller: Who) -> None:
    service = site.service.jobs

    @routes.post("/v1/jobs")
    def create_job() -> Response:
        who = caller()
        job = service.submit(jobs_wire.parse_submit(request, who))
        is_about(request.environ, job=job.id, session=job.session_id)
        return json_response(jobs_wire.present_created(job))

    @routes.get("/v1/jobs")
    def list_jobs() -> Response:
        command = jobs_wire.parse_list(request, caller())
        with_params = query.flag(request, "exclude_params") is False
        page = service.list(command)
        return json_response(jobs_wire.present_page(page, command, version_of(request), with_params=with_params))

    @routes.get("/v1/jobs/<id_>")
    def get_job(id_: str) -> Response:
        who = caller()
        with_params = query.flag(request, "exclude_params") is not True
        view = service.get(who, id_)
        is_about(request.environ, status=view.state.status)
        return json_response(jobs_wire.present_job(view, version_of(request), with_params=with_params))

    @routes.delete("/v1/jobs/<id_>")
    def delete_job(id_: str) -> Response:
        service.delete(caller(), id_)
        return no_content()

    @routes.get("/v1/jobs/<id_>/results")
    def get_job_results_jid(id_: str) -> Response:
        # Those of a private job are there once, and HEAD is no reading.
        read = service.peek if request.method == "HEAD" else service.results
        view = read(caller(), id_)
        is_about(request.environ, status=view.state.status)
        results = jobs_wire.present_results(view)
        return no_content() if results is None else text_response(results)

    @routes.post("/v1/jobs/<id_>/cancel")
    def cancel_job_jid(id_: str) -> Response:
        service.cancel(caller(), id_)
        return no_content()


def _add_job_details(routes: Blueprint, site: Site, caller: Who) -> None:
    service = site.service.jobs

    @routes.get("/v1/jobs/<id_>/logs")
    def get_jog_logs_jid(id_: str) -> Response:
        return text_response(service.logs(caller(), id_))

    @routes.get("/v1/jobs/<id_>/metrics")
    def get_job_metrics_jid(id_: str) -> Response:
        who = caller()
        return json_response(jobs_wire.present_metrics(service.metrics(who, id_), version_of(request)))

    @routes.get("/v1/jobs/<id_>/transpiled_circuits")
    def get_transpiled_circuits(id_: str) -> Response:
        # There until 2026-02-01; that it is empty for circuits which were transpiled by the caller is a guess.
        service.metrics(caller(), id_)
        if not version_of(request).has_transpiled_circuits:
            raise NotFound
        return no_content()

    @routes.put("/v1/jobs/<id_>/tags")
    def replace_job_tags(id_: str) -> Response:
        who = caller()
        service.tag(who, id_, jobs_wire.parse_tags(request))
        return no_content()

    @routes.get("/v1/tags")
    def list_tags() -> Response:
        who = caller()
        return json_response({"tags": service.tags(who, jobs_wire.parse_tag_search(request))})


def _add_sessions(routes: Blueprint, site: Site, caller: Who) -> None:
    service = site.service.sessions

    @routes.post("/v1/sessions")
    def create_session() -> Response:
        who = caller()
        view = service.open(sessions_wire.parse_open(request, who))
        is_about(request.environ, session=view.session.id)
        return json_response(sessions_wire.present_session(view))

    @routes.get("/v1/sessions/<id_>")
    def get_session(id_: str) -> Response:
        return json_response(sessions_wire.present_session(service.get(caller(), id_)))

    @routes.patch("/v1/sessions/<id_>")
    def update_session(id_: str) -> Response:
        who = caller()
        service.set_accepting(who, id_, sessions_wire.parse_update(request))
        return no_content()

    @routes.delete("/v1/sessions/<id_>/close")
    def delete_session_close(id_: str) -> Response:
        service.cancel(caller(), id_)
        return no_content()


def _add_backends(routes: Blueprint, site: Site, caller: Who) -> None:
    service = site.service.backends

    @routes.get("/v1/backends")
    def list_backends() -> Response:
        # What rehearses jobs is shown to those who ask for it: the client always does.
        mocks = request.args.get("include_mocks", "").lower() == "true"
        found = service.list(caller(), mocks=mocks)
        wait = query.choice(request, "fields", (backends_wire.WAIT_TIME, ""), "") == backends_wire.WAIT_TIME
        if not version_of(request).lists_backend_objects:
            return json_response(backends_wire.present_names(found))
        return json_response(backends_wire.present_devices(found, site.clock.now(), wait_times=wait))

    @routes.get("/v1/backends/<id_>/configuration")
    def get_backend_configuration(id_: str) -> Response:
        wanted = query.text(request, "calibration_id")
        backend = service.get(caller(), id_, calibration_id=wanted)
        return json_text(backends_wire.configuration_text(backend))

    @routes.get("/v1/backends/<id_>/properties")
    def get_backend_properties(id_: str) -> Response:
        who = caller()
        before, wanted = query.instant(request, "updated_before"), query.text(request, "calibration_id")
        backend, calibration = service.calibration(who, id_, before=before, calibration_id=wanted)
        return json_text(backends_wire.properties_text(backend, calibration))

    @routes.get("/v1/backends/<id_>/status")
    def get_backend_status(id_: str) -> Response:
        return json_response(backends_wire.present_status(service.get(caller(), id_)))

    @routes.get("/v1/backends/<id_>/defaults")
    def get_backend_defaults(id_: str) -> Response:
        service.get(caller(), id_)
        # Evidence: a third party saw null for every device. Pulses, of which defaults told, are gone.
        return json_response(None)


def _add_instances(routes: Blueprint, site: Site, caller: Who) -> None:
    service = site.service.usage

    @routes.get("/v1/versions")
    def get_versions() -> Response:
        today = datetime.fromtimestamp(site.clock.now(), UTC).date()
        return json_response(instances_wire.present_versions(today))

    @routes.get("/v1/instance")
    def get_instance() -> Response:
        who = caller()
        instance = service.instance(who)
        names = [one.name for one in site.service.backends.list(who)]
        return json_response(instances_wire.present_instance(instance, service.limit(who), names))

    @routes.get("/v1/instances/configuration")
    def get_instance_configuration() -> Response:
        return json_response(instances_wire.present_configuration(service.limit(caller())))

    @routes.put("/v1/instances/configuration")
    def replace_instance_configuration() -> Response:
        who = caller()
        service.set_limit(who, instances_wire.parse_limit(request))
        return no_content()

    @routes.get("/v1/usage")
    def get_classic_usage() -> Response:
        who = caller()
        pending = service.pending(who)
        return json_response(instances_wire.present_classic_usage(service.of(who), pending))

    @routes.get("/v1/instances/usage")
    def get_usage() -> Response:
        return json_response(instances_wire.present_usage(service.of(caller())))
