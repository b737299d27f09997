"""Arithmetic. Whole numbers stay whole: `add 1 2` is 3, `add 1.5 2` is 3.5, `div 6 3` is 2."""

from __future__ import annotations

import operator
import random

from invocations import arithmetic
from invocations.arithmetic import Number, calculate, refuse_zero, sane
from invocations.errors import BadValue
from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation


class NumberOutput(Output):
    """The output of a node that returns a number."""

    value: Number = output_field(primary=True, description="the result")


class TwoNumbers(Invocation):
    """Base class of the nodes that compute with two numbers."""

    a: Number = input_field(primary=True, position=1, description="first number")
    b: Number = input_field(position=2, description="second number")


@invocation(
    "add",
    title="Add",
    category="numbers",
    tags=("plus", "sum", "math"),
    examples=("add 1 2", "add 1 2 | add 5"),
    work="invocations.arithmetic:add_work",
)
class Add(TwoNumbers):
    """Add two numbers."""

    def invoke(self, context: InvocationContext) -> NumberOutput:
        return NumberOutput(value=arithmetic.add(self.a, self.b))


@invocation(
    "sub",
    title="Subtract",
    category="numbers",
    tags=("minus", "math"),
    examples=("sub 5 3", "add 1 2 | sub 5"),
    work="invocations.arithmetic:sub_work",
)
class Sub(TwoNumbers):
    """Subtract the second number from the first."""

    def invoke(self, context: InvocationContext) -> NumberOutput:
        return NumberOutput(value=arithmetic.sub(self.a, self.b))


@invocation(
    "mul",
    title="Multiply",
    category="numbers",
    tags=("times", "math"),
    examples=("mul 3 4", "add 1 2 | mul 5"),
    work="invocations.arithmetic:mul_work",
)
class Mul(TwoNumbers):
    """Multiply two numbers."""

    def invoke(self, context: InvocationContext) -> NumberOutput:
        return NumberOutput(value=arithmetic.mul(self.a, self.b))


@invocation(
    "div",
    title="Divide",
    category="numbers",
    tags=("quotient", "math"),
    examples=("div 7 2", "mul 6 2 | div 3"),
    work="invocations.arithmetic:div_work",
)
class Div(TwoNumbers):
    """Divide the first number by the second. The result is an integer if both are integers that divide evenly."""

    def invoke(self, context: InvocationContext) -> NumberOutput:
        return NumberOutput(value=arithmetic.div(self.a, self.b))


@invocation("mod", title="Remainder", category="numbers", tags=("modulo", "math"), examples=("mod 7 3",))
class Mod(TwoNumbers):
    """Return the remainder of dividing the first number by the second. The result has the sign of the second number."""

    def invoke(self, context: InvocationContext) -> NumberOutput:
        refuse_zero(self.b)
        return NumberOutput(value=calculate(operator.mod, self.a, self.b))


@invocation(
    "min", title="Smaller", category="numbers", tags=("minimum", "math"), examples=("min 3 4", "add 1 2 | min 2")
)
class Min(TwoNumbers):
    """Return the smaller of two numbers."""

    def invoke(self, context: InvocationContext) -> NumberOutput:
        return NumberOutput(value=min(self.a, self.b))


@invocation(
    "max", title="Larger", category="numbers", tags=("maximum", "math"), examples=("max 3 4", "add 1 2 | max 5")
)
class Max(TwoNumbers):
    """Return the larger of two numbers."""

    def invoke(self, context: InvocationContext) -> NumberOutput:
        return NumberOutput(value=max(self.a, self.b))


@invocation("round", title="Round", category="numbers", tags=("math",), examples=("round 2.7", "div 22 7 | round 2"))
class Round(Invocation):
    """Round a number. Halves are rounded to the nearest even number. Without `digits`, the result is an integer."""

    value: Number = input_field(primary=True, position=1, description="number to round")
    digits: int = input_field(default=0, ge=0, le=15, position=2, description="digits after the decimal point")

    def invoke(self, context: InvocationContext) -> NumberOutput:
        return NumberOutput(value=calculate(round, sane(self.value, "value"), self.digits or None, field="value"))


@invocation("random", title="Random", category="numbers", tags=("dice", "chance"), examples=("random 1 6 --seed 7",))
class Random(Invocation):
    """Pick a random number from `low` to `high`.

    If both are integers, the result is an integer and both limits are included.
    """

    low: Number = input_field(default=0.0, position=1, description="smallest number")
    high: Number = input_field(default=1.0, position=2, description="largest number")
    seed: int | None = input_field(
        default=None, seed=True, ge=0, description="random seed; the same seed always picks the same number"
    )

    def invoke(self, context: InvocationContext) -> NumberOutput:
        if self.low > self.high:
            raise BadValue(
                "low", f"there is no number from {self.low} to {self.high}", "write the smaller number first"
            )
        part = random.Random(
            context.seed if self.seed is None else self.seed
        ).random()  # unlike `randint`, returns the same number in all versions of Python
        whole = isinstance(self.low, int) and isinstance(self.high, int)
        reach = calculate(operator.mul, part, self.high - self.low + whole, field="high")
        return NumberOutput(value=calculate(operator.add, self.low, int(reach) if whole else reach, field="high"))
