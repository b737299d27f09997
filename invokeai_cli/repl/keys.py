"""Key bindings in addition to prompt_toolkit's own: Enter, Alt-Enter, arrows, Ctrl-R, Ctrl-C, the editor."""

from __future__ import annotations

from prompt_toolkit.application import get_app, run_in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, completion_is_selected, has_completions
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from invokeai_cli.editor import EditorFailed, command, edit

from .state import PromptState

HOW_TO_LEAVE = "nothing is running · Ctrl-D or `exit` to leave"


def make_keys(state: PromptState) -> KeyBindings:
    """Return the key bindings of an interactive prompt."""
    keys = KeyBindings()
    searching = Condition(lambda: state.searching)
    menu_is_open = Condition(lambda: _menu_is_open(get_app().current_buffer))
    nothing_typed = Condition(lambda: not get_app().current_buffer.text and not state.searching)

    @keys.add("enter", filter=completion_is_selected)
    def take(event: KeyPressEvent) -> None:
        event.current_buffer.complete_state = None
        state.searching = False

    @keys.add("enter", filter=~completion_is_selected)
    def enter(event: KeyPressEvent) -> None:
        state.searching = False
        press_enter(state, event.current_buffer)

    @keys.add("escape", "enter")
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    @keys.add("up", filter=menu_is_open)
    def up(event: KeyPressEvent) -> None:
        event.current_buffer.cancel_completion()
        event.current_buffer.auto_up(count=event.arg)

    @keys.add("c-r")
    def search(event: KeyPressEvent) -> None:
        if state.searching and event.current_buffer.complete_state is not None:
            event.current_buffer.complete_next()
            return
        state.searching = True
        state.before_search = event.current_buffer.text
        event.current_buffer.start_completion(select_first=False)

    # Escape acts without waiting for a sequence, because no sequence that begins with Escape is bound here
    @keys.add("escape", filter=searching, eager=True)
    @keys.add("escape", filter=has_completions)
    @keys.add("c-g", filter=searching | has_completions)
    def cancel(event: KeyPressEvent) -> None:
        event.current_buffer.cancel_completion()
        if state.searching:
            state.searching = False
            event.current_buffer.document = Document(state.before_search)

    @keys.add("c-c", filter=nothing_typed)
    def stay(event: KeyPressEvent) -> None:
        event.current_buffer.cancel_completion()
        state.message = HOW_TO_LEAVE

    @keys.add("c-x", "c-e")
    def open_editor(event: KeyPressEvent) -> None:
        event.app.create_background_task(edit_outside(state, event.current_buffer))

    return keys


async def edit_outside(state: PromptState, buffer: Buffer) -> None:
    """Open the text in the user's editor; the edited text runs on Enter, not at once."""
    buffer.cancel_completion()
    try:
        words = command(state.shell.environment)
        text = await run_in_terminal(lambda: edit(buffer.text, words), in_executor=True)
    except EditorFailed as error:
        state.message = str(error)
    else:
        buffer.document = Document(text, len(text))


def press_enter(state: PromptState, buffer: Buffer) -> None:
    """Run a valid line, continue an incomplete line, or move to the error; a second Enter runs the line anyway."""
    meant = state.expanded(buffer.text)
    if meant is None:
        return
    if meant != buffer.text:
        buffer.text = meant
        buffer.cursor_position = len(meant)
    text = buffer.text
    checked = state.check(text)
    if checked.incomplete:
        buffer.cursor_position = len(text) if buffer.document.is_cursor_at_the_end else buffer.cursor_position
        buffer.newline(copy_margin=False)
    elif checked.errors and state.refused_text != text:
        state.refused_text = text
        error = checked.errors[0]
        buffer.cancel_completion()
        buffer.cursor_position = min(error.span.start, len(text))
        state.message = " · ".join(part for part in (error.message, error.hint) if part)
    else:
        buffer.validate_and_handle()


def _menu_is_open(buffer: Buffer) -> bool:
    """Return True if a menu is open and nothing is chosen; the up arrow then still goes through the history."""
    return buffer.complete_state is not None and buffer.complete_state.complete_index is None
