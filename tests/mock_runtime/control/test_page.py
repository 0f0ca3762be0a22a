"""The page of the control plane, as it is served: its files, and what they are allowed to do."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mock_runtime.control.page import POLICY

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.mock_runtime.conftest import MakeFake
    from tests.mock_runtime.fakes import Fake

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
DOCUMENT = Path(__file__).parents[3] / "docs" / "page.md"
FILES = sorted(each.name for each in files("mock_runtime.control").joinpath("page").iterdir())


@pytest.fixture
def client(fake: Fake) -> FlaskClient:
    """Somebody on this machine."""
    return fake.client


def text_of(name: str) -> str:
    """What is in a file of the page."""
    return files("mock_runtime.control").joinpath("page", name).read_text(encoding="utf-8")


def test_a_browser_gets_the_page(client: FlaskClient) -> None:
    """And may run nothing that does not come from this server as a file."""
    answer = client.get("/_mock/", headers=BROWSER)
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "Accept" in answer.vary
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "text/html;q=0.5, application/json"])
def test_programs_get_the_list_of_operations(client: FlaskClient, accept: str | None) -> None:
    """Unless they would rather have a page."""
    answer = client.get("/_mock/", headers={} if accept is None else {"Accept": accept})
    assert answer.content_type == "application/json"
    assert "GET /_mock/health" in answer.get_json()["operations"]


@pytest.mark.parametrize("at", ["/_mock", "/_scope/a/_mock"])
def test_without_its_slash_the_page_is_somewhere_else(fake: Fake, at: str) -> None:
    """For its files are named relative to it, in a scope, too."""
    fake.runtime.scopes.create("a")
    answer = fake.client.get(at, headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (308, "_mock/")
    assert fake.client.get(f"{at}/", headers=BROWSER).text.startswith("<!doctype html>")


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_served_with_its_type(client: FlaskClient, name: str) -> None:
    """And asked about again each time, which costs nothing as long as it is the same."""
    answer = client.get(f"/_mock/page/{name}")
    kinds = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
    assert answer.status_code == 200
    assert answer.content_type == kinds.get(name.rpartition(".")[2], "text/html; charset=utf-8")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Date" not in answer.headers
    again = client.get(f"/_mock/page/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "name", ["nothing.js", "page", "..%2Fpage.py", "%2e%2e", ".js", "..%5cpage.js", "index.htm", "x" * 300 + ".js"]
)
def test_there_are_no_other_files(client: FlaskClient, name: str) -> None:
    """Neither those beside them, nor those that an odd name might lead to."""
    answer = client.get(f"/_mock/page/{name}")
    assert answer.status_code == 404
    assert answer.get_json()["error"]["status"] == 404


def test_all_that_is_named_is_there() -> None:
    """What the page loads, and what its scripts import; and nothing lies there that nobody names."""
    named = {"index.html"}
    for name in FILES:
        text = text_of(name)
        named |= set(re.findall(r'(?:href|src)="page/([\w.]+)"', text)) | set(re.findall(r'from "\./([\w.]+)"', text))
    assert sorted(named) == FILES


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_made_of_text_but_text(name: str) -> None:
    """No HTML from strings, no code from strings, no script or style within the page, and nobody else's address."""
    text = text_of(name)
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert forbidden not in text
    assert re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=\"", text) is None
    addresses = set(re.findall(r"https?://[\w.-]+", text))
    assert addresses <= {"http://www.w3.org"}


def test_a_fake_without_control_plane_has_no_page(make_fake: MakeFake) -> None:
    """It is part of it."""
    client = make_fake(control=False).client
    assert client.get("/_mock/", headers=BROWSER).status_code == 404
    assert client.get("/_mock/page/page.js").status_code == 404


def test_the_keys_that_there_are_are_documented_and_no_others() -> None:
    """In docs/page.md, as in the dialog that `?` opens."""
    table = text_of("page.js").split("const keys = new Keys([")[1].split("]);")[0]
    there = set("12345") | {
        key for found in re.findall(r'^  \["([^"]+)"', table, re.MULTILINE) for key in found.split()
    }
    rows = DOCUMENT.read_text(encoding="utf-8").split("## Keys")[1].split("Everything else")[0]
    documented = {key for row in re.findall(r"^\| (.+?) \|", rows, re.MULTILINE) for key in re.findall(r"`(.+?)`", row)}
    assert documented == there


def test_the_fields_of_the_filter_are_documented_and_no_others() -> None:
    """In docs/page.md."""
    there = set(re.findall(r'"(\w+)"', text_of("exchanges.js").split("const FIELDS = [")[1].split("]")[0]))
    rows = DOCUMENT.read_text(encoding="utf-8").split("`field:value`")[1].split("## Faults")[0]
    documented = {
        name for row in re.findall(r"^\| (.+?) \|", rows, re.MULTILINE) for name in re.findall(r"`(.+?)`", row)
    }
    assert documented == there
