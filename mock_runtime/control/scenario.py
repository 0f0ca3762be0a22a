"""Operations on the scenario: how the jobs unfold that are submitted from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from mock_runtime.control.reading import body_object
from mock_runtime.scenario import scenario
from mock_runtime.surface import json_response

if TYPE_CHECKING:
    from mock_runtime.control.controlled import Controlled


def add_scenario(routes: Blueprint, runtime: Controlled) -> None:
    """Put the operations on the scenario on the control plane."""

    @routes.get("/scenario")
    def read_scenario() -> Response:
        return json_response(runtime.script.current.as_dict())

    @routes.put("/scenario")
    def put_scenario() -> Response:
        runtime.script.replace(scenario(body_object()))
        return read_scenario()

    @routes.patch("/scenario")
    def patch_scenario() -> Response:
        runtime.script.set(**body_object())
        return read_scenario()

    @routes.patch("/scenario/programs/<id_>")
    def patch_program(id_: str) -> Response:
        runtime.script.program(id_, **body_object())
        return read_scenario()

    @routes.post("/scenario/jobs")
    def next_job() -> Response:
        runtime.script.next_job(**body_object())
        return read_scenario()
