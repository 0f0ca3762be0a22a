"""Right answers to one operation, unlike the usual one: first those that are designed, then random ones without end.

The designed ones go from what a client needs most to what is most special: the least and the most that a good answer
can be, each other documented status, each word and shape that the document lists, then answers of one mood (all lists
empty, all texts right to left, ...), other ways to write the same, and then each place of the answer otherwise, one at
a time. A validator has looked at each.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.answers import wire
from runtime_contracts.answers.case import Answer, in_ascii
from runtime_contracts.answers.draws import Draws
from runtime_contracts.answers.growing import EVERYTHING, LEAST, Growing, Variant, edited
from runtime_contracts.answers.headers import documented_headers
from runtime_contracts.answers.moods import MOODS, STYLES
from runtime_contracts.answers.scalars import USUAL, texts
from runtime_contracts.answers.tastes import Drawn
from runtime_contracts.answers.wire import PLAIN, Style
from runtime_contracts.operation import Judge, resolved
from runtime_contracts.sampling import NoSampleError, sampled
from runtime_contracts.schema_conversion import definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from runtime_contracts.answers.wire import Headers
    from runtime_contracts.contract import Contract
    from runtime_contracts.operation import Operation

JSON: Final = "application/json"
_LARGEST: Final = 4 * 1024 * 1024
_ATTEMPTS: Final = 12
_OF_ERRORS: Final = 40
_JSON_TEXTS: Final[Mapping[str, str]] = {"get_job_results_jid": "JobResults"}
"""Operations whose text holds JSON, and the component that says which: the prose of the document alone tells."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spec:
    """How a designed answer is made; `make` gives its value, `text` is for those that are no JSON."""

    name: str
    status: int
    media: str = ""
    make: Callable[[], Any] | None = None
    text: str | None = None
    style: Style = PLAIN
    headers: Headers = ()


