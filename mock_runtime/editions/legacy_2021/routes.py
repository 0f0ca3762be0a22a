"""The operations of the edition of 2021. Each view: who calls, what is asked, the use case, the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request

from mock_runtime.editions.legacy_2021 import wire
from mock_runtime.editions.legacy_2021.auth import authenticate
from mock_runtime.surface import json_response, no_content, text_response

if TYPE_CHECKING:
    from flask import Response

    from mock_runtime.accounts import Accounts
    from mock_runtime.domain.instances import Caller
    from mock_runtime.service import RuntimeService


def blueprint(service: RuntimeService, accounts: Accounts) -> Blueprint:
    """All operations, over one service."""
    routes = Blueprint("legacy_2021", __name__)
    _add_programs(routes, service, accounts)
    _add_jobs(routes, service, accounts)
    return routes


def _add_programs(routes: Blueprint, service: RuntimeService, accounts: Accounts) -> None:
    def caller() -> Caller:
        return authenticate(request, accounts)

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
        return authenticate(request, accounts)

    @routes.get("/jobs")
    def get_jobs() -> Response:
        return json_response(wire.present_page(service.jobs.list(wire.parse_list(request, caller()))))

    @routes.post("/jobs")
    def post_program_id() -> Response:
        return json_response({"id": service.jobs.submit(wire.parse_submit(request, caller())).id})

    @routes.get("/jobs/<jid>")
    def get_job(jid: str) -> Response:
        return json_response(wire.present_job(service.jobs.get(caller(), jid)))

    @routes.delete("/jobs/<jid>")
    def delete_job(jid: str) -> Response:
        service.jobs.delete(caller(), jid)
        return no_content()

    @routes.get("/jobs/<jid>/results")
    def get_job_results(jid: str) -> Response:
        results = wire.present_results(service.jobs.results(caller(), jid))
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
