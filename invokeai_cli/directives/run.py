"""`run FILE`: plan a whole script, then report its errors or run it; `run -` runs lines as they arrive."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from shlex import quote
from typing import TYPE_CHECKING

from invocations.language.script import Statement
from invocations.language.source import Source, Span
from invokeai_cli import exit_status
from invokeai_cli.line import check_streams
from invokeai_cli.observer import STOPPED, TerminalObserver
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from invokeai_cli.sources import from_input, redirected
from workflows.charts.counted import counted
from workflows.observer import Outcome
from workflows.problems import UsageError
from workflows.reserved import STANDARD_INPUT
from workflows.scripts.options import RunOptions
from workflows.scripts.plan import ScriptPlan, plan_script
from workflows.scripts.source import from_text, text_from, text_of
from workflows.scripts.trial import FOLDER, read_trial, shown_edits
from workflows.values.durations import parse_duration

from .call import Call
from .filters import count

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell
    from workflows.scripts.earlier import Earlier
    from workflows.scripts.resume import ScriptId


def run(call: Call) -> Answer:
    """Run a file, planned as a whole, or a stream, line by line as it arrives."""
    (name,) = call.values
    options = _options(call, name)
    if name == STANDARD_INPUT and not redirected(call.shell.environment):
        _refuse_in_stream(call)
        return Answer("", None, status=stream(call, keep_going=options.keep_going))
    return whole(call, name, options, dry=call.flag("dry-run"))


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
    retries, images = call.option("retries"), call.option("max-images")
    return RunOptions(
        keep_going=call.flag("keep-going") or call.shell.config.keep_going,
        first=int(first or 1),
        resume=resume,
        only_failed=only is not None,
        skip_existing=call.flag("skip-existing"),
        retries=count(retries, "--retries") if retries is not None else 0,
        max_seconds=_seconds(call.option("max-time")),
        max_images=count(images, "--max-images") if images is not None else None,
    )


def _seconds(text: str | None) -> float | None:
    """Return the duration after `--max-time` in seconds. Raises: UsageError."""
    seconds = parse_duration(text) if text is not None else None
    if text is not None and not seconds:
        raise UsageError(f"`--max-time` takes a duration, not `{text}`", "for example 30m, 2h or 1h30m")
    return seconds


def _refuse_in_stream(call: Call) -> None:
    """Refuse options that lines from standard input cannot have. Raises: UsageError."""
    for name in call.options:
        if name != "keep-going":
            message = f"`--{name}` needs a whole script, not lines that arrive one by one"
            raise UsageError(message, f"name a file, or redirect one: `invokeai run - --{name} < night.inv`")


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
    plan = partial(_planned, call, text, name)
    script = plan(options)
    if not dry and script.errors and all(error.code == "file_exists" for error in script.errors):
        again = plan(replace(options, skip_existing=True))
        script = again if _finished(call, again, text, name, options) is not None else script
    if script.errors:
        shell.renderer.problems(script.errors)
    if dry or (script.errors and not options.keep_going):
        _show_notes(shell, script)
    if dry:
        return summary(script, name)
    if script.errors and not options.keep_going:
        return Answer("", None, status=exit_status.of(script.errors[0]))
    return Answer("", None, status=_run(call, script, text, name, options))


def _planned(call: Call, text: str, name: str, options: RunOptions) -> ScriptPlan:
    shell, wanted = call.shell, call.option("with")
    trial = read_trial(wanted, base=shell.environment.folder) if wanted is not None else None
    check = partial(check_streams, shell)
    return plan_script(shell.workspace, from_text(text, name), name, check=check, trial=trial, options=options)


def _finished(call: Call, script: ScriptPlan, text: str, name: str, options: RunOptions) -> Earlier | None:
    """Return the last run of a script if it is finished, so that there is nothing to run."""
    from workflows.scripts.finished import finished

    if not _has_own_session(call, script, name) or not _may_be_finished(call):
        return None
    return finished(call.shell.workspace, script, _script_id(call, script, text, name), unused=options.resume)


def _has_own_session(call: Call, script: ScriptPlan, name: str) -> bool:
    return not (name == STANDARD_INPUT or call.shell.workspace.has_session or not script.line_count)


def _script_id(call: Call, script: ScriptPlan, text: str, name: str) -> ScriptId:
    from workflows.scripts.resume import ScriptId

    return ScriptId.of(text, name, call.shell.workspace.folder, trial=script.trial.name if script.trial else "")


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
    from workflows.scripts.finished import show_finished
    from workflows.scripts.resume import begin
    from workflows.scripts.run import run_script

    workspace, observer, earlier = call.shell.workspace, _ScriptObserver(call), None
    own = _has_own_session(call, script, name)
    if own:
        done = _finished(call, script, text, name, options)
        if done is not None:
            observer.note(f"`{name}` is finished: nothing left to do; `--overwrite` runs it again")
            show_finished(workspace, script, done, observer, clock=call.shell.environment.clock)
            return exit_status.DONE
        earlier = begin(workspace, script, _script_id(call, script, text, name), options, observer.note)
    if script.trial is not None:
        observer.note(f"a trial with {script.trial.name}: images are saved in `{FOLDER}`")
    outcome = run_script(workspace, script, observer, options, earlier, clock=call.shell.environment.clock)
    ended_early = outcome is not Outcome.LIMITED and (outcome is Outcome.STOPPED or not options.keep_going)
    status = observer.status(outcome) if ended_early or outcome is Outcome.DONE else exit_status.LINES_FAILED
    if own and (outcome is Outcome.LIMITED or status not in (exit_status.DONE, exit_status.LINES_FAILED)):
        observer.note(f"`{_resuming(call, name)}` resumes it")
    return status


def _may_be_finished(call: Call) -> bool:
    """Whether a script that is done need not run: nothing in the command asks to run something again."""
    line = call.shell.command_line
    again = call.flag("from") or call.flag("only") or "cache" in line.flags
    return not again and (call.flag("resume") or "save.overwrite" not in line.sets)


def _resuming(call: Call, name: str) -> str:
    """Return the command that resumes a script with the same settings and options."""
    words = ["invokeai", "run", name, "--resume"]
    for option, values in call.options.items():
        if option not in ("resume", "only", "from"):
            words += [word for value in values for word in (f"--{option}", value) if word]
    for flag, value in call.shell.command_line.flags.values():
        words += [flag, value] if isinstance(value, str) else [flag]
    for variable, value in call.shell.command_line.sets.items():
        words += ["--overwrite"] if variable == "save.overwrite" else ["--set", f"{variable}={value}"]
    return " ".join(map(quote, words))


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
    edits = [
        (f"{line.source.name}:{line.source.first_line}", *each)
        for line in script.lines
        for each in (shown_edits(line.plan.edits) if line.plan else ())
    ]
    if script.trial is not None:
        data["trial"] = [{"place": place, "command": command, "options": options} for place, command, options in edits]
    text = f"{name}: {counted(lines, 'line')}, {counted(images, 'image')}"
    text += f", models: {', '.join(models)}" if models else ""
    status = exit_status.of(script.errors[0]) if script.errors else exit_status.DONE
    tables = (Table(("line", "command", "set by --with"), tuple(edits)),) if edits else ()
    return Answer("script/1", data, tables, text, status=status)
