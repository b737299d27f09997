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
DISCONNECTED: Final = 129  # 128 + SIGHUP, as shells report it
INTERRUPTED: Final = 130  # 128 + SIGINT
PIPE_CLOSED: Final = 141  # 128 + SIGPIPE
TERMINATED: Final = 143  # 128 + SIGTERM

MEANINGS: Final[dict[int, str]] = {
    DONE: "done",
    NODE_FAILED: "a node failed, or a file could not be written",
    WRONG_LINE: "the line, the script or an option was invalid; nothing ran",
    LINES_FAILED: "some lines or items failed and others ran, or a limit was reached",
    MODEL_MISSING: "a model is missing or cannot be used",
    OUT_OF_MEMORY: "out of memory, or a model does not fit into memory",
    DISCONNECTED: "disconnected (SIGHUP: the terminal was closed)",
    INTERRUPTED: "interrupted (Ctrl-C)",
    PIPE_CLOSED: "the reader of the output closed the pipe (nothing is printed)",
    TERMINATED: "terminated (SIGTERM)",
}

STOPPED: Final = {DISCONNECTED: "disconnected", INTERRUPTED: "interrupted", TERMINATED: "terminated"}
"""The error codes of the signals that stop a run, by exit status."""

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
    **{word: status for status, word in STOPPED.items()},
}


class ExitScript(Exception):
    """Raised by `exit`, and after a signal that ends the program: no further line is read."""

    def __init__(self, status: int = DONE) -> None:
        super().__init__(status)
        self.status = status


def of(problem: Problem) -> int:
    """Return the exit status for a problem."""
    status = _BY_CODE.get(problem.code, WRONG_LINE if problem.refused else NODE_FAILED)
    return LINES_FAILED if problem.partial and status < DISCONNECTED else status
