"""`run FILE --dry-run`: what a script would do, or why it would be refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.shown_numbers import counted
from invokeai_cli import exit_status
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.estimate import Unmeasured
from workflows.scripts.dry_run import dry_run
from workflows.scripts.trial import shown_edits

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell
    from workflows.charts.duration import Estimate
    from workflows.scripts.dry_run import DryRun
    from workflows.scripts.options import RunOptions
    from workflows.scripts.plan import ScriptPlan
    from workflows.scripts.resume import ScriptId


def answer(shell: Shell, script: ScriptPlan, name: str, script_id: ScriptId | None, options: RunOptions) -> Answer:
    """Return a summary of what a script would do; for a script with errors, nothing is written to standard output."""
    workspace = shell.workspace
    found = dry_run(workspace, script, script_id, options)
    models, errors = found.models(workspace), len(script.errors)
    time = found.time(workspace) if not errors or options.keep_going else None
    data = {
        "script": name, "lines": len(found.lines), "images": found.images.number, "models": models, "errors": errors,
        "skipped": found.skipped, "done": found.done, "seconds": time.seconds if time is not None else None,
        "pictures": found.images.number, "items": found.items or found.images.number,
    }  # fmt: skip
    edits = [
        (f"{line.source.name}:{line.source.first_line}", *each)
        for line in found.lines
        for each in (shown_edits(line.plan.edits) if line.plan else ())
    ]
    if script.trial is not None:
        data["trial"] = [{"place": place, "command": command, "options": options} for place, command, options in edits]
    text = _text(found, name, models, time)
    if found.note and (not errors or options.keep_going):
        shell.renderer.note(found.note)
    status = exit_status.of(script.errors[0]) if errors else exit_status.DONE
    if errors and not shell.command_line.is_json:
        refused = counted(errors, "error")
        shell.renderer.note(f"{text}, {refused}" if options.keep_going else f"{name}: not run: {refused}")
        return Answer("", None, status=status)
    tables = (Table(("line", "command", "set by --with"), tuple(edits)),) if edits else ()
    return Answer("script/1", data, tables, text, status=status)


def _text(found: DryRun, name: str, models: list[str], time: Estimate | Unmeasured | None) -> str:
    parts = [
        counted(len(found.lines), "line"),
        found.images_text,
        f"models: {', '.join(models)}" if models else "",
        f"{found.skipped} skipped" if found.skipped else "",
        f"{found.done} already done" if found.done else "",
        f"{'time ' if isinstance(time, Unmeasured) else ''}{time}" if time is not None and found.lines else "",
    ]
    return f"{name}: {', '.join(part for part in parts if part)}"
