"""`doctor`: examine the installation, and say what to do about each problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.shown_numbers import counted
from invokeai_cli import exit_status
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.doctor.checks import examine
from workflows.doctor.finding import ERROR, OK, WARNING, is_healthy

if TYPE_CHECKING:
    from workflows.doctor.finding import Finding

    from .call import Call

COLUMNS = ("", "check", "found")


def run(call: Call) -> Answer:
    """Run every check; the exit status is 1 if one of them found an error."""
    findings = tuple(examine(call.shell.workspace))
    healthy = is_healthy(findings)
    data = {
        "healthy": healthy,
        "findings": [
            {"check": each.check, "status": each.status, "message": each.message, "hint": each.hint or None}
            for each in findings
        ],
    }
    rows = tuple((each.status, each.check, each.message) for each in findings)
    table = Table(COLUMNS, rows, wrapped=True)
    status = exit_status.DONE if healthy else exit_status.NODE_FAILED
    return Answer("doctor/1", data, (table,), _summary(findings), status)


def _summary(findings: tuple[Finding, ...]) -> str:
    """Return what to do about each problem."""
    problems = [each for each in findings if each.status != OK]
    if not problems:
        return "everything works"
    counts = ", ".join(_count(problems, status) for status in (ERROR, WARNING) if _count(problems, status))
    hints = [f"  {each.check}: {each.hint}" for each in problems if each.hint]
    return "\n".join([f"{counts}; what to do:" if hints else counts, *hints])


def _count(problems: list[Finding], status: str) -> str:
    """Return the number of problems with this status, such as `2 errors`; "" if there are none."""
    count = sum(each.status == status for each in problems)
    return counted(count, status) if count else ""
