"""Control flow: `if`, `iterate` and `collect`.

The graph itself expands `iterate` and `collect`; these classes only process a single value.
"""

from __future__ import annotations

from invocations.fields import Item, input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation


class ItemOutput(Output):
    """The output of `iterate`."""

    item: Item = output_field(primary=True, description="one item of the list")


class CollectionOutput(Output):
    """The output of a node that returns a list."""

    collection: list[Item] = output_field(primary=True, description="the items, in order")


class ChosenOutput(Output):
    """The output of `if`."""

    value: Item = output_field(primary=True, description="the chosen value")


@invocation(
    "iterate",
    title="Iterate",
    category="flow",
    tags=("each", "loop"),
    role="iterate",
    examples=("range 1 4 | iterate | mul 10 | collect",),
    roles=("spreads",),
)
class Iterate(Invocation):
    """Run the following stages once for each item of a list."""

    collection: list[Item] = input_field(primary=True, position=1, description="list to iterate over")
    axis: str = input_field(
        default="", given="written", common=False, description="name for the loop, for `collect --by`"
    )
    sizes: list[int] = input_field(
        default=[],
        given="written",
        common=False,
        description="lengths of the axes, if only some of their combinations are items; filled in for a sweep",
    )
    cells: list[int] = input_field(
        default=[],
        given="written",
        common=False,
        description="position of each item among the combinations of these axes, from 0; filled in for a sweep",
    )

    def invoke(self, context: InvocationContext) -> ItemOutput:
        return ItemOutput(item=self.collection[0])


@invocation(
    "collect",
    title="Collect",
    category="flow",
    tags=("gather", "loop"),
    role="collect",
    examples=("range 1 4 | iterate | mul 10 | collect",),
    roles=("gathers",),
)
class Collect(Invocation):
    """Collect the items of the enclosing loop into a list, in order.

    `--by` selects the loops that end here. If an item fails, no list is made; with `--holes`, the list has an empty
    place for the item instead, which `grid` draws as a marked cell and `retry` fills.
    """

    item: Item = input_field(primary=True, given="linked", description="item to collect")
    earlier: list[Item] = input_field(
        default=[], given="linked", description="list from an earlier `collect`, to which the items are appended"
    )
    by: list[str] = input_field(
        default=[], given="written", description="names of the axes to collect along (default: the innermost loop)"
    )
    holes: bool = input_field(
        default=False, given="written", description="keep an empty place for each item that failed"
    )

    def invoke(self, context: InvocationContext) -> CollectionOutput:
        return CollectionOutput(collection=[*self.earlier, self.item])


@invocation("if", title="If", category="flow", tags=("branch", "choose"), role="if", examples=("if yes 1 2",))
class If(Invocation):
    """Choose one of two values depending on a condition. Only the chosen branch runs."""

    condition: bool = input_field(primary=True, position=1, description="condition to test")
    then: Item = input_field(position=2, description="value if the condition is true")
    otherwise: Item = input_field(position=3, description="value if the condition is false")

    def invoke(self, context: InvocationContext) -> ChosenOutput:
        return ChosenOutput(value=self.then if self.condition else self.otherwise)
