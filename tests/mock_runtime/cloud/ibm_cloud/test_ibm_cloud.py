"""IAM, Global Search, Global Catalog and Resource Controller."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.mock_runtime.platform_fakes import ALICE, BOB, GRANT, NOW, PlatformFake, new_platform


@pytest.fixture
def platform() -> PlatformFake:
    """A fake with two instances."""
    return new_platform(instances=["first", {"name": "second", "plan": "open", "tags": ["team:a"]}])


def token(platform: PlatformFake, **form: str) -> Any:
    """The answer to a request for a token."""
    return platform.client.post("/identity/token", data=form)


def test_a_token_is_a_jwt_that_clients_accept(platform: PlatformFake) -> None:
    """With whole numbers for its times, an hour apart."""
    answer = token(platform, grant_type=GRANT, apikey=ALICE, response_type="cloud_iam").get_json()
    payload = answer["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert (claims["iat"], claims["exp"]) == (int(NOW), int(NOW) + 3600)
    assert (answer["expires_in"], answer["expiration"]) == (3600, int(NOW) + 3600)
    assert (answer["token_type"], answer["refresh_token"]) == ("Bearer", "not_supported")
    assert ALICE not in json.dumps(claims)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "grant_type"),
        ({"grant_type": "password", "apikey": "x"}, "grant_type"),
        ({"grant_type": GRANT}, "apikey"),
        ({"grant_type": GRANT, "apikey": ""}, "apikey"),
    ],
)
def test_a_token_needs_a_grant_and_a_key(platform: PlatformFake, form: dict[str, str], said: str) -> None:
    """In IAM's own form of errors."""
    answer = token(platform, **form)
    assert (answer.status_code, answer.get_json()["errorCode"]) == (400, "BXNIM0109E")
    assert said in answer.get_json()["errorMessage"]


def test_a_blank_key_is_nobodys(platform: PlatformFake) -> None:
    """Any key is welcome here, but one has to be there."""
    answer = token(platform, grant_type=GRANT, apikey="  ")
    assert (answer.status_code, answer.get_json()["errorCode"]) == (400, "BXNIM0415E")


def test_iam_has_its_own_envelope_for_other_paths(platform: PlatformFake) -> None:
    """And other methods."""
    assert platform.client.get("/identity/nope").get_json()["errorCode"] == "BXNIM0002E"
    assert platform.client.get("/identity/token").status_code == 405


def search(platform: PlatformFake, page: str = "", /, **body: Any) -> Any:
    """The answer of Global Search to somebody with a token."""
    headers = {"Authorization": f"Bearer {platform.log_in()}"}
    return platform.client.post(f"/v3/resources/search{page}", json=body, headers=headers)


def test_search_finds_instances_as_the_client_asks(platform: PlatformFake) -> None:
    """With all that the client needs of each."""
    fields = ["crn", "service_plan_unique_id", "name", "doc", "tags"]
    answer = search(platform, "?limit=100", query="service_name:quantum-computing", fields=fields).get_json()
    assert [item["name"] for item in answer["items"]] == ["first", "second"]
    assert {key for item in answer["items"] for key in item} == set(fields)
    assert all(item["doc"]["extensions"] for item in answer["items"])
    assert "search_cursor" not in answer


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name:second", ["second"]),
        ("name:s*", ["second"]),
        ('tags:"team:a" AND service_name:quantum-computing', ["second"]),
        ("service_name:other", []),
        ("*", ["first", "second"]),
    ],
)
def test_search_understands_terms(platform: PlatformFake, query: str, names: list[str]) -> None:
    """All of which have to hold."""
    assert [item["name"] for item in search(platform, query=query).get_json()["items"]] == names


def test_search_is_paged(platform: PlatformFake) -> None:
    """A cursor is there while there is more."""
    first = search(platform, "?limit=1", query="*").get_json()
    second = search(platform, "?limit=1", query="*", search_cursor=first["search_cursor"]).get_json()
    assert [item["name"] for item in (*first["items"], *second["items"])] == ["first", "second"]
    assert "search_cursor" not in second


@pytest.mark.parametrize(
    ("query", "body"),
    [("?limit=0", {}), ("?limit=x", {}), ("", {"query": 1}), ("", {"search_cursor": "x"})],
)
def test_search_refuses_what_it_does_not_understand(platform: PlatformFake, query: str, body: dict[str, Any]) -> None:
    """With 400 and a sentence."""
    answer = search(platform, query, **body)
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["message"]


@pytest.mark.parametrize("path", ["/v3/resources/search", "/v2/resource_instances"])
@pytest.mark.parametrize("header", ["", "Bearer x.y.z", "apikey key"])
def test_services_ask_for_a_token(platform: PlatformFake, path: str, header: str) -> None:
    """And refuse others with 401."""
    method = "POST" if "search" in path else "GET"
    answer = platform.client.open(path, method=method, json={}, headers={"Authorization": header})
    assert answer.status_code == 401


