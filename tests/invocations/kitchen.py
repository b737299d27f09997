"""A tiny world for the engine: nodes that compute with numbers, and a catalog of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from invocations.catalog.describe import describe
from invocations.fields import Item, input_field, output_field
from invocations.invocation import (
    ImageRef,
    Invocation,
    InvocationContext,
    LatentsRef,
    MaskRef,
    ModelRef,
    Output,
    invocation,
)
from invocations.running.context import model_load
from invocations.spec import InvocationSpec


class IntOutput(Output):
    """A whole number."""

    value: int = output_field(primary=True, description="number")


class FloatOutput(Output):
    """A number."""

    value: float = output_field(primary=True, description="number")


class TextOutput(Output):
    """A text."""

    text: str = output_field(primary=True, description="text")


class BoolOutput(Output):
    """A yes or no."""

    holds: bool = output_field(primary=True, description="yes or no")


class IntsOutput(Output):
    """Whole numbers."""

    collection: list[int] = output_field(primary=True, description="numbers")


class TableOutput(Output):
    """Lists of whole numbers."""

    collection: list[list[int]] = output_field(primary=True, description="rows")


class TextsOutput(Output):
    """Texts."""

    collection: list[str] = output_field(primary=True, description="texts")


class ItemOutput(Output):
    """One item."""

    item: Item = output_field(primary=True, description="item")


class CollectionOutput(Output):
    """Items."""

    collection: list[Item] = output_field(primary=True, description="items")


class ValueOutput(Output):
    """Anything."""

    value: Item = output_field(primary=True, description="value")


class ImageOutput(Output):
    """A picture."""

    image: ImageRef = output_field(primary=True, description="picture")


class MaskOutput(Output):
    """A mask."""

    mask: MaskRef = output_field(primary=True, description="mask")


class ModelOutput(Output):
    """A model."""

    model: ModelRef = output_field(primary=True, description="model")


class LatentsOutput(Output):
    """Latents."""

    latents: LatentsRef = output_field(primary=True, description="latents")


@invocation("number", title="Number", category="test")
class Number(Invocation):
    """Give a whole number."""

    value: int = input_field(description="number")

    def invoke(self, context: InvocationContext) -> IntOutput:
        return IntOutput(value=self.value)


@invocation("add", title="Add", category="test")
class Add(Invocation):
    """Add whole numbers."""

    a: int = input_field(primary=True, description="first")
    b: int = input_field(default=0, description="second")

    def invoke(self, context: InvocationContext) -> IntOutput:
        return IntOutput(value=self.a + self.b)


@invocation("mul", title="Multiply", category="test")
class Mul(Invocation):
    """Multiply whole numbers."""

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
    """Give a number or zero."""

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
    """Put anything into words."""

    a: Any = input_field(primary=True, description="anything")

    def invoke(self, context: InvocationContext) -> TextOutput:
        return TextOutput(text=str(self.a))


@invocation("word", title="Word", category="test")
class Word(Invocation):
    """Give a text."""

    text: str = input_field(description="text")

    def invoke(self, context: InvocationContext) -> TextOutput:
        return TextOutput(text=self.text)


@invocation("upto", title="Up to", category="test")
class UpTo(Invocation):
    """Give the numbers below a number."""

    n: int = input_field(primary=True, description="how many")

    def invoke(self, context: InvocationContext) -> IntsOutput:
        return IntsOutput(collection=list(range(self.n)))


@invocation("table", title="Table", category="test")
class Table(Invocation):
    """Give rows of numbers."""

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
    """Join a list of texts."""

    words: list[str] = input_field(primary=True, description="texts")

    def invoke(self, context: InvocationContext) -> TextOutput:
        return TextOutput(text=" ".join(self.words))


@invocation("less", title="Less", category="test")
class Less(Invocation):
    """Tell whether one number is less than another."""

    a: int = input_field(primary=True, description="first")
    b: int = input_field(default=0, description="second")

    def invoke(self, context: InvocationContext) -> BoolOutput:
        return BoolOutput(holds=self.a < self.b)


@invocation("picky", title="Picky", category="test")
class Picky(Invocation):
    """Take a number, but not a certain one."""

    a: int = input_field(primary=True, description="number")
    bad: int = input_field(default=13, description="the number that is refused")
    cured: ClassVar[bool] = False

    def invoke(self, context: InvocationContext) -> IntOutput:
        if self.a == self.bad and not Picky.cured:
            raise ValueError(f"{self.a} is not liked")
        return IntOutput(value=self.a)


@invocation("greedy", title="Greedy", category="test")
class Greedy(Invocation):
    """Ask for more memory than there is."""

    def invoke(self, context: InvocationContext) -> IntOutput:
        raise MemoryError


@invocation("hungry", title="Hungry", category="test")
class Hungry(Invocation):
    """Ask for more memory than there is for numbers above 100, in smaller pieces only for those above 1000."""

    a: int = input_field(primary=True, description="number")

    def invoke(self, context: InvocationContext) -> IntOutput:
        if self.a > (1000 if self.a > 100 and context.scarce else 100):
            bytearray(2**62)  # refused by the allocator itself
        return IntOutput(value=self.a + 1)


@invocation("crowded", title="Crowded", category="test")
class Crowded(Invocation):
    """Ask for more memory than there is while something else is loaded."""

    a: int = input_field(primary=True, description="number")
    loaded: ClassVar[list[str]] = []

    def invoke(self, context: InvocationContext) -> IntOutput:
        bytearray(2**62 if self.loaded else 1)
        return IntOutput(value=self.a + 1)


@invocation("slow", title="Slow", category="test")
class Slow(Invocation):
    """Count steps, each of a moment."""

    steps: int = input_field(default=3, description="steps")
    a: int = input_field(default=0, primary=True, description="number")

    def invoke(self, context: InvocationContext) -> IntOutput:
        for step in range(self.steps):
            time.sleep(0.002)
            context.progress(step + 1, self.steps)
        return IntOutput(value=self.a + self.steps)


@invocation("dice", title="Dice", category="test")
class Dice(Invocation):
    """Give its seed."""

    seed: int | None = input_field(default=None, seed=True, description="seed")

    def invoke(self, context: InvocationContext) -> IntOutput:
        assert self.seed is not None
        context.fact("seed", self.seed)
        context.log(f"rolled with {context.seed}")
        return IntOutput(value=self.seed)


@invocation("clock", title="Clock", category="test", reusable=False)
class Clock(Invocation):
    """Look at the world."""

    def invoke(self, context: InvocationContext) -> IntOutput:
        return IntOutput(value=time.monotonic_ns())


@invocation("reader", title="Reader", category="test")
class Reader(Invocation):
    """Read a file."""

    path: str = input_field(completes="file", description="file")

    def invoke(self, context: InvocationContext) -> TextOutput:
        return TextOutput(text=Path(self.path).read_text(encoding="utf-8"))


@invocation("model", title="Model", category="test")
class Model(Invocation):
    """Find a model."""

    name: str = input_field(description="model")

    def invoke(self, context: InvocationContext) -> ModelOutput:
        return ModelOutput(model=ModelRef(f"hash-of-{self.name}", self.name))


@invocation("paint", title="Paint", category="test", model_bound="model")
class Paint(Invocation):
    """Make latents with a model."""

    model: ModelRef = input_field(given="linked", description="model")
    steps: int | None = input_field(default=None, description="steps")
    a: int = input_field(default=0, primary=True, description="number")

    def invoke(self, context: InvocationContext) -> LatentsOutput:
        context.fact("steps", self.steps or 20)
        return LatentsOutput(latents=LatentsRef(f"{self.model.name}-{self.a}", 64, 32, seed=self.a))


@invocation("develop", title="Develop", category="test", model_bound="model")
class Develop(Invocation):
    """Make a picture of latents with a model."""

    model: ModelRef = input_field(given="linked", description="model")
    latents: LatentsRef = input_field(given="linked", primary=True, description="latents")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        return ImageOutput(image=ImageRef(f"picture of {self.latents.name}", 64, 32))


@invocation("loader", title="Loader", category="test")
class Loader(Invocation):
    """Load a part of a model."""

    def invoke(self, context: InvocationContext) -> IntOutput:
        model_load("fox", "unet", False)
        model_load("fox", "unet", True)
        return IntOutput(value=1)


@invocation("liar", title="Liar", category="test")
class Liar(Invocation):
    """Give something else than what is declared."""

    nothing: bool = input_field(default=False, description="give nothing at all")

    def invoke(self, context: InvocationContext) -> IntOutput:
        given: Any = None if self.nothing else TextOutput(text="x")
        return given


@invocation("stencil", title="Stencil", category="test")
class Stencil(Invocation):
    """Give a mask."""

    name: str = input_field(default="m", description="name")

    def invoke(self, context: InvocationContext) -> MaskOutput:
        return MaskOutput(mask=MaskRef(self.name, 8, 8))


@invocation("width", title="Width", category="test")
class Width(Invocation):
    """Measure a picture."""

    image: ImageRef = input_field(primary=True, description="picture")

    def invoke(self, context: InvocationContext) -> IntOutput:
        return IntOutput(value=self.image.width)


@invocation("cut", title="Cut", category="test")
class Cut(Invocation):
    """Use a mask."""

    mask: MaskRef = input_field(primary=True, description="mask")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        return ImageOutput(image=ImageRef(self.mask.name))


@invocation("keep", title="Keep", category="test", reusable=False)
class Keep(Invocation):
    """Tell how a picture came to be."""

    image: ImageRef = input_field(primary=True, given="linked", description="picture")
    seen: ClassVar[list[Any]] = []

    def invoke(self, context: InvocationContext) -> ImageOutput:
        Keep.seen.append(context.record())
        return ImageOutput(image=self.image)


@invocation("iterate", title="Iterate", category="test", role="iterate")
class Iterate(Invocation):
    """Take a list apart."""

    collection: list[Item] = input_field(primary=True, description="list")

    def invoke(self, context: InvocationContext) -> ItemOutput:
        raise AssertionError("the graph does this")


@invocation("collect", title="Collect", category="test", role="collect")
class Collect(Invocation):
    """Gather items."""

    item: Item = input_field(primary=True, given="linked", description="items")
    collection: list[Item] = input_field(default=[], given="linked", description="earlier list")

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
    Number, Add, Mul, Half, Maybe, Some, Anything, Word, UpTo, Table, Total, Sentence, Less, Picky, Greedy, Hungry,
    Crowded, Slow, Dice,
    Clock, Reader, Loader, Liar, Model, Paint, Develop, Stencil, Width, Cut, Keep, Iterate, Collect, If,
)  # fmt: skip


class FakeCatalog:
    """The nodes above."""

    classes: ClassVar[Mapping[str, type[Invocation]]] = {cls.declaration.type: cls for cls in NODES}
    specs: ClassVar[Mapping[str, InvocationSpec]] = {cls.declaration.type: describe(cls) for cls in NODES}

    def spec(self, type: str) -> InvocationSpec | None:  # noqa: A002 - the word of the design
        return self.specs.get(type)

    def load(self, type: str) -> type[Invocation]:  # noqa: A002 - the word of the design
        return self.classes[type]
