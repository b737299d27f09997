"""Errors as `application/problem+json` (RFC 9457): the only place that describes them for HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from workflows.problems import Problem, describe

from .private_paths import PrivatePaths
from .problem_status import status_of

MEDIA_TYPE: Final = "application/problem+json"
INTERNAL: Final = "internal_error"


class ProblemError(BaseModel):
    """One error; code, message, hint and span are those of the terminal."""

    code: str = Field(description="identifies the kind of error")
    message: str = Field(description="what happened")
    hint: str | None = Field(default=None, description="what to do next")
    span: list[int] | None = Field(default=None, description="start and end of the place in the line, in characters")
    node: str | None = Field(default=None, description="id of the node")
    field: str | None = Field(default=None, description="name of the input, or of the field of the request")


class ProblemDetails(BaseModel):
    """An error as RFC 9457 describes it; the fields of the first error are repeated at the top."""

    model_config = ConfigDict(json_schema_extra={"required": ["type", "title", "status", "detail", "code", "errors"]})

    type: str = Field(description="page that explains the error: `/problems/CODE`")
    title: str = Field(description="the kind of error in words")
    status: int = Field(description="HTTP status")
    detail: str = Field(description="what happened")
    code: str = Field(description="identifies the kind of error")
    hint: str | None = Field(default=None, description="what to do next")
    span: list[int] | None = Field(default=None, description="start and end of the place in the line, in characters")
    line: int | None = Field(default=None, description="number of the line in a script")
    node: str | None = Field(default=None, description="id of the node")
    field: str | None = Field(default=None, description="name of the input, or of the field of the request")
    errors: list[ProblemError] = Field(description="all errors; there is at least one")


class ApiProblem(Exception):
    """A refusal of the server itself."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        hint: str | None = None,
        *,
        field: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.field = field
        self.headers = dict(headers or {})


def problem_data(error: BaseException, without_paths: PrivatePaths | None = None) -> dict[str, Any]:
    """Return the JSON data of an error; an unexpected one is described without its text."""
    if isinstance(error, ApiProblem):
        found: Sequence[Problem] = [Problem(error.code, error.message, error.hint, "")]
    else:
        found = describe(error) or [Problem(INTERNAL, "the server failed to answer the request", LOG_HINT, "")]
    field = getattr(error, "field", "") or ""
    rows = [{"field": field, **each.to_json()} for each in found]
    if not rows[0].get("node"):
        rows[0]["node"] = getattr(error, "node", "") or ""
    status = error.status if isinstance(error, ApiProblem) else status_of(found[0].code)
    if len(found) > 1 or _is_refusal(error):
        status = status_of("")
    return details(status, rows, without_paths)


LOG_HINT: Final = "the log of the server contains the traceback"


def details(
    status: int, rows: Sequence[Mapping[str, Any]], without_paths: PrivatePaths | None = None
) -> dict[str, Any]:
    """Return problem details; rows: one mapping for each error, with `code` and `message`."""
    errors = [_error(row, without_paths) for row in rows]
    first = errors[0]
    code = first["code"]
    top = {"type": f"/problems/{code}", "title": title(code), "status": status, "detail": first["message"]}
    rest = {key: value for key, value in first.items() if key != "message"}
    if rows[0].get("line"):
        rest["line"] = rows[0]["line"]
    return {**top, **rest, "errors": errors}


def title(code: str) -> str:
    """Return an error code in words."""
    return code.replace("_", " ").capitalize()


def problem_answer(
    error: BaseException,
    without_paths: PrivatePaths | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the response for an error."""
    data = problem_data(error, without_paths)
    own = {**getattr(error, "headers", {}), **(headers or {})}
    return JSONResponse(data, status_code=data["status"], media_type=MEDIA_TYPE, headers=own)


def _error(row: Mapping[str, Any], without_paths: PrivatePaths | None) -> dict[str, Any]:
    """Return one error with the fields that are known."""
    clean = without_paths or (lambda text: text)
    found = {key: row.get(key) for key in ("code", "message", "hint", "span", "node", "field")}
    for key in ("message", "hint"):
        if found[key]:
            found[key] = clean(str(found[key]))
    return {key: value for key, value in found.items() if value}


def _is_refusal(error: BaseException) -> bool:
    from invocations.language.errors import Refusal

    return isinstance(error, Refusal)
