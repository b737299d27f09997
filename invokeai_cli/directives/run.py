"""`run FILE`: plan a whole script, then report its errors or run it; `run -` runs lines as they arrive."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from shlex import quote
from typing import TYPE_CHECKING

from invocations.foreign import MAX_BYTES
from invocations.language.level import saves_all
from invocations.language.script import Statement
from invocations.language.source import Source, Span
from invokeai_cli import exit_status
from invokeai_cli.line import check_streams
from invokeai_cli.observer import TerminalObserver
from invokeai_cli.render.answer import Answer
from invokeai_cli.sources import from_input, redirected
from workflows.chosen_session import chosen_id
from workflows.observer import Outcome
from workflows.problems import UsageError
from workflows.reserved import STANDARD_INPUT
from workflows.scripts.job import plan_job, run_job
from workflows.scripts.log import LoggedObserver, open_log
from workflows.scripts.next_node import run_next
from workflows.scripts.options import RunOptions
from workflows.scripts.plan import ScriptPlan, plan_script
from workflows.scripts.resume import ScriptId
from workflows.scripts.source import from_text, level_note, text_from, text_of
from workflows.scripts.trial import read_trial
from workflows.values.durations import duration_hint, parse_duration

from .call import Call
from .filters import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invokeai_cli.shell import Shell
    from workflows.memory import Memory


def run(call: Call) -> Answer:
    """Run a file, planned as a whole, or a stream, line by line as it arrives."""
    if not call.values:
        return _next(call)
    (name,) = call.values
    options = _options(call, name)
    if name == STANDARD_INPUT and not redirected(call.shell.environment):
        _refuse_in_stream(call)
        return Answer("", None, status=stream(call, keep_going=options.keep_going))
    return whole(call, name, options, dry=call.flag("dry-run"))


def _next(call: Call) -> Answer:
    """Run the next ready node in the current session, or in the latest one. Raises: UsageError."""
    if set(call.options) != {"next"}:
        raise UsageError("`run` needs an argument: FILE", f"usage: {call.row.usage}")
    workspace, observer = call.shell.workspace, TerminalObserver(call.shell)
    session = workspace.invoker.resume(chosen_id(call.shell.workspace))
    return Answer("", None, status=observer.status(run_next(workspace, session, observer)))


def _options(call: Call, name: str) -> RunOptions:
    """Return the options that determine how the script runs. Raises: UsageError."""
    resume, first, only = call.flag("resume"), call.option("from"), call.option("only")
    if first is not None and not (first.isascii() and first.isdigit()):
        raise UsageError(f"`--from` takes a line number, not `{first}`", f"for example `run {name} --from 12`")
    if only is not None and (only.lower() != "failed" or not resume):
        hint = "to rerun only what failed in the last run: --resume --only failed"
        raise UsageError("`--only` needs `--resume` and the value `failed`", hint)
    if resume and (name == STANDARD_INPUT or call.shell.workspace.has_session):
        where = "lines from standard input" if name == STANDARD_INPUT else "a session that already has lines"
        raise UsageError(f"`--resume` resumes a script's session, not {where}", "invokeai run FILE --resume")
    retries, images = call.option("retries"), call.option("max-images")
    flags, sets = call.shell.command_line.flags, call.shell.command_line.sets
    return RunOptions(
        again="cache" in flags or bool(first or only) or ("save.overwrite" in sets and not resume),
        next_only=call.flag("next"),
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
        raise UsageError(f"`--max-time` takes a duration above 0, not `{text}`", duration_hint(text))
    return seconds


def _refuse_in_stream(call: Call) -> None:
    """Reject options that cannot be used with lines from standard input. Raises: UsageError."""
    for name in call.options:
        if name != "keep-going":
            message = f"`--{name}` needs a whole script, not lines that arrive one by one"
            raise UsageError(message, f"name a file, or redirect one: `invokeai run - --{name} < night.inv`")


def stream(call: Call, *, keep_going: bool) -> int:
    """Run lines from standard input, each as soon as it is complete; return the exit status."""
    assert call.run_statements is not None
    call.shell.workspace.open_names = True
    call.shell.renderer.stream_started()

    def check(line: str) -> None:
        if note := level_note(line, STANDARD_INPUT):
            call.shell.renderer.note(note)

    return call.run_statements(from_input(call.shell.environment, check), keep_going)


def whole(call: Call, name: str, options: RunOptions, *, dry: bool = False) -> Answer:
    """Plan a script as a whole, then run it or only report the plan."""
    from workflows.scripts.variable_names import variable_names

    shell, workspace, folder = call.shell, call.shell.workspace, call.shell.environment.folder
    standard_input = name == STANDARD_INPUT
    text = text_from(shell.environment.read_bytes(MAX_BYTES + 1), name) if standard_input else text_of(name, folder)
    workspace.variable_names = variable_names(text, name, folder, shell.config.forced)
    note, wanted = level_note(text, name), call.option("with")
    options = replace(options, save_all=saves_all(text))
    trial = read_trial(wanted, base=folder) if wanted is not None else None
    script = plan_job(
        workspace,
        lambda how: plan_script(
            workspace,
            from_text(text, name),
            name,
            check=partial(check_streams, shell),
            apply=partial(_apply, shell),
            trial=trial,
            options=how,
        ),
        lambda: ScriptId.of(text, name, folder, trial=trial.name if trial else ""),
        options if not standard_input else replace(options, again=True),
    )
    for each in (note, *script.notes):
        if each:
            shell.renderer.note(each)
    with open_log(call.option("log") if not dry else None, folder) as log:
        terminal = _ScriptObserver(call)
        observer = LoggedObserver(terminal, log) if log is not None else terminal
        if script.errors:
            observer.problems(script.errors)
        if dry or (script.errors and not options.keep_going):
            _show_notes(shell, script)
        own = not (standard_input or workspace.has_session or not script.line_count)
        script_id = ScriptId.of(text, name, folder, trial=trial.name if trial else "") if own else None
        if dry:
            from . import dry_run

            return dry_run.answer(shell, script, name, script_id, options)
        if script.errors and not options.keep_going:
            return Answer("", None, status=terminal.failed_with)
        outcome = run_job(workspace, script, script_id, observer, options, clock=shell.environment.clock)
        status = _status(outcome, options, terminal)
        if own and (outcome is Outcome.LIMITED or status not in (exit_status.DONE, exit_status.LINES_FAILED)):
            observer.note(f"`{_resuming(call, name)}` resumes it; without --resume, it starts over")
        return Answer("", None, status=status)


def _apply(shell: Shell, words: Sequence[str], memory: Memory, script: ScriptPlan) -> None:
    """Record what a directive changes for the lines of a script that follow it."""
    if words[0] == "recipe":
        from . import recipe  # imported on demand: few scripts save recipes

        recipe.apply(shell, words, memory, script)


def _show_notes(shell: Shell, script: ScriptPlan) -> None:
    """Show the warnings and notes about a script that is only planned, each with its file and line."""
    for line in script.lines:
        if line.plan is not None:
            place = f"{line.source.name}:{line.source.first_line}"
            for warning in shell.workspace.warnings(line.plan):
                shell.renderer.warning(f"{place}: {warning}")
            for note in line.plan.notes:
                shell.renderer.note(f"{place}: {note}")


def _status(outcome: Outcome, options: RunOptions, terminal: TerminalObserver) -> int:
    """Return the exit status of a script."""
    if outcome is Outcome.LIMITED or (outcome in (Outcome.FAILED, Outcome.REFUSED) and options.keep_going):
        return exit_status.LINES_FAILED
    return terminal.status(outcome)


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
    """Shows the progress of a script in the terminal and runs its directives."""

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
        return Outcome.STOPPED if status in exit_status.STOPPED else Outcome.FAILED
