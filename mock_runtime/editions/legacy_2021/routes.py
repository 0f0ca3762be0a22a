"""The operations of the edition of 2021. Each view: who calls, what is asked, the use case, the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, request

from mock_runtime import operations as names
from mock_runtime.editions.legacy_2021 import wire
from mock_runtime.editions.legacy_2021.auth import authenticate
from mock_runtime.operations import Operation, called_by, is_about
from mock_runtime.surface import json_response, no_content, text_response

if TYPE_CHECKING:
    from flask import Response

    from mock_runtime.accounts import Accounts
    from mock_runtime.domain.instances import Caller
    from mock_runtime.service import RuntimeService


OPERATIONS: Final = {
    "post_program_id": Operation("post-program-id", names.SUBMIT_JOB),
    "get_jobs": Operation("get-jobs", names.LIST_JOBS),
    "get_job": Operation("get-programs-id-jobs-jid", names.GET_JOB, "job"),
    "get_job_results": Operation("get-programs-id-jobs-jid-results", names.GET_RESULTS, "job"),
    "get_job_logs": Operation("get-job-logs", names.GET_LOGS, "job"),
    "post_job_cancel": Operation("post-job-cancel", names.CANCEL_JOB, "job"),
    "delete_job": Operation("delete-job", names.DELETE_JOB, "job"),
    **{
        name: Operation(name.replace("_", "-"))
        for name in (
            *("get_programs", "post_program", "get_program", "delete_program", "put_program_data"),
            *("put_program_public", "put_program_private", "logout"),
        )
    },
}
"""What the operations are called in all editions, and in the document."""


def _caller(accounts: Accounts) -> Caller:
    caller = authenticate(request, accounts)
    called_by(request.environ, caller.name)
    return caller


def blueprint(service: RuntimeService, accounts: Accounts) -> Blueprint:
    """All operations, over one service."""
    routes = Blueprint("legacy_2021", __name__)
    _add_programs(routes, service, accounts)
    _add_jobs(routes, service, accounts)
    return routes


def _add_programs(routes: Blueprint, service: RuntimeService, accounts: Accounts) -> None:
    def caller() -> Caller:
        return _caller(accounts)

    @routes.get("/programs")
    def get_programs() -> Response:
        return json_response([wire.present_program(program) for program in service.programs.list(caller())])

    @routes.post("/programs")
    def post_program() -> Response:
        program = service.programs.create(wire.parse_create(request, caller()))
        return json_response({"id": program.id}, 201)

    @routes.get("/programs/<id_>")
    def get_program(id_: str) -> Response:
        who = caller()
        return json_response(wire.present_program(service.programs.get(who, id_), source_for=who))

    @routes.delete("/programs/<id_>")
    def delete_program(id_: str) -> Response:
        service.programs.delete(caller(), id_)
        return no_content()

    @routes.put("/programs/<id_>/data")
    def put_program_data(id_: str) -> Response:
        service.programs.replace_source(caller(), id_, wire.parse_source(request))
        return no_content()

    @routes.put("/programs/<id_>/public")
    def put_program_public(id_: str) -> Response:
        service.programs.set_public(caller(), id_, is_public=True)
        return no_content()

    @routes.put("/programs/<id_>/private")
    def put_program_private(id_: str) -> Response:
        service.programs.set_public(caller(), id_, is_public=False)
        return no_content()


def _add_jobs(routes: Blueprint, service: RuntimeService, accounts: Accounts) -> None:
    def caller() -> Caller:
        return _caller(accounts)

    @routes.get("/jobs")
    def get_jobs() -> Response:
        return json_response(wire.present_page(service.jobs.list(wire.parse_list(request, caller()))))

    @routes.post("/jobs")
    def post_program_id() -> Response:
        job = service.jobs.submit(wire.parse_submit(request, caller()))
        is_about(request.environ, job=job.id)
        return json_response({"id": job.id})

    @routes.get("/jobs/<jid>")
    def get_job(jid: str) -> Response:
        view = service.jobs.get(caller(), jid)
        is_about(request.environ, status=view.state.status)
        return json_response(wire.present_job(view))

    @routes.delete("/jobs/<jid>")
    def delete_job(jid: str) -> Response:
        service.jobs.delete(caller(), jid)
        return no_content()

    @routes.get("/jobs/<jid>/results")
    def get_job_results(jid: str) -> Response:
        view = service.jobs.results(caller(), jid)
        is_about(request.environ, status=view.state.status)
        results = wire.present_results(view)
        return no_content() if results is None else text_response(results)

    @routes.get("/jobs/<jid>/logs")
    def get_job_logs(jid: str) -> Response:
        return text_response(service.jobs.logs(caller(), jid))

    @routes.post("/jobs/<jid>/cancel")
    def post_job_cancel(jid: str) -> Response:
        service.jobs.cancel(caller(), jid)
        return no_content()

    @routes.post("/logout")
    def logout() -> Response:
        caller()
        return no_content()
