"""What a script would do if it ran now: the lines that are left, their images, models and time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from invocations.frozen import frozen
from invocations.shown_numbers import counted
from invocations.storing.latest import FILE
from workflows.charts.amount import Amount
from workflows.estimate import images_of, time_of

from .existing import earlier_images
from .finished import finished, finished_note, is_done
from .plan import models_of
from .resume import first_run_note, last_run, over_note
from .targets import existing_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflows.charts.duration import Estimate
    from workflows.estimate import Unmeasured
    from workflows.workspace import Workspace

    from .earlier import Earlier
    from .options import RunOptions
    from .plan import ScriptLine, ScriptPlan
    from .resume import ScriptId


@frozen
class DryRun:
    """What a script would do.

    lines: the lines that would run
    images: how many images they would save
    items: how many images these are made from, if sheets gather the items of sweeps; otherwise 0
    skipped: how many lines would be left out because their files exist
    done: how many lines an earlier run has completed
    note: what a run would say when it begins: that it is finished, resumes an earlier run or starts over; "" if nothing
    """

    lines: tuple[ScriptLine, ...]
    images: Amount
    skipped: int = 0
    done: int = 0
    note: str = ""
    items: int = 0

    @property
    def images_text(self) -> str:
        """The number of images: `2 images`, or `1 image from 300 items`."""
        return self.images.counted("image") + (f" from {counted(self.items, 'item')}" if self.items else "")

    def models(self, workspace: Workspace) -> list[str]:
        """Return the names of the models that the lines need."""
        plans = [line.plan for line in self.lines if line.plan is not None]
        return list(dict.fromkeys(name for plan in plans for name in models_of(plan, workspace.catalog)))

    def time(self, workspace: Workspace) -> Estimate | Unmeasured | None:
        """Return how long the lines may take, or why that is not known; None if no node has ever run."""
        return time_of(workspace, [(line.plan, line.added) for line in self.lines if line.plan and line.added])


def dry_run(workspace: Workspace, script: ScriptPlan, script_id: ScriptId | None, options: RunOptions) -> DryRun:
    """Return what a script would do, without side effects.

    script_id: None if the script has no session of its own and cannot be finished or resumed
    """
    lines = [line for line in script.lines if not line.is_directive and line.number >= options.first]
    if options.keep_going:
        lines = [line for line in lines if not line.refused]
    earlier, note = _earlier(workspace, script, script_id, options)
    catalog = workspace.catalog
    known = [line for line in lines if earlier is not None and earlier.knows(line)]
    done = {id(line) for line in known if earlier is not None and is_done(workspace, earlier, line)}
    left = [line for line in lines if id(line) not in done]
    run = [line for line in left if not (options.skip_existing and existing_files(workspace, line))]
    images = [images_of(line.plan, line.added, catalog) for line in run if line.plan and line.added]
    saved = sum(earlier.saved(line) for line in run if earlier.knows(line)) if earlier is not None else 0
    counts = {"skipped": len(left) - len(run), "done": len(lines) - len(left)}
    total = sum(images, Amount(-saved))
    return DryRun(tuple(run), total, **counts, note=note, items=0 if saved else _gathered(run, images, total))


def _gathered(lines: Sequence[ScriptLine], images: Sequence[Amount], total: Amount) -> int:
    """Return how many images the lines make if some of them are only saved as parts of sheets, otherwise 0."""
    if total.number is None:
        return 0
    plans = [line.plan for line in lines if line.plan and line.added]
    items = sum(plan.items or each.known for plan, each in zip(plans, images, strict=True))
    return items if items > total.number else 0


def _earlier(
    workspace: Workspace, script: ScriptPlan, script_id: ScriptId | None, options: RunOptions
) -> tuple[Earlier | None, str]:
    """Return the run of the script that is finished or would be resumed, or None; and the note of a real run."""
    if script_id is None:
        return None, ""
    if not os.path.isfile(os.path.join(workspace.settings.folders.data, FILE)):
        return None, first_run_note(script_id) if options.resume else ""
    done = None if options.again else finished(workspace, script, script_id)
    if done is not None:
        return done, finished_note(script_id)
    if options.resume:
        return last_run(workspace.invoker, script, script_id)
    earlier = earlier_images(workspace, script, script_id) if options.skip_existing else None
    return earlier, over_note(workspace.invoker, script, script_id, options)
