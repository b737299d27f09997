"""Conditions: number comparison and Boolean logic."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Literal

from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
    "ne": operator.ne,
    "ge": operator.ge,
    "gt": operator.gt,
}


class BooleanOutput(Output):
    """The output of a condition."""

    value: bool = output_field(primary=True, description="the result, yes or no")


@invocation(
    "compare-numbers",
    title="Compare numbers",
    category="flow",
    tags=("less", "equal", "greater", "condition"),
    examples=("compare-numbers 3 lt 5", "add 1 2 | compare-numbers ge 3 | if big small"),
)
class CompareNumbers(Invocation):
    """Compare two numbers and return yes or no."""

    a: int | float = input_field(primary=True, position=1, description="first number")
    how: Literal["lt", "le", "eq", "ne", "ge", "gt"] = input_field(
        position=2, description="comparison: lt <, le <=, eq ==, ne !=, ge >=, gt >"
    )
    b: int | float = input_field(position=3, description="second number")

    def invoke(self, context: InvocationContext) -> BooleanOutput:
        return BooleanOutput(value=COMPARISONS[self.how](self.a, self.b))


@invocation("and", title="And", category="flow", tags=("boolean", "both", "condition"), examples=("and yes no",))
class And(Invocation):
    """Test whether both conditions are true."""

    a: bool = input_field(primary=True, position=1, description="first condition")
    b: bool = input_field(position=2, description="second condition")

    def invoke(self, context: InvocationContext) -> BooleanOutput:
        return BooleanOutput(value=self.a and self.b)


@invocation("or", title="Or", category="flow", tags=("boolean", "either", "condition"), examples=("or yes no",))
class Or(Invocation):
    """Test whether at least one of two conditions is true."""

    a: bool = input_field(primary=True, position=1, description="first condition")
    b: bool = input_field(position=2, description="second condition")

    def invoke(self, context: InvocationContext) -> BooleanOutput:
        return BooleanOutput(value=self.a or self.b)


@invocation(
    "not",
    title="Not",
    category="flow",
    tags=("boolean", "condition"),
    examples=("not yes", "compare-numbers 1 eq 2 | not"),
)
class Not(Invocation):
    """Negate a condition."""

    a: bool = input_field(primary=True, position=1, description="condition")

    def invoke(self, context: InvocationContext) -> BooleanOutput:
        return BooleanOutput(value=not self.a)
