"""`replay FILE`: plan the line that made an image, then run it or compare its result (`--check`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.language.source import Source
from invokeai_cli import exit_status
from invokeai_cli.line import run_line
from invokeai_cli.observer import TerminalObserver
from invokeai_cli.render.answer import Answer
from workflows.observer import Outcome
from workflows.problems import UsageError
from workflows.replay import Replay, check_allowed, compare_with_file, plan_replay

from . import explain
from .call import Call
from .recorded_file import recorded_file

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell


def run(call: Call) -> Answer:
    """Show the plan, then run it or, with `--check`, compare its result."""
    sets = _sets(call)
    (name,) = call.values
    shell, workspace = call.shell, call.shell.workspace
    with recorded_file(shell, name) as (shown, path):
        replay = plan_replay(workspace, shown, sets, path)
        _show(shell, replay)
        check_allowed(replay.plan, workspace.catalog, files=call.flag("allow-files"))
        if call.flag("check"):
            if sets:
                raise UsageError("`--check` and `--set` cannot be combined", "use one of them")
            return _check(shell, replay)
    return Answer("", None, status=run_line(shell, Source(None, replay.line)))


def _sets(call: Call) -> dict[str, str]:
    """Return the inputs set with `--set`, before or after the directive. Raises: UsageError."""
    sets = dict(call.shell.config.forced)
    for given in call.every("set"):
        name, equals, text = given.partition("=")
        if not name or not equals:
            raise UsageError(f"`--set {given}` is not of the form INPUT=VALUE", "for example `--set steps=20`")
        sets[name.replace("-", "_")] = text
    return sets


def _show(shell: Shell, replay: Replay) -> None:
    """Show the notes and the plan before anything runs."""
    for note in replay.provenance.notes:
        shell.renderer.note(note)
    shown = explain.shown(replay.plan, shell.workspace.additions(replay.plan))
    for row in (replay.line, *shown.as_text().split("\n")):
        shell.renderer.plan(row)


def _check(shell: Shell, replay: Replay) -> Answer:
    """Run a replay and report how its images differ from the image that was replayed."""
    observer = TerminalObserver(shell)
    shell.renderer.loading()
    found = compare_with_file(shell.workspace, replay, observer)
    if isinstance(found, Outcome):
        return Answer("", None, status=observer.status(found))
    name = replay.name
    data: dict[str, Any] = {"image": name, "equal": found.equal, "psnr": found.psnr, "images": found.images}
    data |= {"picture": name, "pictures": found.images}  # the names of the fields in 0.1.0
    if found.equal:
        return Answer("replay-check/1", data, text=f"{name}: equal")
    how = f"PSNR {found.psnr:.1f} dB" if found.psnr is not None else found.reason
    text = "\n".join([f"{name}: different, {how}", *found.changes])
    return Answer("replay-check/1", data, text=text, status=exit_status.NODE_FAILED)
