"""The loop at the prompt: read a line, run it, show what came of it; nothing but leaving ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from invokeai_cli import exit_status
from invokeai_cli.directives import Leave
from invokeai_cli.errors import Worded, worded
from invokeai_cli.language.script import split_script
from invokeai_cli.language.source import Source
from invokeai_cli.loop import run_statement
from invokeai_cli.render.screen import OutputFailed

from .plain import PlainReader
from .state import PromptState
from .warm_up import WarmUp

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell


PREVIEW_EVERY = 5  # steps


class Reader(Protocol):
    """Where the prompt's lines come from."""

    def read(self) -> str:
        """Return the next line. Raises: EOFError, KeyboardInterrupt."""


def run(shell: Shell) -> int:
    """Read lines and run them until the user leaves; return the exit status."""
    state = PromptState(shell)
    is_plain = plain(shell)
    if shell.config.warm_up:
        state.warm_up = WarmUp(shell)
    if not is_plain:
        shell.preview_every = PREVIEW_EVERY
    _ = shell.invoker  # what it warns of is told before the first prompt
    if is_plain:
        shell.screen.terminal = False  # no line that is written over
    reader = PlainReader(state) if is_plain else make_reader(state)
    return loop(state, reader)


def make_reader(state: PromptState) -> Reader:
    """Return the reader of a terminal that can move its cursor; prompt_toolkit is loaded here."""
    from .reader import ToolkitReader

    return ToolkitReader(state)


def plain(shell: Shell) -> bool:
    """Tell whether to read lines as they come, without moving the cursor."""
    environment = shell.environment
    dumb = environment.variable("TERM") in ("dumb", "") or not environment.owns_process
    return dumb or shell.config.accessible


def loop(state: PromptState, reader: Reader) -> int:
    """Run what is read; Ctrl-C gives the line up, Ctrl-D leaves."""
    while True:
        try:
            text = reader.read()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return exit_status.DONE
        except Exception as error:
            if isinstance(reader, PlainReader):
                raise
            state.shell.renderer.errors([bug(error, verbose=state.shell.command_line.verbosity > 0)])
            state.shell.renderer.note("going on with plain lines")
            reader = PlainReader(state)
            continue
        state.keep(text)
        try:
            run_text(state, text)
        except (Leave, BrokenPipeError, OutputFailed):
            return exit_status.DONE


def run_text(state: PromptState, text: str) -> None:
    """Run the lines of a text until one fails; no error gets out. Raises: Leave, BrokenPipeError, OutputFailed."""
    clock = state.shell.environment.clock
    for statement in split_script(Source(None, text)):
        began = clock()
        status = attempt(state, statement.source)
        state.seconds = clock() - began
        if status:
            return


def attempt(state: PromptState, source: Source) -> int:
    """Run one line; also what nobody foresaw is told and the prompt goes on."""
    shell = state.shell
    try:
        if state.warm_up is not None:
            state.warm_up.wait_for(source)
        return run_statement(shell, Source(None, source.text))
    except (Leave, BrokenPipeError, OutputFailed):
        raise
    except KeyboardInterrupt:
        shell.renderer.errors([worded("interrupted", "interrupted", None, exit_status.INTERRUPTED)])
        return exit_status.INTERRUPTED
    except Exception as error:
        shell.renderer.errors([bug(error, verbose=shell.command_line.verbosity > 0)])
        return exit_status.NODE_FAILED


def bug(error: Exception, *, verbose: bool) -> Worded:
    """Put an error that nobody foresaw into words."""
    import traceback

    hint = "it is a fault of the program: start it with -v to see where it comes from"
    if verbose:
        hint = "".join(traceback.format_exception(error)).rstrip()
    return worded("bug", f"{type(error).__name__}: {error}", hint, exit_status.NODE_FAILED)
