"""Read the pipeline of a recipe, and find out which inputs of its stages the recipe's own inputs set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from invocations.language.errors import LanguageError
from invocations.language.parser import parse
from invocations.language.source import Source
from invocations.language.stage_keys import stage_keys
from invocations.language.tree import Option, Pipeline, Stage
from invocations.language.variables import MARK
from invocations.spec import InvocationSpec

from .build import GraphBuilder
from .draft import Content, Draft


@lru_cache(maxsize=256)
def body(pipeline: str) -> Pipeline:
    """Return the pipeline of a recipe as a tree. Raises: Refusal."""
    return parse(Source(None, pipeline))


def pipeline_of(
    spec: InvocationSpec, contents: Mapping[str, Content], catalog: Mapping[str, InvocationSpec]
) -> Pipeline:
    """Return the pipeline of a recipe for given inputs: values are inserted at each `${name}` that is part of a string.

    A word that is nothing but `${name}` is left out, because the input sets its target directly.
    Raises: Refusal.
    """
    pipeline = body(spec.pipeline)
    if spec.optional and (used := used_stages(spec, contents)):
        pipeline = body(spec.with_optional)
        pairs = zip(stage_keys(pipeline.stages), pipeline.stages, strict=True)
        kept = [stage for key, stage in pairs if key not in spec.optional or key in used]
        pipeline = replace(pipeline, stages=tuple(kept))
    if MARK not in spec.pipeline:
        return pipeline
    from .recipe_words import filled  # imported on demand: few recipes have such words

    return filled(pipeline, spec, contents, catalog)


def linked_parts(spec: InvocationSpec, contents: Mapping[str, Content]) -> dict[str, Content]:
    """Return what is linked to the inputs of a recipe that are part of strings in its pipeline."""
    if MARK not in spec.pipeline:
        return {}
    return {name: each for name, each in contents.items() if each.offers and f"{MARK}{name}}}" in spec.pipeline}


def insert(draft: Draft, linked: Mapping[str, Content], builder: GraphBuilder, prefix: str, *, stage: int) -> None:
    """Insert linked results into the strings of a recipe's stage. Raises: PlanningError, if one cannot be inserted."""
    if linked:
        from .inserted import insert_linked  # imported on demand: few recipes insert a result into a string

        insert_linked(draft, linked, builder, prefix, stage=stage)


def with_used_options(
    spec: InvocationSpec, stage: Stage, given: Mapping[str, Content], catalog: Mapping[str, InvocationSpec]
) -> InvocationSpec:
    """Return the metadata of a command; for a recipe, with those inputs of its stages that the line sets.

    given: what an enclosing recipe supplies
    """
    if not spec.is_recipe:
        return spec
    names = [each.name for each in stage.arguments if isinstance(each, Option) and "." in each.name]
    names += [name for name in given if "." in name]
    if not names:
        return spec
    from .inner_options import with_inner_inputs  # imported on demand: few lines have such an option

    return with_inner_inputs(spec, catalog, names)


def exposed(spec: InvocationSpec, contents: Mapping[str, Content]) -> dict[str, dict[str, Content]]:
    """Return what a recipe's inputs supply to the stages of its pipeline, by stage and then by input of the stage.

    If an optional stage is used, a value for it and for other stages is passed only to it: the others use its result.
    """
    given: dict[str, dict[str, Content]] = {}
    used = used_stages(spec, contents)
    for exposure in spec.exposures:
        field = spec.input(exposure.name)
        content = contents.get(exposure.name)
        if content is None and field is not None and not field.required and field.default is not None:
            content = Content(field.default, "default")
        if content is not None:
            first = [target for target in exposure.targets if target[0] in used][:1]
            for stage, target in first or exposure.targets:
                given.setdefault(stage, {})[target] = content
    return given


def used_stages(spec: InvocationSpec, contents: Mapping[str, Content]) -> tuple[str, ...]:
    """Return the optional stages that a line uses: it sets an input that only optional stages have."""
    targets = [{stage for stage, _ in each.targets} for each in spec.exposures if each.name in contents]
    used = {stage for stages in targets if stages <= {*spec.optional} for stage in stages}
    return tuple([stage for stage in spec.optional if stage in used])


def why_broken(spec: InvocationSpec, errors: Sequence[LanguageError]) -> str:
    """Return why a recipe cannot be expanded; if a recipe inside it is the cause, return the reason for that one."""
    inmost = [error.message for error in errors if error.code == "broken_recipe"]
    if inmost:
        return inmost[0]
    return f"the recipe `{spec.type}` cannot be expanded: {'; '.join(error.message for error in errors)}"
