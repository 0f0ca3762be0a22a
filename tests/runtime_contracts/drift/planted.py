"""Documents with one planted change each, what drift has to say of it, and rewrites that change nothing."""

# ruff: noqa: E501 - tables are read by their rows

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from runtime_contracts import documents

Document = dict[str, Any]
Edit = Callable[[Document], None]

S: Final = "#/components/schemas/"
JOB: Final = "#/paths/~1v1~1jobs~1{id}/get"
JOBS: Final = "#/paths/~1v1~1jobs/get"
SUBMIT: Final = "#/paths/~1v1~1jobs/post"
OLD_JOBS: Final = "#/paths/~1jobs/get"


@dataclass(frozen=True, slots=True)
class Planted:
    """One change: the edition it is planted in, how, and what has to be found: rule, kind, severity, pointer."""

    name: str
    edit: Edit
    rule: str
    kind: str
    severity: str
    pointer: str
    edition: str = "platform"

    def documents(self) -> tuple[Document, Document]:
        """Return the document before and after."""
        base = trimmed(self.edition)
        live = copy.deepcopy(base)
        self.edit(live)
        return base, live


_PATHS: Final = frozenset({
    "/v1/versions", "/v1/backends/{id}/configuration", "/v1/backends/{id}/status", "/v1/jobs/{id}", "/v1/jobs",
    "/v1/jobs/{id}/results", "/v1/jobs/{id}/tags", "/v1/tags", "/v1/sessions", "/v1/sessions/{id}", "/v1/instances/usage",
})  # fmt: skip


def trimmed(edition: str) -> Document:
    """Return a document with the operations of some paths only, of which there is every kind."""
    document = documents.load(edition, overlay=False)
    if edition == "platform":
        document["paths"] = {path: item for path, item in document["paths"].items() if path in _PATHS}
    return document


def at(document: Document, pointer: str) -> Any:
    """Return what is at a JSON pointer."""
    node: Any = document
    for part in pointer.removeprefix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node


def put(pointer: str, value: Any) -> Edit:
    """Return an edit that sets what is at a pointer; "-" at its end puts it at the end of a list."""
    holder, _, last = pointer.rpartition("/")
    key = last.replace("~1", "/").replace("~0", "~")

    def edit(document: Document) -> None:
        node = at(document, holder)
        if isinstance(node, list):
            node.append(value) if key == "-" else node.__setitem__(int(key), value)
        else:
            node[key] = value

    return edit


def cut(pointer: str) -> Edit:
    """Return an edit that takes away what is at a pointer."""
    holder, _, last = pointer.rpartition("/")
    key = last.replace("~1", "/").replace("~0", "~")

    def edit(document: Document) -> None:
        node = at(document, holder)
        del node[int(key) if isinstance(node, list) else key]

    return edit


def both(*edits: Edit) -> Edit:
    """Return an edit that does several things that make up one change."""

    def edit(document: Document) -> None:
        for one in edits:
            one(document)

    return edit


def renamed(pointer: str, new: str) -> Edit:
    """Return an edit that gives a key another name, in its place."""
    holder, _, last = pointer.rpartition("/")
    key = last.replace("~1", "/").replace("~0", "~")

    def edit(document: Document) -> None:
        node = at(document, holder)
        items = [(new if name == key else name, value) for name, value in node.items()]
        node.clear()
        node.update(items)

    return edit


def _scheme(kind: str) -> Document:
    return {"type": "oauth2", "flows": {kind: {"tokenUrl": "https://example.com/t", "scopes": {"read": "all"}}}}


_STATUS: Final = f"{S}JobState/properties/status"
_REASON: Final = f"{S}JobState/properties/reason_code"
_LIMIT: Final = f"{JOBS}/parameters/0"
_BASE: Final = f"{S}JobRunParamsBase"
_QUEUE: Final = f"{S}BackendStatusResponse"
_CONFIG: Final = f"{S}BackendConfigurationResponse"
_STRING: Final = {"type": "string"}
_LINK: Final = {"schema": {"type": "string"}, "description": "Where to go on."}

