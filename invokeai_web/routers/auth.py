"""Routes by which a page changes the token for a cookie, and asks who it is."""

from __future__ import annotations

from typing import Final

from fastapi import Request, Response
from pydantic import BaseModel, Field

from invokeai_web.api_router import ApiRouter
from invokeai_web.dependencies import ServerDependency
from invokeai_web.guard.credentials import cookie_name
from invokeai_web.guard.guard import TOKEN_HINT, port_of, too_many
from invokeai_web.problem_details import ApiProblem

router = ApiRouter("auth")
COOKIE_S: Final = 30 * 24 * 3600


class TokenBody(BaseModel):
    """The token that the server printed when it started."""

    token: str = Field(max_length=500, description="the token")


class Me(BaseModel):
    """Who asks."""

    owner: str = Field(description="owner of what the client creates: `local`")
    by: str = Field(description="how the client has identified itself: `token`, `cookie`")


@router.post("/auth/cookie", status_code=204)
def create_cookie(body: TokenBody, request: Request, server: ServerDependency) -> Response:
    """Set a cookie that replaces the token; for pages in a browser."""
    if not server.credentials.is_token(body.token):
        wait = server.wrong_tokens.wait(request.client.host if request.client else "")
        if wait:
            raise too_many("there were too many wrong tokens", wait)
        raise ApiProblem(401, "unauthorized", "the token is wrong", TOKEN_HINT)
    answer = Response(status_code=204)
    answer.set_cookie(
        cookie_name(port_of(request.scope)),
        server.credentials.cookie_value,
        max_age=COOKIE_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.delete("/auth/cookie", status_code=204)
def delete_cookie(request: Request) -> Response:
    """Delete the cookie."""
    answer = Response(status_code=204)
    answer.delete_cookie(cookie_name(port_of(request.scope)), httponly=True, samesite="strict")
    return answer


@router.get("/auth/me")
def get_me(request: Request) -> Me:
    """Return who asks, and how the client has identified itself."""
    return Me(owner="local", by=request.scope["state"].get("invokeai_by", ""))
