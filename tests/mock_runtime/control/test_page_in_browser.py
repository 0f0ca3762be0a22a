"""The page of the control plane, used in a real browser as a person would use it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from mock_runtime import Config, create_app, runtime_of
from mock_runtime.clock import SteerableClock
from mock_runtime.guard import Guard
from mock_runtime.transport.server import LiveServer
from tests.mock_runtime.control.browser import Browser, Page, find_browser
from tests.mock_runtime.fakes import ALICE, EDITION_2021, SUBMISSION

if TYPE_CHECKING:
    from mock_runtime import Runtime

NOW = 1_800_000_000.0
"""2027-01-15T08:00:00Z."""

TOKEN = "a-control-token-4711"
HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
CONNECTED = "document.querySelector('#connection').dataset.state === 'on'"
BROWSER = find_browser()
FAINT = """(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).map((each) => each / 255)
      .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((numbers(colour)[3] ?? 1) > 0.5) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.body.querySelectorAll("*")].flatMap((element) => {
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!says || !element.checkVisibility() || element.closest(":disabled, .off, .unseen, .skip")) return [];
    const [one, other] = [light(getComputedStyle(element).color), light(ground(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    return ratio < 4.5 ? [`${element.tagName}.${element.className}: ${element.innerText} ${ratio.toFixed(2)}`] : [];
  });
})()"""
"""What says something in a colour that is hard to tell from the one beneath."""

pytestmark = [
    pytest.mark.skipif(
        BROWSER is None and not os.environ.get("CI"),
        reason="there is no Chromium: apt-get install chromium, and the page is tested in it",
    ),
]


@dataclass
class Shown:
    """A fake on a socket, and its page in a browser."""

    runtime: Runtime
    origin: str
    browser: Browser
    pages: list[Page]

    def open(self, path: str = "/_mock/", **settings: Any) -> Page:
        """The page in a tab of its own, when it is connected."""
        page = self.browser.new_page(**settings)
        self.pages.append(page)
        page.open(f"{self.origin}{path}")
        page.wait(CONNECTED)
        return page

    def call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **request: Any) -> Any:
        """The answer to a request of Alice's client, over the socket."""
        said = {"Authorization": f"Bearer {ALICE}", **(headers or {})}
        return requests.request(method, f"{self.origin}{path}", headers=said, timeout=10, **request)

    def submit(self, **fields: Any) -> str:
        """The id of a new job."""
        answer = self.call("POST", "/jobs", json={**SUBMISSION, **fields})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def poll(self, job: str) -> int:
        """The status of the answer to a request for results."""
        return int(self.call("GET", f"/jobs/{job}/results").status_code)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; each tab is as if the browser was new."""
    assert BROWSER is not None, "CI has to have a Chromium: .ci/run installs it"
    with Browser(BROWSER) as started:
        yield started


@pytest.fixture
def make_shown(browser: Browser) -> Iterator[Any]:
    """Make fakes whose pages must not have complained by the end of a test."""
    made: list[Shown] = []
    with ExitStack() as stack:

        def make(*, token: str | None = None, **settings: Any) -> Shown:
            config = Config(**{"edition": EDITION_2021, "seed": 0, **settings})
            guard = Guard(token=token) if token else None
            app = create_app(config, clock=SteerableClock(NOW, 0.0), guard=guard)
            server = stack.enter_context(LiveServer(app))
            made.append(Shown(runtime_of(app), server.origin, browser, []))
            return made[-1]

        yield make
        for shown in made:
            for page in shown.pages:
                page.evaluate("0")
                assert page.complaints == []
                page.close()
            shown.runtime.check()


@pytest.fixture
def shown(make_shown: Any) -> Shown:
    """A fake whose clock stands still until somebody moves it."""
    made = make_shown()
    assert isinstance(made, Shown)
    return made


def lane_says(page: Page, job: str, said: str) -> None:
    """Wait until a screen reader is told that of the lane of a job."""
    page.wait(f"document.querySelector('.lanes [data-key=\"{job}\"]')?.ariaLabel.includes({json.dumps(said)})")


def test_it_comes_up_without_a_complaint_and_asks_nobody_else(shown: Shown) -> None:
    """No error, no violated policy, no request to another server; what to do first is said."""
    page = shown.open()
    assert page.text("#panel-jobs .empty h2") == "No jobs yet"
    page.wait(f"document.querySelector('#panel-jobs .empty pre').innerText === '{shown.origin}/'")
    assert {url.split("/_mock/")[0] for _method, url in page.requests} == {shown.origin}
    assert page.text("#edition") == "legacy-2021"
    assert page.text("#now") == "2027-01-15 08:00:00"


def test_polls_are_marks_on_the_lane_of_their_job(shown: Shown) -> None:
    """One sees 204, 204, 200, although all of it happened in the same instant of the fake's clock."""
    shown.runtime.script.set(polls=2)
    page = shown.open()
    job = shown.submit()
    assert [shown.poll(job) for _ in range(3)] == [204, 204, 200]
    page.wait("document.querySelector('.board').dataset.marks === '4'")
    lane_says(page, job, "Answers: 200, 204 \u00d72, 200")
    assert page.evaluate("document.querySelector('.board').dataset.axis") == "order"
    page.click(f'.lanes [data-key="{job}"]')
    page.wait("document.querySelectorAll('.strip .mark').length === 4")
    assert page.texts(".strip .mark") == ["200", "204", "204", "200"]
    page.click(".strip li:nth-child(2) .mark")
    page.wait("document.querySelector('#panel-exchanges .details h2')?.innerText.startsWith('Exchange #2')")


