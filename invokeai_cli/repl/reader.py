"""The editing line: prompt_toolkit put together from our completer, lexer, keys and toolbar."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from typing import TYPE_CHECKING, Any

from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application, get_app
from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.filters import to_filter
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output, create_output
from prompt_toolkit.output.color_depth import ColorDepth

from invokeai_cli.render.style import make_style
from invokeai_cli.render.terminal_query import QUERY, QueryFilter, should_query

from .completer import LineCompleter
from .keys import make_keys
from .lexer import LineLexer
from .state import PromptState
from .toolbar import toolbar

if TYPE_CHECKING:
    from invokeai_cli.render.images import ImageProtocol
    from invokeai_cli.shell import Shell

NARROW = 60  # columns, below which the prompt is a number only


class TypedHistory(History):
    """The state's history as prompt_toolkit reads it; the loop stores what is typed."""

    def __init__(self, state: PromptState) -> None:
        super().__init__()
        self.state = state

    async def load(self) -> AsyncGenerator[str, None]:
        """Yield the lines, the latest first."""
        for text in reversed(self.state.typed):
            yield text

    def load_history_strings(self) -> Iterable[str]:
        return reversed(self.state.typed)

    def append_string(self, string: str) -> None:
        """Store nothing: the loop does."""

    def store_string(self, string: str) -> None:
        """Store nothing: the loop does."""


class FromHistory(AutoSuggest):
    """Suggests the rest of the latest line that begins with what is typed."""

    def __init__(self, state: PromptState) -> None:
        self.state = state

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:
        text = document.text
        if not text.strip() or "\n" in text:
            return None
        for line in reversed(self.state.typed):
            if line.startswith(text) and line != text and "\n" not in line:
                return Suggestion(line[len(text) :])
        return None


class FilteredInput:
    """A reader of standard input without the terminal's replies; everything else is delegated to it."""

    def __init__(self, reader: Any, answers: QueryFilter) -> None:
        self._reader = reader
        self._answers = answers

    def read(self, count: int = 1024) -> str:
        """Return what was typed."""
        return self._answers.keys(self._reader.read(count))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def query_terminal(shell: Shell, source: Input, output: Output) -> None:
    """Ask the terminal how it shows images, if that is worth it; its reply is used from then on."""
    reader = getattr(source, "stdin_reader", None)
    if reader is None or not should_query(shell.environment, shell.usual_preview):
        return

    def use(protocol: ImageProtocol) -> None:
        shell.screen.image_protocol = protocol

    source.stdin_reader = FilteredInput(reader, QueryFilter(use, shell.environment.clock))  # type: ignore[attr-defined]
    output.write_raw(QUERY)
    output.flush()


class ToolkitReader:
    """Reads lines with prompt_toolkit."""

    def __init__(self, state: PromptState, *, source: Input | None = None, output: Output | None = None) -> None:
        self.state = state
        self.asked = False  # what the terminal can show
        environment = state.shell.environment
        if output is None:
            shown = environment.stdout if environment.is_terminal(environment.stdout) else environment.stderr
            output = create_output(shown)
        self.session: PromptSession[str] = PromptSession(
            message=self.message,
            multiline=True,
            lexer=LineLexer(state),
            completer=LineCompleter(state),
            complete_while_typing=True,
            auto_suggest=FromHistory(state),
            history=TypedHistory(state),
            key_bindings=make_keys(state),
            bottom_toolbar=lambda: toolbar(state, get_app().current_buffer, output.get_size().columns),
            style=make_style(state.shell.config.theme, color=state.shell.screen.color),
            color_depth=None if state.shell.screen.color else ColorDepth.DEPTH_1_BIT,
            prompt_continuation=self.continuation,
            include_default_pygments_style=False,
            enable_suspend=True,
            reserve_space_for_menu=6,
            input=source,
            output=output,
        )
        # The session's own switch turns completion while typing off; the buffer can do both.
        self.session.default_buffer.enable_history_search = to_filter(True)
        self.session.app.renderer.cpr_not_supported_callback = None  # a terminal that does not answer is no warning
        self.session.app.renderer.CPR_TIMEOUT = 1  # seconds until it counts as one: so long each line would wait
        self.session.app.after_render += self.shown
        self.session.default_buffer.on_text_changed += self.forget
        self.session.default_buffer.on_cursor_position_changed += self.forget
        self.session.app.ttimeoutlen = 0.05  # seconds: how long Escape waits for what may follow

    def read(self) -> str:
        """Return the next line. Raises: EOFError, KeyboardInterrupt."""
        text = self.session.prompt(pre_run=self.state.begin)
        return text

    def shown(self, app: Application[str]) -> None:
        """Once the first prompt is visible, query the terminal and start to load the model in the background."""
        if not self.asked:
            self.asked = True
            query_terminal(self.state.shell, app.input, app.output)
        if self.state.warm_up is not None:
            self.state.warm_up.start(app.invalidate)

    def forget(self, buffer: Buffer) -> None:
        """Clear the message about the former text."""
        self.state.message = ""

    def message(self) -> StyleAndTextTuples:
        """Return the prompt: the number that the line will have."""
        number = self.state.shell.workspace.memory.scope.lines + 1
        name = "" if get_app().output.get_size().columns < NARROW else "invokeai "
        return [("class:prompt", f"{name}{number}> ")]

    def continuation(self, width: int, line_number: int, is_soft_wrap: int) -> StyleAndTextTuples:
        """Return what stands before a further line."""
        return [("class:prompt.more", " " * width if is_soft_wrap else "... ".rjust(width))]
