"""The menu: suggestions in the form prompt_toolkit needs, or matching lines while the history is searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from invocations.language.source import Source
from invocations.language.tokens import tokenize
from invokeai_cli.render.screen import cut, plain
from workflows.completion.fuzzy import NO_MATCH, score_line
from workflows.completion.suggest import suggest

from .state import PromptState

WORD_COLUMNS = 24  # number of columns in a menu row that are reserved for the word
MIN_DESCRIPTION_COLUMNS = 12
MAX_FOUND_LINES = 50
SAVE = "recipe"


def line_of_recipe(text: str) -> int:
    """Return where the line in quotes after `recipe save NAME` begins if the closing quote is missing, else 0."""
    if not text.lstrip().startswith(SAVE):
        return 0
    tokens = tokenize(Source(None, text))
    words = [token.text for token in tokens]
    is_open = len(tokens) == 4 and words[:2] == ["recipe", "save"] and tokens[3].kind == "unclosed"
    return tokens[3].span.start + 1 if is_open and tokens[3].text[1:] == tokens[3].value else 0


class LineCompleter(Completer):
    """Completes the word at the cursor."""

    def __init__(self, state: PromptState) -> None:
        self.state = state

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Return the rows of the menu."""
        if self.state.searching:
            return self._found(document)
        return self._suggested(document)

    def _suggested(self, document: Document) -> Iterator[Completion]:
        cursor = document.cursor_position
        start = line_of_recipe(document.text_before_cursor)
        if start:  # the line in the quotes is completed as if it were typed alone
            inner = suggest(document.text[start:cursor], cursor - start, self.state.context)
            found = tuple(replace(each, start=each.start + start) for each in inner)
        else:
            found = self.state.suggest(document.text, cursor)
        room = max(get_app().output.get_size().columns - WORD_COLUMNS, MIN_DESCRIPTION_COLUMNS)
        typed = {document.text[each.start : cursor] for each in found[:1]}
        if len(found) == 1 and found[0].text in typed:
            return
        for each in found:
            about = cut(plain(each.about), room)
            yield Completion(each.text, each.start - cursor, display=plain(each.shown), display_meta=about)

    def _found(self, document: Document) -> Iterator[Completion]:
        """Yield the lines in the history that match the typed text, best match first, then latest first."""
        typed = document.text
        latest = dict.fromkeys(reversed(self.state.typed))
        matches = [(score_line(typed, line), index, line) for index, line in enumerate(latest)]
        for score, _, line in sorted(matches)[:MAX_FOUND_LINES]:
            if score < NO_MATCH:
                yield Completion(line, -document.cursor_position, display=plain(line.replace("\n", " ")))