def test_by_time_marks_are_where_they_were(shown: Shown) -> None:
    """What is at one place is one mark that counts; zoomed in, marks are apart."""
    page = shown.open()
    job = shown.submit()
    for _ in range(3):
        shown.runtime.clock.sleep(1)
        shown.poll(job)
    shown.poll(job)
    page.wait("document.querySelector('.board').dataset.marks === '4'")
    assert page.evaluate("document.querySelector('.board').dataset.axis") == "time"
    lane_says(page, job, "Answers: 200, 204 \u00d72, 200 \u00d72")
    page.press("x")
    page.wait("document.querySelector('.board').dataset.marks === '5'")
    assert page.evaluate("document.querySelector('.board').dataset.axis") == "order"


def test_a_mark_tells_what_it_is_and_leads_to_its_exchange(shown: Shown) -> None:
    """When it is pointed at, and when it is pressed."""
    job = shown.submit()
    shown.runtime.clock.sleep(1)
    shown.poll(job)
    page = shown.open()
    page.wait("document.querySelector('.board').dataset.marks === '2'")
    box = page.evaluate("document.querySelector('.lanes [role=option]').getBoundingClientRect().toJSON()")
    middle = box["y"] + box["height"] / 2
    tip = "document.querySelector('#tip')"
    for x in range(int(box["x"]) + 240, int(box["right"]), 6):
        page.point_at(x, middle)
        if not page.evaluate(f"{tip}.hidden") and "204" in page.text("#tip"):
            break
    assert page.text("#tip") == "#2  08:00:01.000  get-results \u2192 204"
    page.press_at(x, middle)
    page.wait("document.querySelector('#panel-exchanges .details h2')?.innerText.startsWith('Exchange #2')")
    assert page.evaluate(f"{tip}.hidden")


def test_the_timeline_is_zoomed_moved_and_follows(shown: Shown) -> None:
    """By wheel, keys and buttons; then all of it is shown again."""
    shown.poll(shown.submit())
    page = shown.open()
    page.wait("document.querySelector('.board').dataset.marks > 0")
    pressed = "document.querySelector('[data-mode][aria-pressed=true]')?.innerText ?? 'neither'"
    assert page.evaluate(pressed) == "All"
    box = page.evaluate("document.querySelector('.lanes').getBoundingClientRect().toJSON()")
    page.wheel(box["x"] + 400, box["y"] + 20, down=-200, ctrl=True)
    page.wait(f"({pressed}) === 'neither'")
    page.press("j", "ArrowRight", "ArrowRight", "+", "-", "f")
    page.wait(f"({pressed}) === 'Follow'")
    page.press("0")
    page.wait(f"({pressed}) === 'All'")
    page.wait("document.querySelector('.board').dataset.marks > 0")


