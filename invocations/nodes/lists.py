"""Lists: made, joined, cut, ordered."""

from __future__ import annotations

from invocations.errors import BadValue
from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation

MOST = 1_000_000  # items; more than anyone iterates over, less than a mistyped range would take of memory


class IntegersOutput(Output):
    """A list of whole numbers."""

    collection: list[int] = output_field(primary=True, description="the numbers, in order")


@invocation(
    "range",
    title="Range",
    category="lists",
    tags=("count", "numbers"),
    examples=("range 1 5", "range 1 4 | iterate | mul 10 | collect"),
)
class Range(Invocation):
    """List whole numbers from one up to another, which is left out."""

    start: int = input_field(position=1, description="first number")
    stop: int = input_field(position=2, description="where to stop; this number is left out")
    step: int = input_field(default=1, position=3, description="distance between two numbers; negative counts down")

    def invoke(self, context: InvocationContext) -> IntegersOutput:
        if self.step == 0:
            raise BadValue("step", "a range cannot go on by 0", "give a step of 1 or more, or a negative one")
        numbers = range(self.start, self.stop, self.step)
        check_length(len(numbers), "stop")
        return IntegersOutput(collection=list(numbers))


def check_length(count: int, field: str) -> None:
    """Refuse to make a list that is too long. Raises: BadValue."""
    if count > MOST:
        raise BadValue(field, f"the list would have {count:,} items; {MOST:,} are the most")
