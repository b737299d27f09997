"""`run FILE`: plan a whole script, then report its errors or run it; `run -` runs lines as they arrive."""

from __future__ import annotations

from functools import partial
from shlex import quote
from typing import TYPE_CHECKING

from invocations.language.script import Statement
from invocations.language.source import Source, Span
from invokeai_cli import exit_status
from invokeai_cli.line import check_streams
from invokeai_cli.observer import STOPPED, TerminalObserver
from invokeai_cli.render.answer import Answer
from invokeai_cli.sources import from_input, redirected
from workflows.observer import Outcome
from workflows.problems import UsageError
from workflows.reserved import STANDARD_INPUT
from workflows.scripts.plan import RunOptions, ScriptPlan, plan_script
from workflows.scripts.source import from_text, text_from, text_of

from .call import Call

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell


def run(call: Call) -> Answer:
    """Run a file, planned as a whole, or a stream, line by line as it arrives."""
    (name,) = call.values
    shell, dry, first = call.shell, call.flag("dry-run"), call.option("from")
    options = _options(call, name)
    if name == STANDARD_INPUT and not redirected(shell.environment):
        if dry or first:
            message = f"`{'--dry-run' if dry else '--from'}` needs a whole script, not lines that arrive one by one"
            raise UsageError(message, "name a file, or redirect one: `invokeai run - --dry-run < night.inv`")
        return Answer("", None, status=stream(call, keep_going=options.keep_going))
    return whole(call, name, options, dry=dry)


def _options(call: Call, name: str) -> RunOptions:
    """Return how the script runs. Raises: UsageError."""
    resume, first, only = call.flag("resume"), call.option("from"), call.option("only")
    if first is not None and not (first.isascii() and first.isdigit()):
        raise UsageError(f"`--from` takes a line number, not `{first}`", f"for example `run {name} --from 12`")
    if only is not None and (only.lower() != "failed" or not resume):
        hint = "to run again what failed in the last run: --resume --only failed"
        raise UsageError("`--only` needs `--resume` and the value `failed`", hint)
    if resume and (name == STANDARD_INPUT or call.shell.workspace.has_session):
        where = "lines from standard input" if name == STANDARD_INPUT else "a session that already has lines"
        raise UsageError(f"`--resume` resumes a script's session, not {where}", "invokeai run FILE --resume")
    keep_going = call.flag("keep-going") or call.shell.config.keep_going
    return RunOptions(keep_going, int(first or 1), resume, only is not None)


def stream(call: Call, *, keep_going: bool) -> int:
    """Run lines from standard input, each as soon as it is complete; return the exit status."""
    assert call.run_statements is not None
    call.shell.workspace.open_names = True
    call.shell.renderer.stream_started()
    return call.run_statements(from_input(call.shell.environment), keep_going)


def whole(call: Call, name: str, options: RunOptions, *, dry: bool = False) -> Answer:
    """Plan a script as a whole, then run it or only report the plan."""
    from workflows.scripts.variable_names import variable_names

    shell, workspace, folder = call.shell, call.shell.workspace, call.shell.environment.folder
    standard_input = name == STANDARD_INPUT
    text = text_from(shell.environment.read_bytes(), name) if standard_input else text_of(name, folder)
    workspace.variable_names = variable_names(text, name, folder, shell.config.forced)
    check = partial(check_streams, shell)
    script = plan_script(workspace, from_text(text, name), name, check=check, options=options)
    if script.errors:
        shell.renderer.problems(script.errors)
    if dry or (script.errors and not options.keep_going):
        _show_notes(shell, script)
    if dry:
        return summary(script, name)
    if script.errors and not options.keep_going:
        return Answer("", None, status=exit_status.of(script.errors[0]))
    return Answer("", None, status=_run(call, script, text, name, options))


def _show_notes(shell: Shell, script: ScriptPlan) -> None:
    """Show the warnings and notes of the lines of a script that does not run, each with its place."""
    for line in script.lines:
        if line.plan is not None:
            place = f"{line.source.name}:{line.source.first_line}"
            for warning in shell.workspace.warnings(line.plan):
                shell.renderer.warning(f"{place}: {warning}")
            for note in line.plan.notes:
                shell.renderer.note(f"{place}: {note}")


def _run(call: Call, script: ScriptPlan, text: str, name: str, options: RunOptions) -> int:
    """Run a planned script in its own session, or in one that already has lines; return the exit status."""
    from workflows.scripts.resume import ScriptId, begin
    from workflows.scripts.run import run_script

    workspace, observer, earlier = call.shell.workspace, _ScriptObserver(call), None
    own = not (name == STANDARD_INPUT or workspace.has_session or not script.line_count)
    if own:
        script_id = ScriptId.of(text, name, workspace.folder)
        earlier = begin(workspace, script, script_id, options, observer.note)
    outcome = run_script(workspace, script, observer, options, earlier, clock=call.shell.environment.clock)
    ended_early = outcome is Outcome.STOPPED or not options.keep_going
    status = observer.status(outcome) if ended_early or outcome is Outcome.DONE else exit_status.LINES_FAILED
    if own and status not in (exit_status.DONE, exit_status.LINES_FAILED):
        observer.note(f"`invokeai run {quote(name)} --resume` resumes it")
    return status


class _ScriptObserver(TerminalObserver):
    """Shows a script in the terminal and runs its directives."""

    def __init__(self, call: Call) -> None:
        super().__init__(call.shell)
        self.run_statements = call.run_statements

    def directive(self, source: Source) -> Outcome:
        assert self.run_statements is not None
        statement = Statement(source, Span(0, len(source.text)), source.first_line)
        status = self.run_statements([statement], False)
        if status == exit_status.DONE:
            return Outcome.DONE
        self.failed_with = status
        return Outcome.STOPPED if status in STOPPED else Outcome.FAILED


def summary(script: ScriptPlan, name: str) -> Answer:
    """Return a summary of a script's plan."""
    images, models, lines = script.images, list(script.models), script.line_count
    data = {"script": name, "lines": lines, "pictures": images, "models": models, "errors": len(script.errors)}
    text = f"{name}: {_counted(lines, 'line')}, {_counted(images, 'image')}"
    text += f", models: {', '.join(models)}" if models else ""
    status = exit_status.of(script.errors[0]) if script.errors else exit_status.DONE
    return Answer("script/1", data, (), text, status=status)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
