"""Find the inputs of a line that a model ignores or refuses, before the line runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from invocations.frozen import frozen
from invocations.language.errors import LanguageError, quoted
from invocations.language.source import Source, Span
from invocations.precheck.known import Unknown

from .build import GraphBuilder, PlannedLink, PlannedValue
from .draft import CHOSEN

if TYPE_CHECKING:
    from invocations.services.models.base import ModelSettings

    from .known_inputs import KnownInputs

GUIDANCE: Final = "guidance"
NEED_GUIDANCE: Final = {
    "negative": "negative prompts have no effect with a guidance scale of 1 or less",
    "guidance_rescale": "there is nothing to rescale with a guidance scale of 1 or less",
    "image_guidance": "image guidance has no effect with a guidance scale of 1 or less",
}
"""The features that have no effect without guidance, whatever the model."""


@frozen
class Ignored:
    """An input that has no effect, the reason, its place, and whether it is written in the line, not a default."""

    node: str
    input: str
    reason: str
    span: Span
    is_written: bool = True

    def warning(self, source: Source) -> str:
        """Return the warning about an input of a line, with the place in the line below it."""
        return "\n".join([f"ignored: {self.reason}", *quoted(self.span, source)])


@frozen
class Judgment:
    """The inputs of a line that have no effect, and errors for inputs with which a model cannot be used."""

    ignored: tuple[Ignored, ...] = ()
    errors: tuple[LanguageError, ...] = ()


class KnownNodes(Protocol):
    """What is known about the nodes of a line."""

    def inputs(self, node: str) -> KnownInputs | None:
        """Return the inputs of a node of this line, or None."""


Given = PlannedValue | PlannedLink


def judge(builder: GraphBuilder, known: KnownNodes, commands: Mapping[str, Span]) -> Judgment:
    """Find the inputs that have no effect or are refused, leaving out nodes whose model is not known yet.

    commands: the place of each node's command, for inputs without a place of their own
    """
    ignored: list[Ignored] = []
    errors: list[LanguageError] = []
    unguided = _Unguided(builder, known)
    for node, name, given in used(builder):
        place = given.span or commands.get(node) or Span(0, 0)
        models = _models(known.inputs(node))
        errors += [_refusal(name, each, given.feature, place) for each in models if given.feature in each.refuses]
        if models and all(given.feature in each.ignores for each in models):
            ignored.append(Ignored(node, name, models[0].ignores[given.feature], place, _is_written(given)))
        elif given.feature in NEED_GUIDANCE and unguided(node):
            ignored.append(Ignored(node, name, NEED_GUIDANCE[given.feature], place, _is_written(given)))
    return Judgment(tuple(ignored), tuple(dict.fromkeys(errors)))


def used(builder: GraphBuilder) -> Iterator[tuple[str, str, Given]]:
    """Yield the inputs that use a feature of a model and that the user has set or linked to a result."""
    for value in builder.values:
        if value.feature and value.origin in CHOSEN and not _is_default(builder, value):
            yield value.node, value.input, value
    for link in builder.links:
        if link.feature:
            yield link.edge.target, link.edge.input, link


def _is_written(given: Given) -> bool:
    return isinstance(given, PlannedLink) or given.origin != "set"


def _is_default(builder: GraphBuilder, value: PlannedValue) -> bool:
    node = next(each for each in builder.nodes if each.id == value.node)
    field = builder.catalog[node.type].input(value.input)
    return field is not None and bool(value.value == field.default)


def _models(inputs: KnownInputs | None) -> Sequence[ModelSettings]:
    """Return the settings of the models that a node may use, several in a loop, or () if they are not all known."""
    try:
        return inputs.models() if inputs is not None else ()
    except Unknown:
        return ()


def _refusal(name: str, settings: ModelSettings, feature: str, place: Span) -> LanguageError:
    message = f"`{name}` cannot be used with the model `{settings.name}`: {settings.refuses[feature]}"
    return LanguageError("unusable_input", message, place, "leave it out, or choose another model with `--model`")


class _Unguided:
    """Checks whether the results of a node are only used without guidance."""

    def __init__(self, builder: GraphBuilder, known: KnownNodes) -> None:
        self._builder, self._known = builder, known

    def __call__(self, node: str) -> bool:
        """Whether the guidance scale of the node, or of every node that uses its results, is 1 or less."""
        fields = {each.id: self._guidance_of(each.type) for each in self._builder.nodes}
        targets = [node] if fields.get(node) else self._targets(node)
        scales = [scale for target in targets if fields.get(target) for scale in self._scales(target, fields[target])]
        return bool(scales) and all(scale is not None and scale <= 1 for scale in scales)

    def _targets(self, node: str) -> Sequence[str]:
        return [link.edge.target for link in self._builder.links if link.edge.source == node]

    def _guidance_of(self, type_: str) -> str:
        fields = self._builder.catalog[type_].inputs
        return next((field.name for field in fields if field.feature == GUIDANCE), "")

    def _scales(self, node: str, name: str) -> Sequence[float | None]:
        """Return the guidance scales that a node may have in a loop, with None for one that is not known."""
        inputs = self._known.inputs(node)
        try:
            written = list(inputs.values(name)) if inputs is not None else []
        except Unknown:
            return [None]
        return written if None not in written else [each.guidance for each in _models(inputs)] or [None]