def test_a_switch_switches_a_rule(shown: Shown) -> None:
    """On the server, and keeps its account; by mouse and by keyboard."""
    shown.runtime.faults.add({"id": "storm", "match": {"operation": "get-results"}, "act": {"status": 503}})
    job = shown.submit()
    assert shown.poll(job) == 503
    page = shown.open("/_mock/#tab=faults")
    page.wait("document.querySelector('.rule-text')?.innerText.includes('1 matched, 1 met')")
    page.click("[role=switch][aria-label='Rule storm']")
    page.wait("document.querySelector('.rules [role=switch]').ariaChecked === 'false'")
    assert not shown.runtime.faults["storm"].on
    assert shown.poll(job) == 204
    assert page.focused() == "Rule storm"
    page.press(" ")
    page.wait("document.querySelector('.rules [role=switch]').ariaChecked === 'true'")
    assert shown.runtime.faults["storm"].on


def test_the_form_writes_a_rule_and_shows_what_the_server_says_of_it(shown: Shown) -> None:
    """Its sentence stands beside the rule until the rule is right; then the rule is armed."""
    page = shown.open("/_mock/#tab=faults")
    page.wait("document.querySelectorAll('.profile').length > 2")
    page.click("#rule-status")
    page.evaluate("document.querySelector('#rule-status').select()")
    page.type("5000")
    page.click("#panel-faults button.primary")
    page.wait("document.querySelector('#rule-trouble').innerText.includes('status')")
    assert page.focused() == "rule-json"
    page.click("#rule-status")
    page.evaluate("document.querySelector('#rule-status').select()")
    page.type("429")
    page.click("#rule-times")
    page.type("2")
    page.press("Enter")
    page.wait("document.querySelectorAll('.rules .rule').length === 1")
    (armed,) = shown.runtime.faults
    assert (armed.fault.act.status, armed.fault.times) == (429, 2)
    assert page.text("#rule-trouble") == ""
    page.click(".rules button", "Edit")
    page.evaluate("document.querySelector('#rule-json').select()")
    page.type('{"act": {"status": 500}}')
    page.click("#panel-faults button.primary")
    page.wait("document.querySelector('.rule-text').innerText.includes('status 500')")
    page.click(".rules button", "Remove")
    page.wait("document.querySelector('.rules').innerText.includes('everything works')")
    assert not list(shown.runtime.faults)
    page.forgive("status of 400")


def test_what_is_no_json_is_said_before_it_is_sent(shown: Shown) -> None:
    """The server is not asked."""
    page = shown.open("/_mock/#tab=faults")
    page.click("#rule-json")
    page.type("{{")
    page.click("#panel-faults button.primary")
    page.wait("document.querySelector('#rule-trouble').innerText.startsWith('This is no JSON')")
    assert [url for method, url in page.requests if method == "POST"] == []


def test_a_profile_is_armed_by_one_press_and_disarmed_by_another(shown: Shown) -> None:
    """All of its rules are there, and none afterwards."""
    page = shown.open("/_mock/#tab=faults")
    page.click("[aria-label='Arm flaky-network']")
    page.wait("document.querySelector('[aria-label=\"Disarm flaky-network\"]')")
    assert list(shown.runtime.faults)
    page.click("[aria-label='Disarm flaky-network']")
    page.wait("document.querySelector('[aria-label=\"Arm flaky-network\"]')")
    assert not list(shown.runtime.faults)


def test_time_moves_by_the_buttons(shown: Shown) -> None:
    """By the lengths that are offered, by any other, and at another speed."""
    page = shown.open()
    page.click("[data-advance='10s']")
    page.wait("document.querySelector('#now').innerText === '2027-01-15 08:00:10'")
    assert shown.runtime.clock.now() == NOW + 10
    page.click("#advance-by")
    page.wait("document.querySelector('dialog input')")
    page.evaluate("document.querySelector('dialog input').select()")
    page.type("90s")
    page.press("Enter")
    page.wait("document.querySelector('#now').innerText === '2027-01-15 08:01:40'")
    page.click("[data-speed='100x']")
    page.wait("document.querySelector('[data-speed=\"100x\"]').ariaPressed === 'true'")
    page.wait("document.querySelector('#now').innerText > '2027-01-15 08:01:41'")
    page.click("[data-speed='manual']")
    page.wait("document.querySelector('#speed').innerText === 'paused'")
    assert shown.runtime.clock.now() > NOW + 101


