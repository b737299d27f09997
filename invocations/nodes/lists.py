"""Create, pair, slice and sort lists."""

from __future__ import annotations

import itertools
import math
from typing import Any

from invocations.errors import BadValue
from invocations.fields import Item, input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation
from invocations.listing import MAX_ITEMS, check_count, list_work


class ListOutput(Output):
    """The output of a node that returns a list."""

    collection: list[Item] = output_field(primary=True, description="the items, in order")


class WholeNumbersOutput(Output):
    """The output of `range`."""

    collection: list[int] = output_field(primary=True, description="the numbers, in order")


class NumbersOutput(Output):
    """The output of `linspace`."""

    collection: list[float] = output_field(primary=True, description="the numbers, in order")


class PairsOutput(Output):
    """The output of a node that returns pairs, each a list of two items."""

    collection: list[list[Any]] = output_field(primary=True, description="the pairs, in order")


class LengthOutput(Output):
    """The output of `length`."""

    value: int = output_field(primary=True, description="the number of items")


class PickedOutput(Output):
    """The output of `pick`."""

    item: Item = output_field(primary=True, description="the item")


@invocation(
    "range",
    title="Range",
    category="lists",
    tags=("count", "numbers"),
    examples=("range 1 5", "range 1 4 | iterate | mul 10 | collect"),
    output_value="of_range",
)
class Range(Invocation):
    """Make a list of integers from `start` up to, but not including, `stop`."""

    start: int = input_field(position=1, description="first number")
    stop: int = input_field(position=2, description="where to stop; this number is excluded")
    step: int = input_field(
        default=1, position=3, description="difference between consecutive numbers; a negative step counts down"
    )

    def invoke(self, context: InvocationContext) -> WholeNumbersOutput:
        if self.step == 0:
            raise BadValue("step", "the step cannot be 0", "use a positive or negative step")
        numbers = range(self.start, self.stop, self.step)
        distance = abs(self.stop - self.start) // abs(self.step)  # `len` fails if the length exceeds a machine word
        check_count(distance if distance > MAX_ITEMS and numbers else len(numbers), "stop")
        return WholeNumbersOutput(collection=list(numbers))


@invocation(
    "linspace",
    title="Evenly spaced",
    category="lists",
    tags=("numbers", "between"),
    examples=("linspace 0 1 5",),
    output_value="of_linspace",
)
class Linspace(Invocation):
    """Make a list of evenly spaced numbers between two numbers, both included."""

    start: float = input_field(position=1, description="first number")
    stop: float = input_field(position=2, description="last number")
    count: int = input_field(position=3, ge=1, le=MAX_ITEMS, description="how many numbers to make")

    def invoke(self, context: InvocationContext) -> NumbersOutput:
        if not math.isfinite(self.stop - self.start):
            raise BadValue("stop", "both numbers must be finite")
        parts = [index / (self.count - 1) for index in range(self.count)] if self.count > 1 else [0.0]
        return NumbersOutput(collection=[self.start * (1 - part) + self.stop * part for part in parts])


@invocation(
    "list",
    title="List",
    category="lists",
    tags=("values", "items"),
    examples=("list red green blue", "list 1 2 3 | iterate | mul 2 | collect"),
    roles=("lists",),
    work="invocations.listing:list_work",
    output_value="of_list",
)
class List(Invocation):
    """Make a list of values."""

    values: list[Item] = input_field(position=1, description="the items, in order")

    def invoke(self, context: InvocationContext) -> ListOutput:
        return ListOutput(**list_work(context, vars(self)))


@invocation(
    "zip",
    title="Zip",
    category="lists",
    tags=("pairs", "together"),
    examples=("list 1 2 | zip red green", "zip 1,2 red,green"),
    roles=("zips",),
    output_value="of_zip",
)
class Zip(Invocation):
    """Pair the items of two lists of the same length: first with first, second with second, and so on."""

    a: list[Any] = input_field(primary=True, position=1, description="list that supplies the first item of each pair")
    b: list[Any] = input_field(position=2, description="list that supplies the second item of each pair")

    def invoke(self, context: InvocationContext) -> PairsOutput:
        if len(self.a) != len(self.b):
            raise BadValue(
                "b", f"one list has {len(self.a)} items, the other {len(self.b)}", "use lists of the same length"
            )
        return PairsOutput(collection=[list(pair) for pair in zip(self.a, self.b, strict=True)])


@invocation(
    "product",
    title="Product",
    category="lists",
    tags=("pairs", "all"),
    examples=("list 1 2 | product red green", "product 1,2 red,green"),
    output_value="of_product",
)
class Product(Invocation):
    """Pair every item of one list with every item of another."""

    a: list[Any] = input_field(primary=True, position=1, description="list that supplies the first item of each pair")
    b: list[Any] = input_field(position=2, description="list that supplies the second item of each pair")

    def invoke(self, context: InvocationContext) -> PairsOutput:
        check_count(len(self.a) * len(self.b), "b")
        return PairsOutput(collection=[list(pair) for pair in itertools.product(self.a, self.b)])


@invocation(
    "slice",
    title="Slice",
    category="lists",
    tags=("part", "cut"),
    examples=("range 0 10 | slice 2 5",),
    output_value="of_slice",
)
class Slice(Invocation):
    """Take a part of a list. Positions start at 0, negative ones count from the end, and `stop` is excluded."""

    collection: list[Item] = input_field(primary=True, description="list to slice")
    start: int | None = input_field(default=None, position=1, description="first position to take")
    stop: int | None = input_field(default=None, position=2, description="position to stop before")
    step: int = input_field(
        default=1, position=3, description="distance between positions; a negative step goes backward"
    )

    def invoke(self, context: InvocationContext) -> ListOutput:
        if self.step == 0:
            raise BadValue("step", "the step cannot be 0")
        return ListOutput(collection=self.collection[self.start : self.stop : self.step])


@invocation(
    "pick",
    title="Pick",
    category="lists",
    tags=("item", "index"),
    examples=("list red green blue | pick 1",),
    roles=("picks",),
    output_value="of_pick",
)
class Pick(Invocation):
    """Take one item of a list. Positions start at 0; negative ones count from the end."""

    collection: list[Item] = input_field(primary=True, description="list to pick from")
    index: int = input_field(position=1, description="position of the item")

    def invoke(self, context: InvocationContext) -> PickedOutput:
        if not -len(self.collection) <= self.index < len(self.collection):
            raise BadValue("index", f"there is no position {self.index} in a list of {len(self.collection)} items")
        return PickedOutput(item=self.collection[self.index])


@invocation(
    "length",
    title="Length",
    category="lists",
    tags=("count", "size"),
    examples=("list red green blue | length",),
    output_value="of_length",
)
class Length(Invocation):
    """Count the items of a list."""

    collection: list[Any] = input_field(primary=True, position=1, description="list whose items are counted")

    def invoke(self, context: InvocationContext) -> LengthOutput:
        return LengthOutput(value=len(self.collection))


@invocation(
    "sort",
    title="Sort",
    category="lists",
    tags=("order",),
    examples=("list 3 1 2 | sort", "sort 3 1 2 --descending"),
    output_value="of_sort",
)
class Sort(Invocation):
    """Sort a list of numbers or strings in ascending order."""

    collection: list[Item] = input_field(primary=True, position=1, description="list to sort")
    descending: bool = input_field(default=False, description="sort in descending order")

    def invoke(self, context: InvocationContext) -> ListOutput:
        try:
            return ListOutput(collection=sorted(self.collection, reverse=self.descending))
        except TypeError as error:
            raise BadValue("collection", "cannot sort numbers and strings together") from error
