"""The toolbar: the error and how to fix it or, without one, model, device, size, last duration and session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invokeai_cli.help.columns import wrap
from invokeai_cli.render.screen import cells, cut, plain
from workflows.planning.defaults import defaults_with
from workflows.shown_text import duration

if TYPE_CHECKING:
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from invocations.language.errors import LanguageError

    from .state import PromptState

GAP = " · "
MAX_ROWS = 3  # maximum number of rows for a message or a hint
SEARCHING = "search the history: type to filter, Enter accepts, Escape cancels"
KEYS_HINT = "help keys"  # the hint that is shown until a line has run


def toolbar(state: PromptState, buffer: Buffer, width: int) -> StyleAndTextTuples:
    """Return the toolbar for the current text."""
    if state.searching:
        return [("class:toolbar.hint", wrapped(SEARCHING, width))]
    if state.message:
        return [("class:toolbar.error", wrapped(plain(state.message), width))]
    document = buffer.document
    wrong = state.wrong(document.text, document.cursor_position)
    if wrong:
        return error_line(wrong[0], width)
    missing = state.check(document.text).unfinished()
    if missing:
        return [("class:toolbar.quiet", wrapped(one_line(missing[0]), width))]
    return [("class:toolbar.quiet", fitting(facts(state), width))]


def error_line(error: LanguageError, width: int) -> StyleAndTextTuples:
    """Return an error and its hint on one line or, if they do not fit, the hint wrapped below the error."""
    message, hint = plain(error.message), plain(error.hint or "")
    if not hint:
        return [("class:toolbar.error", wrapped(message, width))]
    if cells(message + GAP + hint) <= width:
        return [("class:toolbar.error", message), ("class:toolbar.hint", GAP + hint)]
    return [("class:toolbar.error", wrapped(message, width)), ("class:toolbar.hint", "\n" + wrapped(hint, width))]


def fitting(parts: list[str], width: int) -> str:
    """Return as many parts as fit on one line, beginning with the first; if only the first remains, it may be cut."""
    while len(parts) > 1 and cells(GAP.join(parts)) > width:
        parts = parts[:-1]
    return cut(GAP.join(parts), width)


def wrapped(text: str, width: int) -> str:
    """Return text wrapped to at most MAX_ROWS rows; the last row is cut if the text is longer."""
    rows = wrap(text, width)
    if len(rows) > MAX_ROWS:
        rows = [*rows[: MAX_ROWS - 1], " ".join(rows[MAX_ROWS - 1 :])]
    return "\n".join(cut(row, width) for row in rows)


def one_line(error: LanguageError) -> str:
    """Return an error and its hint on one line."""
    return plain(GAP.join(text for text in (error.message, error.hint) if text))


def facts(state: PromptState) -> list[str]:
    """Return the current model, device, size, defaults, duration and session, the most useful first."""
    shell = state.shell
    defaults = defaults_with(shell.workspace.memory.defaults)
    device = state.warm_up.device if state.warm_up is not None else ""
    found = [f"model {defaults.get('model', 'default')}", f"device {device or shell.config.device}"]
    sides = [defaults.get(name) for name in ("width", "height")]
    if any(sides):
        found.append("x".join(side or "auto" for side in sides))
    elif state.warm_up is not None and state.warm_up.wanted == defaults.get("model", "default"):
        found += [state.warm_up.size] if state.warm_up.size else []
    found += [f"{name} {text}" for name, text in sorted(defaults.items()) if name not in ("model", "width", "height")]
    if state.seconds is not None:
        found.append(f"last {duration(state.seconds)}")
    if shell.workspace.memory.session_id is not None:
        found.append(f"session {shell.workspace.memory.session_id}")
    else:
        found.append(KEYS_HINT)
    if state.warm_up is not None and state.warm_up.is_loading:
        found.insert(0, "loading")
    return found
