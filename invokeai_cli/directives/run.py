"""`run FILE`: plan a whole script, then report its errors or run it; `run -` runs lines as they come."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from invokeai_cli import exit_status
from invokeai_cli.render.answer import Answer
from invokeai_cli.sources import STANDARD_INPUT, from_input, from_text, redirected, text_of
from workflows.problems import UsageError
from workflows.scripts.naming import Named
from workflows.scripts.run import Wanted, run_script

from .call import Call

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell
    from workflows.scripts.plan import Script


def run(call: Call) -> Answer:
    """Run the lines of a file, planned as a whole; lines of a stream run one by one as they arrive."""
    dry, going, resume = call.flag("dry-run"), call.flag("keep-going"), call.flag("resume")
    first, only = call.option("from"), call.option("only")
    (name,) = call.values
    shell = call.shell
    if first is not None and not (first.isascii() and first.isdigit()):
        raise UsageError(f"`--from` takes a line number, not `{first}`", f"for example `run {name} --from 12`")
    if only is not None and (only.lower() != "failed" or not resume):
        raise UsageError(
            "`--only` needs `--resume` and the value `failed`",
            "`--resume --only failed` runs again what failed in the last run",
        )
    if resume and (name == STANDARD_INPUT or shell.workspace.has_session):
        where = "lines from standard input" if name == STANDARD_INPUT else "a session that already has lines"
        raise UsageError(f"`--resume` resumes a script's session, not {where}", "invokeai run FILE --resume")
    wanted = Wanted(going or shell.config.keep_going, int(first or 1), resume, only is not None)
    if name == STANDARD_INPUT and not redirected(shell.environment):
        if dry or first:
            message = f"`{'--dry-run' if dry else '--from'}` needs a whole script, not lines that come one by one"
            raise UsageError(message, "name a file, or redirect one: `invokeai run - --dry-run < night.inv`")
        return Answer("", None, status=stream(call, keep_going=wanted.keep_going))
    return whole(shell, name, wanted, dry=dry)


def stream(call: Call, *, keep_going: bool) -> int:
    """Run lines from standard input, each as soon as it is complete; return the exit status."""
    assert call.run_statements is not None
    call.shell.workspace.open_names = True
    return call.run_statements(from_input(call.shell.environment), keep_going)


def whole(shell: Shell, name: str, wanted: Wanted, *, dry: bool = False) -> Answer:
    """Plan a script as a whole, then run it or only report its plan."""
    from workflows.scripts.plan import plan_script
    from workflows.scripts.reading import variable_names

    folder = shell.environment.folder
    text = shell.environment.read().removeprefix("\ufeff") if name == STANDARD_INPUT else text_of(name, folder)
    shell.workspace.variable_names = variable_names(text, name, folder, shell.config.forced)
    script = plan_script(shell, from_text(text, name), name)
    if script.errors:
        shell.renderer.problems(script.errors)
    if dry:
        return summary(script, name)
    if script.errors and not wanted.keep_going:
        return Answer("", None, status=exit_status.of(script.errors[0]))
    if name == STANDARD_INPUT or shell.workspace.has_session or not script.lines:
        return Answer("", None, status=run_script(shell, script, wanted))
    from workflows.scripts.resume import begin

    earlier = begin(shell, script, Named.of(text, name, folder), wanted)
    status = run_script(shell, script, wanted, earlier)
    if status not in (exit_status.DONE, exit_status.LINES_FAILED):
        shell.renderer.note(f"resume with `invokeai run {quote(name)} --resume`")
    return Answer("", None, status=status)


def summary(script: Script, name: str) -> Answer:
    """Return a summary of what a script would do."""
    pictures, models = script.pictures, list(script.models)
    data = {"script": name, "lines": script.lines, "pictures": pictures, "models": models, "errors": len(script.errors)}
    text = f"{name}: {_many(script.lines, 'line')}, {_many(pictures, 'image')}"
    text += f", models: {', '.join(models)}" if models else ""
    status = exit_status.of(script.errors[0]) if script.errors else exit_status.DONE
    return Answer("script/1", data, (), text, status=status)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
