"""What a check found: data that any application can show."""

from __future__ import annotations

from typing import Final, Literal

from invocations.frozen import frozen

Status = Literal["ok", "warning", "error"]
OK: Final = "ok"
WARNING: Final = "warning"  # something is missing or may fail soon
ERROR: Final = "error"  # something does not work


@frozen
class Finding:
    """The result of one check.

    check: what was examined, such as "device"
    message: what was found
    hint: what to do about it; "" if nothing
    """

    check: str
    status: Status
    message: str
    hint: str = ""


def is_healthy(findings: tuple[Finding, ...]) -> bool:
    """Return True if no check found an error."""
    return all(finding.status != ERROR for finding in findings)
