"""The options of a recipe's stages: `--t2i.steps` sets an input that the recipe has no input for.

They are not part of a recipe's metadata. A line that uses one is planned with metadata that includes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from invocations.graph.linking import reference_kinds
from invocations.language.parser import parse
from invocations.language.source import Source
from invocations.language.stage_keys import stage_keys
from invocations.language.tree import Option, Positional, Reference, Stage
from invocations.spec import Exposure, FieldSpec, InvocationSpec
from workflows.values.codecs import EXTERNAL_KINDS

MAX_DEPTH = 8  # how deep recipes may be nested
NEGATION = "no-"


def inner_inputs(spec: InvocationSpec, catalog: Mapping[str, InvocationSpec]) -> tuple[FieldSpec, ...]:
    """Return the inputs of a recipe's stages that no input of the recipe sets, with names such as `t2i.steps`."""
    return tuple(field for field, _ in _inner(spec, catalog))


def with_inner_inputs(
    spec: InvocationSpec, catalog: Mapping[str, InvocationSpec], names: Collection[str] | None = None
) -> InvocationSpec:
    """Return a recipe's metadata with the inputs of its stages added.

    names: the options that a line uses; only these are added, unless one of them is unknown (default: all are added)
    """
    inner = {field.name: (field, target) for field, target in _inner(spec, catalog)} if spec.is_recipe else {}
    wanted = [_input_name(name, inner) for name in inner] if names is None else [_input_name(n, inner) for n in names]
    if not all(name in inner for name in wanted):
        wanted = [*inner]
    added = [inner[name] for name in dict.fromkeys(wanted)]
    return replace(
        spec,
        inputs=(*spec.inputs, *(field for field, _ in added)),
        exposures=(*spec.exposures, *(Exposure(field.name, (target,)) for field, target in added)),
    )


def _input_name(option: str, inner: Collection[str]) -> str:
    name = option.replace("-", "_")
    return name if name in inner else option.removeprefix(NEGATION).replace("-", "_")


def _inner(
    spec: InvocationSpec, catalog: Mapping[str, InvocationSpec], depth: int = 0
) -> Iterator[tuple[FieldSpec, tuple[str, str]]]:
    """Yield each input of a recipe's stages that can be set from outside, with its stage and its name there."""
    stages = parse(Source(None, spec.pipeline)).stages if depth < MAX_DEPTH else ()
    exposed = {target for exposure in spec.exposures for target in exposure.targets}
    for key, stage in zip(stage_keys(stages), stages, strict=True):
        command = catalog.get(stage.command.text)
        if command is None:
            continue
        linked = _linked(stage)
        fields = [field for field in command.inputs if field.name not in linked and _is_writable(field)]
        fields += [field for field, _ in _inner(command, catalog, depth + 1)] if command.is_recipe else []
        for field in fields:
            if (key, field.name) not in exposed:
                yield _as_option(field, key), (key, field.name)


def _linked(stage: Stage) -> set[str]:
    """Return the inputs of a stage for which the pipeline writes a reference."""
    found = set()
    waiting = ""
    for each in stage.arguments:
        if isinstance(each, Option):
            waiting = "" if each.value else each.name
            found |= {each.name.replace("-", "_")} if isinstance(each.value, Reference) else set()
        elif isinstance(each, Positional) and waiting:
            found |= {waiting.replace("-", "_")} if isinstance(each.value, Reference) else set()
            waiting = ""
    return found


def _is_writable(field: FieldSpec) -> bool:
    """Whether a value can be written for an input; what is piped through the recipe cannot be replaced."""
    kinds = set(reference_kinds(field.type))
    if field.given == "linked" or (kinds and field.primary):
        return False
    return not kinds or not kinds.isdisjoint(EXTERNAL_KINDS)


def _as_option(field: FieldSpec, key: str) -> FieldSpec:
    name = f"{key}.{field.name}".replace("-", "_")
    return replace(
        field,
        name=name,
        required=False,
        default=None,
        seed=False,
        by_model=False,
        primary=False,
        position=None,
        free_text=False,
        short="",
        precheck="",
        common=False,
    )
