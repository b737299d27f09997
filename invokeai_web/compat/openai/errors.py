"""Errors in the form of OpenAI's API: `{"error": {message, type, param, code}}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import JSONResponse

INVALID: Final = "invalid_request_error"
SERVER: Final = "server_error"


class OpenAiError(Exception):
    """A refusal in the form that OpenAI's clients read."""

    def __init__(
        self, status: int, message: str, code: str, param: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """Return the error as a response."""
        kind = SERVER if self.status >= 500 else INVALID
        error = {"message": str(self), "type": kind, "param": self.param, "code": self.code}
        return JSONResponse({"error": error}, self.status, self.headers)


def of_problem(data: Mapping[str, Any]) -> OpenAiError:
    """Return problem details as an error; the message includes the hint."""
    hint = f" ({data['hint']})" if data.get("hint") else ""
    status = 400 if data["status"] == 422 else int(data["status"])
    return OpenAiError(status, f"{data['detail']}{hint}", data["code"], data.get("field"))


def of_mistakes(mistakes: list[Any]) -> OpenAiError:
    """Return the first mistake that pydantic found in a request as an error."""
    first = mistakes[0]
    name = ".".join(str(part) for part in first["loc"] if part != "body")
    if first["type"] == "missing":
        return OpenAiError(400, f"Missing required parameter: '{name}'.", "missing_required_parameter", name)
    return OpenAiError(400, f"Invalid value for '{name}': {first['msg']}.", "invalid_value", name or None)
