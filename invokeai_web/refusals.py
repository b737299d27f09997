"""Refuse a request before an application handles it: as an answer, or by not accepting a WebSocket."""

from __future__ import annotations

from typing import Final

from starlette.types import Receive, Scope, Send

from .problem_details import ApiProblem, problem_answer

POLICY_VIOLATION: Final = 1008  # the reason for which a WebSocket is closed (RFC 6455)


async def refuse(problem: ApiProblem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with a problem."""
    if scope["type"] == "http":
        await problem_answer(problem)(scope, receive, send)
        return
    await receive()  # the request to connect; before it, no answer may be sent
    await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": problem.message})