def test_a_length_that_is_none_is_explained(shown: Shown) -> None:
    """In the words of the server, and time stays."""
    page = shown.open()
    page.click("#advance-by")
    page.wait("document.querySelector('dialog input')")
    page.evaluate("document.querySelector('dialog input').select()")
    page.type("soon")
    page.press("Enter")
    page.wait("document.querySelector('.toast.error')?.innerText.includes('soon')")
    assert shown.runtime.clock.now() == NOW
    page.wait("document.querySelector('#connection').dataset.state === 'on'")
    page.forgive("status of 400")


def test_a_job_fails_for_the_reason_that_is_typed(shown: Shown) -> None:
    """And its lane says so; what cannot happen to it any more is not offered."""
    job = shown.submit()
    page = shown.open()
    page.click(f'.lanes [data-key="{job}"]')
    page.click("[data-does='fail']")
    page.wait("document.querySelector('dialog input')")
    page.evaluate("document.querySelector('dialog input').select()")
    page.type("the fridge is warm")
    page.press("Enter")
    page.wait("document.querySelector('.details .chip')?.innerText === 'failed'")
    lane_says(page, job, "failed")
    assert "the fridge is warm" in shown.call("GET", f"/jobs/{job}/logs").text + shown.call("GET", f"/jobs/{job}").text
    assert page.evaluate("document.querySelector('[data-does=\"finish\"]')") is None
    page.wait("document.querySelector('.toast').innerText.includes('fail done')")


@pytest.mark.parametrize(
    ("press", "status"), [("finish", "completed"), ("cancel", "cancelled"), ("until-final", "completed")]
)
def test_a_job_ends_by_a_button(shown: Shown, press: str, status: str) -> None:
    """At once, or because time moves to its end."""
    job = shown.submit()
    page = shown.open()
    page.click(f'.lanes [data-key="{job}"]')
    page.click(f"[data-does='{press}']")
    page.wait(f"document.querySelector('.details .chip')?.innerText === '{status}'")
    lane_says(page, job, status)
    assert shown.runtime.clock.now() == NOW + (3 if press == "until-final" else 0)


def test_a_job_goes_back_to_the_queue_and_loses_its_result(shown: Shown) -> None:
    """Time is moved to where it runs, then to its end."""
    job = shown.submit()
    page = shown.open()
    page.click(f'.lanes [data-key="{job}"]')
    page.click("[data-does='until-running']")
    page.wait("document.querySelector('.details .chip')?.innerText === 'running'")
    page.click("[data-does='requeue']")
    page.wait("document.querySelector('.details .chip')?.innerText === 'queued'")
    page.click("[data-does='until-final']")
    page.wait("document.querySelector('.details .chip')?.innerText === 'completed'")
    page.click("[data-does='lose-result']")
    page.wait("document.querySelector('.toasts').innerText.includes('lose-result done')")
    assert shown.poll(job) != 200


def test_everything_goes_by_keyboard(shown: Shown) -> None:
    """From the first Tab: to the tabs, the jobs, their buttons, the keys, the filter; what has the focus is seen."""
    first, second = shown.submit(), shown.submit()
    page = shown.open()
    page.wait("document.querySelectorAll('.lanes [role=option]').length === 2")
    page.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.press("j")
    page.wait(f"document.querySelector('.lanes [aria-selected=true]')?.dataset.key === '{second}'")
    assert page.focused() == "Jobs, the newest first"
    page.press("ArrowDown")
    page.wait(f"document.querySelector('.lanes [aria-selected=true]')?.dataset.key === '{first}'")
    active = "document.getElementById(document.querySelector('.lanes').getAttribute('aria-activedescendant'))"
    page.wait(f"{active}.dataset.key === '{first}'")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.press("Enter")
    page.press("Tab")
    assert page.evaluate("document.activeElement.dataset.does") == "finish"
    page.press("Enter")
    page.wait("document.querySelector('.details .chip')?.innerText === 'completed'")
    assert page.evaluate("document.querySelector('.details').contains(document.activeElement)")
    page.press("k", "u")
    page.wait("document.querySelector('.details .chip')?.innerText === 'completed'")
    page.press("a")
    page.wait("document.querySelector('#now').innerText === '2027-01-15 08:00:04'")
    page.press("?")
    page.wait("document.querySelector('dialog[open] .keys')")
    page.press("Escape")
    page.wait("document.querySelector('dialog') === null")
    page.press("2")
    assert page.evaluate("document.activeElement.id") == "tab-exchanges"
    page.press("ArrowRight")
    page.wait("document.querySelector('#panel-faults').hidden === false")
    page.press("ArrowLeft", "/")
    page.type("status:5xx")
    page.wait("document.querySelector('#panel-exchanges .empty')?.hidden === false")
    page.press("Escape", "1")
    page.wait("document.querySelector('#panel-jobs').hidden === false")


