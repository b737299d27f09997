"""Filters for lines and sessions: a session by its id, `--since 2d`, `--limit 20`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from invocations.language.did_you_mean import did_you_mean
from invocations.storing.base import SessionFilter
from workflows.problems import UsageError
from workflows.values.durations import parse_duration

from .stored_rows import LATEST

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from invokeai_cli.shell import Shell

DATES = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
EXAMPLES = "for example `--since 2d` (s, m, h, d, w) or `--since 2026-11-23`"


def since(text: str | None, now: float | None = None) -> float:
    """Return `2d`, `30m` or a date as seconds since 1970; 0 for None. Raises: UsageError."""
    if text is None:
        return 0.0
    ago = parse_duration(text)
    if ago is not None:
        return (time.time() if now is None else now) - ago
    for form in DATES:
        try:
            return time.mktime(time.strptime(text, form))
        except (ValueError, OverflowError):
            continue
    raise UsageError(f"`{text}` is not a time", EXAMPLES)


def limit(text: str | None) -> int | None:
    """Return the number after `--limit`, None if it is absent. Raises: UsageError."""
    return None if text is None else count(text, "--limit")


def count(text: str, what: str) -> int:
    """Return a string as an integer of at least 1. Raises: UsageError."""
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text)):
        raise UsageError(f"`{what}` takes a number of at least 1, not `{text}`")
    return int(text)


def chosen_session(shell: Shell, name: str = "") -> Session:
    """Return the named session; without a name, the current or else the latest session. Raises: UsageError."""
    return shell.workspace.invoker.open(chosen_id(shell, name))


def chosen_id(shell: Shell, name: str = "") -> str:
    """Return the full id of the session whose id begins with `name`; without a name, of the current or latest session.

    The name `latest` is accepted too; an imported session is never the latest.

    Raises: UsageError.
    """
    if not name and shell.workspace.memory.session_id is not None:
        return shell.workspace.memory.session_id
    if name in ("", LATEST):
        latest = shell.workspace.invoker.sessions(SessionFilter(limit=1, own=True))
        if latest:
            return latest[0].id
    ids = [info.id for info in shell.workspace.invoker.sessions()]
    if not ids:
        raise UsageError("there are no sessions yet", "run a line first")
    if name in ("", LATEST):
        raise UsageError("all sessions were imported", "name one of them; `sessions` lists them")
    if name in ids:
        return name
    found = [each for each in ids if each.startswith(name)]
    if not found:
        raise UsageError(f"there is no session `{name}`", did_you_mean(name, ids, "`sessions` lists them"))
    if len(found) > 1:
        more = f"ambiguous id; type more of it: {', '.join(found[:3])}{', ...' if len(found) > 3 else ''}"
        raise UsageError(f"`{name}` matches {len(found)} sessions", more)
    return found[0]
