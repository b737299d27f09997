"""Small nodes for the tests of the framework, and a catalog of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from invocations.catalog.describe import describe
from invocations.fields import Item, input_field
from invocations.invocation import (
    Invocation,
    InvocationContext,
    invocation,
)
from invocations.spec import InvocationSpec
from tests.invocations.kitchen_batches import Press, SlowPress
from tests.invocations.kitchen_faults import Crowded, Greedy, Hungry, Liar, Loader, Picky, Sheet, Witness
from tests.invocations.kitchen_images import Cut, Develop, Keep, Model, Paint, Peek, Stencil, Width
from tests.invocations.kitchen_outputs import (
    BoolOutput,
    CollectionOutput,
    FloatOutput,
    IntOutput,
    IntsOutput,
    ItemOutput,
    TableOutput,
    TextOutput,
    ValueOutput,
)

RELEASED = threading.Event()  # cleared by the fixture `held`
RELEASED.set()


@invocation("number", title="Number", category="test")
class Number(Invocation):
    """Return an integer."""

    value: int = input_field(description="number")

    def invoke(self, context: InvocationContext) -> IntOutput:
        return IntOutput(value=self.value)


@invocation("add", title="Add", category="test")
class Add(Invocation):
    """Add integers."""

    a: int = input_field(primary=True, description="first")
    b: int = input_field(default=0, description="second")

    def invoke(self, context: InvocationContext) -> IntOutput:
        return IntOutput(value=self.a + self.b)


@invocation("mul", title="Multiply", category="test")
class Mul(Invocation):
    """Multiply integers."""

    a: int = input_field(primary=True, description="first")
    b: int = input_field(default=1, description="second")

    def invoke(self, context: InvocationContext) -> IntOutput:
        return IntOutput(value=self.a * self.b)


@invocation("half", title="Half", category="test")
class Half(Invocation):
    """Halve a number."""

    a: float = input_field(primary=True, description="number")

    def invoke(self, context: InvocationContext) -> FloatOutput:
        return FloatOutput(value=self.a / 2)


@invocation("maybe", title="Maybe", category="test")
class Maybe(Invocation):
    """Return a number, or zero if there is none."""

    a: float | None = input_field(default=None, primary=True, description="number")

    def invoke(self, context: InvocationContext) -> FloatOutput:
        return FloatOutput(value=self.a or 0.0)


@invocation("some", title="Some", category="test")
class Some(Invocation):
    """Add one number or many."""

    a: float | list[float] = input_field(primary=True, description="numbers")

    def invoke(self, context: InvocationContext) -> FloatOutput:
        return FloatOutput(value=sum(self.a) if isinstance(self.a, list) else self.a)


@invocation("anything", title="Anything", category="test")
class Anything(Invocation):
    """Convert anything to a string."""

    a: Any = input_field(primary=True, description="anything")

    def invoke(self, context: InvocationContext) -> TextOutput:
        return TextOutput(text=str(self.a))


@invocation("word", title="Word", category="test")
class Word(Invocation):
    """Return a string."""

    text: str = input_field(description="string")

    def invoke(self, context: InvocationContext) -> TextOutput:
        return TextOutput(text=self.text)


@invocation("upto", title="Up to", category="test")
class UpTo(Invocation):
    """List the integers below a number."""

    n: int = input_field(primary=True, description="how many")

    def invoke(self, context: InvocationContext) -> IntsOutput:
        return IntsOutput(collection=list(range(self.n)))


@invocation("table", title="Table", category="test")
class Table(Invocation):
    """Return rows of numbers."""

    rows: list[list[int]] = input_field(description="rows")

    def invoke(self, context: InvocationContext) -> TableOutput:
        return TableOutput(collection=self.rows)


@invocation("total", title="Total", category="test")
class Total(Invocation):
    """Add a list of numbers."""

    values: list[int] = input_field(primary=True, description="numbers")

    def invoke(self, context: InvocationContext) -> IntOutput:
        return IntOutput(value=sum(self.values))


@invocation("sentence", title="Sentence", category="test")
class Sentence(Invocation):
    """Join a list of strings."""

    words: list[str] = input_field(primary=True, description="strings")

    def invoke(self, context: InvocationContext) -> TextOutput:
        return TextOutput(text=" ".join(self.words))


@invocation("less", title="Less", category="test")
class Less(Invocation):
    """Compare two numbers."""

    a: int = input_field(primary=True, description="first")
    b: int = input_field(default=0, description="second")

    def invoke(self, context: InvocationContext) -> BoolOutput:
        return BoolOutput(holds=self.a < self.b)


@invocation("slow", title="Slow", category="test")
class Slow(Invocation):
    """Report steps; while RELEASED is not set, wait after the first step."""

    steps: int = input_field(default=3, description="steps")
    a: int = input_field(default=0, primary=True, description="number")

    def invoke(self, context: InvocationContext) -> IntOutput:
        for step in range(self.steps):
            context.progress(step + 1, self.steps)
            while not (RELEASED.wait(0.001) or context.cancelled()):
                pass
        return IntOutput(value=self.a + self.steps)


@invocation("dice", title="Dice", category="test")
class Dice(Invocation):
    """Return the seed."""

    seed: int | None = input_field(default=None, seed=True, description="seed")

    def invoke(self, context: InvocationContext) -> IntOutput:
        assert self.seed is not None
        context.fact("seed", self.seed)
        context.log(f"rolled with {context.seed}")
        return IntOutput(value=self.seed)


@invocation("clock", title="Clock", category="test", reusable=False)
class Clock(Invocation):
    """Return the current time."""

    def invoke(self, context: InvocationContext) -> IntOutput:
        return IntOutput(value=time.monotonic_ns())


@invocation("reader", title="Reader", category="test")
class Reader(Invocation):
    """Read a file."""

    path: str = input_field(completes="file", description="file")

    def invoke(self, context: InvocationContext) -> TextOutput:
        return TextOutput(text=Path(self.path).read_text(encoding="utf-8"))


@invocation("iterate", title="Iterate", category="test", role="iterate")
class Iterate(Invocation):
    """Iterate over a list."""

    collection: list[Item] = input_field(primary=True, description="list")
    axis: str = input_field(default="", given="written", description="name")

    def invoke(self, context: InvocationContext) -> ItemOutput:
        raise AssertionError("the graph does this")


@invocation("collect", title="Collect", category="test", role="collect")
class Collect(Invocation):
    """Collect items."""

    item: Item = input_field(primary=True, given="linked", description="items")
    collection: list[Item] = input_field(default=[], given="linked", description="earlier list")
    by: list[str] = input_field(default=[], given="written", description="axes to close")
    holes: bool = input_field(default=False, given="written", description="empty places for missing items")

    def invoke(self, context: InvocationContext) -> CollectionOutput:
        raise AssertionError("the graph does this")


@invocation("if", title="If", category="test", role="if")
class If(Invocation):
    """Choose a branch."""

    condition: bool = input_field(primary=True, description="what decides")
    then: Item = input_field(description="value if it holds")
    otherwise: Item = input_field(description="value if not")

    def invoke(self, context: InvocationContext) -> ValueOutput:
        raise AssertionError("the graph does this")


NODES = (
    Number, Add, Mul, Half, Maybe, Some, Anything, Word, UpTo, Table, Total, Sentence, Less, Picky, Sheet,
    Greedy, Hungry, Crowded, Slow, Dice, Press, SlowPress,
    Clock, Reader, Loader, Liar, Witness, Model, Paint, Peek, Develop, Stencil, Width, Cut, Keep, Iterate, Collect, If,
)  # fmt: skip


class FakeCatalog:
    """A catalog of the test nodes."""

    classes: ClassVar[Mapping[str, type[Invocation]]] = {cls.declaration.type: cls for cls in NODES}
    specs: ClassVar[Mapping[str, InvocationSpec]] = {cls.declaration.type: describe(cls) for cls in NODES}

    def spec(self, type: str) -> InvocationSpec | None:  # noqa: A002 - as in the protocol
        return self.specs.get(type)

    def load(self, type: str) -> type[Invocation]:  # noqa: A002 - as in the protocol
        return self.classes[type]


class PluginCatalog(FakeCatalog):
    """The same nodes as if they came from a plug-in, so that workers run them."""

    specs: ClassVar[Mapping[str, InvocationSpec]] = {
        type_: replace(spec, origin="plug-in") for type_, spec in FakeCatalog.specs.items()
    }