def test_single_keys_can_be_switched_off(shown: Shown) -> None:
    """For who speaks to the browser; that is remembered, and `?` gives them back."""
    page = shown.open()
    page.press("?")
    page.click("#keys-on")
    page.press("Escape")
    page.open(f"{shown.origin}/_mock/#")
    page.wait(CONNECTED)
    page.press("a", "3")
    assert page.evaluate("document.querySelector('#panel-jobs').hidden") is False
    assert shown.runtime.clock.now() == NOW
    page.press("?")
    page.wait("document.querySelector('#keys-on')?.checked === false")


@pytest.mark.parametrize(("system", "other"), [("light", "dark"), ("dark", "light")])
def test_dark_and_light(shown: Shown, system: str, other: str) -> None:
    """As the system says; as was chosen, from then on."""
    page = shown.open(media={"prefers-color-scheme": system})

    def scheme() -> str:
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        return "light" if sum(ground) > 384 else "dark"

    assert scheme() == system
    page.press("t")
    assert scheme() == other
    page.open(f"{shown.origin}/_mock/#again")
    page.wait(CONNECTED)
    assert scheme() == other


def test_what_strangers_write_is_text(make_shown: Any) -> None:
    """In paths, ids of faults, headers and bodies: nothing of it becomes an element."""
    shown = make_shown()
    shown.call("GET", f"/jobs/{HOSTILE}", headers={"X-Odd": HOSTILE, "User-Agent": HOSTILE})
    shown.call("POST", "/jobs", json={"programId": HOSTILE})
    shown.runtime.faults.add({"id": "odd", "match": {"path": HOSTILE}, "act": {"status": 503, "message": HOSTILE}})
    shown.call("GET", "/jobs", headers={"Authorization": "Bearer <b>bold</b>"})
    page = shown.open("/_mock/#tab=exchanges")
    page.wait("document.querySelectorAll('#panel-exchanges [role=option]').length === 3")
    for number in (1, 2, 3):
        page.click(f"#panel-exchanges [data-key='{number}']")
        page.wait(f"document.querySelector('#panel-exchanges .details h2')?.innerText.includes('#{number}')")
        assert page.evaluate("document.querySelectorAll('img:not([src=\"page/icon.svg\"])').length") == 0
    page.click("#panel-exchanges [data-key='2']")
    page.wait("document.querySelector('#panel-exchanges .body')?.innerText.includes('onerror')")
    page.press("3")
    page.wait("document.querySelector('.rule-text')?.innerText.includes('<img')")
    assert page.evaluate("document.title") == "mock-runtime"


def test_hostile_tags_are_text(make_shown: Any) -> None:
    """Of a job of today's API, in its lane and beside it."""
    shown = make_shown(edition="platform", engine="synthetic")
    login = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": ALICE}
    token = requests.post(f"{shown.origin}/identity/token", data=login, timeout=10).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "IBM-API-Version": "2026-04-15"}
    found = shown.call("POST", "/v3/resources/search", json={"query": "*"}, headers=headers).json()["items"]
    pub = ['OPENQASM 3.0; include "stdgates.inc"; bit[1] c; sx $0; c[0] = measure $0;', None, 10]
    body = {"program_id": "sampler", "backend": "ibm_fez", "params": {"pubs": [pub], "version": 2}, "tags": [HOSTILE]}
    answer = shown.call("POST", "/api/v1/jobs", json=body, headers={**headers, "Service-CRN": found[0]["crn"]})
    assert answer.status_code == 200, answer.text
    page = shown.open()
    page.wait("document.querySelectorAll('.lanes [role=option]').length === 1")
    page.press("j")
    page.wait("document.querySelector('.facts')?.innerText.includes('onerror')")
    page.click("#panel-jobs .filter")
    page.type("onerror")
    page.wait("document.querySelectorAll('.lanes [role=option]').length === 1")
    assert page.evaluate("document.querySelectorAll('img').length") == 1
    assert page.evaluate("document.title") == "mock-runtime"


