"""The results of a job, as they come: a text with JSON in it, or JSON."""

from __future__ import annotations

from dataclasses import dataclass, field

from runtime_client.errors import ContractViolation
from runtime_client.platform.primitives import PrimitiveResult, primitive_result
from runtime_client.wire import Answer, JsonError, JsonValue, Node, parse_json

OPERATION = "get_job_results_jid"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What a job left behind; `text` is the body as it came, and `is_json` tells whether it calls itself JSON.

    The service sends JSON inside a plain text. Evidence: a strict client of IBM's that fails on anything else there.
    The published document says application/json, so that is taken too, as long as it is any.
    """

    text: str = field(repr=False)
    is_json: bool = False

    def json(self) -> JsonValue:
        """Return the text decoded; tagged values (`__type__`, `__value__`) stay dictionaries.

        Raises `ContractViolation` for a text that is not JSON, such as the traceback of a failed job.
        """
        try:
            return parse_json(self.text)
        except JsonError as error:
            raise ContractViolation(OPERATION, 200, f"expected JSON in the text of the results: {error}") from None

    def primitive(self) -> PrimitiveResult:
        """Return the result of a Sampler or an Estimator as typed values, for which Qiskit need not be there.

        `primitive()[0].data.c.counts()` and `primitive()[0].data.evs`; see `runtime_client.platform.primitives`. Raises
        `ContractViolation` for any other text; `json` has what other programs leave behind.
        """
        answer = Answer(operation=OPERATION, status=200, content_type=None, body=b"")
        return primitive_result(Node(value=self.json(), path="", answer=answer))


def decode_results(answer: Answer) -> JobResult | None:
    """Return the results of a job, None (204) while there are none."""
    if answer.status == 204:
        return None
    media = (answer.content_type or "").partition(";")[0].strip().lower()
    if media != "application/json":
        return JobResult(text=answer.text())
    answer.json()
    return JobResult(text=answer.body.decode(), is_json=True)
