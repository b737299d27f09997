"""The state of the interactive prompt: names for completion, the history, errors in the typed text, messages."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from invocations.errors import InvocationError
from invocations.values import ImageRef, Ref, to_json
from invokeai_cli.directives.table import CLEAR, LEAVING, RESERVED
from invokeai_cli.quoted_line import help_asked
from invokeai_cli.render.screen import cut, plain
from workflows.completion.context import CompletionContext, Named, words_of
from workflows.completion.diagnose import CheckedLine, Diagnosis, diagnose

from .directive_completion import directive_words
from .directive_errors import directive_errors
from .history import HistoryFile, NoSuchLine, expand_history
from .keyboard import Keyboard

if TYPE_CHECKING:
    from invocations.language.errors import LanguageError
    from invokeai_cli.shell import Shell

    from .warm_up import WarmUp

RESULT_COLUMNS: Final = 32  # the longest description of a result


class PromptState:
    """The state of one interactive prompt; settings, session and screen are in its shell."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.seconds: float | None = None  # duration of the last line
        self.message = ""  # the message in the toolbar, shown until the next key press
        self.refused_text = ""  # an invalid text on which Enter was already pressed
        self.searching = False  # whether the history is being searched, after Ctrl-R
        self.before_search = ""  # the text before the search
        self.warm_up: WarmUp | None = None
        self.keyboard = Keyboard(None)  # holds back the keys that are pressed while a line runs
        self._checked: tuple[str, Diagnosis] | None = None
        self._remembered: dict[str, CheckedLine] = {}  # the diagnoses of lines that have already been checked
        # the number of earlier lines and the hash of the defaults when the text was last checked
        self._checked_with: tuple[int, int] | None = None
        # the descriptions of earlier results, made once for each typed line
        self._described: dict[tuple[str, str], str] = {}

    @cached_property
    def history(self) -> HistoryFile:
        """The file of typed lines."""
        import os

        return HistoryFile(os.path.join(self.shell.plain_config.folders.state, "history.jsonl"))

    @cached_property
    def typed(self) -> list[str]:
        """All typed lines, of this run of the program and of earlier ones, oldest first."""
        return self.history.read()

    @cached_property
    def named(self) -> dict[str, Named]:
        """The available models, schedulers and upscalers, each with a short description."""
        models = self.shell.workspace.lookup.models.list()
        return {
            "model": tuple((each.name, f"{each.family}, {each.origin}") for each in models if each.serves_as("model")),
            "vae": tuple((each.name, each.title) for each in models if each.serves_as("vae")),
            "any model": tuple((each.name, each.title) for each in models),
            "scheduler": tuple(self.shell.workspace.lookup.generation.about_schedulers().items()),
            "upscaler": tuple((name, "") for name in self.shell.names("upscaler")),
        }

    @cached_property
    def sessions(self) -> Named:
        """The latest sessions, with their first lines."""
        return self.shell.latest_sessions()

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that may complete an unfinished word."""
        return words_of(self.shell.workspace.catalog, RESERVED) | {
            name for names in self.named.values() for name, _ in names
        }

    def begin(self) -> None:
        """Begin a line: clear messages, and look up again what other processes may have changed."""
        with suppress(InvocationError):  # the error is reported when the line runs
            self.shell.workspace.refresh()
        self.shell.workspace.catalog.refresh_if_changed()
        self.message = self.refused_text = ""
        self.searching = False
        self._checked = self._checked_with = None
        self._described.clear()
        for name in ("named", "sessions", "words"):
            self.__dict__.pop(name, None)

    @property
    def lines(self) -> list[str]:
        """The lines of this session."""
        if self.shell.workspace.memory.session_id is None:
            return []
        return [line.text for line in self.shell.workspace.invoker.open(self.shell.workspace.memory.session_id).lines]

    @property
    def context(self) -> CompletionContext:
        """The context of completion: everything that completion chooses from."""
        state = self.shell.workspace.memory
        return CompletionContext(
            catalog=self.shell.workspace.catalog,
            scope=state.scope,
            defaults=state.defaults,
            named={**self.named, "session": self.sessions},
            folder=self.shell.environment.folder,
            results=self.result,
            reserved=RESERVED,
            after_directive=directive_words,
            settings=self.shell.workspace.check_value.settings,
        )

    def result(self, node: str, output: str) -> str:
        """Return a short description of an earlier result, cached while a line is typed, as nothing runs then."""
        key = (node, output)
        if key not in self._described:
            self._described[key] = describe_result(self.shell, node, output)
        return self._described[key]

    def check(self, text: str) -> Diagnosis:
        """Return the diagnosis of the text; colors, errors and completion share it, so each text is planned once."""
        if text.strip() == CLEAR:
            return Diagnosis()
        state = self.shell.workspace.memory
        key = (state.scope.lines, hash(tuple(sorted(state.defaults.items()))))
        if self._checked_with != key:
            self._checked_with, self._checked = key, None
            self._remembered.clear()
        if self._checked is None or self._checked[0] != text:
            of_directive = partial(directive_errors, self.shell)
            checked = diagnose(text, self.shell.workspace.analyze, RESERVED, of_directive, remembered=self._remembered)
            self._checked = text, checked
        return self._checked[1]

    def wrong(self, text: str, cursor: int) -> tuple[LanguageError, ...]:
        """Return the errors that more typing at the cursor cannot fix."""
        return self.check(text).wrong(text, cursor, self.words)

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


def describe_result(shell: Shell, node: str, output: str) -> str:
    """Return a short description of an output of this session; "" if the output has no value."""
    if shell.workspace.memory.session_id is None:
        return ""
    session = shell.workspace.invoker.open(shell.workspace.memory.session_id)
    if node not in session.graph:
        return ""
    values = session.values(node, output)
    if not values:
        return "not run"
    more = f" and {len(values) - 1} more" if len(values) > 1 else ""
    return cut(plain(_text(values[0])), RESULT_COLUMNS) + more


def _text(value: Any) -> str:
    if isinstance(value, ImageRef):
        size = f"{value.width}x{value.height}"
        return f"{size} {os.path.basename(value.path)}" if value.path else size
    if isinstance(value, Ref):
        return ""
    return value if isinstance(value, str) else str(to_json(value))
