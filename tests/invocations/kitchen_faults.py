"""Test nodes that fail: they refuse values, run out of memory or return wrong outputs."""

from __future__ import annotations

from typing import Any, ClassVar

from invocations.fields import input_field
from invocations.invocation import (
    Invocation,
    InvocationContext,
    invocation,
)
from invocations.running.context import model_load
from tests.invocations.kitchen_outputs import IntOutput, TextOutput


@invocation("picky", title="Picky", category="test")
class Picky(Invocation):
    """Return a number, but fail if it equals `bad`."""

    a: int = input_field(primary=True, description="number")
    bad: int = input_field(default=13, description="the number that is refused")
    cured: ClassVar[bool] = False

    def invoke(self, context: InvocationContext) -> IntOutput:
        if self.a == self.bad and not Picky.cured:
            raise ValueError(f"{self.a} is not liked")
        return IntOutput(value=self.a)


@invocation("sheet", title="Sheet", category="test")
class Sheet(Invocation):
    """List numbers, with `-` in place of each missing one."""

    values: list[int | None] = input_field(primary=True, description="numbers")

    def invoke(self, context: InvocationContext) -> TextOutput:
        return TextOutput(text=" ".join("-" if value is None else str(value) for value in self.values))


@invocation("greedy", title="Greedy", category="test")
class Greedy(Invocation):
    """Run out of memory."""

    def invoke(self, context: InvocationContext) -> IntOutput:
        raise MemoryError


@invocation("hungry", title="Hungry", category="test")
class Hungry(Invocation):
    """Run out of memory for numbers above 100; when computing in slices, only for numbers above 1000."""

    a: int = input_field(primary=True, description="number")

    def invoke(self, context: InvocationContext) -> IntOutput:
        if self.a > (1000 if self.a > 100 and context.scarce else 100):
            bytearray(2**62)  # more memory than any allocator can provide
        return IntOutput(value=self.a + 1)


@invocation("crowded", title="Crowded", category="test")
class Crowded(Invocation):
    """Run out of memory while a model is loaded."""

    a: int = input_field(primary=True, description="number")
    loaded: ClassVar[list[str]] = []

    def invoke(self, context: InvocationContext) -> IntOutput:
        bytearray(2**62 if self.loaded else 1)
        return IntOutput(value=self.a + 1)


@invocation("loader", title="Loader", category="test")
class Loader(Invocation):
    """Load a part of a model."""

    def invoke(self, context: InvocationContext) -> IntOutput:
        model_load("fox", "unet", False)
        model_load("fox", "unet", True)
        return IntOutput(value=1)


@invocation("liar", title="Liar", category="test")
class Liar(Invocation):
    """Return an output other than the declared one."""

    nothing: bool = input_field(default=False, description="return None")

    def invoke(self, context: InvocationContext) -> IntOutput:
        given: Any = None if self.nothing else TextOutput(text="x")
        return given


@invocation("witness", title="Witness", category="test")
class Witness(Invocation):
    """Return the number of nodes in the record of how the inputs were computed."""

    a: int = input_field(primary=True, description="number")

    def invoke(self, context: InvocationContext) -> IntOutput:
        return IntOutput(value=len(context.record().graph["nodes"]))