def test_five_hundred_jobs_are_a_few_lines(shown: Shown) -> None:
    """Of a long list only what is seen is there, and what is not shown is said."""
    store = shown.runtime.store
    first = store.job(shown.submit())
    for number in range(2, 506):
        store.add_job(replace(first, id=f"job-{number}", number=number))
    page = shown.open()
    page.wait("document.querySelector('.lanes [role=option]')?.ariaSetSize === '500'")
    assert page.evaluate("document.querySelectorAll('.lanes [role=option]').length") < 60
    assert page.text("#panel-jobs .footnote") == "Shown are the newest 500 of 505 jobs."
    page.press("j", "End")
    page.wait("document.querySelector('.lanes [aria-selected=true]')?.ariaPosInSet === '500'")
    assert page.evaluate("document.querySelectorAll('.lanes [role=option]').length") < 60


def test_a_server_that_is_gone_is_noticed_and_so_is_its_return(shown: Shown) -> None:
    """The page says so, keeps what it knew, and asks again by itself."""
    shown.submit()
    page = shown.open()
    page.wait("document.querySelectorAll('.lanes [role=option]').length === 1")
    page.offline(True)
    page.wait("document.querySelector('#connection').dataset.state === 'off'")
    assert "does not answer" in page.text("#trouble")
    assert page.evaluate("document.title").startswith("⚠")
    page.offline(False)
    page.wait(CONNECTED)
    page.wait("document.querySelector('#trouble').hidden")
    assert page.evaluate("document.querySelectorAll('.lanes [role=option]').length") == 1
    page.forgive("ERR_INTERNET_DISCONNECTED")


def test_a_closed_control_plane_asks_for_its_token(make_shown: Any) -> None:
    """Once; it is kept for this tab and is nowhere in the address."""
    shown = make_shown(token=TOKEN)
    page = shown.browser.new_page()
    shown.pages.append(page)
    page.open(f"{shown.origin}/_mock/")
    page.wait("document.querySelector('dialog input[type=password]')")
    page.type(TOKEN)
    page.press("Enter")
    page.wait(CONNECTED)
    assert TOKEN not in page.evaluate("location.href")
    page.open(f"{shown.origin}/_mock/#again")
    page.wait(CONNECTED)
    page.forgive("status of 401")


def test_who_has_no_token_is_left_in_peace(make_shown: Any) -> None:
    """The server is not asked any more until the token is given, for which there is a button."""
    shown = make_shown(token=TOKEN)
    page = shown.browser.new_page()
    shown.pages.append(page)
    page.open(f"{shown.origin}/_mock/")
    page.wait("document.querySelector('dialog input[type=password]')")
    page.press("Escape")
    page.click("#trouble button", "Give the token")
    page.wait("document.querySelector('dialog input[type=password]')")
    assert [url for _method, url in page.requests if url.endswith("/state")] == [f"{shown.origin}/_mock/state"]
    page.type(TOKEN)
    page.press("Enter")
    page.wait(CONNECTED)
    page.forgive("status of 401")


def test_it_asks_one_thing_at_a_time(shown: Shown) -> None:
    """However fast somebody presses."""
    shown.submit()
    page = shown.open()
    page.press("a", "4", "s", "3", "a", "5", "s", "1")
    page.wait("document.querySelector('#now').innerText === '2027-01-15 08:00:22'")
    assert page.most_at_once == 1


def test_time_does_not_move_to_what_never_happens(shown: Shown) -> None:
    """And the server says why."""
    shown.runtime.script.set(outcome="stuck")
    shown.submit()
    page = shown.open()
    page.wait("document.querySelectorAll('.lanes [role=option]').length === 1")
    page.press("j", "u")
    page.wait("document.querySelector('.toast.error')?.innerText.includes('will never be final')")
    assert shown.runtime.clock.now() == NOW
    page.forgive("status of 409")


def test_a_token_in_the_address_is_taken_out_of_it(make_shown: Any) -> None:
    """Before anything else, so that neither history nor a screenshot has it; what else was there stays."""
    shown = make_shown(token=TOKEN)
    page = shown.open(f"/_mock/#tab=faults&token={TOKEN}")
    assert page.evaluate("location.hash") == "#tab=faults"
    assert page.evaluate("history.length") <= 2
    assert all(TOKEN not in url for _method, url in page.requests)


