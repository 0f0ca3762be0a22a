"""Profiles: which edition a run is about, and what each says of itself."""

from __future__ import annotations

import pytest

from runtime_contracts import documents, profiles
from runtime_contracts.asking import edition_for, edition_of
from runtime_contracts.client_driver import Arguments, PlatformArguments
from runtime_contracts.contract import Contract
from runtime_contracts.operation import METHODS
from runtime_contracts.options import UnknownNameError
from tests.broken.serving import Reply, served
from tests.runtime_contracts import reference_driver, reference_driver_platform


@pytest.mark.parametrize("edition", ["legacy-2021", "platform"])
def test_fake_says_which_edition_it_is(edition: str) -> None:
    """A fake is asked for its edition, wherever below its address one points."""
    with served(edition=edition) as server:
        assert edition_of(f"{server.url}/api/v1") == edition


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404, {"Content-Type": "text/html"}, b"<html></html>"),
        Reply(200, {"Content-Type": "application/json"}, b'{"edition": "1999"}'),
        Reply(200, {"Content-Type": "application/json"}, b"[]"),
    ],
    ids=["a page", "an unknown edition", "no object"],
)
def test_server_that_says_nothing_is_of_today(reply: Reply) -> None:
    """A server that has no such index, or makes no sense in it, is taken for one of today."""
    with served(lambda *_: reply) as server:
        assert edition_of(server.url) == "platform"


@pytest.mark.parametrize(
    ("operations", "edition"),
    [
        (reference_driver.driver.operations, "legacy-2021"),
        (reference_driver_platform.driver.operations, "platform"),
        (["get-jobs", "get_jobs"], "legacy-2021"),
        (["get_job", "gett_job"], "platform"),
        ([], "platform"),
    ],
    ids=["2021", "today", "one of 2021", "one of today", "none"],
)
def test_edition_of_a_driver_is_that_of_its_operations(operations: list[str], edition: str) -> None:
    """A driver is for the edition that has most of its operations."""
    assert edition_for(operations) == edition


def test_unknown_profile_is_refused() -> None:
    """An edition without a profile is refused with those that have one."""
    with pytest.raises(UnknownNameError, match="known: legacy-2021, platform"):
        profiles.of("legacy-2022")


def test_every_document_has_a_profile() -> None:
    """A new edition needs both."""
    assert set(profiles.names()) == set(documents.names())


@pytest.mark.parametrize(("edition", "values"), [("legacy-2021", Arguments()), ("platform", PlatformArguments())])
def test_places_are_in_the_document(edition: str, values: Arguments | PlatformArguments) -> None:
    """Each operation, each parameter and each attribute that a table of places names is there."""
    contract = Contract.of(edition)
    for operation, places in profiles.of(edition).client.places.items():
        found = contract.operations[operation]
        parameters = {f"{parameter.location}.{parameter.name}" for parameter in found.parameters}
        for place, source in places.items():
            assert place in parameters or place.startswith(("body./", "form.")), (operation, place)
            assert callable(source) or hasattr(values, source), (operation, source)


def test_links_of_today_lead_to_operations() -> None:
    """What is made can be looked for afterwards: the links that are added name operations that exist."""
    document = documents.load("platform")
    profiles.of("platform").server.links(document)
    links = [
        link["operationId"]
        for item in document["paths"].values()
        for method in METHODS
        for answer in item.get(method, {}).get("responses", {}).values()
        for link in answer.get("links", {}).values()
    ]
    assert len(links) > 15
    assert set(links) <= set(Contract.of("platform").operations)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/api"),
        ("http://127.0.0.1:8000/api/v1", "http://127.0.0.1:8000/api"),
        ("https://quantum.cloud.ibm.com/api", "https://quantum.cloud.ibm.com/api"),
        ("http://127.0.0.1:8000/elsewhere/", "http://127.0.0.1:8000/elsewhere"),
    ],
)
def test_paths_of_today_are_below_api(url: str, address: str) -> None:
    """An address without a path means the one that IBM's servers have; with one it is taken as it is."""
    assert profiles.of("platform").server.address(url) == address
