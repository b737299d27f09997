"""The HTTP status of each error code, and what refusals of the server itself mean."""

from __future__ import annotations

from typing import Final

REFUSED: Final = 422  # the status of errors that are not listed: the graph, the line or a value is refused
STATUS: Final = {
    "malformed_json": 400,
    "malformed_request": 400,
    "bad_cursor": 400,
    "unauthorized": 401,
    "not_allowed": 403,
    "wrong_host": 403,
    "wrong_origin": 403,
    "not_found": 404,
    "session_missing": 404,
    "model_missing": 404,
    "node_missing": 404,
    "image_gone": 404,
    "image_missing": 404,
    "name_taken": 409,
    "upload_too_large": 413,
    "uploads_busy": 503,
    "no_images": 503,
    "item_missing": 404,
    "method_not_allowed": 405,
    "too_slow": 408,
    "not_acceptable": 406,
    "session_busy": 409,
    "item_not_waiting": 409,
    "session_exists": 409,
    "file_exists": 409,
    "not_expressible": 409,
    "key_in_use": 409,
    "session_changed": 412,
    "too_large": 413,
    "image_too_large": 413,
    "unsupported_media_type": 415,
    "range_not_satisfiable": 416,
    "too_many_requests": 429,
    "queue_full": 429,
    "internal_error": 500,
    "system_error": 503,
    "store_failed": 503,
    "save_failed": 503,
    "out_of_memory": 503,
    "no_worker": 503,
    "shutting_down": 503,
    "events_unavailable": 503,
}
"""The status of each code that is not `REFUSED`, if the error is the answer to a request; failed nodes are results."""


def status_of(code: str) -> int:
    """Return the HTTP status of an error code."""
    return STATUS.get(code, REFUSED)