def test_scopes_are_apart(shown: Shown) -> None:
    """Chosen at the top, or by the address under which the page is opened."""
    mine = shown.submit()
    shown.runtime.scopes.create("theirs", {"clock": "manual"})
    answer = shown.call("POST", "/_scope/theirs/jobs", json=SUBMISSION)
    theirs = answer.json()["id"]
    page = shown.open()
    page.wait("!document.querySelector('#scope-box').hidden")
    lane_says(page, mine, "queued")
    page.evaluate(
        "const scope = document.querySelector('#scope'); scope.value = 'theirs';"
        "scope.dispatchEvent(new Event('change'))"
    )
    lane_says(page, theirs, "queued")
    assert page.evaluate("document.querySelectorAll('.lanes [role=option]').length") == 1
    assert page.evaluate("location.hash") == "#scope=theirs"
    other = shown.open("/_scope/theirs/_mock/")
    lane_says(other, theirs, "queued")
    other.press("4")
    other.wait("document.querySelector('[aria-label=\"Show scope of the server\"]')")
    other.click("[aria-label='Show scope of the server']")
    other.press("1")
    lane_says(other, mine, "queued")


def test_the_world_is_set_taken_back_and_begun_again(shown: Shown) -> None:
    """How jobs unfold, which backends are there, snapshots of it, and a reset."""
    page = shown.open("/_mock/#tab=world")
    page.wait("document.querySelectorAll('.backends .rule').length > 3")
    page.click("#plan-polls")
    page.type("3")
    page.click("#panel-world button.primary")
    page.wait("document.querySelector('.toasts').innerText.includes('from now on')")
    assert shown.runtime.script.current.as_dict()["queue"] == "1 poll"
    page.click("[role=switch][aria-label='ibmq_lima']")
    page.wait("document.querySelector('[role=switch][aria-label=ibmq_lima]').ariaChecked === 'false'")
    page.click("#panel-world button", "Snapshot")
    page.wait("document.querySelector('dialog input')")
    page.type("before")
    page.press("Enter")
    page.wait("document.querySelector('[aria-label=\"Roll back to before\"]')")
    job = shown.submit()
    page.click("[aria-label='Roll back to before']")
    page.wait("document.querySelector('.toasts').innerText.includes('Back at before')")
    assert shown.poll(job) == 404
    page.click("#panel-world button", "Reset …")
    page.click("dialog button", "Reset")
    page.wait("document.querySelector('[role=switch][aria-label=ibmq_lima]')?.ariaChecked === 'true'")


