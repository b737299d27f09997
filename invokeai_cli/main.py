"""One run of the program: the command line's words and an environment in, the exit status out.

Whatever needs no node's class (help, version, completion, refusals, directives, cached lines) runs without Typer.
Neither typer, pydantic, rich nor torch is imported before a node needs it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from workflows.problems import UsageError, describe, problem
from workflows.reserved import STANDARD_INPUT
from workflows.signals import ENDING, Terminated, handlers, is_busy, terminate

from . import exit_status
from .directives.table import RESERVED, takes_line
from .environment import Environment, InputClosed, UpstreamFailed
from .exit_status import ExitScript
from .options import COMPLETE, CommandLine, Format, read_command_line
from .render.screen import OutputFailed, silence
from .shell import Shell

if TYPE_CHECKING:
    from invocations.language.source import Source

    from .render.answer import Answer

PROGRAM: Final = "invokeai-cli"
LIBRARIES: Final = ("torch", "diffusers", "safetensors", "pillow", "pydantic", "typer")


def run(words: Sequence[str], environment: Environment) -> int:
    """Run the program with these words and return the exit status."""
    shell = Shell(environment, CommandLine(format=_format(words)), reads_results)
    with handlers(dict.fromkeys(ENDING, terminate), owns_process=environment.owns_process):
        try:
            status = _run(shell, words)
        except BrokenPipeError:
            silence(environment.stdout)
            status = _closed(shell, exit_status.PIPE_CLOSED)
        except KeyboardInterrupt:
            status = _stopped(shell, exit_status.INTERRUPTED)
        except Terminated as ended:
            status = _stopped(shell, ended.status)
        except OutputFailed as error:
            silence(environment.stdout)
            shell.screen.note(f"error: {error}", "error")
            status = _closed(shell, error.status)
    status = _flushed(environment, status)
    if environment.owns_process and is_busy():
        environment.leave(status)
    return status


def _flushed(environment: Environment, status: int) -> int:
    """Flush standard output and return the exit status; discard bytes that `save -` could not write."""
    try:
        if environment.stdout is not None:
            environment.stdout.flush()
    except (OSError, ValueError):
        if environment.owns_process:
            silence(environment.stdout)
        return status or exit_status.NODE_FAILED
    return status


def _run(shell: Shell, words: Sequence[str]) -> int:
    """Read the options, do what they ask, and close the renderer, even after an error, so that JSON is complete."""
    status = exit_status.NODE_FAILED
    try:
        shell.command_line = read_command_line(words, shell.options_of)
        for note in shell.command_line.notes:
            shell.renderer.note(note)
        status = _answer(shell)
        shell.close(at_once=status in exit_status.STOPPED)
    except (BrokenPipeError, OutputFailed):
        raise
    except ExitScript:
        status = exit_status.DONE
    except UpstreamFailed as failed:
        status = failed.status
        shell.renderer.upstream_ended(status)
    except InputClosed:
        shell.renderer.problems([problem("input_closed", "standard input is closed", refused=True)])
        status = exit_status.WRONG_LINE
    except Exception as error:
        errors = describe(error)
        if not errors:
            raise
        shell.renderer.problems(errors)
        status = exit_status.of(errors[0])
    _close(shell, status)
    return status


def _close(shell: Shell, status: int) -> None:
    """Close the renderer. If this process failed and the next one in the pipe is this program, pass on the status.

    JSON documents contain the status; `PipedRenderer` passes it on itself.
    """
    shell.renderer.close(status)
    if status in (exit_status.DONE, exit_status.PIPE_CLOSED) or shell.command_line.format in ("json", "events"):
        return
    if shell.reads_results is None and shell.environment.read_by_this_program():
        from .render.piped import write_status

        write_status(shell.screen, status)


def _format(words: Sequence[str]) -> Format:
    """Return the format in which errors in the options themselves are reported."""
    return "json" if "--json" in words else "events" if "--events" in words else "human"


def _stopped(shell: Shell, status: int) -> int:
    """Close the renderer after a signal that arrived while no line ran."""
    code = exit_status.STOPPED[status]
    with suppress(BrokenPipeError, OutputFailed):
        shell.renderer.problems([problem(code, code)])
        _close(shell, status)
    return _closed(shell, status)


def _closed(shell: Shell, status: int) -> int:
    """Close all files although the program did not get to its end, and return the exit status."""
    with suppress(Exception):
        shell.close(at_once=True)
    return status


def _answer(shell: Shell) -> int:
    """Answer an option such as `--help`, or run a directive or a line. Raises: Refusal."""
    line = shell.command_line
    if line.version:
        shell.renderer.answer(versions())
        return exit_status.DONE
    if line.help:
        return _help(shell, line.help_for)
    if line.format == "pipe" and not _is_line(line):
        raise UsageError(
            "`--pipe` accepts exactly one line of commands", "put it after a command: invokeai t2i a fox --pipe | jq"
        )
    if not line.words:
        return _nothing(shell)
    if line.words[0] == COMPLETE:
        return _complete(shell, line.words[1:])
    return _statement(shell, line.words)


def _help(shell: Shell, words: tuple[str, ...]) -> int:
    """Answer `--help` like the `help` directive, without parsing the line."""
    from invocations.language.source import Source

    from .directives.call import call_directive

    shell.renderer.answer(call_directive(shell, ("help", *words), Source(None, "")))
    return exit_status.DONE


def _nothing(shell: Shell) -> int:
    """Without words, read redirected standard input, open the interactive prompt on a terminal, or show the help."""
    environment = shell.environment
    if environment.stdin is not None and not environment.is_terminal(environment.stdin):
        return _statement(shell, (STANDARD_INPUT,))
    if environment.stdin is None or not environment.is_terminal(environment.stderr):
        return _help(shell, ())
    from .repl.prompt import run

    return run(shell)


def _complete(shell: Shell, words: tuple[str, ...]) -> int:
    """Answer a shell's completion script: `__complete INDEX WORD...`, where INDEX selects the word at the cursor."""
    from .shell_completion import complete

    index = int(words[0]) - 1 if words and words[0].isascii() and words[0].isdigit() else len(words) - 1
    before, current = words[1 : 1 + index], (words[1 + index : 2 + index] or ("",))[0]
    lines = complete(before, current, shell.workspace.catalog_for(before), shell.names).as_lines()
    if lines:
        shell.screen.result(lines)
    return exit_status.DONE


