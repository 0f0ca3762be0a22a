"""A headless Chromium, driven by the DevTools protocol over two pipes: no port, no driver, no package."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
)
_PATIENCE_S: Final = 30.0
_ABOVE: Final = 20
"""Descriptors of ours are above this number, so that they are not those (3 and 4) by which the browser knows them."""

_KEYS: Final[Mapping[str, tuple[str, int, str]]] = {
    "Enter": ("Enter", 13, "\r"),
    "Escape": ("Escape", 27, ""),
    "Tab": ("Tab", 9, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    "ArrowLeft": ("ArrowLeft", 37, ""),
    "ArrowRight": ("ArrowRight", 39, ""),
    "Home": ("Home", 36, ""),
    "End": ("End", 35, ""),
    " ": ("Space", 32, " "),
}


class BrowserFailed(AssertionError):
    """The browser, or the page in it, did not do what a test asked of it."""


def find_browser() -> str | None:
    """The path of a Chromium or Chrome on this machine; None if there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name)) is not None), None)


class Browser:
    """One browser, with a profile of its own that is thrown away."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._serial = 0
        self._buffer = b""
        self._sessions: dict[str, Page] = {}

    def __enter__(self) -> Self:
        self._profile = tempfile.mkdtemp(prefix="mock-runtime-browser-")
        theirs_in, self._out = _pipe(ours=1)
        theirs_out, self._in = _pipe(ours=0)
        quiet = os.open(os.devnull, os.O_RDWR)
        self._pid = os.posix_spawn(
            self._path,
            [self._path, *_FLAGS, f"--user-data-dir={self._profile}", "about:blank"],
            {**os.environ, "DBUS_SESSION_BUS_ADDRESS": "disabled:"},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, quiet, 0),
                (os.POSIX_SPAWN_DUP2, quiet, 1),
                (os.POSIX_SPAWN_DUP2, quiet, 2),
                (os.POSIX_SPAWN_DUP2, theirs_in, 3),
                (os.POSIX_SPAWN_DUP2, theirs_out, 4),
            ],
        )
        for descriptor in (quiet, theirs_in, theirs_out):
            os.close(descriptor)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # One that has crashed is gone already; one that has not, goes when its pipes do.
        with suppress(OSError):
            self.send("Browser.close")
        os.close(self._out)
        os.close(self._in)
        os.waitpid(self._pid, 0)
        shutil.rmtree(self._profile, ignore_errors=True)

    def new_page(self, *, width: int = 1280, height: int = 800, media: Mapping[str, str] | None = None) -> Page:
        """A tab, so large, in a context of its own: nothing is remembered from others. `media` are CSS features."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, target)
        self._sessions[session] = page
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.resize(width, height)
        page.prefer(media or {})
        return page

    def send(self, method: str, session: str | None = None, **parameters: Any) -> int:
        """Send a command without waiting for its answer; its number."""
        self._serial += 1
        message: dict[str, Any] = {"id": self._serial, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        return self._serial

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """The answer to a command; BrowserFailed if there is none, or it is an error."""
        number = self.send(method, session, **parameters)
        while True:
            message = self._receive(method)
            if message.get("id") == number:
                if "error" in message:
                    raise BrowserFailed(f"{method}: {message['error']['message']}")
                result: dict[str, Any] = message["result"]
                return result
            page = self._sessions.get(message.get("sessionId", ""))
            if page is not None and "method" in message:
                page.heard(message["method"], message["params"])

    def _receive(self, what: str) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], _PATIENCE_S)
            read = os.read(self._in, 1 << 20) if ready else b""
            if not read:
                raise BrowserFailed(f"{what}: the browser {'is gone' if ready else 'does not answer'}")
            self._buffer += read
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message


