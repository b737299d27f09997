"""A user's node and recipe as strings, and a function that writes files with increasing modification times."""

from __future__ import annotations

import os
import textwrap
from itertools import count
from pathlib import Path

NODE = '''
from __future__ import annotations

from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation


class {name}Output(Output):
    """A text."""

    text: str = output_field(primary=True, description="the text")


@invocation("{type}", title="{name}", category="plug-ins", version="1.0.0", examples=("{type} hello",))
class {name}(Invocation):
    """Say something."""

    text: str = input_field(primary=True, position=1, description="what to say")

    def invoke(self, context: InvocationContext) -> {name}Output:
        return {name}Output(text=self.text.upper())
'''
RECIPE = """
type = "twice-more"
summary = "Add, and double it."
pipeline = "add | mul 2"
examples = ["twice-more 1 2"]
[inputs]
a = { to = ["add.a"], position = 1, primary = true }
b = { to = ["add.b"], position = 2 }
"""
TIMES = count(1_700_000_000_000_000_000, 1_000_000_000)


def write(file: Path, text: str) -> None:
    """Write a file whose modification time is later than that of every file written before."""
    file.write_text(textwrap.dedent(text), encoding="utf-8")
    time = next(TIMES)
    os.utime(file, ns=(time, time))
