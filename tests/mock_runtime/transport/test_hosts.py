"""Which hosts a server stands for, and where in it each of them is."""

from __future__ import annotations

from typing import Any

import pytest

from mock_runtime.transport.hosts import ANY, OUTSIDE, HostRoute, Hosts

HOSTS = Hosts(
    [
        HostRoute(ANY, "/experimental", "/api/v1"),
        HostRoute("*.quantum.test", "/api", "/regional"),
        HostRoute("quantum.test", "/api", "/api"),
        HostRoute("quantum.test", "/api/old", "/older"),
        HostRoute("eu.quantum.test", "/api", "/eu"),
        HostRoute("iam.test", "", "/identity"),
    ]
)


@pytest.mark.parametrize(
    ("host", "path", "inside"),
    [
        ("quantum.test", "/api", "/api"),
        ("quantum.test", "/api/v1/jobs", "/api/v1/jobs"),
        ("quantum.test", "/api/old/jobs", "/older/jobs"),
        ("quantum.test", "/api/older", "/api/older"),
        ("quantum.test", "/apis", None),
        ("quantum.test", "/", None),
        ("QUANTUM.test", "/api/x", "/api/x"),
        ("quantum.test:443", "/api/x", "/api/x"),
        ("quantum.test.", "/api/x", "/api/x"),
        ("us.quantum.test", "/api/x", "/regional/x"),
        ("a.b.quantum.test", "/api/x", "/regional/x"),
        ("eu.quantum.test:8443", "/api/x", "/eu/x"),
        ("evilquantum.test", "/api/x", None),
        ("quantum.test.evil", "/api/x", None),
        ("iam.test", "/token", "/identity/token"),
        ("iam.test", "", "/identity"),
        ("localhost:8000", "/experimental/jobs", "/api/v1/jobs"),
        ("[::1]:8000", "/experimental", "/api/v1"),
        ("[::1]", "/experimentals", None),
        ("", "/experimental/x", "/api/v1/x"),
        ("localhost", "/api/v1/jobs", None),
    ],
)
def test_where_a_path_of_a_host_is(host: str, path: str, inside: str | None) -> None:
    """The host that is named goes before its domain, the longer path before the shorter, an alias comes last."""
    assert HOSTS.inside(host, path) == inside


def test_the_order_in_which_routes_are_given_does_not_matter() -> None:
    """Only how much each of them says."""
    routes = [HostRoute("h.test", "/a/b", "/1"), HostRoute("*.test", "/a", "/2"), HostRoute(ANY, "/a", "/3")]
    for order in (routes, routes[::-1]):
        hosts = Hosts(order)
        assert [hosts.inside(host, "/a/b") for host in ("h.test", "i.test", "else")] == ["/1", "/2/b", "/3/b"]


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("quantum.test", True),
        ("Quantum.Test:443", True),
        ("x.quantum.test", True),
        ("iam.test.", True),
        ("localhost", False),
        ("test", False),
        ("", False),
        (":443", False),
    ],
)
def test_which_hosts_are_ours(host: str, known: bool) -> None:
    """An alias of a path is of no host, so that it makes none ours."""
    assert HOSTS.knows(host) is known


def test_the_names_are_those_of_a_certificate() -> None:
    """Each once, in order, aliases not."""
    assert HOSTS.names == ("*.quantum.test", "eu.quantum.test", "iam.test", "quantum.test")
    assert repr(HOSTS) == "Hosts(*.quantum.test, eu.quantum.test, iam.test, quantum.test)"


def test_a_request_is_led_to_where_its_path_is() -> None:
    """It remembers the path as it was written."""
    environ: dict[str, Any] = {"HTTP_HOST": "iam.test", "PATH_INFO": "/token"}
    HOSTS.redirect(environ)
    assert environ == {"HTTP_HOST": "iam.test", "PATH_INFO": "/identity/token", OUTSIDE: "/token"}


@pytest.mark.parametrize(
    ("host", "path"), [("localhost", "/api/v1/jobs"), ("quantum.test", "/nothing"), ("quantum.test", "/api/v1")]
)
def test_any_other_request_stays_as_it_is(host: str, path: str) -> None:
    """Of another host, of no such path, or of one that is the same inside."""
    environ: dict[str, Any] = {"HTTP_HOST": host, "PATH_INFO": path}
    HOSTS.redirect(environ)
    assert environ == {"HTTP_HOST": host, "PATH_INFO": path}


def test_a_request_without_a_host_can_still_use_an_alias() -> None:
    """As HTTP/1.0 allows."""
    environ: dict[str, Any] = {"PATH_INFO": "/experimental/jobs"}
    HOSTS.redirect(environ)
    assert environ["PATH_INFO"] == "/api/v1/jobs"
