"""The state of a session besides its graph and its results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from invocations.events import Event, Path
from invocations.frozen import mutable

from .journal import JournalEntry, SessionLine, SessionStage

Key = tuple[str, Path]


@mutable
class SessionParts:
    """The state of a session, which the session exposes only as read-only views."""

    stages: list[SessionStage] = field(default_factory=list)
    lines: list[SessionLine] = field(default_factory=list)
    history: list[Event] = field(default_factory=list)
    log: list[JournalEntry] = field(default_factory=list)
    facts: dict[Key, Mapping[str, Any]] = field(default_factory=dict)
    names: dict[str, SessionStage] = field(default_factory=dict)
    line_of: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    open_lines: dict[int, None] = field(default_factory=dict)
    unfinished_starts: dict[Key, tuple[str, int]] = field(default_factory=dict)  # (boot id, starts since that boot)
    quarantined: set[Key] = field(default_factory=set)
    claims: dict[Key, str] = field(default_factory=dict)
    finished: set[Key] = field(default_factory=set)
