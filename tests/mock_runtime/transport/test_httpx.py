"""Code on httpx, in-process: respx sends what is meant for IBM to the fake; the code under test does not notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import respx

if TYPE_CHECKING:
    from tests.mock_runtime.conftest import MakeFake

IBM = "runtime-us-east.quantum-computing.ibm.com"


def results_of_a_job(token: str) -> list[tuple[int, str]]:
    """The walkthrough, written with httpx against the real address."""
    with httpx.Client(base_url=f"https://{IBM}", headers={"Authorization": f"Bearer {token}"}) as client:
        job = client.post("/jobs", json={"programId": "runtime-simple", "params": ['{"iterations": 2}']}).json()["id"]
        answers = [client.get(f"/jobs/{job}/results") for _ in range(4)]
    return [(answer.status_code, answer.text) for answer in answers]


def test_a_router_of_respx_answers_from_the_fake(make_fake: MakeFake) -> None:
    """Three times 204 and then the result, at the address of the real service."""
    fake = make_fake(scenario={"polls": 3})
    transport = httpx.WSGITransport(fake.runtime.app)
    with respx.mock(assert_all_called=True) as router:
        router.route(host=IBM).mock(side_effect=transport.handle_request)
        assert results_of_a_job("alice") == [(204, ""), (204, ""), (204, ""), (200, "All done!")]
