"""What the suites of the real clients share: capabilities, how their outcomes are told, and the hands on the fake.

It runs in the environment of a client, which holds none of this project: it needs the standard library alone. Every
capability is one line of JSON on stdout; the exit code is 1 if one failed. The fake is at `FAKE_ORIGIN`.
"""

import json
import os
import sys
import time
import traceback
import urllib.request

ORIGIN = os.environ.get("FAKE_ORIGIN", "")
TOKEN = os.environ.get("FAKE_TOKEN", "a-key")
CRN = os.environ.get("FAKE_CRN", "")
WAY = os.environ.get("FAKE_WAY", "proxy")

_WITHOUT_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NotOffered(Exception):
    """This release of the client has no such thing."""


class Suite:
    """The capabilities of one client, in the order in which they are tried."""

    def __init__(self):
        self._capabilities = []

    def capability(self, name):
        """Register a function as the test of a capability."""

        def register(function):
            self._capabilities.append((name, function))
            return function

        return register

    def main(self, *arguments):
        """Try every capability, or those named on the command line, and exit with 1 if one failed."""
        wanted = set(sys.argv[1:])
        failed = False
        for name, function in self._capabilities:
            if wanted and name not in wanted:
                continue
            begin = time.perf_counter()
            try:
                function(*arguments)
            except NotOffered as none:
                outcome, detail = "none", str(none)
            except BaseException as error:
                failed = True
                outcome, detail = "failed", f"{type(error).__name__}: {error}"
                traceback.print_exc()
            else:
                outcome, detail = "works", ""
            told = {
                "capability": name,
                "outcome": outcome,
                "detail": detail[:2000],
                "seconds": round(time.perf_counter() - begin, 1),
            }
            print(json.dumps(told), flush=True)
        sys.exit(failed)


def raises(kinds, call):
    """The error of these kinds that a call raises; AssertionError if it raises none of them."""
    try:
        returned = call()
    except kinds as error:
        return error
    raise AssertionError(f"no {kinds} was raised, but {returned!r} returned")


def wait_until(condition, seconds=60):
    """Wait until something is true; AssertionError if it does not become that."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.1)


def next_job(**plan):
    """Tell the fake how the next job that is submitted unfolds."""
    _tell("POST", "/_mock/scenario/jobs", plan)


def outage(times, method="GET", path="/", status=503):
    """Let the fake be out of order for so many requests of a method whose path has a text in it."""
    _tell("PUT", "/_outage", {"times": times, "method": method, "path": path, "status": status})


def outages_left():
    """For how many requests the fake is still out of order."""
    with _WITHOUT_PROXY.open(f"{ORIGIN}/_outage", timeout=10) as answer:
        return json.load(answer)["times"]


def _tell(method, path, body):
    request = urllib.request.Request(
        ORIGIN + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method
    )
    with _WITHOUT_PROXY.open(request, timeout=10):
        pass
