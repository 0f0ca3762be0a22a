"""What the calls of the real clients share: a line of stdin names one, and a line of JSON tells what came of it.

That is `returned`, `declared` (an error of the client's own) or `leaked` (any other exception, with the place in the
client that it came through last). It runs in the environment of a client, which holds none of this project.
"""

import json
import sys
import traceback


def place(error, packages):
    """The place in the client's own code that an exception came through last."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if any(f"/{package}/" in frame.filename for package in packages)]
    if not own:
        return ""
    last = own[-1]
    return f"{last.filename.rpartition('/site-packages/')[2]}:{last.name}"


def told(call, declared, packages):
    """What came of a call."""
    try:
        shown = repr(call())
    except declared as error:
        return {"outcome": "declared", "error": f"{type(error).__name__}: {error}"[:300]}
    except BaseException as error:
        return {"outcome": "leaked", "error": f"{type(error).__name__}: {error}"[:300], "place": place(error, packages)}
    return {"outcome": "returned", "error": shown[:80]}


def main(calls, *, declared, packages):
    """Serve calls until stdin ends."""
    names = sorted(
        name for name in dir(calls) if not name.startswith("_") and callable(getattr(type(calls), name, None))
    )
    print(json.dumps({"ready": names}), flush=True)
    for line in sys.stdin:
        print(json.dumps(told(getattr(calls, line.strip()), declared, packages)), flush=True)
