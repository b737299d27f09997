"""Deaths of nodes: those after which the machine was not restarted count, and a node with two of them runs alone.

Whether a node crashed the program, or the program was killed while the node was running, looks the same afterward. So
after two deaths the node runs in a process of its own; if that process dies and the program does not, it was the node.
"""

from __future__ import annotations

from functools import cache

from invocations.events import NodeError
from invocations.sessions.journal import QUARANTINED

BOOT_ID = "/proc/sys/kernel/random/boot_id"
MAX_DEATHS = 2  # after so many, a node runs once more, alone in a fresh process


def quarantine(how: str = "") -> NodeError:
    """Return the error of a node that is not run again; `how` its own process ended, if it has just done so."""
    ended = f" ({how})" if how else ""
    message = f"it crashed the program twice, and then a process of its own{ended}; it is quarantined"
    hint = "try again with `retry`, or run the script with `--resume --only failed`"
    return NodeError("SetAside", message, QUARANTINED, hint)


@cache
def boot_id() -> str:
    """Return what identifies the time since the machine was started, or "" if that is unknown."""
    try:
        with open(BOOT_ID, encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):
        return ""
