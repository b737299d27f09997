"""The line editor: a prompt_toolkit session with our completer, lexer, keys and toolbar."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable

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

from .completer import LineCompleter
from .keys import make_keys
from .lexer import LineLexer
from .state import PromptState
from .terminal_replies import query_terminal
from .toolbar import toolbar

MIN_COLUMNS_FOR_NAME = 60  # on a narrower terminal, the prompt is only a number


class TypedHistory(History):
    """The history in the form prompt_toolkit needs; the loop adds lines to it, not the session."""

    def __init__(self, state: PromptState) -> None:
        super().__init__()
        self.state = state

    async def load(self) -> AsyncGenerator[str, None]:
        """Yield the lines, latest first."""
        for text in reversed(self.state.typed):
            yield text

    def load_history_strings(self) -> Iterable[str]:
        return reversed(self.state.typed)

    def append_string(self, string: str) -> None:
        """Do nothing: the loop stores lines."""

    def store_string(self, string: str) -> None:
        """Do nothing: the loop stores lines."""


class FromHistory(AutoSuggest):
    """Suggests the rest of the latest line that begins with the typed text."""

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


class ToolkitReader:
    """Reads lines with prompt_toolkit."""

    def __init__(self, state: PromptState, *, source: Input | None = None, output: Output | None = None) -> None:
        self.state = state
        self.terminal_queried = False
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
        # This is set here, because the session's own option would turn off completion while typing.
        self.session.default_buffer.enable_history_search = to_filter(True)
        # no warning if the terminal does not report the cursor position
        self.session.app.renderer.cpr_not_supported_callback = None
        self.session.app.renderer.CPR_TIMEOUT = (
            1  # seconds to wait for the report of the cursor position, for each line
        )
        self.session.app.after_render += self.after_render
        self.session.default_buffer.on_text_changed += self.clear_message
        self.session.default_buffer.on_cursor_position_changed += self.clear_message
        self.session.app.ttimeoutlen = 0.05  # seconds after Escape in which the rest of a key sequence may arrive

    def read(self) -> str:
        """Return the next line. Raises: EOFError, KeyboardInterrupt."""
        text = self.session.prompt(pre_run=self.state.begin)
        return text

    def after_render(self, app: Application[str]) -> None:
        """Query the terminal and begin to load the model once the first prompt is visible."""
        if not self.terminal_queried:
            self.terminal_queried = True
            query_terminal(self.state.shell, app.input, app.output)
        if self.state.warm_up is not None:
            self.state.warm_up.start(app.invalidate)

    def clear_message(self, buffer: Buffer) -> None:
        """Remove the message, which was about the text before the change."""
        self.state.message = ""

    def message(self) -> StyleAndTextTuples:
        """Return the prompt, which contains the number of the line."""
        number = self.state.shell.workspace.memory.scope.lines + 1
        name = "" if get_app().output.get_size().columns < MIN_COLUMNS_FOR_NAME else "invokeai "
        return [("class:prompt", f"{name}{number}> ")]

    def continuation(self, width: int, line_number: int, is_soft_wrap: int) -> StyleAndTextTuples:
        """Return the prompt for a continuation line."""
        return [("class:prompt.more", " " * width if is_soft_wrap else "... ".rjust(width))]
