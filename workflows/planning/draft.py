"""Drafts: stages on their way to becoming nodes, with the content and the origin of each input; edits of stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from invocations.frozen import frozen, mutable
from invocations.graph.linking import Loop, Offer, members
from invocations.language.source import Span
from invocations.language.tree import Stage
from invocations.spec import FieldSpec, InvocationSpec
from workflows.values.codecs import ExternalValue, is_pattern
from workflows.values.positions import source_of_many

from .scope import IsFile, no_file

if TYPE_CHECKING:
    from .sweep_options import SweepOptions

TITLE = "title"  # the input that takes the title of the stage's list
AXES = "axes"  # the input that takes the axes of the sweep whose items are in the stage's list
MOST_ITEMS = 100_000  # how many items a sweep may have
Origin = Literal[
    "written", "piped", "each", "named", "typed", "set", "recipe", "default", "model", "derived", "drawn", "sweep",
    "gathered",
]  # fmt: skip
CHOSEN: frozenset[Origin] = frozenset({"written", "set", "sweep"})  # where values that the user has chosen come from


@frozen
class Several:
    """Several values for an input that takes one: an axis of a sweep.

    parts: what was written, in order: single values, and ranges whose numbers are not known yet (`sweeps.written`)
    values: the values in order; () until they are known
    items: the place of each value
    """

    parts: tuple[Any, ...]
    values: Sequence[Any] = ()
    items: Sequence[Span] = ()


@frozen
class Content:
    """What fills an input.

    value: a plain value, an `ExternalValue` (a file or a model), an `Offer` (an output), a list of these, or `Several`
    items: the place of each item of a list, if they are known
    spread: whether the stage runs once for each item of a list: `@prompts*`
    model: the model that the value is the user's default for, or ""
    """

    value: Any
    origin: Origin
    span: Span | None = None
    items: tuple[Span, ...] = ()
    spread: bool = False
    model: str = ""

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The outputs that are linked to the input."""
        items = self.value if isinstance(self.value, list) else [self.value]
        return tuple([item for item in items if isinstance(item, Offer)])

    @property
    def is_plain(self) -> bool:
        """Whether the value is plain data, without files, models or links."""
        if isinstance(self.value, list):
            return not any(isinstance(item, (Offer, ExternalValue)) for item in self.value)
        return not isinstance(self.value, (Offer, ExternalValue, Several))


@mutable
class Draft:
    """A stage on its way to becoming a node.

    spec: the metadata of its command
    contents: what fills its inputs so far, by name
    refused: the place of each value that its input refused, by name
    links: False after `--no-link`
    reuse: False after `--no-cache`
    whole: False if a part of the stage could not be parsed; missing inputs are not reported then
    sound: False if the stage has an error
    name: the name of the stage, or None if it has none
    unnamed: the NAME in an `as NAME` that was read as part of free text
    notes: messages about words that may have been read differently from what the user meant
    texts: the places of each `as` and each NAME that were read as part of free text
    is_file: returns whether a path names an existing file
    drawn: the values that were drawn for a word, as text, by the place of the word
    has_sheets: whether the stage draws several sheets of a sweep
    salt: determines the random numbers of a script's sweep; "" if they are different each time
    sweep: options such as `--zip`, or None if there are none
    """

    stage: Stage
    spec: InvocationSpec
    contents: dict[str, Content] = field(default_factory=dict)
    refused: dict[str, Span] = field(default_factory=dict)
    links: bool = True
    reuse: bool = True
    whole: bool = True
    sound: bool = True
    name: str | None = None
    unnamed: str | None = None
    texts: list[Span] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_file: IsFile = no_file
    drawn: dict[Span, str] = field(default_factory=dict)
    has_sheets: bool = False
    sweep: SweepOptions | None = None
    salt: str = ""

    @property
    def has_axes(self) -> bool:
        """Whether the stage has axes: inputs with several values that take one, or a text that varies."""
        return self.sweep is not None or Several in [type(content.value) for content in self.contents.values()]

    @property
    def is_swept(self) -> bool:
        """Whether the stage has axes, ends them, or shows them."""
        ends = self.spec.role == "collect" or self.spec.input(AXES) is not None
        return ends or self.has_axes or self.spreads_several

    @property
    def spreads_several(self) -> bool:
        """Whether several lists are axes of the stage, which then runs for each combination of their items."""
        lists = [
            name
            for name, content in self.contents.items()
            if isinstance(content.value, Offer) and content.value.type.base == "list"
        ]
        return len(lists) > 1 and sum(each.name in lists and each.type.base != "list" for each in self.spec.inputs) > 1

    @property
    def offers(self) -> list[Offer]:
        """The outputs that are linked to the stage."""
        return [offer for content in self.contents.values() if not content.is_plain for offer in content.offers]

    @property
    def loops(self) -> tuple[Loop, ...]:
        """The loops around the outputs that are linked to the stage, the outermost first."""
        return tuple(sorted({loop for offer in self.offers for loop in offer.loops}, key=lambda loop: loop.place))

    @property
    def axes_around(self) -> frozenset[str]:
        """The names of the axes around the outputs that are linked to the stage."""
        contents = self.contents.values()
        return frozenset(
            [loop.axis for each in contents if not each.is_plain for offer in each.offers for loop in offer.loops]
        )

    @property
    def axis_fields(self) -> tuple[str, ...]:
        """The fields of file names that the axes around the stage fill: `axis.steps`, `row`, `col`."""
        found = [offer for offer in self.offers if offer.axes or offer.loops]
        if not found:
            return ()
        from .sweeps.axis_fields import fields_around  # imported on demand: few lines have a sweep

        return fields_around(found, self.loops)

    @property
    def sources(self) -> Any:
        """The path that the stage loads images from, a list of several paths, or None."""
        source = source_of_many(self.spec) if self.spec.roles else None
        content = self.contents.get(source.name) if source is not None else None
        return content.value if content is not None and content.is_plain else None

    @property
    def returns_list(self) -> bool:
        """Whether the main result is a list: of the images from several paths or a pattern, or of several sheets."""
        sources = self.sources
        if self.has_sheets or isinstance(sources, list):
            return True
        return sources is not None and is_pattern(str(sources), self.is_file)


class ModelDefaultsOfUser(Protocol):
    """The user's defaults for single models."""

    def content(
        self, field: FieldSpec, contents: Mapping[str, Content], spec: InvocationSpec, builder: Any
    ) -> Content | None:
        """Return what fills an input of a node: its own content or, if nothing is written, a default."""

    def of_axis(self, draft: Draft, models: Sequence[Any]) -> dict[str, Content]:
        """Return the inputs of a stage that have another default for each model of an axis, with these defaults."""


@frozen
class Edit:
    """A new value for an input of a stage; `replaced` is the place in the line of the value that it replaces."""

    stage: Stage
    field: FieldSpec
    text: str
    replaced: Span | None = None

    def __str__(self) -> str:
        shown = option(self.field)
        if is_flag(self.field):
            return shown if self.text == "yes" else f"--no-{shown.removeprefix('--')}"
        return f"{shown} {self.text}"


Adjust = Callable[[Draft], Sequence[Edit]]  # changes a draft and returns the edits. Raises: PlanningError


def option(field: FieldSpec) -> str:
    """Return the option that sets an input, as it is typed: `--clip-skip`."""
    return "--" + field.name.replace("_", "-")


def is_flag(field: FieldSpec) -> bool:
    """Return True if an input is a flag, whose option takes no value."""
    return all(member.base in ("bool", "none") for member in members(field.type)) and field.type.base != "none"