class Page:
    """A tab.

    `complaints` is what a developer would see in red: errors, refused resources, violated policies. `requests` are all
    that it sent, `most_at_once` is how many of its scripts' requests were under way at the same time.
    """

    def __init__(self, browser: Browser, session: str, target: str) -> None:
        self._browser = browser
        self._session = session
        self._target = target
        self.complaints: list[str] = []
        self.requests: list[tuple[str, str]] = []
        self.most_at_once = 0
        self._under_way: set[str] = set()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer to a command for this tab."""
        return self._browser.call(method, self._session, **parameters)

    def heard(self, event: str, said: Mapping[str, Any]) -> None:
        """Take note of what happened in it."""
        if event == "Runtime.exceptionThrown":
            details = said["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif event == "Runtime.consoleAPICalled" and said["type"] in {"error", "warning", "assert"}:
            self.complaints.append(" ".join(str(each.get("value", each.get("description"))) for each in said["args"]))
        elif event == "Log.entryAdded" and said["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(f"{said['entry']['text']} {said['entry'].get('url', '')}".strip())
        elif event == "Network.requestWillBeSent":
            self.requests.append((said["request"]["method"], said["request"]["url"]))
            if said["type"] == "Fetch":
                self._under_way.add(said["requestId"])
                self.most_at_once = max(self.most_at_once, len(self._under_way))
        elif event in {"Network.loadingFinished", "Network.loadingFailed"}:
            self._under_way.discard(said["requestId"])

    def open(self, url: str) -> None:
        """Go to an address, and wait until the page is up and running."""
        failure = self.call("Page.navigate", url=url).get("errorText")
        if failure:
            raise BrowserFailed(f"{url}: {failure}")
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def forgive(self, what: str) -> None:
        """Take back the complaints in which something is said that was to be expected, such as a status."""
        self.complaints[:] = [said for said in self.complaints if what not in said]

    def close(self) -> None:
        """Close the tab."""
        self._browser.call("Target.closeTarget", targetId=self._target)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page, a promise's when it is kept; BrowserFailed if it throws."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise BrowserFailed(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def wait(self, condition: str, *, timeout_s: float = 10.0) -> Any:
        """Wait until an expression holds, and return its value; BrowserFailed says how the page looked instead."""
        found = self.evaluate(
            f"""new Promise((done) => {{
              const until = performance.now() + {timeout_s * 1000};
              const look = () => {{
                let value;
                try {{ value = {condition}; }} catch {{ value = false; }}
                if (value) done([value]);
                else if (performance.now() > until) done(null);
                else setTimeout(look, 20);
              }};
              look();
            }})"""
        )
        if found is None:
            shown = str(self.evaluate("document.body?.innerText ?? ''"))[:2000]
            raise BrowserFailed(f"never so: {condition}\ncomplaints: {self.complaints}\nthe page:\n{shown}")
        return found[0]

    def text(self, selector: str) -> str:
        """What an element says, as it is seen."""
        self.wait(f"document.querySelector({json.dumps(selector)}) !== null")
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def texts(self, selector: str) -> list[str]:
        """What all elements say that fit a selector."""
        found: list[str] = self.evaluate(
            f"[...document.querySelectorAll({json.dumps(selector)})].map((each) => each.innerText)"
        )
        return found

    def click(self, selector: str, text: str | None = None) -> None:
        """Press the middle of an element, which has to be seen there; `text` chooses among several."""
        find = _finding(selector, text)
        self.wait(f"{find} && !{find}.disabled")
        box = self.evaluate(
            f"""(() => {{
              const element = {find};
              element.scrollIntoView({{ block: "nearest", inline: "nearest" }});
              const box = element.getBoundingClientRect();
              const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
              const top = document.elementFromPoint(x, y);
              return {{ x, y, isSeen: element.contains(top) || (top?.contains(element) ?? false) }};
            }})()"""
        )
        if not box["isSeen"]:
            raise BrowserFailed(f"{selector} {text or ''} is beneath something else")
        self.press_at(box["x"], box["y"])

    def press_at(self, x: float, y: float) -> None:
        """Press and let go of the mouse at a place in the window."""
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def point_at(self, x: float, y: float) -> None:
        """Move the mouse to a place in the window."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def wheel(self, x: float, y: float, *, down: float, ctrl: bool = False) -> None:
        """Turn the wheel at a place in the window, by so many pixels."""
        self.call(
            "Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=down, modifiers=2 if ctrl else 0
        )

    def press(self, *keys: str) -> None:
        """Press keys, one after the other: letters, or names such as Enter; `Shift+Tab` holds the former."""
        for key in keys:
            held, _, name = key.rpartition("+") if len(key) > 1 else ("", "", key)
            code, number, text = _KEYS.get(name, ("", ord(name[0].upper()), name))
            pressed: dict[str, Any] = {
                "key": name,
                "code": code,
                "windowsVirtualKeyCode": number,
                "modifiers": 8 if held == "Shift" else 0,
            }
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **pressed)
            self.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def choose_file(self, selector: str, path: Path) -> None:
        """Choose a file for a field that wants one."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def focused(self) -> str:
        """What has the focus: its id, its name for screen readers or its text."""
        return str(
            self.evaluate(
                "((e) => e.id || e.getAttribute('aria-label') || e.innerText || e.tagName)(document.activeElement)"
            )
        )

    def resize(self, width: int, height: int, *, scale: float = 1.0) -> None:
        """Make the window so large, in pixels of the page."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )

    def prefer(self, media: Mapping[str, str]) -> None:
        """What the system says that its user prefers, such as `prefers-color-scheme`: `dark`."""
        features = [{"name": name, "value": value} for name, value in media.items()]
        self.call("Emulation.setEmulatedMedia", features=features)

    def offline(self, is_off: bool) -> None:
        """Take the network away, or give it back."""
        self.call(
            "Network.emulateNetworkConditions", offline=is_off, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )

    def screenshot(self, path: Path) -> None:
        """Write what is seen to a file, as a PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


def _finding(selector: str, text: str | None) -> str:
    """An expression for the first element that fits, is seen, and says the text."""
    wanted = "true" if text is None else f"each.innerText.trim() === {json.dumps(text)}"
    return (
        f"[...document.querySelectorAll({json.dumps(selector)})]"
        f".find((each) => each.getClientRects().length && {wanted})"
    )


def _pipe(*, ours: int) -> tuple[int, int]:
    """A pipe: the end for the browser, and ours (0 to read, 1 to write)."""
    moved = []
    for end in os.pipe():
        moved.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _ABOVE))
        os.close(end)
    return moved[1 - ours], moved[ours]
