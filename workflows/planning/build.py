"""Turn drafts into nodes and edges: values become inputs, links become edges, files and models become loader nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from invocations.catalog.roles import first_argument, loader_of, with_role
from invocations.frozen import frozen, mutable
from invocations.graph.compatible import bindings, fits, resolved, type_of_value, with_variables
from invocations.graph.graph import Edge, Node
from invocations.graph.linking import Offer
from invocations.language.source import Span
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from workflows.values.codecs import ExternalValue, is_pattern
from workflows.values.constraints import is_limited
from workflows.values.positions import list_of

from .draft import AXES, Content, ModelDefaultsOfUser, Origin
from .errors import planning_error
from .scope import IsFile, no_file

if TYPE_CHECKING:
    from .sweeps.axes import SweepAxis

SIDES = ("width", "height")  # inputs that set the size of a node's result
Catalog = Mapping[str, InvocationSpec]


@frozen
class PlannedValue:
    """The value of a node's input and where it comes from.

    A value that the model provides has the origin `model`, and a width or height that follows from an image the origin
    `derived`; both are None if they are only known when the line runs. A seed that will be picked is None with the
    origin `drawn`. `model` names the model that the value is the user's default for, `feature` what the input uses.
    """

    node: str
    input: str
    value: Any
    origin: Origin
    span: Span | None = None
    model: str = ""
    feature: str = ""


def is_left_out(value: PlannedValue) -> bool:
    """Whether the model provides the value, or the value is a width or height that may follow from an image."""
    return value.origin == "model" or (value.value is None and value.input in SIDES)


@frozen
class PlannedLink:
    """An edge, the reason it was made, and the feature of a model that its input uses, or ""."""

    edge: Edge
    reason: Origin
    span: Span | None = None
    feature: str = ""


@frozen
class Precheck:
    """A check to make before a node runs: the node, the input, the name of the check, and the place of the input."""

    node: str
    input: str
    name: str
    span: Span | None


@mutable
class GraphBuilder:
    """The nodes, links and values of a line, as far as it has been planned."""

    catalog: Catalog
    nodes: list[Node] = field(default_factory=list)
    links: list[PlannedLink] = field(default_factory=list)
    values: list[PlannedValue] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    linked: dict[tuple[str, str], Offer] = field(default_factory=dict)  # origins of links, by node and output
    recompute: set[str] = field(default_factory=set)  # ids of the nodes whose stage has `--no-cache`
    command: str = ""  # the command of the current stage of the line
    around: frozenset[str] = frozenset()  # the names of the axes around the inputs of the current stage
    axes: list[SweepAxis] = field(default_factory=list)  # the axes of the line's sweeps, in order
    items: int = 0  # how many items the largest sweep has, as far as that is known
    salt: str = ""  # determines the random numbers of sweeps
    is_file: IsFile = no_file  # returns whether a path names an existing file
    model_defaults: ModelDefaultsOfUser | None = None

    def new_id(self, prefix: str, word: str) -> str:
        """Return an id that is not in use yet: `3.denoise`, then `3.denoise.2`."""
        wanted = f"{prefix}.{word}"
        node_id, count = wanted, 1
        while node_id in self.taken:
            count += 1
            node_id = f"{wanted}.{count}"
        self.taken.add(node_id)
        return node_id

    def add_node(
        self, node_id: str, spec: InvocationSpec, contents: Mapping[str, Content], *, stage: int
    ) -> list[Offer]:
        """Add the node of a stage and the loaders it needs; return its outputs. Raises: PlanningError."""
        inputs: dict[str, Any] = {}
        arriving: dict[str, FieldType] = {}
        linked: dict[str, Offer] = {}
        prefix = node_id if "." not in node_id else node_id.split(".")[0]
        for field_spec in spec.inputs:
            own = self.model_defaults if field_spec.by_model else None
            content = contents.get(field_spec.name) if own is None else own.content(field_spec, contents, spec, self)
            if content is None:
                self._left_open(node_id, field_spec)
                continue
            content = self.materialize(field_spec, content, prefix, stage=stage)
            if isinstance(content.value, Offer):
                offer = linked[field_spec.name] = content.value
                self.linked[offer.node, offer.output] = offer
                edge = Edge(offer.node, offer.output, node_id, field_spec.name)
                self.links.append(PlannedLink(edge, content.origin, content.span, field_spec.feature))
                arriving[field_spec.name] = offer.type
            else:
                inputs[field_spec.name] = content.value
                given = (content.value, content.origin, content.span, content.model, field_spec.feature)
                self.values.append(PlannedValue(node_id, field_spec.name, *given))
                arriving[field_spec.name] = type_of_value(content.value)
        self.nodes.append(Node(node_id, spec.type, inputs))
        variables = self._variables(spec, arriving, contents)
        items = inputs.get(first_argument(spec), ()) if "lists" in spec.roles else ()
        made = [
            Offer(stage, output.name, resolved(spec, output, variables, inputs), node_id, output.name, items=items)
            for output in spec.outputs
        ]
        if spec.role != "iterate" and AXES not in inputs and not any(offer.loops for offer in linked.values()):
            return made
        from .sweeps.around import in_loops, items_of  # imported on demand: few lines have loops

        made = in_loops(made, self.nodes[-1], spec, linked, place=(stage, len(self.nodes)))
        self.items = max(self.items, items_of(made))
        return made

    def _variables(
        self, spec: InvocationSpec, arriving: Mapping[str, FieldType], contents: Mapping[str, Content]
    ) -> dict[str, FieldType]:
        """Return the types that the node's type variables stand for. Raises: PlanningError, if two inputs disagree."""
        if not with_variables(spec.inputs):
            return {}
        variables, clash = bindings(spec, arriving.items())
        if clash is not None:
            name, expected, found = clash
            message = f"`{spec.type}` receives {expected} and {found}, but both must be of the same type"
            raise planning_error("type_mismatch", message, contents[name].span or Span(0, 0))
        return variables

    def _left_open(self, node_id: str, field_spec: FieldSpec) -> None:
        if not field_spec.default and field_spec.type.is_reference:
            return
        origin: Origin = "drawn" if field_spec.seed else "model" if field_spec.by_model else "default"
        self.values.append(PlannedValue(node_id, field_spec.name, field_spec.default, origin))

    def prechecks(self, *, written_only: bool) -> list[Precheck]:
        """Return the checks to make before the nodes run; `written_only`: only for inputs that the line sets."""
        places = {(value.node, value.input): value.span for value in self.values if value.span is not None}
        places |= {(link.edge.target, link.edge.input): link.span for link in self.links if link.span is not None}
        return [
            Precheck(node.id, field.name, field.precheck, place)
            for node in self.nodes
            for field in self.catalog[node.type].inputs
            if field.precheck and ((place := places.get((node.id, field.name))) is not None or not written_only)
        ]

    def limited_links(self) -> list[tuple[PlannedLink, FieldSpec]]:
        """Return the links that carry values to inputs that refuse some values, each with its input."""
        plain = [link for link in self.links if self.linked[link.edge.source, link.edge.output].type.base != "ref"]
        types = {node.id: node.type for node in self.nodes} if plain else {}
        fields = ((link, self.catalog[types[link.edge.target]].input(link.edge.input)) for link in plain)
        return [(link, field_spec) for link, field_spec in fields if field_spec is not None and is_limited(field_spec)]

    def materialize(self, field_spec: FieldSpec, content: Content, prefix: str, *, stage: int) -> Content:
        """Add loader nodes for an input's files and models; return the input's content with the loaders' outputs.

        Several items are collected into one list. Raises: PlanningError.
        """
        if isinstance(content.value, Offer):
            return self.converted(field_spec, content, content.value, prefix, stage=stage)
        if content.is_plain:
            return content
        items = content.value if isinstance(content.value, list) else [content.value]
        wanted = field_spec.type
        if len(items) > 1 and (many := list_of(wanted)):
            wanted = many.args[0]
        loaded = [
            self.add_loader(item, wanted, content, prefix, stage=stage) if isinstance(item, ExternalValue) else item
            for item in items
        ]
        if len(loaded) > 1:  # the images that match a pattern are collected with the images from the other paths
            loaded = [
                self.add_spreader(Content(offer, "each", content.span), prefix, stage=stage)
                if isinstance(item, ExternalValue) and offer.type.base == "list"
                else offer
                for item, offer in zip(items, loaded, strict=True)
            ]
        single = not isinstance(content.value, list) or (len(loaded) == 1 and fits(loaded[0].type, field_spec.type))
        made = loaded[0] if single else self.add_collectors(loaded, content, prefix, stage=stage)
        return self.converted(field_spec, replace(content, value=made), made, prefix, stage=stage)

    def converted(self, field_spec: FieldSpec, content: Content, made: Any, prefix: str, *, stage: int) -> Content:
        """Return the content of an input; if it is a list for an input that takes one item, each item in turn.

        If an item of a sweep is linked to an input that takes a list, all items are gathered. Raises: PlanningError.
        """
        if not isinstance(made, Offer) or (not content.spread and fits(made.type, field_spec.type)):
            return content
        origin: Origin = "piped" if content.origin in ("each", "gathered") else content.origin
        if made.type.base != "list" and made.loops:
            made = self.add_gatherer(field_spec, content, prefix, stage=stage)
        if made.type.base == "list" and (content.spread or not fits(made.type, field_spec.type)):
            each = Content(made, "each", content.span)
            made = self.add_spreader(each, prefix, stage=stage, axis=field_spec.name)
        return Content(made, origin, content.span)

    def add_loader(
        self, thing: ExternalValue, wanted: FieldType, content: Content, prefix: str, *, stage: int
    ) -> Offer:
        """Add the node that loads a file or a model; return the output that fits. Raises: PlanningError."""
        spec = loader_of(self.catalog, thing.kind)
        assert spec is not None
        node_id = self.new_id(prefix, spec.type)
        written = Content(thing.text, content.origin, content.span)
        offers = self.add_node(node_id, spec, {first_argument(spec): written}, stage=stage)
        single = FieldType("ref", kind=thing.kind)
        fitting = [offer for offer in offers if fits(offer.type, wanted)]
        if is_pattern(thing.text, self.is_file):
            fitting = [offer for offer in offers if offer.type.base == "list"] or fitting
        fitting = fitting or [offer for offer in offers if fits(offer.type, single)]
        return fitting[0] if fitting else self.add_converter(offers, single, prefix, stage=stage)

    def add_converter(self, offers: list[Offer], wanted: FieldType, prefix: str, *, stage: int) -> Offer:
        """Add the node that converts a loaded image to a mask, and return its output."""
        from .converters import converting  # imported on demand: few lines read a mask from a file

        spec = self._with_role("masks")
        made = self.add_node(self.new_id(prefix, spec.type), spec, converting(spec, offers), stage=stage)
        return next(offer for offer in made if fits(offer.type, wanted))

    def add_spreader(
        self, content: Content, prefix: str, *, stage: int, axis: str = "", values: Sequence[Any] = (), **more: Any
    ) -> Offer:
        """Add the node that makes a stage run once for each item of a list; return the item.

        axis: the input that takes the items and gives the axis of a sweep its name; "" if the loop is not an axis
        values: the items, if they are known
        more: further inputs of the node
        """
        spec = self._with_role("spreads")
        assert spec.primary_input is not None
        contents = {spec.primary_input.name: content, **{name: Content(each, "sweep") for name, each in more.items()}}
        if axis:
            from invocations.graph.axes import AXIS  # imported on demand, here and below: few lines have loops

            from .sweeps.axes import axis_of
            from .sweeps.names import new_name

            taken = {*self.around, *(name for each in self.axes for name in each.names)}
            contents[AXIS] = Content(new_name(axis, self.command, taken), "sweep")
        made = self.add_node(self.new_id(prefix, spec.type), spec, contents, stage=stage)[0]
        if axis:
            made, found = axis_of(made, self.command, axis, values)
            if all(loop.iterate for loop in content.value.axes):  # the axes of a list of sheets are already counted
                self.axes.append(found)
        return made

    def add_gatherer(self, field_spec: FieldSpec, content: Content, prefix: str, *, stage: int) -> Offer:
        """Add the node that collects the results of a sweep in a list; return the list."""
        from .sweeps.gather import closing

        spec = self._with_role("gathers")
        assert spec.primary_input is not None
        contents = {spec.primary_input.name: Content(content.value, "gathered", content.span)}
        contents |= closing(spec, content.value, field_spec)
        return self._made(spec, contents, prefix, stage)

    def add_collectors(self, items: list[Any], content: Content, prefix: str, *, stage: int) -> Offer:
        """Add a chain of collectors that combines outputs in a list; return its output. Raises: PlanningError."""
        from .collectors import chained

        spec = self._with_role("gathers")

        return chained(items, content, spec, lambda inputs: self._made(spec, inputs, prefix, stage))

    def _made(self, spec: InvocationSpec, contents: Mapping[str, Content], prefix: str, stage: int) -> Offer:
        return self.add_node(self.new_id(prefix, spec.type), spec, contents, stage=stage)[0]

    def _with_role(self, role: str) -> InvocationSpec:
        spec = with_role(self.catalog, role)
        assert spec is not None
        return spec
