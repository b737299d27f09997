"""The exit statuses, their meanings, and the status that each error code leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from workflows.problems import Problem

DONE: Final = 0
NODE_FAILED: Final = 1
WRONG_LINE: Final = 2
LINES_FAILED: Final = 3
MODEL_MISSING: Final = 4
OUT_OF_MEMORY: Final = 5
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells report it
PIPE_CLOSED: Final = 141  # 128 + SIGPIPE
TERMINATED: Final = 143  # 128 + SIGTERM

MEANINGS: Final[dict[int, str]] = {
    DONE: "done",
    NODE_FAILED: "a node failed, or a file could not be written",
    WRONG_LINE: "the line, the script or an option was invalid; nothing ran",
    LINES_FAILED: "some lines or items failed and others ran, or a limit was reached",
    MODEL_MISSING: "a model is missing or cannot be used",
    OUT_OF_MEMORY: "out of memory, or a model does not fit into memory",
    INTERRUPTED: "interrupted (Ctrl-C)",
    PIPE_CLOSED: "the reader of the output closed the pipe (nothing is printed)",
    TERMINATED: "terminated (SIGTERM)",
}

_BY_CODE: Final = {
    "model_missing": MODEL_MISSING,
    "model_broken": MODEL_MISSING,
    "model_changed": MODEL_MISSING,
    "model_unreadable": MODEL_MISSING,
    "model_unsupported": MODEL_MISSING,
    "pickle_refused": MODEL_MISSING,
    "folder_missing": WRONG_LINE,
    "model_ambiguous": WRONG_LINE,
    "out_of_memory": OUT_OF_MEMORY,
    "does_not_fit": OUT_OF_MEMORY,
    "output_closed": PIPE_CLOSED,
    "interrupted": INTERRUPTED,
    "terminated": TERMINATED,
}


class ExitScript(Exception):
    """Raised by `exit`: no further line is read."""


def of(problem: Problem) -> int:
    """Return the exit status for a problem."""
    status = _BY_CODE.get(problem.code, WRONG_LINE if problem.refused else NODE_FAILED)
    return LINES_FAILED if problem.partial and status < INTERRUPTED else status
