"""A list on several pages: a server that has more than one page, and whether a client reads each of them once."""

from __future__ import annotations

import copy
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from runtime_contracts.feeding import Feed

if TYPE_CHECKING:
    from runtime_contracts.feeding import SentRequest
    from runtime_contracts.operation import Operation

_MOST: Final = 500
_USUAL_LIMIT: Final = 20
_TOTALS: Final = ("count", "total", "total_count")


@dataclass(slots=True)
class Pages:
    """The pages of one list, two and a half of the size that the client asks for.

    Attributes:
        items: the name of the property that holds them.
        value: a page as the document has it.
        total: how many there are, once the client has said how many it wants at a time.
        served: how often each was on a page.
        asked: how many pages were asked for.
    """

    operation: Operation
    items: str
    value: dict[str, Any]
    total: int = 0
    served: Counter[int] = field(default_factory=Counter)
    asked: int = 0

    def page(self, request: SentRequest) -> Feed:
        """Return the page that a request asks for, as an honest server does."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
        limit = min(_number(query.get("limit"), _USUAL_LIMIT) or _USUAL_LIMIT, _MOST)
        first = _number(query.get("offset", query.get("next")), 0)
        if not self.total:
            self.total = 2 * limit + (limit + 1) // 2
        self.asked += 1
        chosen = range(min(first, self.total), min(first + limit, self.total))
        self.served.update(chosen)
        page = {**self.value, self.items: [self._item(index) for index in chosen]}
        page |= {name: self.total for name in _TOTALS if name in page}
        page |= {name: wanted for name, wanted in (("offset", first), ("limit", limit)) if name in page}
        if "next" in page:
            page.pop("next")
            if chosen.stop < self.total:
                page["next"] = {"href": f"{request.url.partition('?')[0]}?limit={limit}&next={chosen.stop}"}
        return Feed(200, {"Content-Type": "application/json"}, json.dumps(page).encode())

    def wrong(self, result: Any) -> str:
        """Say what is wrong with how the pages were read, or return "".

        A client that asks for one page has read that page, and nobody knows whether it wanted more.
        """
        if self.asked < 2:
            return ""
        if isinstance(result, (list, tuple)) and self._is_flat(result):
            if len(result) != self.total:
                return f"it gave back {len(result)} of {self.total} items, from {self.asked} pages"
            return ""
        missing = [index for index in range(self.total) if not self.served[index]]
        if missing:
            return f"it never asked for {len(missing)} of {self.total} items: number {_named(missing)}, counted from 0"
        twice = [index for index, count in self.served.items() if count > 1]
        return f"it asked more than once for number {_named(twice)}, counted from 0" if twice else ""

    def _is_flat(self, result: list[Any] | tuple[Any, ...]) -> bool:
        """Whether a result is a list of items, and not of pages."""
        return len(result) != self.asked

    def _item(self, index: int) -> Any:
        item = copy.deepcopy(self.value[self.items][0])
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            item["id"] = f"{item['id']}{index}"
        return item


def pages_of(operation: Operation, feed: Feed) -> Pages | None:
    """Return the pages of an operation whose good answer is `feed`, or None if it has none."""
    names = {found.name for found in operation.parameters if found.location == "query"}
    if "limit" not in names or not names & {"offset", "next"} or not feed.body:
        return None
    value = json.loads(feed.body)
    lists = [name for name, item in value.items() if isinstance(item, list) and item]
    return Pages(operation, lists[0], value) if len(lists) == 1 else None


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 10 else default


def _named(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:5])) + (", ..." if len(numbers) > 5 else "")
