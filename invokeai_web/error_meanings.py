"""What each error code means, for the pages that problem details refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

import invocations.services.errors
import invocations.storing.idempotency  # noqa: F401
import workflows.problems
from invocations.errors import InvocationError

OWN: Final = {
    "malformed_json": "The body of the request is not valid JSON.",
    "malformed_request": "The request does not follow the rules of HTTP.",
    "invalid_request": "A parameter, or a field of the body, is missing or has another type than the API declares.",
    "bad_cursor": "The cursor is not one that this list has returned.",
    "unauthorized": "The token is missing or wrong. The server prints it when it starts, and `/` shows how to send it.",
    "wrong_host": "The request uses a host name that the server does not have, as an attack by DNS rebinding would.",
    "wrong_origin": "The request comes from a page of another site.",
    "not_found": "There is nothing at this address.",
    "method_not_allowed": "The address does not support this method; nodes of a session, for example, never change.",
    "too_slow": "The body of the request did not arrive in time.",
    "too_large": "The body of the request is larger than the address accepts.",
    "unsupported_media_type": "The address does not accept content of this type.",
    "too_many_requests": "There were too many requests or wrong tokens; the header `Retry-After` names a time.",
    "internal_error": "The server has a bug; its log contains the traceback.",
    "system_error": "The operating system refused an operation on a file.",
    "shutting_down": "The server is shutting down.",
    "not_expressible": "No line stands for this graph.",
    "not_acceptable": "The address cannot answer in any of the formats that the request accepts.",
    "range_not_satisfiable": "The requested range lies outside the content.",
    "no_images": "The server has no store of images.",
    "upload_too_large": "The uploaded file is larger than the server accepts.",
    "uploads_busy": "The server is reading as many uploads as it can; try again later.",
    "no_worker": "No worker is available to run nodes.",
    "node_missing": "There is no node or recipe of this type.",
    "model_missing": "There is no model with this name on the server.",
    "image_gone": "There is no image with this name, or it was deleted.",
    "image_too_large": "The image has more pixels than the setting `max_megapixels` allows.",
    "out_of_memory": "The device has too little memory for this request.",
    "does_not_fit": "The model does not fit into the memory of the device.",
    "application_error": "The program cannot do what was asked.",
}  # fmt: skip
"""Codes of the server itself; other codes are described by the docstrings of the exceptions that have them."""


def meaning_of(code: str) -> str:
    """Return one or two sentences on an error code."""
    if code in OWN:
        return OWN[code]
    return _of_exceptions().get(code, "A line, a graph or a value is refused. The message says why.")


@cache
def _of_exceptions() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for kind in _below(InvocationError, workflows.problems.ApplicationError):
        text = re.split(r"\n\s*\n", kind.__doc__ or "")[0]
        text = re.sub(r"\s+", " ", text).strip()
        code = kind.__dict__.get("code")
        if isinstance(code, str) and text:
            found.setdefault(code, text)
    return found


def _below(*kinds: type[BaseException]) -> Iterator[type[BaseException]]:
    for kind in kinds:
        yield kind
        yield from _below(*kind.__subclasses__())
