"""Errors in the form of AUTOMATIC1111's API: `{error, detail, body, errors}`."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse


class SdError(Exception):
    """A refusal in the form that clients of `/sdapi/v1` read; `hint` says what to do instead."""

    def __init__(
        self,
        status: int,
        message: str,
        hint: str = "",
        *,
        code: str = "refused",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.hint = hint
        self.code = code
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """Return the error as a response."""
        data = {"error": self.code, "detail": str(self), "body": "", "errors": self.hint}
        return JSONResponse(data, self.status, self.headers)
