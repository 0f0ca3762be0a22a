"""One thing changed in a good request: what a server must refuse, what it must accept, and what must not break it.

A random search changes many things at once, and seldom the one that a server overlooks. Here each parameter and each
property of a body gets, one at a time, the values at its bounds and beyond them, and of other types. The contract says
of every request, as it is sent, whether it is good.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from runtime_contracts.exchange import ServerUnreachableError, json_body, target
from runtime_contracts.locating import asked_for
from runtime_contracts.operation import resolved
from runtime_contracts.options import REQUESTS
from runtime_contracts.values import for_schema, of_schema
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runtime_contracts.exchange import Answer, Exchange
    from runtime_contracts.operation import Operation
    from runtime_contracts.profiles.profile import Good

PHASE: Final = REQUESTS
_BROKEN: Final = frozenset({400, 405, 406, 415, 422})
_DEPTH: Final = 2
_LOST: Final = 3
_ODD_IDS: Final = ("\u00e4\u6f22\U0001f300", "x" * 300, "a b", "null", "-1", "\x00", "a/b", "%", "'\"<>", "0")
_ODD_BODIES: Final = (
    b"", b"null", b"[]", b"{}", b'"text"', b"0", b"true", b"{", b"{'a': 1}", b"\xff\xfe\x00", b"NaN", b'{"a": NaN}',
    b'{"a": 1e999}', b"[" * 2000, b"\xef\xbb\xbf{}", b'{"a": 1}{"b": 2}',
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """A good request with one thing changed.

    Attributes:
        what: the change, in words.
        raw: the body as bytes, where it is no JSON value.
    """

    what: str
    values: Mapping[str, str]
    query: str = ""
    headers: Mapping[str, str]
    body: bytes = b""


def run_variations(exchange: Exchange, goods: Iterable[Good]) -> None:
    """Send the variations of each good request; what goes wrong becomes failures of the collector.

    Raises:
        ServerUnreachableError: the server has stopped answering.
    """
    chosen = list(goods)
    unanswered = 0
    for number, good in enumerate(chosen, start=1):
        exchange.collector.fleeting(f"{PHASE}: operation {number} of {len(chosen)}, {good.operation}")
        sender = _Sender(exchange, exchange.contract.operations[good.operation], good)
        for variation in sender.variations():
            try:
                sender.send(variation)
                unanswered = 0
            except ServerUnreachableError as error:
                unanswered += 1
                sender.fail("server_answers", variation, f"no answer to {error}")
                if unanswered == _LOST:
                    raise


@dataclass(frozen=True, slots=True)
class _Sender:
    exchange: Exchange
    operation: Operation
    good: Good

    def variations(self) -> Iterator[Variation]:
        yield Variation(what="nothing changed", values=self.good.values, query=urlencode(self.good.query, doseq=True),
                        headers=self.good.headers, body=self._body(self.good.body))  # fmt: skip
        yield from self._queries()
        yield from self._headers()
        yield from self._ids()
        if self.operation.bodies and self.good.body is not None:
            yield from self._bodies()
            yield from self._odd_bodies()

    def _made(self, what: str, **changed: Any) -> Variation:
        usual: dict[str, Any] = {
            "values": self.good.values,
            "query": urlencode(self.good.query, doseq=True),
            "headers": self.good.headers,
            "body": self._body(self.good.body),
        }
        return Variation(what=what, **{**usual, **changed})

    @staticmethod
    def _body(body: Any) -> bytes:
        return b"" if body is None else json_body(body)

    def _queries(self) -> Iterator[Variation]:
        for parameter in self.operation.parameters:
            if parameter.location != "query":
                continue
            for value in of_schema(parameter.judge.schema, text=True):
                query = {**self.good.query, parameter.name: value}
                text = urlencode(query, doseq=True)
                yield self._made(f"{parameter.name}={shown(value, limit=60)} in the query", query=text)
        yield self._made("an unknown parameter in the query", query=urlencode(
            {**self.good.query, "no-such-parameter": "1"}, doseq=True))  # fmt: skip

    def _headers(self) -> Iterator[Variation]:
        for name, values in self.good.odd_headers.items():
            for value in values:
                headers = {key: item for key, item in self.good.headers.items() if key.lower() != name.lower()}
                if value is not None:
                    headers[name] = value
                yield self._made(f"{name}: {value}" if value is not None else f"no {name}", headers=headers)

    def _ids(self) -> Iterator[Variation]:
        for name in self.good.values:
            for value in _ODD_IDS:
                what = f"{name} {shown(value, limit=30)!r} in the path"
                yield self._made(what, values={**self.good.values, name: value})

    def _bodies(self) -> Iterator[Variation]:
        media = next(iter(self.operation.bodies))
        if media != "application/json" or not isinstance(self.good.body, dict):
            return
        schema = self._schema(media)
        document = self.exchange.contract.document
        for way, value in for_schema(document, schema, self.good.body, depth=_DEPTH):
            changed = copy.deepcopy(self.good.body)
            holder = changed
            for part in way[:-1]:
                holder = holder[part]
            if value is for_schema.absent:
                holder.pop(way[-1], None)
                what = f"without /{'/'.join(way)}"
            else:
                holder[way[-1]] = value
                what = f"/{'/'.join(way)} = {shown(json.dumps(value, ensure_ascii=False), limit=60)} in the body"
            yield self._made(what, body=json_body(changed))
        charset = {**self.good.headers, "Content-Type": f"{media}; charset=utf-8"}
        yield self._made("a content type with a charset", headers=charset)
        bare = {key: item for key, item in self.good.headers.items() if key.lower() != "content-type"}
        yield self._made("no content type", headers=bare)

    def _schema(self, media: str) -> dict[str, Any]:
        document = self.exchange.contract.document
        raw = document["paths"][self.operation.path][self.operation.method.lower()]
        found: dict[str, Any] = resolved(document, raw["requestBody"])["content"][media].get("schema", {})
        return found

    def _odd_bodies(self) -> Iterator[Variation]:
        for body in _ODD_BODIES:
            yield self._made(f"the body {shown(body[:30])}", body=body)

    def send(self, variation: Variation) -> None:
        exchange, operation = self.exchange, self.operation
        answer = exchange.call(
            operation.id,
            headers=variation.headers,
            values=variation.values,
            query=variation.query,
            body=variation.body,
        )
        self._judge(variation, answer)

    def _judge(self, variation: Variation, answer: Answer) -> None:
        contract, operation = self.exchange.contract, self.operation
        if answer.status in self.exchange.collector.forgiven:
            return
        if answer.status >= 500:
            self.fail("not_a_server_error", variation, f"found {answer.status}")
            return
        if variation.values != self.good.values:
            return  # how an id that nothing has is refused is the server's choice among what is documented
        base = urlsplit(self.exchange.origin).path
        path = base + target(operation, variation.values, variation.query)
        violations = contract.check_request(
            operation.method, path, headers=variation.headers, body=variation.body, extras=True
        )
        if violations and 200 <= answer.status < 300:
            first = violations[0]
            place = asked_for(contract, operation, first.where, variation.body)
            message = f"{first}\nexpected a refusal, found {answer.status}"
            self.fail("broken_is_refused", variation, message, pointed=place, where=first.where)
        if not violations and answer.status in _BROKEN:
            said = shown(answer.body.decode("utf-8", errors="replace"))
            self.fail("good_is_accepted", variation, f"nothing is wrong with it: found {answer.status} {said}")

    def fail(self, check: str, variation: Variation, message: str, *, pointed: str = "", where: str = "") -> None:
        """Note a failure."""
        exchange = self.exchange
        shared = pointed if pointed.startswith("#/components/") else ""
        exchange.collector.fail(
            check,
            self.operation.id,
            phase=PHASE,
            message=f"a good request with {variation.what}: {message}",
            reproduce=exchange.line,
            kind=f"{where or variation.what.partition(' ')[0]}",
            cause=f"{check} {shared}" if shared else f"{check} {self.operation.id} {where or variation.what}",
            document_pointer=pointed,
        )