def _statement(shell: Shell, words: tuple[str, ...]) -> int:
    """Run the directive or line that the words contain; a line is parsed and planned only once. Raises: Refusal."""
    from invocations.language.errors import Refusal
    from invocations.language.script import is_silent

    from .sources import from_words

    if words[0] == STANDARD_INPUT:
        words = ("run", *words)
    if words[0] in RESERVED:
        return _directive(shell, words, from_words(words[takes_line(words) or 1 :]).source)
    source = from_words(words).source
    if len(words) == 1:
        if is_silent(source):
            return exit_status.DONE
        from workflows.scripts.statements import as_directive

        directive = as_directive(source, RESERVED)
        if directive is not None:
            return _directive(shell, *directive)
        _refuse_file(shell, words[0])
    try:
        plan = shell.workspace.plan(source)
    except Refusal as refusal:
        from .pipes.supply import needs_input

        if not needs_input(shell.environment, refusal):
            raise
        from .pipes.run import run_stream

        return run_stream(shell, source, refusal)
    from .line import guarded, run_planned

    shell.renderer.loading()
    typed = words if len(words) > 1 else ()
    return guarded(shell, source, lambda: run_planned(shell, plan, typed))


def _directive(shell: Shell, words: Sequence[str], line: Source) -> int:
    from .loop import run_directive

    return run_directive(shell, words, line)


def _refuse_file(shell: Shell, word: str) -> None:
    """Reject the name of a script that has no `run` before it. Raises: UsageError."""
    if os.path.isfile(os.path.join(shell.environment.folder, word)) and word not in shell.workspace.catalog:
        raise UsageError(f"there is no command `{word}`", f"to run the lines of this file: invokeai run {word}")


def reads_results(line: CommandLine, environment: Environment) -> bool | None:
    """Return True if another process of this program reads the results of this line, None if no pipe carries them."""
    if line.format == "pipe":
        return True
    if line.format != "human" or not _is_line(line):
        return None
    return environment.read_by_this_program()


def _is_line(line: CommandLine) -> bool:
    """Return True if the words are a line of commands, not an option, a directive or `-` for standard input."""
    first = line.words[0].split()[:1] if line.words else []
    if not first or line.help or line.version:
        return False
    return first[0] not in RESERVED and first[0] not in (STANDARD_INPUT, COMPLETE)


def versions() -> Answer:
    """Return the versions of the program, Python and the libraries, from metadata, without importing them."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from .render.answer import Answer

    found = {}
    for name in (PROGRAM, *LIBRARIES):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    lines = [f"{PROGRAM} {found[PROGRAM]}", f"python {platform.python_version()}"]
    lines += [f"{name} {found[name]}" for name in LIBRARIES]
    return Answer("versions/1", {"versions": {**found, "python": platform.python_version()}}, text="\n".join(lines))
