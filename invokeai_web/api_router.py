"""The router class of the API: it names operations after functions and declares the errors of every route."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from fastapi.routing import APIRoute

from .json_bodies import JsonRoute
from .problem_details import MEDIA_TYPE

BASE: Final = "/api/v1"
DECLARED: Final = {
    400: "The request is malformed.",
    401: "The token is missing or wrong.",
    403: "The guard refuses the host, the origin or the action.",
    404: "What the address names does not exist.",
    408: "The body of the request does not arrive in time.",
    409: "Something is busy, exists already or cannot be expressed.",
    412: "The session is not the one that If-Match names.",
    413: "The body is too large.",
    415: "The type of the content is not supported.",
    422: "The graph, the line or a value is refused.",
    429: "There are too many requests.",
    503: "No worker is available, the disk is full, or the server is shutting down.",
}
PROBLEM_SCHEMA: Final = {"$ref": "#/components/schemas/ProblemDetails"}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the declaration of problem details for these statuses (default: all that any route may answer)."""
    content = {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}}
    return {status: {"description": DECLARED[status], "content": content} for status in statuses or DECLARED}


def operation_id(route: APIRoute) -> str:
    """Return the name of a route's function; generated clients name their functions after it."""
    return route.name


class ApiRouter(APIRouter):
    """A router below `/api/v1`; routes of one subject share a tag."""

    def __init__(self, tag: str, **options: Any) -> None:
        options.setdefault("responses", problem_responses())
        options.setdefault("route_class", JsonRoute)
        super().__init__(tags=[tag], generate_unique_id_function=operation_id, **options)
