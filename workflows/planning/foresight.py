"""Predict, before a line runs, the sizes of its images and the inputs that its nodes would refuse.

A node declares how in its metadata, with `output_size` and `precheck`. Facts about files and models come from a
callback. An input is not refused if the check depends on facts that are only known while the line runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from invocations.catalog.roles import first_argument
from invocations.errors import InvocationError
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.precheck.find import checker, predictor
from invocations.precheck.known import Size, Unknown
from invocations.services.translate_errors import translated

from .build import SIDES, Catalog, GraphBuilder, PlannedLink, PlannedValue, Precheck, is_left_out
from .earlier_lines import EarlierLines
from .known_inputs import KnownInputs, Values, model_link
from .loops import Axes, LineLoops

if TYPE_CHECKING:
    from invocations.graph.graph import Edge
    from invocations.services.models.base import ModelSettings

    from .constants import Constants
    from .lookup import Check
    from .planned_files import PlannedFiles
    from .scope import Scope


BLAMED = "model"  # the input that an error names if not the checked input but the model is to blame
AXES_CHECK = "of_axes"  # the check of an input that names an axis


class FactSource(Protocol):
    """Facts about files and models that are known without decoding or loading them.

    files: the files that earlier lines of a script will write.
    """

    files: PlannedFiles | None

    def size(self, path: str) -> Size | None:
        """Return the size of an image file, or None if it is not known."""

    def sizes(self, path: str) -> Sequence[Size | None] | None:
        """Return the size of each file that a path or a pattern matches, or None if they are not known."""

    def text_file(self, path: str) -> bytes:
        """Return the content of a file other than an image. Raises: InvocationError."""

    def target(self, written: str, format_name: str) -> str | None:
        """Return the one path that a target stands for, or None if its name comes from a template."""

    def wildcard_folders(self, written: Sequence[str]) -> Sequence[str]:
        """Return the folders to search for wildcard files, given the folders that a line names."""

    def settings(self, model: str) -> ModelSettings | None:
        """Return the settings of a model, or None if the model cannot be used."""

    def vae(self, name: str) -> Size | None:
        """Return the form of the latents of a VAE, or None if the VAE cannot be used."""


class Foresight:
    """Predicts the sizes, loops, failed checks and files of a line's nodes.

    scope: the stages of earlier lines
    """

    def __init__(
        self, builder: GraphBuilder, catalog: Catalog, facts: FactSource, scope: Scope, check: Check | None = None
    ) -> None:
        self.catalog, self.facts, self.builder, self.scope, self.check = catalog, facts, builder, scope, check
        self._sizes: dict[str, Size | None] = {}
        self._nodes: dict[str, KnownInputs] = {}
        self._models: dict[str, ModelSettings | None] = {}
        self._earlier = EarlierLines(builder, scope)
        self._known_loops: LineLoops | None = None

    def settled(self, value: PlannedValue) -> PlannedValue:
        """Return a planned value; if the model or an image provides it, fill it in, as far as it is known."""
        inputs = self.inputs(value.node) if is_left_out(value) else None
        if inputs is None:
            return value
        if value.input in SIDES and inputs.spec.output_size:
            size = self.size(value.node, "")
            side = size[SIDES.index(value.input)] if size is not None else None
            return replace(value, value=side, origin="derived" if inputs.has_image else value.origin)
        try:
            return (
                value if value.origin != "model" else replace(value, value=getattr(inputs.model(), value.input, None))
            )
        except Unknown:
            return value

    def settings(self, model: str) -> ModelSettings | None:
        """Return the settings of a model, or None if the model cannot be used."""
        if model not in self._models:
            self._models[model] = self.facts.settings(model)
        return self._models[model]

    def vae(self, name: str) -> Size | None:
        """Return the form of the latents of a VAE, or None if the VAE cannot be used."""
        return self.facts.vae(name)

    def size(self, node: str, output: str) -> Size | None:
        """Return the size of an output, or None if it is not known."""
        inputs = self.inputs(node)
        if inputs is None:
            known = self._earlier.results(node, output)
            return known.size(node, output) if known is not None else None
        if node not in self._sizes:
            self._sizes[node] = None  # unknown while it is being predicted
            self._sizes[node] = _predicted(inputs)
        return self._sizes[node]

    def values(self, node: str, output: str) -> Values | None:
        """Return the values of an output in a loop, or its value outside one; None if they are not all known."""
        return self._constants.values(node, output)

    def models(self, node: str, output: str) -> Values | None:
        """Return the names of the models that an output stands for, several in a loop, or None if unknown."""
        inputs = self.inputs(node)
        if inputs is None:
            known = self._earlier.results(node, output)
            return known.models(node, output) if known is not None else None
        link = model_link(inputs)
        if link is not None:
            return self.models(link.source, link.output)
        try:
            return inputs.values(first_argument(inputs.spec)) if "loads" in inputs.spec.roles else None
        except Unknown:
            return None

    def count(self, node: str, output: str) -> int | None:
        """Return the length of a list, or None if it is not known."""
        return self._constants.count(node, output)

    def largest(self, node: str, output: str) -> Size | None:
        """Return the largest width and height among the images of a list, or None if not all are known."""
        return self._constants.largest(node, output)

    def runs(self, node: str) -> int | None:
        """Return how often a node runs, or None if that is not known."""
        counts = [self.items(axis) for axis in self.axes(node, "")]
        return None if None in counts else math.prod(count for count in counts if count is not None)

    def is_from_file(self, node: str) -> bool:
        """Return True if a node depends on a loaded file."""
        from .stems import is_from_file

        def incoming(id_: str) -> list[Edge]:
            inputs = self.inputs(id_)
            return [link.edge for link in inputs.links.values()] if inputs is not None else []

        def earlier(source: str, output: str) -> bool:
            known = self._earlier.results(source, output)
            return known is None or known.is_from_file(source)

        nodes = {each.id: each for each in self.builder.nodes}
        return is_from_file(node, nodes.get, incoming, self.catalog, earlier)

    def items(self, iterate: str) -> int | None:
        """Return how many items an `iterate` node has in each run, or None if that is unknown or varies."""
        if self.inputs(iterate) is not None:
            return self._constants.items(iterate)
        return self._earlier.items(iterate)

    def file_size(self, path: str) -> Size | None:
        """Return the size of an image file, or None if it is not known."""
        return self.facts.size(path)

    @cached_property
    def _constants(self) -> Constants:
        from .constants import Constants

        return Constants(self, self._any_axes, self._earlier.results, self.facts.sizes)

    def _any_axes(self, node: str, output: str) -> Axes:
        return self._loops.axes[node] if node in self._loops.axes else self._earlier.axes(node, output)

    def axes(self, node: str, output: str) -> tuple[str, ...]:
        """Return the ids of the `iterate` nodes around an output, the outermost first."""
        return self._loops.axes.get(node, ())

    def axis(self, iterate: str) -> tuple[str, tuple[str, ...]]:
        """Return the name of the axis of an `iterate` node ("" if it has none), and its axes with this one last."""
        return self._loops.axis(iterate)

    @property
    def _loops(self) -> LineLoops:
        """The loops of the nodes that have been planned so far."""
        nodes = self.builder.nodes
        if self._known_loops is None or len(self._known_loops.axes) < len(nodes):
            edges = [link.edge for link in self.builder.links]
            self._known_loops = LineLoops(nodes, edges, self.catalog, self._earlier)
        return self._known_loops

    def errors(
        self, checks: Iterable[Precheck], commands: Mapping[str, Span], *, complete: bool, lost: bool = False
    ) -> list[LanguageError]:
        """Return an error for each input that a node would refuse, and for each file that a node could not write.

        commands: the place of each node's command. complete: whether all nodes of the line are known.
        lost: whether the axes of a sweep are unknown because of an error
        """
        found: dict[LanguageError, None] = {}
        if links := self.builder.limited_links():
            from .linked_values import refused_links  # imported on demand, here and below: few lines link values

            found |= dict.fromkeys(refused_links(links, self, commands, self.check))
        spans, arranged = {error.span for error in found}, True
        for check in checks:
            error = (
                self._refusal(check) if check.span not in spans and not (lost and check.name == AXES_CHECK) else None
            )
            if error is not None:
                self._sizes[check.node] = None  # prevents further errors that follow from this one
                arranged = arranged and check.name != AXES_CHECK
                span = self._place(check, error) or commands[check.node]
                from .defaults import named_default  # imported on demand: few lines have errors

                refusal = LanguageError(error.code, error.message, span, error.hint or None)
                found[named_default(refusal, check.node, check.input, self.builder.values)] = None
        written = [str(value.value) for value in self.builder.values if value.origin == "written"]
        if "{stem" in "\0".join(written):
            from .stems import refused_stems

            places = {(value.node, value.input): value.span for value in self.builder.values}
            found |= dict.fromkeys(refused_stems(self.builder.nodes, places, commands, self.catalog, self.is_from_file))
        if self._loops.items and complete:
            from .closing import refused_axes

            unclosed = list(refused_axes(self._loops, self.builder, commands))
            found |= dict.fromkeys(unclosed)
            arranged = arranged and not unclosed
        if arranged and any("saves" in self.catalog[node.type].roles for node in self.builder.nodes):
            from .targets import refused_targets, targets_of

            targets = list(targets_of(self.builder.nodes, self.builder.values, self.catalog, self.facts.target))
            found |= dict.fromkeys(refused_targets(targets, self._loops, commands, self.facts.files, self.runs))
        if self.builder.axes and complete and arranged:
            from .sweeps.same_names import refused_names

            found |= dict.fromkeys(refused_names(self.builder, self._loops, self.items))
        return list(found)

    def _place(self, check: Precheck, error: InvocationError) -> Span | None:
        """Return where the line sets the checked input or, if the model is to blame, where it names the model."""
        known = self.inputs(check.node)
        if known is None or getattr(error, "field", "") != BLAMED or check.input == BLAMED:
            return check.span
        model = known.links[BLAMED].edge if BLAMED in known.links else None
        while model is not None and (node := self.inputs(model.source)) is not None:
            if "loads" in node.spec.roles:
                end = node.node.id, first_argument(node.spec)
                return next((value.span for value in self.builder.values if (value.node, value.input) == end), None)
            model = model_link(node)
        return None

    def _refusal(self, check: Precheck) -> InvocationError | None:
        known = self.inputs(check.node)
        assert known is not None
        try:
            with translated():
                for inputs in known.alternatives([check.input]) if check.input in known.links else (known,):
                    checker(check.name)(inputs, check.input)
        except Unknown:
            return None
        except InvocationError as error:
            return error
        return None

    def inputs(self, node: str) -> KnownInputs | None:
        """Return the inputs of a node of this line, or None."""
        if len(self._nodes) < len(self.builder.nodes):
            links: dict[str, dict[str, PlannedLink]] = {}
            for link in self.builder.links:
                links.setdefault(link.edge.target, {})[link.edge.input] = link
            for each in self.builder.nodes:
                self._nodes[each.id] = KnownInputs(each, self.catalog[each.type], links.get(each.id, {}), self)
        return self._nodes.get(node)


def _predicted(inputs: KnownInputs) -> Size | None:
    try:
        with translated():
            return predictor(inputs.spec.output_size)(inputs) if inputs.spec.output_size else None
    except (Unknown, InvocationError):  # an error is reported where the input is checked
        return None
