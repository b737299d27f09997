"""Run a planned script as a job in its own session; a later run resumes a job that is unfinished."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from workflows.observer import Observer, Outcome

from .existing import existing_images
from .finished import finished, finished_note, show_finished
from .next_node import add_lines, run_next
from .resume import begin
from .run import run_script
from .trial import FOLDER

if TYPE_CHECKING:
    from workflows.workspace import Workspace

    from .options import RunOptions
    from .plan import ScriptPlan
    from .resume import ScriptId


CONTINUE: Final = "use `--resume` to continue the earlier run of this script, or `--overwrite` to replace the file"


def plan_job(
    workspace: Workspace,
    plan: Callable[[RunOptions], ScriptPlan],
    script_id: Callable[[], ScriptId],
    options: RunOptions,
) -> ScriptPlan:
    """Return the plan of a script; files that a finished run of the script has written cause no error.

    plan: plans the script, given its options
    """
    script = plan(options)
    if options.again or workspace.has_session or not _only_exist(script):
        return script
    again = plan(replace(options, skip_existing=True))
    if finished(workspace, again, script_id(), unused=options.resume) is not None:
        return again
    if options.resume or not _was_started(workspace, script_id()):
        return script
    return replace(script, errors=[error.with_hint(CONTINUE) for error in script.errors])


def _was_started(workspace: Workspace, script_id: ScriptId) -> bool:
    """Return True if the script, as it is now, has been started before."""
    found = workspace.invoker.sessions_of(script_id.path)
    return bool(found) and found[0][1] == script_id.digest


def _only_exist(script: ScriptPlan) -> bool:
    """Return True if all errors of a script are about files that already exist."""
    return bool(script.errors) and all(error.code == "file_exists" for error in script.errors)


def run_job(
    workspace: Workspace,
    script: ScriptPlan,
    script_id: ScriptId | None,
    observer: Observer,
    options: RunOptions,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Run a planned script, unless it is finished, and return its outcome.

    script_id: None if the script has no session of its own and cannot be resumed
    Raises: UsageError, StoreFailed.
    """
    earlier = None
    if script_id is not None:
        done = None if options.again else finished(workspace, script, script_id, unused=options.resume)
        if done is not None:
            observer.note(finished_note(script_id))
            show_finished(workspace, script, done, observer, clock=clock)
            return Outcome.DONE
        quiet = Observer() if options.next_only else observer
        wanted = replace(options, resume=options.resume or options.next_only)
        earlier = begin(workspace, script, script_id, wanted, quiet.note)
        if earlier is None and options.skip_existing:
            earlier = existing_images(workspace, script, script_id)
    if script.trial is not None:
        observer.note(f"a trial with {script.trial.name}: images are saved in `{FOLDER}`")
    if options.next_only:
        return run_next(workspace, add_lines(workspace, script, earlier), observer)
    return run_script(workspace, script, observer, options, earlier, clock=clock)
