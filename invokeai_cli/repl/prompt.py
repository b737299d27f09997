"""The loop of the interactive prompt: read a line, run it, show its results or errors; only the user ends the loop."""

from __future__ import annotations

import signal
from contextlib import nullcontext
from typing import TYPE_CHECKING, Protocol

from invocations.language.script import split_script
from invocations.language.source import Source
from invocations.language.tokens import tokenize
from invokeai_cli import exit_status
from invokeai_cli.exit_status import ExitScript
from invokeai_cli.loop import run_statement
from invokeai_cli.render.screen import OutputFailed
from workflows.idle import unloading_idle_models
from workflows.problems import Problem, problem
from workflows.services import count_workers
from workflows.settings.table import LOCAL
from workflows.signals import handlers, ignore

from .keyboard import Keyboard
from .own_words import GREETING, run_own
from .plain import PlainReader
from .state import PromptState
from .warm_up import WarmUp

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell


PREVIEW_INTERVAL_STEPS = 5


class Reader(Protocol):
    """The source of the lines typed at the interactive prompt."""

    def read(self) -> str:
        """Return the next line. Raises: EOFError, KeyboardInterrupt."""


def run(shell: Shell) -> int:
    """Read lines and run them until the user leaves; return the exit status."""
    state = PromptState(shell)
    if shell.config.warm_up and shell.config.server == LOCAL and not count_workers(shell.config):
        state.warm_up = WarmUp(shell)
    if plain(shell):
        # the session is opened here, so that warnings about it come before the first prompt
        _ = shell.workspace.invoker
        shell.screen.terminal = False  # nothing may be redrawn between plain lines
        shell.screen.note(GREETING, "dim")
        return loop(state, PlainReader(state))
    shell.workspace.preview_every = PREVIEW_INTERVAL_STEPS
    _ = shell.workspace.invoker
    shell.screen.note(GREETING, "dim")
    state.keyboard = Keyboard(shell.environment.stdin)
    shell.environment = state.keyboard.guarded(shell.environment)
    try:
        return loop(state, make_reader(state))
    finally:
        state.keyboard.release()


def make_reader(state: PromptState) -> Reader:
    """Return the reader for a terminal that can move its cursor; prompt_toolkit is loaded here."""
    from .reader import ToolkitReader

    return ToolkitReader(state)


def plain(shell: Shell) -> bool:
    """Return True if lines are to be read without moving the cursor."""
    environment = shell.environment
    dumb = environment.variable("TERM") in ("dumb", "") or not environment.owns_process
    return dumb or shell.config.accessible


def loop(state: PromptState, reader: Reader) -> int:
    """Read and run lines until the user leaves: Ctrl-C cancels a line and is ignored between lines; Ctrl-D leaves."""
    owns = state.shell.environment.owns_process
    with handlers({"SIGINT": ignore}, owns_process=owns):
        while True:
            try:
                with handlers({"SIGINT": signal.default_int_handler}, owns_process=owns):
                    reader = turn(state, reader)
            except KeyboardInterrupt:
                continue
            except ExitScript as left:
                return left.status
            except (EOFError, BrokenPipeError):
                return exit_status.DONE


def turn(state: PromptState, reader: Reader) -> Reader:
    """Read a line and run it; return the reader for the next line. Raises: KeyboardInterrupt, EOFError, ExitScript."""
    state.keyboard.keep()
    try:
        with unloading_idle_models(state.shell.workspace):
            text = reader.read()
    except Exception as error:
        if isinstance(error, EOFError) or isinstance(reader, PlainReader):
            raise
        state.shell.renderer.problems([bug(error, verbose=state.shell.command_line.verbosity > 0)])
        state.shell.renderer.note("continuing with plain input, without the line editor")
        state.keyboard.release()
        state.keyboard = Keyboard(None)
        return PlainReader(state)
    state.keep(text)
    if not run_own(state, text):
        run_text(state, text)
    return reader


def run_text(state: PromptState, text: str) -> None:
    """Run the typed lines until one fails; errors are shown. Raises: ExitScript, BrokenPipeError, OutputFailed."""
    clock = state.shell.environment.clock
    for statement in split_script(Source(None, text)):
        began = clock()
        status = attempt(state, statement.source)
        state.seconds = clock() - began
        if status in (exit_status.DISCONNECTED, exit_status.TERMINATED):
            raise ExitScript(status)
        if status:
            return


def attempt(state: PromptState, source: Source) -> int:
    """Run one line and return its status; even an unexpected error is shown, and the prompt continues."""
    shell = state.shell
    try:
        if state.warm_up is not None:
            state.warm_up.wait_for(source)
        with state.keyboard.released() if reads_keys(source) else nullcontext():
            return run_statement(shell, Source(None, source.text))
    except (ExitScript, BrokenPipeError, OutputFailed):
        raise
    except KeyboardInterrupt:
        shell.renderer.problems([problem("interrupted", "interrupted")])
        return exit_status.INTERRUPTED
    except Exception as error:
        shell.renderer.problems([bug(error, verbose=shell.command_line.verbosity > 0)])
        return exit_status.NODE_FAILED


def reads_keys(source: Source) -> bool:
    """Return True if a line may read standard input itself: `run -`, `load -`, the pager of `help`, an editor."""
    words = [token.text for token in tokenize(source)]
    return "-" in words or words[:1] == ["help"] or words[:2] == ["recipe", "edit"]


def bug(error: Exception, *, verbose: bool) -> Problem:
    """Describe an unexpected error."""
    import traceback

    hint = "this is a bug; start the program with -v for the traceback"
    if verbose:
        hint = "".join(traceback.format_exception(error)).rstrip()
    return problem("bug", f"{type(error).__name__}: {error}", hint)
