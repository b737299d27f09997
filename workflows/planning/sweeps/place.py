"""Turn the axes of a stage into nodes: a list of the values, and a loop over it."""

from __future__ import annotations

from workflows.planning.build import GraphBuilder
from workflows.planning.draft import AXES, Content, Draft, Several

from .gather import close_sweep, name_axes
from .nodes import add_axis, add_zipped
from .sheets import has_several
from .titles import add_title


def place(draft: Draft, builder: GraphBuilder, prefix: str, *, stage: int) -> None:
    """Add the nodes of the axes of a stage, the outermost axis first, and link its inputs to them.

    A `collect` that the user wrote closes a whole sweep; a stage that shows the axes of a sweep receives them.
    Raises: PlanningError.
    """
    if draft.spec.role == "collect":
        close_sweep(draft)
    elif draft.spec.input(AXES) is not None:
        name_axes(draft)
        add_title(draft, builder, prefix, stage=stage)
        draft.has_sheets = has_several(draft)
    if draft.has_axes:
        _place_axes(draft, builder, prefix, stage=stage)


def _place_axes(draft: Draft, builder: GraphBuilder, prefix: str, *, stage: int) -> None:
    """Add the nodes of the axes in the order in which they are written. Raises: PlanningError."""
    zips = draft.sweep.zips if draft.sweep is not None else []
    zipped = {name.replace("-", "_"): each for each in zips for name, _ in each.names}
    for name, content in _by_place(draft):
        field = draft.spec.input(name)
        assert field is not None
        if not isinstance(content.value, Several):  # a list may become an axis as well
            draft.contents[name] = builder.materialize(field, content, prefix, stage=stage)
        elif name not in zipped:
            item = add_axis(builder, field, content, prefix, stage=stage)
            draft.contents[name] = Content(item, "sweep", content.span)
        elif isinstance(draft.contents[name].value, Several):  # the first one of those that go in step
            names = [each for each, _ in _by_place(draft) if zipped.get(each) is zipped[name]]
            add_zipped(draft, names, builder, prefix, stage=stage)
    for varied in draft.sweep.varied if draft.sweep is not None else ():
        from .vary import add_variation  # imported on demand: few sweeps need it

        add_variation(draft, varied, builder, prefix, stage=stage)


def _by_place(draft: Draft) -> list[tuple[str, Content]]:
    """Return the inputs of a stage that need nodes, with their content, in the order in which they are written."""
    contents = [(name, content) for name, content in draft.contents.items() if not content.is_plain]
    return sorted(contents, key=lambda each: each[1].span.start if each[1].span else 0)
