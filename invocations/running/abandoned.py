"""Record that a run was cancelled although a node is still running, because the process ends right now.

Without this record, the next process could only conclude that the node has crashed the program.
"""

from __future__ import annotations

from invocations.sessions.journal import CANCELLED, FAILED
from invocations.sessions.session import LineEnded

from .base import Job


def record_cancelled(job: Job) -> None:
    """Record that the unfinished lines of a job were cancelled. Raises: StoreFailed, RuntimeError."""
    session = job.session
    left = session.lines_left()
    ended = [number for number in job.lines if number in left and session.lines[number - 1].outcome != FAILED]
    later = [] if job.ahead is None else job.ahead.stopped(session, job.only or ())
    if ended or later:
        job.store.append(session.id, *[LineEnded(number, 0.0, CANCELLED) for number in ended], *later)
