"""`run FILE`: plan a whole script, tell what is wrong with it or run it; `run -` runs lines as they come."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from invokeai_cli import exit_status
from invokeai_cli.loop import run_all
from invokeai_cli.render.answer import Answer
from invokeai_cli.sources import from_input, redirected
from workflows.problems import UsageError
from workflows.scripts.plan import RunOptions
from workflows.scripts.run import run_script
from workflows.scripts.source import STANDARD_INPUT, from_text, text_of

from .call import Call

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell
    from workflows.scripts.plan import ScriptPlan

DRY, GOING, FROM, RESUME, ONLY = "--dry-run", "--keep-going", "--from", "--resume", "--only"


def run(call: Call) -> Answer:
    """Run the lines of a file, planned as a whole; from a stream each as soon as it is there."""
    dry, call = call.flag(DRY)
    going, call = call.flag(GOING)
    first, call = call.option(FROM)
    resume, call = call.flag(RESUME)
    only, call = call.option(ONLY)
    (name,) = call.expect(1, 1)
    shell = call.shell
    if first is not None and not (first.isascii() and first.isdigit()):
        raise UsageError(f"`{FROM}` takes the number of a line, not `{first}`", f"for example `run {name} {FROM} 12`")
    if only is not None and (only.lower() != "failed" or not resume):
        raise UsageError(f"`{ONLY}` is written `{RESUME} {ONLY} failed`", "it runs again what failed in the last run")
    if resume and (name == STANDARD_INPUT or shell.workspace.has_session):
        where = "lines from standard input" if name == STANDARD_INPUT else "a session that has lines of its own"
        raise UsageError(f"`{RESUME}` goes on with a script's session, not with {where}", "invokeai run FILE --resume")
    options = RunOptions(going or shell.config.keep_going, int(first or 1), resume, only is not None)
    if name == STANDARD_INPUT and not redirected(shell.environment):
        if dry or first:
            message = f"`{DRY if dry else FROM}` wants a whole script, and lines from a stream come one by one"
            raise UsageError(message, "name a file, or redirect one: `invokeai run - --dry-run < night.inv`")
        return Answer("", None, status=stream(shell, keep_going=options.keep_going))
    return whole(shell, name, options, dry=dry)


def stream(shell: Shell, *, keep_going: bool) -> int:
    """Run lines from standard input, each as soon as it is whole; return the exit status."""
    shell.workspace.open_names = True
    return run_all(shell, from_input(shell.environment), keep_going=keep_going)


def whole(shell: Shell, name: str, options: RunOptions, *, dry: bool = False) -> Answer:
    """Plan a script as a whole, then run it, or only tell its plan."""
    from workflows.scripts.plan import plan_script
    from workflows.scripts.reading import all_names

    folder = shell.environment.folder
    text = shell.environment.read().removeprefix("\ufeff") if name == STANDARD_INPUT else text_of(name, folder)
    shell.workspace.variable_names = all_names(text, name, folder)
    script = plan_script(shell, from_text(text, name), name)
    if script.errors:
        shell.renderer.problems(script.errors)
    if dry:
        return told(script, name)
    if script.errors and not options.keep_going:
        return Answer("", None, status=exit_status.of(script.errors[0]))
    if name == STANDARD_INPUT or shell.workspace.has_session or not script.lines:
        return Answer("", None, status=run_script(shell, script, options))
    from workflows.scripts.resume import ScriptId, begin

    earlier = begin(shell, script, ScriptId.of(text, name, folder), options)
    status = run_script(shell, script, options, earlier)
    if status not in (exit_status.DONE, exit_status.LINES_FAILED):
        shell.renderer.note(f"`invokeai run {quote(name)} {RESUME}` goes on from here")
    return Answer("", None, status=status)


def told(script: ScriptPlan, name: str) -> Answer:
    """Return what a script would do."""
    pictures, models = script.pictures, list(script.models)
    data = {"script": name, "lines": script.lines, "pictures": pictures, "models": models, "errors": len(script.errors)}
    text = f"{name}: {_many(script.lines, 'line')}, {_many(pictures, 'picture')}"
    text += f", models: {', '.join(models)}" if models else ""
    status = exit_status.of(script.errors[0]) if script.errors else exit_status.DONE
    return Answer("script/1", data, (), text, status=status)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