class Generated:
    """The right answers to one operation. They depend on document, seed and operation, and on nothing else."""

    def __init__(self, contract: Contract, growing: Growing, operation: Operation, seed: int) -> None:
        self._contract = contract
        self._growing = growing
        self._operation = operation
        self._seed = seed
        self._known_bases: dict[int, Any] = {}
        self._known_texts: dict[int, Mapping[str, str]] = {}
        self._raw = contract.document["paths"][operation.path][operation.method.lower()]["responses"]

    @cached_property
    def designed(self) -> tuple[Spec, ...]:
        """The designed answers, in order, each of which a validator has found right."""
        met: set[bytes] = set()
        found = []
        for spec in self._specs():
            answer = self._made(spec, 0)
            mark = hashlib.blake2b(repr((answer.status, answer.headers, answer.framing)).encode() + answer.body)
            if mark.digest() not in met and len(answer.body) <= _LARGEST and self.is_right(answer):
                met.add(mark.digest())
                found.append(spec)
        return tuple(found)

    def status(self, number: int) -> int:
        """Return the status of a case, which costs less than the answer."""
        if number < len(self.designed):
            return self.designed[number].status
        return self._drawn_status(self._draws(number))

    def name(self, number: int) -> str:
        """Return the name of a case."""
        return in_ascii(self.designed[number].name) if number < len(self.designed) else "random"

    def answer(self, number: int) -> Answer:
        """Return the answer with a number, from 0 on without end."""
        if number < len(self.designed):
            return self._made(self.designed[number], number)
        for attempt in range(_ATTEMPTS):
            answer = self._random(number, attempt)
            if len(answer.body) <= _LARGEST and self.is_right(answer):
                return answer
        # Nothing random fits, which the schema makes hard: the designed ones of its status begin again.
        status = self.status(number)
        fitting = [spec for spec in self.designed if spec.status == status]
        return self._made(fitting[number % len(fitting)], number)

    def is_right(self, answer: Answer) -> bool:
        """Tell whether the document allows an answer."""
        headers = dict(answer.headers)
        return not self._contract.check_response(self._operation, answer.status, headers=headers, body=answer.body)

    # How they are made

    def _made(self, spec: Spec, number: int) -> Answer:
        headers = list(spec.headers)
        value: Any = spec.text
        body = b"" if spec.text is None else spec.text.encode("utf-8")
        if spec.make is not None:
            value = spec.make()
            body = wire.encoded(value, spec.style.layout)
        if spec.media:
            headers.insert(0, ("Content-Type", wire.SPELLINGS[spec.style.media](spec.media)))
        return Answer(
            operation=self._operation.id,
            number=number,
            name=in_ascii(spec.name),
            status=spec.status,
            headers=(*headers, *spec.style.extra),
            body=body,
            value=value,
            layout="" if spec.make is None else spec.style.layout,
            framing=spec.style.framing,
        )

    def _draws(self, number: int, attempt: int = 0) -> Draws:
        return Draws("generated", self._seed, self._operation.id, number, attempt)

    def _drawn_status(self, draws: Draws) -> int:
        good = [status for status in self._operation.responses if status < 400]
        bad = [status for status in self._operation.responses if status >= 400]
        return draws.pick(good if good and (not bad or draws.chance(75)) else bad)

    def _random(self, number: int, attempt: int) -> Answer:
        status = self._drawn_status(self._draws(number))
        draws = self._draws(number, attempt + 1)
        bodies = self._operation.responses[status]
        documented = self._headers(status)
        headers = tuple((name, draws.pick(values)) for name, values, needed in documented if needed or draws.chance(70))
        spec = Spec(name="random", status=status, headers=headers)
        if bodies:
            media = draws.pick(tuple(bodies))
            spec = replace(spec, media=media, style=wire.drawn(draws))
            if media == JSON:
                spec = replace(spec, make=partial(self._growing.value, bodies[media].schema, Drawn(draws)))
            else:
                # Its layout is a matter of JSON.
                style = replace(spec.style, layout="compact")
                spec = replace(spec, text=self._drawn_text(bodies[media], draws), style=style)
        elif draws.chance(30):
            spec = replace(spec, style=Style(framing=draws.pick(tuple(wire.FRAMINGS)), extra=wire.EXTRA))
        return self._made(spec, number)

    def _drawn_text(self, judge: Judge, draws: Draws) -> str:
        component = _JSON_TEXTS.get(self._operation.id)
        if component is None:
            return draws.pick(tuple(self._texts(judge).values()))
        schema = {"$ref": f"#/components/schemas/{component}"}
        layout = draws.pick(tuple(wire.LAYOUTS))
        return wire.encoded(self._growing.value(schema, Drawn(draws)), layout).decode()

    # The designed ones

    def _specs(self) -> Iterator[Spec]:
        good = [status for status in self._operation.responses if status < 400]
        bad = [status for status in self._operation.responses if status >= 400]
        for status in good:
            yield from self._tour(status)
        for status in bad:
            yield from list(self._tour(status))[:1]
        variants = {status: self._variants(status) for status in good}
        for rank in (0, 1):
            for status in good:
                if rank:
                    yield from self._moods(status)
                    yield from self._styles(status)
                yield from (spec for spec, of in variants[status] if of == rank)
        seen: set[str] = set()
        for status in bad:
            yield from self._tour(status)
            # The same shape of error everywhere needs to be varied once only.
            key = repr({media: judge.schema for media, judge in self._operation.responses[status].items()})
            if key not in seen:
                seen.add(key)
                yield from [spec for spec, _ in self._variants(status)][:_OF_ERRORS]
                yield from self._moods(status)
                yield from self._styles(status)

    def _tour(self, status: int) -> Iterator[Spec]:
        """Yield the least and the most that an answer of a status can be, in each media type; and its headers."""
        documented = self._headers(status)
        least = tuple((name, values[0]) for name, values, required in documented if required)
        usual = tuple((name, values[0]) for name, values, _ in documented)
        bodies = self._operation.responses[status]
        if not bodies:
            yield Spec(name=f"{status} without a body", status=status, headers=usual)
        for media, judge in bodies.items():
            spec = Spec(name=f"{status}", status=status, media=media, headers=usual)
            if media != JSON:
                text = next(iter(self._texts(judge).values()))
                yield replace(spec, name=f"{status} {media}", text=text)
                continue
            for name, value in self._bases(judge, status, media):
                headers = least if name == "the least" else usual
                yield replace(spec, name=f"{status}, {name}", make=partial(_same, value), headers=headers)
        for name, values, _ in documented:
            for value in values[1:]:
                others = tuple((other, text) for other, text in usual if other != name)
                yield from (
                    replace(spec, name=f"{status} with {name}: {value}", headers=(*others, (name, value)))
                    for spec in list(self._first(status))
                )

    def _first(self, status: int) -> Iterable[Spec]:
        bodies = self._operation.responses[status]
        if not bodies:
            return [Spec(name="", status=status)]
        media, judge = next(iter(bodies.items()))
        if media != JSON:
            return [Spec(name="", status=status, media=media, text=next(iter(self._texts(judge).values())))]
        base = self.base(judge)
        return [Spec(name="", status=status, media=media, make=partial(_same, base))]

    def _bases(self, judge: Judge, status: int, media: str) -> Iterator[tuple[str, Any]]:
        yield "the least", self._growing.value(judge.schema, LEAST)
        yield "with everything", self.base(judge)
        content = resolved(self._contract.document, self._raw[str(status)])["content"][media]
        if "example" in content:
            yield "the document's example", content["example"]

    def base(self, judge: Judge) -> Any:
        """Return the value that all others of a schema differ from."""
        if id(judge) not in self._known_bases:
            self._known_bases[id(judge)] = self._made_base(judge)
        return self._known_bases[id(judge)]

    def _made_base(self, judge: Judge) -> Any:
        value = self._growing.value(judge.schema, EVERYTHING)
        if judge.accepts(value):
            return value
        try:
            return sampled(self._contract.document, judge, self._compiled)
        except NoSampleError:
            return self._growing.value(judge.schema, LEAST)

    def _compiled(self, schema: dict[str, Any]) -> Judge:
        return Judge(schema, shared=definitions(self._contract.document, "response"), direction="response")

    def _variants(self, status: int) -> list[tuple[Spec, int]]:
        """Return an answer for each place that could be otherwise, with its rank."""
        found: list[tuple[Spec, int]] = []
        for media, judge in self._operation.responses[status].items():
            common = Spec(name="", status=status, media=media, headers=self._usual_headers(status))
            if media != JSON:
                texts_of = self._texts(judge).items()
                found += [(replace(common, name=f"the text {name}", text=text), 0) for name, text in texts_of]
                continue
            base = self.base(judge)
            found += [
                (replace(common, name=variant.name, make=partial(edited, base, variant.edits)), variant.rank)
                for variant in _unlike(self._growing.variants(judge.schema, base))
            ]
        return found

    def _moods(self, status: int) -> Iterator[Spec]:
        judge = self._operation.responses[status].get(JSON)
        if judge is not None:
            for name, taste in MOODS.items():
                make = partial(self._growing.value, judge.schema, taste)
                yield Spec(name=name, status=status, media=JSON, make=make, headers=self._usual_headers(status))

    def _styles(self, status: int) -> Iterator[Spec]:
        for name, style in STYLES.items():
            for spec in self._first(status):
                is_json = spec.make is not None
                if is_json or name.startswith("on the wire") or (spec.media and not name.startswith("JSON")):
                    yield replace(spec, name=name, style=style, headers=self._usual_headers(status))

    def _texts(self, judge: Judge) -> Mapping[str, str]:
        """Return the texts of a body that is no JSON to HTTP, by name."""
        if id(judge) not in self._known_texts:
            self._known_texts[id(judge)] = self._made_texts(judge)
        return self._known_texts[id(judge)]

    def _made_texts(self, judge: Judge) -> Mapping[str, str]:
        component = _JSON_TEXTS.get(self._operation.id)
        if component is None:
            schema = {name: item for name, item in self._growing.plain(judge.schema).items() if name != "nullable"}
            return texts(schema, self._seed) or {USUAL: ""}
        schema = {"$ref": f"#/components/schemas/{component}"}
        base = self._growing.value(schema, EVERYTHING)
        found = {"with everything": base, "the least": self._growing.value(schema, LEAST)}
        found |= {name: self._growing.value(schema, taste) for name, taste in MOODS.items()}
        found |= {variant.name: edited(base, variant.edits) for variant in self._growing.variants(schema, base)}
        return {f"is JSON: {name}": wire.encoded(value, "compact").decode() for name, value in found.items()}

    def _headers(self, status: int) -> list[tuple[str, tuple[str, ...], bool]]:
        return documented_headers(self._contract.document, self._growing, self._operation, status)

    def _usual_headers(self, status: int) -> Headers:
        return tuple((name, values[0]) for name, values, _ in self._headers(status))


def _same(value: Any) -> Any:
    return value


def _unlike(variants: Iterable[Variant]) -> Iterator[Variant]:
    """Leave out what has the same name as another: a long list of equal things is varied at its first."""
    names: set[str] = set()
    for variant in variants:
        if variant.name not in names:
            names.add(variant.name)
            yield variant
