"""The state of the interactive prompt: names for completion, the history, errors in the typed text, messages."""

from __future__ import annotations

import os
from functools import cached_property, partial
from typing import TYPE_CHECKING

from invokeai_cli.directives.table import CLEAR, LEAVING
from invokeai_cli.quoted_line import help_asked
from workflows.completion.checker import LineChecker
from workflows.completion.diagnose import Diagnosis

from .directive_completion import directive_words
from .directive_errors import directive_errors
from .history import HistoryFile, NoSuchLine, expand_history
from .keyboard import Keyboard

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

    from .warm_up import WarmUp


class PromptState(LineChecker):
    """The state of one interactive prompt; settings, session and screen are in its shell."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(
            shell.workspace,
            folder=shell.environment.folder,
            of_directive=partial(directive_errors, shell),
            after_directive=directive_words,
            sessions=shell.latest_sessions,
        )
        self.shell = shell
        self.seconds: float | None = None  # duration of the last line
        self.message = ""  # the message in the toolbar, shown until the next key press
        self.refused_text = ""  # an invalid text on which Enter was already pressed
        self.searching = False  # whether the history is being searched, after Ctrl-R
        self.before_search = ""  # the text before the search
        self.warm_up: WarmUp | None = None
        self.keyboard = Keyboard(None)  # holds back the keys that are pressed while a line runs

    @cached_property
    def history(self) -> HistoryFile:
        """The file of typed lines."""

        return HistoryFile(os.path.join(self.shell.plain_config.folders.state, "history.jsonl"))

    @cached_property
    def typed(self) -> list[str]:
        """All typed lines, of this run of the program and of earlier ones, oldest first."""
        return self.history.read()

    def begin(self) -> None:
        """Begin a line: clear messages, and look up again what other processes may have changed."""
        super().begin()
        self.message = self.refused_text = ""
        self.searching = False

    @property
    def lines(self) -> list[str]:
        """The lines of this session."""
        if self.shell.workspace.memory.session_id is None:
            return []
        return [line.text for line in self.shell.workspace.invoker.open(self.shell.workspace.memory.session_id).lines]

    def check(self, text: str) -> Diagnosis:
        """Return the diagnosis of the text, unless it is a word that only the prompt understands."""
        return Diagnosis() if text.strip() == CLEAR else super().check(text)

    def expanded(self, text: str) -> str | None:
        """Return the line that a short form such as `!!` stands for; if none, set a message and return None."""
        if text.strip() in LEAVING and text.strip() not in self.shell.workspace.catalog:
            return "exit"
        asked = help_asked(text)
        if asked is not None:
            return " ".join(["help", *asked])
        try:
            return expand_history(text, self.typed, self.lines)
        except NoSuchLine as error:
            self.message = str(error)
            return None

    def keep(self, text: str) -> None:
        """Add a line to the history, without the empty lines that a paste may leave at its end."""
        text = text.rstrip("\n")
        if text.strip() and not text[0].isspace():
            # `typed` may be read from the file here, so the line is written to the file afterwards
            self.typed.append(text)
            self.history.append(text)
