"""A plug-in with nodes for tests of workers, and the settings of a machine that has it."""

from __future__ import annotations

from pathlib import Path

from invocations.local import LocalSettings

PLUGIN = '''
import os
import time
from fractions import Fraction
from invocations.fields import input_field
from invocations.invocation import Invocation, InvocationContext, invocation
from invocations.model import Output
from invocations.fields import output_field


class SumOutput(Output):
    value: int = output_field(description="sum")


class TextOutput(Output):
    value: str = output_field(description="text")


class OddOutput(Output):
    value: dict = output_field(description="a value that is not JSON data")


@invocation("tally", title="Tally", category="test", version="1.0.0")
class Tally(Invocation):
    """Add two numbers, report steps and the process."""

    a: int = input_field(primary=True, description="first")
    b: int = input_field(default=0, description="second")
    steps: int = input_field(default=1, description="steps")

    def invoke(self, context: InvocationContext) -> SumOutput:
        for step in range(self.steps):
            context.progress(step + 1, self.steps)
        context.fact("pid", os.getpid())
        return SumOutput(value=self.a + self.b)


@invocation("refuse", title="Refuse", category="test", version="1.0.0")
class Refuse(Invocation):
    """Fail."""

    a: int = input_field(primary=True, description="number")

    def invoke(self, context: InvocationContext) -> SumOutput:
        raise ValueError(f"{self.a} is not liked")


@invocation("linger", title="Linger", category="test", version="1.0.0")
class Linger(Invocation):
    """Wait until the run is cancelled."""

    a: int = input_field(primary=True, description="number")

    def invoke(self, context: InvocationContext) -> SumOutput:
        context.progress(1, 2)
        while True:
            time.sleep(0.001)
            context.progress(1, 2)


@invocation("deaf", title="Deaf", category="test", version="1.0.0")
class Deaf(Invocation):
    """Go on until a file exists, even if the run is cancelled."""

    path: str = input_field(primary=True, description="file")

    def invoke(self, context: InvocationContext) -> SumOutput:
        context.log("begun")
        while not os.path.exists(self.path):
            time.sleep(0.001)
        return SumOutput(value=0)


@invocation("long", title="Long", category="test", version="1.0.0")
class Long(Invocation):
    """Return a long string."""

    a: int = input_field(primary=True, description="length")

    def invoke(self, context: InvocationContext) -> TextOutput:
        return TextOutput(value="x" * self.a)


@invocation("perish", title="Perish", category="test", version="1.0.0")
class Perish(Invocation):
    """Kill the process."""

    a: int = input_field(primary=True, description="number")

    def invoke(self, context: InvocationContext) -> SumOutput:
        os.kill(os.getpid(), 9)
        return SumOutput(value=0)


@invocation("crowd", title="Crowd", category="test", version="1.0.0")
class Crowd(Invocation):
    """Run out of memory unless computing in slices."""

    a: int = input_field(primary=True, description="number")

    def invoke(self, context: InvocationContext) -> SumOutput:
        if not context.low_memory:
            raise MemoryError
        return SumOutput(value=self.a)


@invocation("odd", title="Odd", category="test", version="1.0.0")
class Odd(Invocation):
    """Return a value that is not JSON data."""

    a: int = input_field(primary=True, description="number")

    def invoke(self, context: InvocationContext) -> OddOutput:
        return OddOutput(value={"a": {1, 2}})


@invocation("chatter", title="Chatter", category="test", version="1.0.0")
class Chatter(Invocation):
    """Log a message several times."""

    a: int = input_field(primary=True, description="how often")
    text: str = input_field(description="message")

    def invoke(self, context: InvocationContext) -> SumOutput:
        for _ in range(self.a):
            context.log(self.text[:100])
        return SumOutput(value=len(self.text))


@invocation("fancy", title="Fancy", category="test", version="1.0.0")
class Fancy(Invocation):
    """Report progress that is not JSON data."""

    a: int = input_field(primary=True, description="number")

    def invoke(self, context: InvocationContext) -> SumOutput:
        context.progress(Fraction(1, 2), 2, preview="not an image")
        context.progress(Fraction(2), 2)
        return SumOutput(value=self.a)
'''


def settings_with_nodes(folder: Path, **changed: object) -> LocalSettings:
    """Return settings whose data, cache and plug-in are in a folder."""
    nodes = folder / "nodes"
    nodes.mkdir(parents=True, exist_ok=True)
    (nodes / "worker_nodes.py").write_text(PLUGIN)
    where = {"data_dir": folder / "data", "cache_dir": folder / "cache", "output_dir": folder / "out"}
    return LocalSettings(**{**where, "nodes_dirs": (nodes,), "device": "cpu", **changed})  # type: ignore[arg-type]
