"""Turn the axes of a stage into nodes: a list of the values, and a loop over it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from invocations.graph.linking import reference_kinds
from invocations.spec import FieldSpec
from workflows.planning.build import GraphBuilder
from workflows.planning.draft import AXES, Content, Draft, ModelDefaultsOfUser, Several

from .gather import close_sweep, name_axes
from .names import axis_named, varied_words
from .nodes import Column, add_axis, add_zipped
from .sheets import has_several
from .titles import add_title

MODEL = "model"  # the kind of a reference to a model


def place(draft: Draft, builder: GraphBuilder, prefix: str, *, stage: int) -> None:
    """Add nodes for the axes of a stage, the outermost axis first, and link the inputs of the stage to these nodes.

    A `collect` that the user wrote closes a whole sweep; a stage that shows a sweep receives the names of its axes.
    Raises: PlanningError.
    """
    if draft.spec.role == "collect":
        close_sweep(draft)
    elif draft.spec.input(AXES) is not None:
        name_axes(draft)
        add_title(draft, builder, prefix, stage=stage)
        draft.has_sheets = has_several(draft)
    if draft.has_axes or draft.spreads_several:
        _place_axes(draft, builder, prefix, stage=stage)


def _place_axes(draft: Draft, builder: GraphBuilder, prefix: str, *, stage: int) -> None:
    """Add the nodes of the axes in the order in which they are written. Raises: PlanningError."""
    columns, words = _columns(draft), varied_words(draft)
    texts = _texts(draft) if words else {}
    groups = _groups(draft, columns)
    if builder.model_defaults is not None:
        columns = _with_model_defaults(draft, builder.model_defaults, columns, groups)
    made: dict[str, Content] = {}
    for name, (field, content) in columns.items():
        if not isinstance(content.value, Several):  # a list may become an axis as well
            made[name] = builder.materialize(field, content, prefix, stage=stage)
        elif name not in groups:
            item = add_axis(builder, field, content, prefix, stage=stage)
            made[name] = Content(item, "sweep", content.span)
        elif name not in made:  # the first of the axes that advance together
            names = groups[name]
            zipped = add_zipped([columns[each] for each in names], builder, prefix, stage=stage)
            made |= zip(names, zipped, strict=True)
    draft.contents |= {name: content for name, content in made.items() if name not in words}
    for name, varied in words.items():
        from .vary import replace_word  # imported on demand, here and below: few sweeps need it

        replace_word(draft, texts[varied.old], varied, made[name], builder, prefix, stage=stage)


def _texts(draft: Draft) -> dict[str, FieldSpec]:
    """Return the input whose text contains each word that varies."""
    from .vary import text_with

    words = [varied.old for varied in (draft.sweep.varied if draft.sweep is not None else ())]
    return {word: field for word in words if (field := text_with(draft, word)) is not None}


def _columns(draft: Draft) -> dict[str, Column]:
    """Return everything that needs nodes, in written order: inputs with their content, and words after `--vary`."""
    contents = [(name, content) for name, content in draft.contents.items() if not content.is_plain]
    found = {name: (field, content) for name, content in contents if (field := draft.spec.input(name)) is not None}
    for name, varied in varied_words(draft).items():
        from .vary import column

        found[name] = column(name, varied)
    return dict(sorted(found.items(), key=lambda each: each[1][1].span.start if each[1][1].span else 0))


def _with_model_defaults(
    draft: Draft, own: ModelDefaultsOfUser, columns: Mapping[str, Column], groups: dict[str, list[str]]
) -> dict[str, Column]:
    """Return the columns, each axis of models followed by the inputs that have another default for each model.

    These inputs advance together with the models; they are added to `groups`.
    """
    found: dict[str, Column] = {}
    for name, (field, content) in columns.items():
        found[name] = (field, content)
        models = content.value.values if isinstance(content.value, Several) else ()
        if models and MODEL in reference_kinds(field.type):
            added = own.of_axis(draft, models)
            found |= {each: (given, added[each]) for given in draft.spec.inputs if (each := given.name) in added}
            names = [*groups.get(name, [name]), *added]
            groups |= dict.fromkeys(names, names) if added else {}
    return found


def _groups(draft: Draft, columns: Collection[str]) -> dict[str, list[str]]:
    """Return, for each axis that advances together with others, the names of all of these axes."""
    found: dict[str, list[str]] = {}
    for zipped in draft.sweep.zips if draft.sweep is not None else ():
        wanted = [axis_named(written, columns) for written, _ in zipped.names]
        names = [name for name in columns if name in wanted]
        found |= dict.fromkeys(names, names)
    return found
