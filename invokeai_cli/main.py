"""One use of the program: the shell's words and a world in, the exit status out; every way out is a number."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from workflows.problems import describe, problem

from . import exit_status
from .directives.exit import ExitScript
from .environment import Environment, InputClosed
from .options import CommandLine, Format, read_command_line
from .render.screen import OutputFailed, silence
from .shell import Shell
from .signals import Terminated, handlers, terminate


def run(words: Sequence[str], environment: Environment) -> int:
    """Do what the words say in a world and return the exit status."""
    shell = Shell(environment, CommandLine(format=_format(words)))
    with handlers(environment, {"SIGTERM": terminate}):
        try:
            status = _run(shell, words)
        except BrokenPipeError:
            silence(environment.stdout)
            status = exit_status.PIPE_CLOSED
        except KeyboardInterrupt:
            status = _stopped(shell, "interrupted", exit_status.INTERRUPTED)
        except Terminated:
            status = _stopped(shell, "terminated", exit_status.TERMINATED)
        except OutputFailed as error:
            silence(environment.stdout)
            shell.screen.note(f"error: {error}", "error")
            status = exit_status.NODE_FAILED
    return status


def _run(shell: Shell, words: Sequence[str]) -> int:
    """Read the options, run, close. The renderer closes also after a refusal, so that JSON is always whole."""
    status = exit_status.NODE_FAILED
    try:
        shell.command_line = read_command_line(words, shell.options_of)
        for note in shell.command_line.notes:
            shell.renderer.note(note)
        status = _answered(shell)
        shell.close()
    except (BrokenPipeError, OutputFailed):
        raise
    except ExitScript:
        status = exit_status.DONE
    except InputClosed:
        shell.renderer.problems([problem("input_closed", "standard input is closed", refused=True)])
        status = exit_status.WRONG_LINE
    except Exception as error:
        errors = describe(error)
        if not errors:
            raise
        shell.renderer.problems(errors)
        status = exit_status.of(errors[0])
    shell.renderer.close(status)
    return status


def _answered(shell: Shell) -> int:
    from .front import answer

    status = answer(shell)
    if status is None:
        from .dispatch import run

        status = run(shell)
    return status


def _format(words: Sequence[str]) -> Format:
    """Return how errors are told before the options could be read."""
    return "json" if "--json" in words else "events" if "--events" in words else "human"


def _stopped(shell: Shell, code: str, status: int) -> int:
    """Close after a signal that came while no line ran."""
    with suppress(BrokenPipeError, OutputFailed):
        shell.renderer.problems([problem(code, code)])
        shell.renderer.close(status)
    return status
