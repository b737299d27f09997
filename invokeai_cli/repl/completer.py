"""The menu: suggestions as prompt_toolkit shows them, or lines of the history while that is searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from invokeai_cli.render.screen import cut, plain
from workflows.completion.fuzzy import NO_MATCH, score_line
from workflows.completion.suggest import suggest

from .state import PromptState

BESIDE, LEAST = 24, 12  # columns beside what a suggestion tells, and that it tells at least
MOST_LINES = 50  # of the history, found by a search


class LineCompleter(Completer):
    """Completes the word at the cursor."""

    def __init__(self, state: PromptState) -> None:
        self.state = state

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Return what the menu shows."""
        if self.state.searching:
            return self._found(document)
        return self._suggested(document)

    def _suggested(self, document: Document) -> Iterator[Completion]:
        cursor = document.cursor_position
        found = suggest(document.text, cursor, self.state.context, self.state.check(document.text))
        room = max(get_app().output.get_size().columns - BESIDE, LEAST)
        typed = {document.text[each.start : cursor] for each in found[:1]}
        if len(found) == 1 and found[0].text in typed:
            return
        for each in found:
            about = cut(plain(each.about), room)
            yield Completion(each.text, each.start - cursor, display=plain(each.shown), display_meta=about)

    def _found(self, document: Document) -> Iterator[Completion]:
        """Yield lines of the history that hold what is typed, the latest first among those that fit alike."""
        typed = document.text
        latest = dict.fromkeys(reversed(self.state.typed))
        fits = [(score_line(typed, line), index, line) for index, line in enumerate(latest)]
        for how, _, line in sorted(fits)[:MOST_LINES]:
            if how < NO_MATCH:
                yield Completion(line, -document.cursor_position, display=plain(line.replace("\n", " ")))