def test_a_world_file_takes_the_place_of_all(shown: Shown, tmp_path: Path) -> None:
    """Or it is said what is wrong with it, and where."""
    job = shown.submit()
    exported = shown.call("GET", "/_mock/world").text
    (tmp_path / "good.yaml").write_text(exported, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("backends: 7\n", encoding="utf-8")
    shown.call("POST", "/_mock/reset")
    page = shown.open("/_mock/#tab=world")
    page.choose_file("input[type=file]", tmp_path / "bad.yaml")
    page.wait("document.querySelector('input[type=file]').closest('.card').querySelector('.error').innerText")
    page.choose_file("input[type=file]", tmp_path / "good.yaml")
    page.wait("document.querySelector('.toasts').innerText.includes('that of good.yaml')")
    page.press("1")
    lane_says(page, job, "queued")
    page.forgive("status of 400")


def test_a_plan_that_makes_no_sense_is_explained(shown: Shown) -> None:
    """Where it was typed, in the words of the server."""
    page = shown.open("/_mock/#tab=world")
    page.click("#plan-queue")
    page.type("soon")
    page.press("Enter")
    page.wait("document.querySelector('#panel-world .error').innerText.includes('soon')")
    page.forgive("status of 400")


def test_the_scorecard_is_in_words_and_leads_to_the_exchanges(shown: Shown) -> None:
    """A client that asks again at once where it was told to wait."""
    shown.runtime.faults.add({"act": {"status": 503, "retry_after": "5s"}, "match": {"operation": "get-results"}})
    job = shown.submit()
    for _ in range(3):
        shown.poll(job)
        shown.runtime.clock.sleep(0.1)
    page = shown.open("/_mock/#tab=scorecard")
    page.wait("document.querySelector('.finding.complaint')?.innerText.includes('Retry-After')")
    page.click(".finding .evidence button")
    page.wait("document.querySelector('#panel-exchanges .details h2')?.innerText.startsWith('Exchange #')")


def test_a_command_of_an_exchange_has_no_secret(shown: Shown) -> None:
    """And is one that a shell understands."""
    shown.call("POST", "/jobs", json={**SUBMISSION, "note": "it's"})
    page = shown.open("/_mock/#tab=exchanges")
    page.press("j")
    page.wait("document.querySelector('#panel-exchanges .details .row button')")
    page.evaluate(
        "Object.defineProperty(navigator.clipboard, 'writeText',"
        " { value: async (text) => { globalThis.copied = text; } })"
    )
    page.click("#panel-exchanges .details .row button", "Copy as curl")
    command = page.wait("globalThis.copied")
    assert command.startswith("curl ")
    assert ALICE not in command
    assert "it'\\''s" in command


def test_the_list_follows_and_is_filtered(shown: Shown) -> None:
    """The newest is on top; words of a filter narrow it down."""
    job = shown.submit()
    shown.poll(job)
    page = shown.open("/_mock/#tab=exchanges")
    page.wait("document.querySelectorAll('#panel-exchanges [role=option]').length === 2")
    shown.call("GET", "/jobs/nobody")
    page.wait("document.querySelector('#panel-exchanges [role=option]')?.dataset.key === '3'")
    page.click("#panel-exchanges .filter")
    page.type(f"job:{job} status:204")
    page.wait("document.querySelectorAll('#panel-exchanges [role=option]').length === 1")
    assert page.text("#panel-exchanges .footnote") == "1 of 3."


@pytest.mark.parametrize("tab", ["jobs", "exchanges", "faults", "world", "scorecard"])
def test_a_narrow_window_is_not_scrolled_sideways(shown: Shown, tab: str) -> None:
    """At 320 pixels, which is also 1280 at four times the size."""
    shown.runtime.faults.add({"id": "x" * 40, "match": {"path": "/" + "y" * 80}, "act": {"status": 503}})
    shown.poll(shown.submit())
    page = shown.open(f"/_mock/#tab={tab}", width=320, height=640)
    page.wait(f"document.querySelector('#panel-{tab}').innerText.length > 20")
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("tab", ["jobs", "exchanges", "faults", "world", "scorecard"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(shown: Shown, tab: str, scheme: str) -> None:
    """At least 4.5 to 1, as WCAG wants it of text; what cannot be used just now is left out."""
    shown.runtime.faults.add({"id": "storm", "match": {"operation": "get-results"}, "act": {"status": 503}, "times": 2})
    for _ in range(4):
        job = shown.submit()
        shown.poll(job)
        shown.runtime.clock.sleep(1.2)
    page = shown.open(f"/_mock/#tab={tab}", media={"prefers-color-scheme": scheme})
    page.wait(f"document.querySelector('#panel-{tab}').innerText.length > 20")
    page.press("j")
    assert page.evaluate(FAINT) == []
    page.evaluate("document.body.style.color = getComputedStyle(document.body).backgroundColor")
    assert page.evaluate(FAINT) != []


def test_a_profile_is_armed_with_options(shown: Shown) -> None:
    """Those that it has, with what they are otherwise."""
    page = shown.open("/_mock/#tab=faults")
    page.click("[aria-label='Options of flaky-network']")
    page.wait("document.querySelector('dialog input')")
    page.evaluate("document.querySelector('dialog input').select()")
    page.type("0.5")
    page.press("Enter")
    page.wait("document.querySelector('[aria-label=\"Disarm flaky-network\"]')")
    assert {armed.fault.match.probability for armed in shown.runtime.faults} >= {0.5}


@pytest.mark.parametrize("tab", ["jobs", "exchanges", "faults", "world", "scorecard"])
def test_whatever_can_be_used_has_a_name(shown: Shown, tab: str) -> None:
    """As the browser tells it to a screen reader."""
    shown.runtime.faults.add({"id": "storm", "act": {"status": 503}, "match": {"operation": "get-results"}})
    shown.poll(shown.submit())
    page = shown.open(f"/_mock/#tab={tab}")
    page.wait(f"document.querySelector('#panel-{tab}').innerText.length > 20")
    page.press("j")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "switch", "textbox", "searchbox", "combobox", "checkbox", "tab", "listbox", "option", "link"}
    used = [node for node in nodes if not node["ignored"] and node["role"]["value"] in roles]
    assert len(used) > 10
    assert [node for node in used if not node.get("name", {}).get("value", "").strip()] == []
