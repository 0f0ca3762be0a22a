"""Backends of today's API."""

from __future__ import annotations

from tests.mock_runtime.platform_fakes import PlatformFake, Tenant


def test_mocks_are_listed_on_demand(alice: Tenant) -> None:
    """The client always asks for them, in Python's way."""
    plain = [device["name"] for device in alice.json("/backends")["devices"]]
    devices = alice.json("/backends?include_mocks=True")["devices"]
    assert "mock_fez" not in plain
    assert [device["class"] for device in devices if device["name"] == "mock_fez"] == ["mock"]


def test_waiting_times_are_listed_on_demand(alice: Tenant) -> None:
    """By the one field there is."""
    device = alice.json("/backends?fields=wait_time_seconds")["devices"][0]
    assert set(device["wait_time_seconds"]) == {"average", "p50", "p95"}
    assert "wait_time_seconds" not in alice.json("/backends")["devices"][0]


def test_properties_of_the_past_are_older(platform: PlatformFake, alice: Tenant) -> None:
    """And those of the future are those of now."""
    now = alice.json("/backends/ibm_fez/properties")["last_update_date"]
    past = alice.json("/backends/ibm_fez/properties?updated_before=2026-11-01T00:00:00Z")["last_update_date"]
    future = alice.json("/backends/ibm_fez/properties?updated_before=2036-11-01T00:00:00Z")["last_update_date"]
    platform.clock.advance(2 * 86_400)
    later = platform.tenant().json("/backends/ibm_fez/properties")["last_update_date"]
    assert past < "2026-11-01" < now == future < later


def test_an_unknown_calibration_is_not_found(alice: Tenant) -> None:
    """On both operations that take one."""
    for path in ("configuration", "properties"):
        answer = alice.get(f"/backends/ibm_fez/{path}?calibration_id=nope")
        assert alice.code(answer) == (404, 1009)


def test_an_unknown_backend_is_not_found(alice: Tenant) -> None:
    """On every operation, in the words that were seen."""
    for path in ("configuration", "properties", "status", "defaults"):
        answer = alice.get(f"/backends/ibm_nope/{path}")
        assert alice.code(answer) == (404, 1007)
        assert answer.get_json()["errors"][0]["message"] == "device not found"


def test_defaults_are_null(alice: Tenant) -> None:
    """As they were seen on every device."""
    assert alice.get("/backends/ibm_fez/defaults").text.strip() == "null"


def test_every_backend_is_as_the_document_says(alice: Tenant) -> None:
    """Configuration, properties and status of each: the check is in every call."""
    for device in alice.json("/backends?include_mocks=True")["devices"]:
        for path in ("configuration", "properties", "status"):
            assert alice.json(f"/backends/{device['name']}/{path}")["backend_version"]
