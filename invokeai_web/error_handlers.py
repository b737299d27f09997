"""The exception handlers of the application: every error is answered with problem details."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from invocations.errors import InvocationError
from invocations.language.errors import Refusal
from workflows.problems import ApplicationError

from .private_paths import PrivatePaths
from .problem_details import MEDIA_TYPE, ApiProblem, details, problem_answer

LOG = logging.getLogger("invokeai_web")
_CODES: Final = {
    400: "malformed_request",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "too_slow",
    413: "too_large",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
}
_MESSAGES: Final = {
    "not_found": "there is nothing at this address",
    "method_not_allowed": "this address does not support the method {method}",
}
_HINTS: Final = {
    "not_found": "/docs lists all addresses",
    "method_not_allowed": "the header Allow lists the methods that it supports",
}


def handle_errors(app: FastAPI, without_paths: PrivatePaths) -> None:
    """Let an application answer every error with problem details."""

    def known(request: Request, error: Exception) -> JSONResponse:
        return problem_answer(error, without_paths)

    def unknown(request: Request, error: Exception) -> JSONResponse:
        LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem_answer(error, without_paths)

    for kind in (InvocationError, ApplicationError, Refusal, ApiProblem, OSError):
        app.add_exception_handler(kind, known)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, unknown)


def _http(request: Request, error: Exception) -> JSONResponse:
    """Describe an exception that the web framework raised."""
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "malformed_request")
    message = _MESSAGES.get(code, str(error.detail)).format(method=request.method)
    return problem_answer(ApiProblem(error.status_code, code, message, _HINTS.get(code)), headers=error.headers)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Describe a request whose body or parameters do not have the declared types."""
    assert isinstance(error, RequestValidationError)
    found: Sequence[Mapping[str, Any]] = error.errors()
    if found and found[0]["type"] == "json_invalid":
        reason = found[0].get("ctx", {}).get("error", "")
        return problem_answer(ApiProblem(400, "malformed_json", f"the body is not valid JSON: {reason}".rstrip(": ")))
    rows = [_row(each) for each in found[:20]]
    return JSONResponse(details(422, rows), status_code=422, media_type=MEDIA_TYPE)


def _row(error: Mapping[str, Any]) -> dict[str, Any]:
    place, *path = error["loc"]
    field = ".".join(str(part) for part in path)
    where = {"body": "the body", "path": "the path", "query": "the query", "header": "the headers"}.get(place, place)
    message = f"{where}: `{field}`: {error['msg']}" if field else f"{where}: {error['msg']}"
    return {"code": "invalid_request", "message": message, "field": field}
