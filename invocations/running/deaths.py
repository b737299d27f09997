"""Count how often the program died while a node was running; after two deaths, run the node in its own process.

Afterward, a program that a node crashed looks the same as one that was killed while the node was running. Therefore,
after two such deaths the node runs in a separate process; if that process dies and this program does not, the node is
to blame. A death does not count if the machine was restarted afterward.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from invocations.events import NodeError
from invocations.sessions.journal import QUARANTINED

BOOT_ID = "/proc/sys/kernel/random/boot_id"
MAX_DEATHS = 2  # number of crashes during a node's runs after which the node runs once more, in its own process


TWICE: Final = "it crashed the program twice and then its own process"
AGAIN: Final = "it crashed again, in a process of its own"
THRICE: Final = "it crashed three processes"  # of workers, or the program itself


def quarantine(how: str = "", what: str = TWICE) -> NodeError:
    """Return the error for a node that is not run again; `how` describes the last crash, if known."""
    message = f"{what} ({how}), so it is quarantined" if how else f"{what}, so it is quarantined"
    hint = "try again with `retry`, or run the script with `--resume --only failed`"
    return NodeError("SetAside", message, QUARANTINED, hint)


@cache
def boot_id() -> str:
    """Return an id of the machine's current boot, or "" if it is unknown."""
    try:
        with open(BOOT_ID, encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):
        return ""