PLANTED: Final = (
    # ---- Operations
    Planted("an operation is removed", cut(JOB), "operation", "removed", "breaking", JOB),
    Planted("a path is removed", cut("#/paths/~1v1~1versions"), "operation", "removed", "breaking", "#/paths/~1v1~1versions/get"),
    Planted("an operation is added", put("#/paths/~1v1~1jobs/delete", {"operationId": "delete_jobs", "responses": {"204": {"description": "Gone."}}}), "operation", "added", "info", "#/paths/~1v1~1jobs/delete"),
    Planted("a path is added", put("#/paths/~1v1~1news", {"get": {"operationId": "get_news", "responses": {"200": {"description": "News."}}}}), "operation", "added", "info", "#/paths/~1v1~1news/get"),
    Planted("an operation id changes", put(f"{JOB}/operationId", "fetch_job"), "operation-id", "changed", "breaking", f"{JOB}/operationId"),
    Planted("an operation moves", renamed("#/paths/~1v1~1versions", "/v2/versions"), "path", "changed", "breaking", "#/paths/~1v2~1versions/get"),
    Planted("an operation is deprecated", put(f"{JOB}/deprecated", True), "deprecated", "changed", "info", f"{JOB}/deprecated"),
    Planted("an operation is removed in 2021", cut("#/paths/~1logout/post"), "operation", "removed", "breaking", "#/paths/~1logout/post", "2021"),
    # ---- Parameters
    Planted("a parameter of a path is renamed", both(renamed("#/paths/~1v1~1backends~1{id}~1status", "/v1/backends/{name}/status"), put("#/paths/~1v1~1backends~1{name}~1status/get/parameters/0/name", "name")), "path-parameter-name", "changed", "warning", "#/paths/~1v1~1backends~1{name}~1status"),
    Planted("an optional parameter is added", put(f"{JOBS}/parameters/-", {"name": "page", "in": "query", "schema": {"type": "integer"}}), "parameter", "added", "info", f"{JOBS}/parameters/11"),
    Planted("a required parameter is added", put(f"{JOBS}/parameters/-", {"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}}), "parameter", "added", "breaking", f"{JOBS}/parameters/11"),
    Planted("a required header is added to a path", put("#/paths/~1v1~1tags/parameters/-", {"name": "X-Why", "in": "header", "required": True, "schema": _STRING}), "parameter", "added", "breaking", "#/paths/~1v1~1tags/parameters/1"),
    Planted("a parameter is removed", cut(f"{JOBS}/parameters/3"), "parameter", "removed", "breaking", f"{JOBS}/parameters/3"),
    Planted("a shared parameter becomes required", put("#/components/parameters/IBM-API-Version/required", True), "required", "narrowed", "breaking", "#/components/parameters/IBM-API-Version/required"),
    Planted("a parameter becomes required", put(f"{_LIMIT}/required", True), "required", "narrowed", "breaking", f"{_LIMIT}/required"),
    Planted("a parameter becomes optional", put("#/paths/~1v1~1tags/get/parameters/1/required", False), "required", "widened", "info", "#/paths/~1v1~1tags/get/parameters/1/required"),
    Planted("a parameter's maximum falls", put(f"{_LIMIT}/schema/maximum", 100), "maximum", "narrowed", "breaking", f"{_LIMIT}/schema/maximum"),
    Planted("a parameter's maximum rises", put(f"{_LIMIT}/schema/maximum", 500), "maximum", "widened", "info", f"{_LIMIT}/schema/maximum"),
    Planted("a parameter's default changes", put(f"{_LIMIT}/schema/default", 11), "default", "changed", "warning", f"{_LIMIT}/schema/default"),
    Planted("a parameter's type changes", put(f"{JOBS}/parameters/2/schema/type", "string"), "type", "changed", "breaking", f"{JOBS}/parameters/2/schema/type"),
    Planted("a parameter is written in another style", put(f"{JOBS}/parameters/8/style", "pipeDelimited"), "style", "changed", "breaking", f"{JOBS}/parameters/8/style"),
    Planted("a parameter is not exploded any more", put(f"{JOBS}/parameters/8/explode", False), "explode", "changed", "breaking", f"{JOBS}/parameters/8/explode"),
    Planted("a parameter is deprecated", put(f"{_LIMIT}/deprecated", True), "deprecated", "changed", "info", f"{_LIMIT}/deprecated"),
    Planted("a parameter loses a word", put(f"{JOBS}/parameters/7/schema/enum", ["ASC"]), "enum", "narrowed", "breaking", f"{JOBS}/parameters/7/schema/enum"),
    Planted("a parameter of 2021 gets a maximum", put(f"{OLD_JOBS}/parameters/0/schema/maximum", 50), "maximum", "narrowed", "breaking", f"{OLD_JOBS}/parameters/0/schema/maximum", "2021"),
    Planted("the pattern of an id of 2021 narrows", put("#/components/parameters/JobId/schema", {"type": "string", "pattern": "^[0-9a-v]{20}$", "maxLength": 19}), "maxLength", "narrowed", "breaking", "#/components/parameters/JobId/schema/maxLength", "2021"),
    # ---- Request bodies
    Planted("a body becomes required", put(f"{SUBMIT}/requestBody/required", True), "required", "narrowed", "breaking", f"{SUBMIT}/requestBody/required"),
    Planted("a body is removed", cut("#/paths/~1v1~1jobs~1{id}~1tags/put/requestBody"), "request-body", "removed", "breaking", "#/paths/~1v1~1jobs~1{id}~1tags/put/requestBody"),
    Planted("a required body is added", put(f"{JOB}/requestBody", {"required": True, "content": {"application/json": {"schema": {}}}}), "request-body", "added", "breaking", f"{JOB}/requestBody"),
    Planted("an optional body is added", put(f"{JOB}/requestBody", {"content": {"application/json": {"schema": {}}}}), "request-body", "added", "info", f"{JOB}/requestBody"),
    Planted("a media type is added to a body", put(f"{SUBMIT}/requestBody/content/application~1cbor", {"schema": {}}), "media-type", "added", "info", f"{SUBMIT}/requestBody/content/application~1cbor"),
    Planted("a media type is removed from a body", cut("#/paths/~1programs~1{id}~1data/put/requestBody/content/text~1plain"), "media-type", "removed", "breaking", "#/paths/~1programs~1{id}~1data/put/requestBody/content/text~1plain", "2021"),
    Planted("a property of a request becomes required", put(f"{_BASE}/required/-", "runtime"), "required", "narrowed", "breaking", f"{_BASE}/required"),
    Planted("a property of a request becomes optional", put(f"{_BASE}/required", ["program_id"]), "required", "widened", "info", f"{_BASE}/required"),
    Planted("an optional property of a request is added", put(f"{_BASE}/properties/colour", _STRING), "property", "added", "info", f"{_BASE}/properties/colour"),
    Planted("a required property of a request is added", both(put(f"{_BASE}/properties/colour", _STRING), put(f"{_BASE}/required/-", "colour")), "property", "added", "breaking", f"{_BASE}/properties/colour"),
    Planted("a property of a request is removed", cut(f"{_BASE}/properties/runtime"), "property", "removed", "warning", f"{_BASE}/properties/runtime"),
    Planted("a text of a request gets shorter", put(f"{_BASE}/properties/calibration_id/maxLength", 32), "maxLength", "narrowed", "breaking", f"{_BASE}/properties/calibration_id/maxLength"),
    Planted("a text of a request gets longer", put(f"{_BASE}/properties/calibration_id/maxLength", 320), "maxLength", "widened", "info", f"{_BASE}/properties/calibration_id/maxLength"),
    Planted("a text of a request must be longer", put(f"{_BASE}/properties/calibration_id/minLength", 4), "minLength", "narrowed", "breaking", f"{_BASE}/properties/calibration_id/minLength"),
    Planted("a pattern of a request narrows", put(f"{_BASE}/properties/calibration_id/pattern", "^[a-z]*$"), "pattern", "narrowed", "breaking", f"{_BASE}/properties/calibration_id/pattern"),
    Planted("a pattern of a request goes", cut(f"{_BASE}/properties/calibration_id/pattern"), "pattern", "widened", "info", f"{_BASE}/properties/calibration_id/pattern"),
    Planted("a request may be null", put(f"{_BASE}/properties/calibration_id/nullable", True), "nullable", "widened", "info", f"{_BASE}/properties/calibration_id/nullable"),
    Planted("a word of a request goes", put(f"{_BASE}/properties/log_level/enum", ["critical", "error", "warning", "info"]), "enum", "narrowed", "breaking", f"{_BASE}/properties/log_level/enum"),
    Planted("a word of a request comes", put(f"{_BASE}/properties/log_level/enum/-", "trace"), "enum", "widened", "info", f"{_BASE}/properties/log_level/enum"),
    Planted("a word of a request is replaced", put(f"{_BASE}/properties/log_level/enum/0", "fatal"), "enum", "changed", "breaking", f"{_BASE}/properties/log_level/enum"),
    Planted("a free text of a request is limited", put(f"{S}BaseCreateSessionRequest/properties/backend/enum", ["a", "b"]), "enum", "narrowed", "breaking", f"{S}BaseCreateSessionRequest/properties/backend/enum"),
    Planted("a request is closed", put(f"{S}UpdateSessionRequest/additionalProperties", False), "additional-properties", "narrowed", "breaking", f"{S}UpdateSessionRequest/additionalProperties"),
    Planted("a default of a request goes", cut(f"{S}BaseCreateSessionRequest/properties/max_ttl/default"), "default", "changed", "warning", f"{S}BaseCreateSessionRequest/properties/max_ttl/default"),
    Planted("a part of a request's choice goes", cut(f"{S}CreateSessionRequest/oneOf/1"), "composition-part", "narrowed", "breaking", f"{S}CreateSessionRequest/oneOf"),
    Planted("a part of a request's choice comes", put(f"{S}JobRunParams/allOf/1/properties/params/oneOf/-", {"type": "array", "items": _STRING}), "composition-part", "widened", "info", f"{S}JobRunParams/allOf/1/properties/params/oneOf/7"),
    Planted("a property of a form of 2021 becomes required", put(f"{S}ProgramUpload/required/-", "cost"), "required", "narrowed", "breaking", f"{S}ProgramUpload/required", "2021"),
    Planted("a request of 2021 loses a word", put(f"{S}ProgramUpload/properties/isPublic/enum", ["True", "False", "true"]), "enum", "narrowed", "breaking", f"{S}ProgramUpload/properties/isPublic/enum", "2021"),
    # ---- Responses
    Planted("a word of an answer comes", put(f"{_STATUS}/enum/-", "Paused"), "enum", "widened", "breaking", f"{_STATUS}/enum"),
    Planted("a word of an answer goes", cut(f"{_STATUS}/enum/0"), "enum", "narrowed", "info", f"{_STATUS}/enum"),
    Planted("the words of an answer are not listed any more", cut(f"{_STATUS}/enum"), "enum", "widened", "breaking", f"{_STATUS}/enum"),
    Planted("a property of an answer becomes optional", put(f"{S}JobsResponse/required", ["limit", "offset"]), "required", "widened", "breaking", f"{S}JobsResponse/required"),
    Planted("a property of an answer becomes required", put(f"{S}JobsResponse/required/-", "count"), "required", "narrowed", "info", f"{S}JobsResponse/required"),
    Planted("an optional property of an open answer comes", put(f"{S}JobState/properties/mood", _STRING), "property", "added", "info", f"{S}JobState/properties/mood"),
    Planted("an optional property of a closed answer comes", put(f"{_QUEUE}/properties/mood", _STRING), "property", "added", "breaking", f"{_QUEUE}/properties/mood"),
    Planted("a required property of an open answer comes", both(put(f"{S}JobState/properties/mood", _STRING), put(f"{S}JobState/required/-", "mood")), "property", "added", "info", f"{S}JobState/properties/mood"),
    Planted("a required property of an answer goes", both(cut(f"{S}JobsResponse/properties/offset"), put(f"{S}JobsResponse/required", ["limit", "jobs"])), "property", "removed", "breaking", f"{S}JobsResponse/properties/offset"),
    Planted("an optional property of an answer goes", cut(f"{S}JobState/properties/reason"), "property", "removed", "warning", f"{S}JobState/properties/reason"),
    Planted("an answer may be null", put(f"{S}JobState/properties/reason/nullable", True), "nullable", "widened", "breaking", f"{S}JobState/properties/reason/nullable"),
    Planted("an answer is not null any more", cut(f"{S}DataTree/nullable"), "nullable", "narrowed", "breaking", f"{S}DataTree/nullable"),
    Planted("an answer becomes a number", put(f"{_QUEUE}/properties/status", {"type": "number"}), "type", "changed", "breaking", f"{_QUEUE}/properties/status/type"),
    Planted("an integer of an answer becomes a number", put(f"{_QUEUE}/properties/length_queue/type", "number"), "type", "widened", "breaking", f"{_QUEUE}/properties/length_queue/type"),
    Planted("a number of an answer becomes an integer", put(f"{S}UsageV3/properties/qpu_charge_time_seconds/type", "integer"), "type", "narrowed", "info", f"{S}UsageV3/properties/qpu_charge_time_seconds/type"),
    Planted("the minimum of an answer falls", put(f"{_REASON}/minimum", 0), "minimum", "widened", "breaking", f"{_REASON}/minimum"),
    Planted("the minimum of an answer is excluded", put(f"{_REASON}/exclusiveMinimum", True), "minimum", "narrowed", "info", f"{_REASON}/minimum"),
    Planted("the format of an answer widens", put(f"{_REASON}/format", "int64"), "format", "widened", "breaking", f"{_REASON}/format"),
    Planted("the format of an answer changes", put(f"{S}GenericErrorDto/properties/trace/format", "date"), "format", "changed", "breaking", f"{S}GenericErrorDto/properties/trace/format"),
    Planted("a pattern of an answer widens", put(f"{_CONFIG}/properties/sample_name/pattern", "^[a-zA-Z0-9,:._\\s]*$"), "pattern", "widened", "breaking", f"{_CONFIG}/properties/sample_name/pattern"),
    Planted("a list of an answer may be empty", put(f"{_CONFIG}/properties/basis_gates/minItems", 0), "minItems", "widened", "breaking", f"{_CONFIG}/properties/basis_gates/minItems"),
    Planted("a list of an answer gets shorter", put(f"{S}JobsResponse/properties/jobs/maxItems", 200), "maxItems", "narrowed", "info", f"{S}JobsResponse/properties/jobs/maxItems"),
    Planted("the items of a list change", put(f"{_CONFIG}/properties/basis_gates/items", {"type": "integer"}), "type", "changed", "breaking", f"{_CONFIG}/properties/basis_gates/items/type"),
    Planted("a list of an answer has no doubles", put(f"{S}JobsResponse/properties/jobs/uniqueItems", True), "uniqueItems", "narrowed", "info", f"{S}JobsResponse/properties/jobs/uniqueItems"),
    Planted("a number of an answer has steps", put(f"{S}UsageV3/properties/qpu_charge_time_seconds/multipleOf", 0.5), "multipleOf", "narrowed", "info", f"{S}UsageV3/properties/qpu_charge_time_seconds/multipleOf"),
    Planted("a closed answer is opened", cut(f"{_QUEUE}/additionalProperties"), "additional-properties", "widened", "breaking", f"{_QUEUE}/additionalProperties"),
    Planted("an open answer is closed", put(f"{S}JobState/additionalProperties", False), "additional-properties", "narrowed", "info", f"{S}JobState/additionalProperties"),
    Planted("a part of an answer's choice comes", put(f"{S}DataTree/anyOf/-", {"type": "object", "required": ["special"], "properties": {"special": {"type": "boolean"}}}), "composition-part", "widened", "breaking", f"{S}DataTree/anyOf/7"),
    Planted("a property of an answer is deprecated", put(f"{S}JobState/properties/reason/deprecated", True), "deprecated", "changed", "info", f"{S}JobState/properties/reason/deprecated"),
    Planted("a property is only written", put(f"{S}JobState/properties/reason/writeOnly", True), "writeOnly", "narrowed", "breaking", f"{S}JobState/properties/reason/writeOnly"),
    Planted("an answer becomes one of two", put(f"{JOB}/responses/200/content/application~1json/schema", {"oneOf": [{"$ref": f"{S}JobResponseV3"}, {"$ref": f"{S}JobState"}]}), "composition-part", "widened", "breaking", f"{JOB}/responses/200/content/application~1json/schema/oneOf"),
    Planted("an answer of 2021 gets a word", put(f"{S}JobStatus/enum/-", "Lost"), "enum", "widened", "breaking", f"{S}JobStatus/enum", "2021"),
    Planted("an answer of 2021 loses a property", both(cut(f"{S}Job/properties/hub"), put(f"{S}Job/required", ["id", "group", "project", "backend", "status", "params", "program", "created"])), "property", "removed", "breaking", f"{S}Job/properties/hub", "2021"),
    Planted("values of a map of 2021 change", put(f"{S}User/properties/urls/properties/services/additionalProperties", {"type": "integer"}), "type", "changed", "breaking", f"{S}User/properties/urls/properties/services/additionalProperties/type", "2021"),
    # ---- Statuses, media types and headers
    Planted("an error is documented", put(f"{JOB}/responses/429", {"description": "Too many."}), "status", "added", "warning", f"{JOB}/responses/429"),
    Planted("a success is documented", put(f"{JOB}/responses/202", {"description": "Later."}), "status", "added", "breaking", f"{JOB}/responses/202"),
    Planted("an error is not documented any more", cut(f"{JOB}/responses/403"), "status", "removed", "info", f"{JOB}/responses/403"),
    Planted("a success goes", cut("#/paths/~1v1~1jobs~1{id}~1results/get/responses/204"), "status", "removed", "breaking", "#/paths/~1v1~1jobs~1{id}~1results/get/responses/204"),
    Planted("a default is documented", put(f"{JOB}/responses/default", {"description": "Oh."}), "status", "added", "warning", f"{JOB}/responses/default"),
    Planted("a range is documented", put(f"{JOB}/responses/5XX", {"description": "Oh."}), "status", "added", "warning", f"{JOB}/responses/5XX"),
    Planted("an answer comes in another media type, too", put(f"{JOB}/responses/200/content/application~1cbor", {"schema": {}}), "media-type", "added", "warning", f"{JOB}/responses/200/content/application~1cbor"),
    Planted("an answer comes in another media type", renamed(f"{JOB}/responses/401/content/application~1json", "application/problem+json"), "media-type", "changed", "breaking", f"{JOB}/responses/401/content/application~1problem+json"),
    Planted("an answer has no body any more", cut(f"{JOB}/responses/401/content"), "media-type", "removed", "breaking", f"{JOB}/responses/401/content/application~1json"),
    Planted("a header of an answer comes", put(f"{JOB}/responses/200/headers", {"Link": _LINK}), "header", "added", "info", f"{JOB}/responses/200/headers/Link"),
    Planted("a header of an answer of 2021 goes", cut("#/components/responses/Unauthorized/headers"), "header", "removed", "warning", "#/components/responses/Unauthorized/headers/WWW-Authenticate", "2021"),
    Planted("a header of 2021 is always there", put("#/components/responses/Unauthorized/headers/WWW-Authenticate/required", True), "required", "narrowed", "info", "#/components/responses/Unauthorized/headers/WWW-Authenticate/required", "2021"),
    # ---- Credentials and servers
    Planted("a way to come in goes", cut(f"{JOB}/security/1"), "security", "narrowed", "breaking", f"{JOB}/security"),
    Planted("a way to come in comes", put(f"{JOB}/security/-", {"IBMCloudAuth": [], "ServiceCRN": []}), "security", "widened", "info", f"{JOB}/security"),
    Planted("nobody is asked any more", put(f"{JOB}/security", []), "security", "widened", "info", f"{JOB}/security"),
    Planted("somebody is asked now", put("#/paths/~1v1~1versions/get/security", [{"IBMCloudAuth": []}]), "security", "narrowed", "breaking", "#/paths/~1v1~1versions/get/security"),
    Planted("two are needed where one was enough", put(f"{JOB}/security", [{"IBMCloudAPIKey": []}, {"ServiceCRN": []}, {"IBMCloudAuth": [], "ServiceCRN": []}]), "security", "narrowed", "breaking", f"{JOB}/security"),
    Planted("a scheme's header changes", put("#/components/securitySchemes/ServiceCRN/name", "X-CRN"), "security-scheme", "changed", "breaking", "#/components/securitySchemes/ServiceCRN/name"),
    Planted("a scheme's kind changes", put("#/components/securitySchemes/IBMCloudAuth/scheme", "basic"), "security-scheme", "changed", "breaking", "#/components/securitySchemes/IBMCloudAuth/scheme"),
    Planted("the credentials of all operations of 2021 change", put("#/security", [{"accessToken": []}]), "security", "narrowed", "breaking", "#/security", "2021"),
    Planted("a server is added", put("#/servers/-", {"url": "https://jp-tok.quantum.cloud.ibm.com/api"}), "server", "added", "info", "#/servers/2"),
    Planted("a server is removed", cut("#/servers/1"), "server", "removed", "breaking", "#/servers/1"),
    Planted("a server moves", put("#/servers/0/url", "https://quantum.example.com/api"), "server", "changed", "breaking", "#/servers/0"),
)  # fmt: skip


def _without_prose(node: Any, name: str = "") -> Any:
    if isinstance(node, list):
        return [_without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    prose = {"description", "summary", "example", "examples", "tags"}
    return {
        key: value if key in {"enum", "default"} else _without_prose(value, key)
        for key, value in node.items()
        if name == "properties" or not (key.startswith("x-") or key in prose)
    }


def _reordered(node: Any) -> Any:
    if isinstance(node, list):
        return [_reordered(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _reordered(value) for key, value in reversed(node.items())}
    for key in ("required", "enum", "oneOf", "anyOf", "allOf", "parameters", "security"):
        if isinstance(found.get(key), list):
            found[key].reverse()
    return found


def _inlined(document: Document) -> Document:
    """Put components in the place of the references to them, as far as they do not contain themselves."""

    def copied(node: Any, above: tuple[str, ...]) -> Any:
        if isinstance(node, list):
            return [copied(item, above) for item in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if isinstance(reference, str) and reference not in above and len(above) < 4:
            return copied(at(document, reference), (*above, reference))
        return {key: value if key == "discriminator" else copied(value, above) for key, value in node.items()}

    return {key: copied(value, ()) if key == "paths" else value for key, value in document.items()}


def _renamed_components(document: Document) -> Document:
    def copied(node: Any) -> Any:
        if isinstance(node, list):
            return [copied(item) for item in node]
        if isinstance(node, dict):
            return {key: copied(value) for key, value in node.items()}
        if isinstance(node, str) and node.startswith("#/components/"):
            return re.sub(r"^(#/components/\w+/)", r"\1Renamed", node)
        return node

    result: Document = copied(document)
    for kind in ("schemas", "parameters", "responses"):
        found = result["components"].get(kind, {})
        result["components"][kind] = {f"Renamed{name}": value for name, value in found.items()}
    return result


def _extracted(document: Document) -> Document:
    """Make a component of the schema of every body that has none."""
    result = copy.deepcopy(document)
    schemas = result["components"]["schemas"]
    for item in result["paths"].values():
        for operation in item.values():
            for answer in operation.get("responses", {}).values() if isinstance(operation, dict) else ():
                for media in answer.get("content", {}).values():
                    if "$ref" not in media["schema"]:
                        name = f"Extracted{len(schemas)}"
                        schemas[name] = media["schema"]
                        media["schema"] = {"$ref": f"{S}{name}"}
    return result


def _wrapped(document: Document) -> Document:
    """Put each reference of a property into an `allOf` of one."""

    def copied(node: Any) -> Any:
        if isinstance(node, list):
            return [copied(item) for item in node]
        if not isinstance(node, dict):
            return node
        result = {key: copied(value) for key, value in node.items()}
        for name, item in (
            (result.get("properties") or {}).items() if isinstance(result.get("properties"), dict) else ()
        ):
            if isinstance(item, dict) and item.keys() == {"$ref"}:
                result["properties"][name] = {"allOf": [item], "description": "In a wrapping."}
        return result

    return {**document, "components": copied(document["components"])}


def _newer(document: Document) -> Document:
    """Say the same in OpenAPI 3.1."""
    return {**_in_3_1(document), "openapi": "3.1.0"}


def _in_3_1(node: Any, name: str = "") -> Any:
    if isinstance(node, list):
        return [_in_3_1(item) for item in node]
    if not isinstance(node, dict):
        return node
    literal = {"enum", "default", "example"}
    result = {key: value if key in literal else _in_3_1(value, key) for key, value in node.items()}
    if name == "properties":
        return result
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if result.get(exclusive) is True:
            result[exclusive] = result.pop(bound)
    if isinstance(result.get("enum"), list) and len(result["enum"]) == 1 and not result.get("nullable"):
        result["const"] = result.pop("enum")[0]
    if isinstance(result.get("type"), str) and "example" in result:
        result["examples"] = [result.pop("example")]
    return _null_as_type(result)


def _null_as_type(schema: Document) -> Document:
    if schema.pop("nullable", None) is not True:
        return schema
    if not isinstance(schema.get("type"), str):
        return {"anyOf": [schema, {"type": "null"}]}
    schema["type"] = [schema["type"], "null"]
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema


def _path_level(document: Document) -> Document:
    """Move what all operations of a path have in common to the path, and the other way round."""
    result = copy.deepcopy(document)
    for item in result["paths"].values():
        shared = item.pop("parameters", [])
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["parameters"] = [*shared, *operation.get("parameters", [])]
    return result


REWRITES: Final[dict[str, Callable[[Document], Document]]] = {
    "without prose": _without_prose,
    "in another order": _reordered,
    "components inlined": _inlined,
    "components renamed": _renamed_components,
    "bodies made components": _extracted,
    "references wrapped": _wrapped,
    "in OpenAPI 3.1": _newer,
    "parameters moved to operations": _path_level,
}
"""Ways to write a document that say the same."""
