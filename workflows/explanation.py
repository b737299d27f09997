"""Everything that `explain` tells about a line: its plan, what is cached, and what it will cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.frozen import frozen

from .estimate import images_in, items_of, time_of
from .explained import without_random
from .line_items import cached_images
from .memory_need import memory_of
from .plan_page import plan_data
from .services import workers_note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invocations.cache.forecast import Forecast

    from .charts.duration import Estimate
    from .estimate import Unmeasured
    from .line_items import LineItems
    from .memory_need import MemoryNeed
    from .planning.plan import Additions, Plan
    from .workspace import Workspace


@frozen
class Explanation:
    """A planned line and what is known about its run.

    added: the nodes added to it. reuse: whether the cache is used. items: what is known about the items of its loops
    time: how long the line may take, or why that is not known; None if no node has ever run
    memory: what each model needs. notes: messages about the line
    """

    plan: Plan
    added: Additions
    reuse: bool
    items: LineItems
    time: Estimate | Unmeasured | None
    memory: list[MemoryNeed]
    notes: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        """Return the explanation as JSON data, in the format `plan/1`."""
        plan, reuse = self.plan, self.reuse
        data = plan_data(without_random(plan), self.added, plan.recompute if reuse else {n.id for n in plan.nodes})
        return data | {
            "images": images_in(self.items).number,
            "cached_images": cached_images(plan, self.items) if reuse else None,
            "seconds": self.time.seconds if self.time is not None else None,
            "memory": [need.to_json() for need in self.memory],
            "notes": [*plan.notes, *self.notes],
        }


def explain(workspace: Workspace, plan: Plan, notes: tuple[str, ...] = ()) -> Explanation:
    """Return what is known about a planned line; nothing runs.

    notes: further notes about the line
    """
    added = workspace.additions(plan)
    items = items_of(workspace, plan, added)
    time, memory = time_of(workspace, [(plan, added)], [items]), memory_of(workspace, items)
    notes += tuple(filter(None, [workers_note(workspace.settings)]))
    return Explanation(plan, added, workspace.settings.cache, items, time, memory, notes)


def reuse_forecast(workspace: Workspace, plan: Plan) -> list[Forecast]:
    """Return for each node of a line whether its result is cached, and why; no node is imported."""
    from invocations.cache.forecast import forecast

    cache = workspace.invoker.cache
    if cache is None:
        return []
    added = workspace.additions(plan)
    return forecast(
        plan.nodes + added.nodes,
        plan.edges + added.edges,
        workspace.catalog.get,
        cache,
        given=dict(_results(workspace)),
        recompute=plan.recompute,
        reasons=True,
    )


def _results(workspace: Workspace) -> Iterator[tuple[tuple[str, str], Any]]:
    """Yield the outputs that earlier lines of the session computed outside loops."""
    if workspace.has_session:
        for (node, path), outputs in workspace.session.results.items():
            yield from (((node, name), value) for name, value in outputs.items() if not path)
