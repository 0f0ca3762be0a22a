"""The contract and its pages, as the fake serves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.mock_runtime.platform_fakes import new_platform

if TYPE_CHECKING:
    from tests.mock_runtime.conftest import MakeFake
    from tests.mock_runtime.fakes import Fake


@pytest.mark.parametrize("path", ["/openapi/legacy-2021.yaml", "/static/Near-Time-Compute.v1.yaml"])
def test_the_document_names_this_server(fake: Fake, path: str) -> None:
    """Under both of its addresses, by paths alone, so at whatever host it is read; no credentials are needed."""
    answer = fake.client.get(path, headers={"Host": "fake.example:8000"})
    assert (answer.status_code, answer.content_type) == (200, "application/yaml")
    document = yaml.safe_load(answer.data)
    assert document["servers"] == [{"url": "/"}]
    assert {server["url"] for item in document["paths"].values() for server in item.get("servers", ())} == {"/"}


def test_a_prefix_is_where_the_document_says_the_api_is(make_fake: MakeFake) -> None:
    """The account service below it."""
    document = yaml.safe_load(make_fake(prefix="/runtime").client.get("/openapi/legacy-2021.yaml").data)
    assert document["servers"] == [{"url": "/runtime"}]
    assert document["paths"]["/api/version"]["servers"] == [{"url": "/runtime"}]


def test_every_operation_of_the_document_is_there_and_no_other(fake: Fake) -> None:
    """Documented paths and methods are those of the fake, under the same names of operations."""
    document = yaml.safe_load(fake.client.get("/openapi/legacy-2021.yaml").data)
    documented = {
        (method.upper(), path.replace("{id}", "X").replace("{jid}", "X").replace("{hub}", "X"))
        for path, item in document["paths"].items()
        for method in item.keys() & {"get", "put", "post", "delete", "patch"}
    }
    served = {
        (method, rule.rule)
        for rule in fake.runtime.app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in {"legacy_2021", "account_2021"}
        for method in (rule.methods or set()) - {"HEAD"}
    }

    def anonymous(operations: set[tuple[str, str]]) -> set[tuple[str, str]]:
        return {
            (method, "/".join("X" if part[:1] in {"<", "{", "X"} else part for part in path.split("/")))
            for method, path in operations
        }

    assert anonymous(documented) == anonymous(served)


def test_the_pages_come_from_the_package(fake: Fake) -> None:
    """With their scripts and styles, from this server alone."""
    page = fake.client.get("/openapi/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "/openapi/legacy-2021.yaml" in page.text
    assert "//cdn" not in page.text
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert fake.client.get(f"/openapi/{name}", buffered=True).status_code == 200


@pytest.mark.parametrize("name", ["nothing", "a/b.html", "..%2f..%2fapp.py", "../documentation.py"])
def test_a_page_that_is_not_there_is_refused_in_the_words_of_the_edition(fake: Fake, name: str) -> None:
    """Not in those of the pages, which would be HTML."""
    answer = fake.client.get(f"/openapi/{name}")
    assert answer.status_code == 404
    assert answer.get_json()["errors"][0]["code"] == "not_found"


def test_the_job_that_the_pages_offer_is_accepted() -> None:
    """The schema alone would have them offer a body that is refused."""
    platform = new_platform()
    document = yaml.safe_load(platform.client.get("/openapi/platform.yaml").data)
    body = document["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]["example"]
    answer = platform.tenant().post("/jobs", json=body)
    assert answer.status_code == 200