def test_the_catalogue_knows_the_plans(platform: PlatformFake) -> None:
    """By the ids that Global Search gives, without a token."""
    plans = [item["service_plan_unique_id"] for item in search(platform, query="*").get_json()["items"]]
    entries = [platform.client.get(f"/globalcatalog/api/v1/{plan}").get_json() for plan in plans]
    assert [entry["metadata"]["pricing"]["type"] for entry in entries] == ["paygo", "free"]
    assert [entry["overview_ui"]["en"]["display_name"] for entry in entries] == ["Pay As You Go", "Open"]
    assert platform.client.get("/globalcatalog/api/v1/nope").status_code == 404


def test_the_controller_knows_instances_by_name_and_crn(platform: PlatformFake) -> None:
    """And only one's own."""
    headers = {"Authorization": f"Bearer {platform.log_in()}"}
    named = platform.client.get("/v2/resource_instances?name=second", headers=headers).get_json()
    every = platform.client.get("/v2/resource_instances", headers=headers).get_json()
    crn = named["resources"][0]["crn"]
    one = platform.client.get(f"/v2/resource_instances/{crn}", headers=headers)
    assert (named["rows_count"], every["rows_count"], one.get_json()["name"]) == (1, 2, "second")
    # On a socket, an escaped slash is still escaped when it gets here; IBM's SDK escapes those of a CRN.
    escaped = platform.client.get(f"/v2/resource_instances/{crn.replace('/', '%252F')}", headers=headers)
    assert escaped.get_json()["name"] == "second"
    other = {"Authorization": f"Bearer {platform.log_in(BOB)}"}
    assert platform.client.get(f"/v2/resource_instances/{crn}", headers=other).status_code == 404


@pytest.mark.parametrize(
    ("host", "path", "method"),
    [
        ("iam.cloud.ibm.com", "/identity/token", "POST"),
        ("private.iam.cloud.ibm.com", "/identity/token", "POST"),
        ("iam.test.cloud.ibm.com", "/identity/token", "POST"),
        ("api.global-search-tagging.cloud.ibm.com", "/v3/resources/search", "POST"),
        ("globalcatalog.cloud.ibm.com", "/api/v1/nope", "GET"),
        ("resource-controller.cloud.ibm.com", "/v2/resource_instances", "GET"),
    ],
)
def test_each_service_answers_at_its_host(platform: PlatformFake, host: str, path: str, method: str) -> None:
    """In its own form of errors, whatever else is at that path."""
    answer = platform.client.open(path, method=method, base_url=f"https://{host}").get_json()
    assert ("errorCode" in answer) == host.endswith(("iam.cloud.ibm.com", "iam.test.cloud.ibm.com"))
    assert ("more_info" in json.dumps(answer)) is False


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name:f*st", ["first"]),
        ("name:*", ["first", "second"]),
        ("name:*S*", ["first", "second"]),
        ("name:f*t*t", []),
        ("name:firs*st", []),
        ("name:*i*s*t", ["first"]),
        ("name:fir", []),
        ("name:" + "*a" * 1_900 + "b", []),
        ("crn:" + "*:" * 8 + "*", ["first", "second"]),
        ("a" * 4_000, ["first", "second"]),
    ],
)
def test_stars_stand_for_anything(platform: PlatformFake, query: str, found: list[str]) -> None:
    """Each answer takes no longer than the query is long."""
    bearer = {"Authorization": f"Bearer {platform.log_in()}"}
    answer = platform.client.post("/v3/resources/search", json={"query": query}, headers=bearer)
    assert [item["name"] for item in answer.get_json()["items"]] == found


def test_a_query_has_an_end(platform: PlatformFake) -> None:
    """One of megabytes is refused, not read."""
    bearer = {"Authorization": f"Bearer {platform.log_in()}"}
    answer = platform.client.post("/v3/resources/search", json={"query": "a" * 2_000_000}, headers=bearer)
    assert answer.status_code == 400
    assert "at most 4000 characters" in answer.get_json()["message"]


def test_fields_that_are_no_texts_are_none_of_ours(platform: PlatformFake) -> None:
    """Even if they are lists in lists in lists."""
    deep: list[Any] = []
    for _ in range(500):
        deep = [deep]
    bearer = {"Authorization": f"Bearer {platform.log_in()}"}
    answer = platform.client.post("/v3/resources/search", json={"fields": [deep, 5, "name"]}, headers=bearer)
    assert [set(item) for item in answer.get_json()["items"]] == [{"crn", "name"}] * 2


def test_a_form_for_a_token_is_small(platform: PlatformFake) -> None:
    """One of megabytes is refused in the words of IAM, before it is taken apart."""
    answer = token(platform, grant_type=GRANT, apikey="k" * 2_000_000)
    assert answer.status_code == 413
    assert answer.get_json()["errorCode"] == "BXNIM0121E"
