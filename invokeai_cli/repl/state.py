"""What the prompt knows while a line is typed: the shell's catalog and session, models found, times, what is wrong."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING

from invocations.errors import InvocationError
from invokeai_cli.directives.reserved import RESERVED
from workflows.completion.context import CompletionContext, Named, words_of
from workflows.completion.diagnose import CheckedLine, Diagnosis, diagnose

from .directive_completion import directive_words
from .directive_errors import directive_errors
from .history import HistoryFile, NoSuchLine, expand_history
from .keyboard import Keyboard
from .results import results

if TYPE_CHECKING:
    from invocations.language.errors import LanguageError
    from invokeai_cli.shell import Shell

    from .warm_up import WarmUp


class PromptState:
    """What one prompt remembers in addition to its shell."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.seconds: float | None = None  # the last line took
        self.message = ""  # told in the toolbar until the next key
        self.insisted = ""  # a wrong text on which Enter was pressed already
        self.searching = False  # through the history, by Ctrl-R
        self.before_search = ""  # what was typed before
        self.warm_up: WarmUp | None = None
        self.keyboard = Keyboard(None)  # that keys are kept of while a line runs
        self._checked: tuple[str, Diagnosis] | None = None
        self._remembered: dict[str, CheckedLine] = {}  # the lines that were checked
        self._beside: tuple[int, int] | None = None  # what it was checked beside: earlier lines, defaults

    @cached_property
    def history(self) -> HistoryFile:
        """Return the file of the lines that were typed."""
        import os

        return HistoryFile(os.path.join(self.shell.plain_config.folders.state, "history.jsonl"))

    @cached_property
    def typed(self) -> list[str]:
        """The lines that were typed, here and before, the oldest first."""
        return self.history.read()

    @cached_property
    def named(self) -> dict[str, Named]:
        """The models, schedulers and upscalers there are, with what they are."""
        models = self.shell.workspace.lookup.models.list()
        found: dict[str, Named] = {"model": tuple((each.name, f"{each.family}, {each.origin}") for each in models)}
        return found | {
            what: tuple((name, "") for name in self.shell.names(what)) for what in ("scheduler", "upscaler")
        }

    @cached_property
    def sessions(self) -> Named:
        """The latest sessions, with their first lines."""
        return self.shell.latest_sessions()

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that an unfinished one may become."""
        return words_of(self.shell.workspace.catalog, RESERVED) | {
            name for names in self.named.values() for name, _ in names
        }

    def begin(self) -> None:
        """Begin a line: nothing is told of it yet; what it names, or another process has added, is looked up anew."""
        with suppress(InvocationError):  # the line itself will tell
            self.shell.workspace.refresh()
        self.message = self.insisted = ""
        self.searching = False
        self._checked = self._beside = None
        for name in ("named", "sessions", "words"):
            self.__dict__.pop(name, None)

    @property
    def lines(self) -> list[str]:
        """Return the lines of this session."""
        if self.shell.workspace.memory.session_id is None:
            return []
        return [line.text for line in self.shell.workspace.invoker.open(self.shell.workspace.memory.session_id).lines]

    @property
    def context(self) -> CompletionContext:
        """Return what completion chooses from."""
        state = self.shell.workspace.memory
        return CompletionContext(
            catalog=self.shell.workspace.catalog,
            scope=state.scope,
            defaults=state.defaults,
            named={**self.named, "session": self.sessions},
            folder=self.shell.environment.folder,
            results=lambda node, output: results(self.shell, node, output),
            reserved=RESERVED,
            after_directive=directive_words,
        )

    def check(self, text: str) -> Diagnosis:
        """Return what is wrong with a text; colors, errors and completion share it, so a text is planned once."""
        state = self.shell.workspace.memory
        beside = (state.scope.lines, hash(tuple(sorted(state.defaults.items()))))
        if self._beside != beside:
            self._beside, self._checked = beside, None
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
        """Return the line that `!!`, `!N` or `?WORD` stands for; None, with a message, if there is none."""
        try:
            return expand_history(text, self.typed, self.lines)
        except NoSuchLine as error:
            self.message = str(error)
            return None

    def keep(self, text: str) -> None:
        """Take a line into the history, without the empty lines that a paste may leave at its end."""
        text = text.rstrip("\n")
        if text.strip() and not text[0].isspace():
            self.typed.append(text)  # read from the file before, when it is not in it yet
            self.history.append(text)
