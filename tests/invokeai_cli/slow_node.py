"""A file for the user's own nodes folder with two nodes: one reports steps, the other waits."""

from __future__ import annotations

from pathlib import Path

NAP = '''
import os
import time
from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation


class NapOutput(Output):
    """A number."""

    value: int = output_field(primary=True, description="the number")


@invocation("nap", title="Nap", category="numbers", examples=("nap 1",), reusable=False)
class Nap(Invocation):
    """Return a number after as many steps."""

    value: int = input_field(primary=True, position=1, description="how many steps")

    def invoke(self, context: InvocationContext) -> NapOutput:
        for step in range(1, self.value + 1):
            context.progress(step, self.value)
        return NapOutput(value=self.value)


@invocation("hold", title="Hold", category="numbers", examples=("hold 1",), reusable=False)
class Hold(Invocation):
    """Report one step of ten, then work until it is cancelled or the file `go` is there."""

    value: int = input_field(primary=True, position=1, description="the number")
    deaf: bool = input_field(default=False, description="ignore cancellation")

    def invoke(self, context: InvocationContext) -> NapOutput:
        context.progress(1, 10)
        for _ in range(12_000):
            if os.path.exists("go"):
                break
            if not self.deaf:
                context.progress(1, 10)
            time.sleep(0.01)
        return NapOutput(value=self.value)
'''


def add_slow_node(home: Path) -> None:
    """Write the slow nodes into the user's own nodes folder."""
    nodes = home / "config" / "nodes"
    nodes.mkdir(parents=True, exist_ok=True)
    (nodes / "nap.py").write_text(NAP)
