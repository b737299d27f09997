"""Check and complete the text that somebody is typing, in one workspace; the prompt and a web editor share this."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from invocations.errors import InvocationError
from invocations.values import ImageRef, Ref, to_json
from workflows.shown_text import cut, plain

from .candidate import Candidate
from .context import CompletionContext, Entry, Named, entries, no_words, words_of
from .cursor import Cursor
from .diagnose import CheckedLine, Diagnosis, OfDirective, diagnose, no_errors
from .suggest import Suggestion, suggest

if TYPE_CHECKING:
    from invocations.language.errors import LanguageError
    from workflows.workspace import Workspace

MAX_REMEMBERED: Final = 64  # how many lines, besides those of the text, keep their diagnosis
RESULT_COLUMNS: Final = 32  # the longest description of a result


class LineChecker:
    """Checks and completes lines of a workspace; each text is planned once, and what it names is looked up once."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        folder: str = ".",
        entries: Callable[[str], tuple[Entry, ...]] = entries,
        of_directive: OfDirective = no_errors,
        after_directive: Callable[[Cursor, CompletionContext], Iterable[Candidate]] = no_words,
        sessions: Callable[[], Named] = tuple,
    ) -> None:
        """Create a checker.

        folder: where relative paths start
        entries: lists a folder
        of_directive: returns the errors of a directive
        after_directive: returns the candidates after a directive that takes no line
        sessions: returns the latest sessions, with their first lines
        """
        self.workspace, self.folder, self.entries = workspace, folder, entries
        self.of_directive, self.after_directive, self.latest_sessions = of_directive, after_directive, sessions
        self._checked: tuple[str, Diagnosis] | None = None
        self._remembered: dict[str, CheckedLine] = {}  # the diagnoses of lines that have already been checked
        # the number of earlier lines and the hash of the defaults when the text was last checked
        self._checked_with: tuple[int, int] | None = None
        # the descriptions of earlier results, made once for each typed line
        self._described: dict[tuple[str, str], str] = {}

    @cached_property
    def named(self) -> dict[str, Named]:
        """The available models, schedulers and upscalers, each with a short description."""
        lookup = self.workspace.lookup
        models = lookup.models.list()
        return {
            "model": tuple((each.name, f"{each.family}, {each.origin}") for each in models if each.serves_as("model")),
            "vae": tuple((each.name, each.title) for each in models if each.serves_as("vae")),
            "any model": tuple((each.name, each.title) for each in models),
            "scheduler": tuple(lookup.generation.about_schedulers().items()),
            "upscaler": tuple((name, "") for name in self.workspace.names("upscaler")),
        }

    @cached_property
    def sessions(self) -> Named:
        """The latest sessions, with their first lines."""
        return self.latest_sessions()

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that may complete an unfinished word."""
        return words_of(self.workspace.catalog, self.workspace.reserved) | {
            name for names in self.named.values() for name, _ in names
        }

    @property
    def context(self) -> CompletionContext:
        """The context of completion: everything that completion chooses from."""
        workspace = self.workspace
        return CompletionContext(
            catalog=workspace.catalog,
            scope=workspace.memory.scope,
            defaults=workspace.memory.defaults,
            named={**self.named, "session": self.sessions},
            folder=self.folder,
            results=self.result,
            entries=self.entries,
            reserved=workspace.reserved,
            after_directive=self.after_directive,
            settings=workspace.check_value.settings,
        )

    def begin(self) -> None:
        """Begin a line: look up again what other processes may have changed."""
        with suppress(InvocationError):  # the error is reported when the line runs
            self.workspace.refresh()
        self.workspace.catalog.refresh_if_changed()
        self._checked = self._checked_with = None
        self._described.clear()
        for name in ("named", "sessions", "words"):
            self.__dict__.pop(name, None)

    def check(self, text: str) -> Diagnosis:
        """Return the diagnosis of the text; colors, errors and completion share it, so each text is planned once."""
        memory = self.workspace.memory
        key = (memory.scope.lines, hash(tuple(sorted(memory.defaults.items()))))
        if self._checked_with != key:
            self._checked_with, self._checked = key, None
            self._remembered.clear()
        if self._checked is None or self._checked[0] != text:
            workspace = self.workspace
            checked = diagnose(
                text, workspace.analyze, workspace.reserved, self.of_directive, remembered=self._remembered
            )
            self._checked = text, checked
            surplus = len(self._remembered) - text.count("\n") - MAX_REMEMBERED
            for line in list(islice(self._remembered, max(surplus, 0))):  # the ones that were checked first
                del self._remembered[line]
        return self._checked[1]

    def wrong(self, text: str, cursor: int) -> tuple[LanguageError, ...]:
        """Return the errors that more typing at the cursor cannot fix."""
        return self.check(text).wrong(text, cursor, self.words)

    def suggest(self, text: str, cursor: int) -> tuple[Suggestion, ...]:
        """Return the suggestions at the cursor, best first."""
        return suggest(text, cursor, self.context, self.check(text))

    def result(self, node: str, output: str) -> str:
        """Return a short description of an earlier result, cached while a line is typed, as nothing runs then."""
        key = (node, output)
        if key not in self._described:
            self._described[key] = _describe(self.workspace, node, output)
        return self._described[key]


def _describe(workspace: Workspace, node: str, output: str) -> str:
    """Return a short description of an output of this session; "" if the output has no value."""
    if not workspace.has_session or node not in workspace.session.graph:
        return ""
    values = workspace.session.values(node, output)
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
