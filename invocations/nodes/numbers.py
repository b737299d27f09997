"""Arithmetic. Whole numbers stay whole: `add 1 2` is 3, `add 1.5 2` is 3.5."""

from __future__ import annotations

from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation

Number = int | float


class NumberOutput(Output):
    """A number."""

    value: Number = output_field(primary=True, description="the result")


@invocation(
    "add", title="Add", category="numbers", tags=("math", "plus", "sum"), examples=("add 1 2", "add 1 2 | add 5")
)
class Add(Invocation):
    """Add two numbers."""

    a: Number = input_field(primary=True, position=1, description="first number")
    b: Number = input_field(position=2, description="second number")

    def invoke(self, context: InvocationContext) -> NumberOutput:
        return NumberOutput(value=self.a + self.b)


@invocation(
    "mul", title="Multiply", category="numbers", tags=("math", "times"), examples=("mul 3 4", "add 1 2 | mul 5")
)
class Mul(Invocation):
    """Multiply two numbers."""

    a: Number = input_field(primary=True, position=1, description="first number")
    b: Number = input_field(position=2, description="second number")

    def invoke(self, context: InvocationContext) -> NumberOutput:
        return NumberOutput(value=self.a * self.b)
