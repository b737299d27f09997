"""A test node that can run in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from invocations.errors import BadValue, Cancelled
from invocations.fields import input_field
from invocations.invocation import Invocation, InvocationContext, invocation
from tests.invocations.kitchen_outputs import IntOutput

UNLUCKY = 13


@invocation("press", title="Press", category="test", batched=("a",))
class Press(Invocation):
    """Multiply integers, several at once; 13 is refused."""

    a: int = input_field(primary=True, description="number")
    factor: int = input_field(default=2, description="factor")
    batches: ClassVar[list[list[int]]] = []  # the numbers of each call
    room: ClassVar[int] = 100  # how many fit into memory at once
    seen: ClassVar[list[InvocationContext]] = []

    def invoke(self, context: InvocationContext) -> IntOutput:
        return self.invoke_many([(self, context)])[0]

    @classmethod
    def invoke_many(cls, items: Sequence[tuple[Self, InvocationContext]]) -> list[IntOutput]:
        cls.batches.append([node.a for node, _ in items])
        cls.seen += [context for _, context in items]
        bytearray(2**62 if len(items) > cls.room else 1)
        if any(node.a == UNLUCKY for node, _ in items):
            raise BadValue("a", "it is 13", "use another number")
        for _, context in items:
            context.progress(1, 1)
        return [IntOutput(value=node.a * node.factor) for node, _ in items]


@invocation("slow-press", title="Slow press", category="test", batched=("a",))
class SlowPress(Press):
    """Multiply integers, several at once, until it is cancelled."""

    @classmethod
    def invoke_many(cls, items: Sequence[tuple[Self, InvocationContext]]) -> list[IntOutput]:
        cls.batches.append([node.a for node, _ in items])
        for step in range(1, 1_000_000):
            for _, context in items:
                context.progress(step, 1_000_000)
        raise Cancelled
