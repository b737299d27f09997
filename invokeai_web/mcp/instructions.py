"""What the server tells an agent when it connects: how lines are written, and all commands, in one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from invocations.spec import InvocationSpec
from workflows.manual.agent import MAIN, USUAL, command_lines
from workflows.manual.command import describe, option_usage

INTRODUCTION: Final = """\
This server generates and edits images with lines of commands. A line is a pipeline: each command is a node of a
graph, and each `|` links the result on its left to the command on its right: `t2i a red house --seed 7 | upscale 2`.
Search the commands with `search_nodes`, check a line with `plan`, see what it costs with `explain`, then `run` it.

How a line is written:
- Words that are not options fill the inputs of a command in order; a prompt takes all words up to the next option.
  After a `|`, words skip the input that receives the piped result. Quote values that contain `|` or `*` with "..".
- `as NAME` names a result; `@NAME`, or `@2` (the number of the stage), uses it as an input, even in later lines. A line
  that begins with `|` continues the previous one.
- Several values make a loop: `--seed 1..4`, `--steps 10,20`, `load "in/*.png"`. `grid` or `collect` ends it.
- `load FILE` reads an image. `save FILE` never replaces a file unless --overwrite is given. An image that no `save` or
  other command uses is saved under a name of its own. `-` (standard input and output) is not available.
- The same line with the same seed produces the same image, and results are cached. Without --seed, the seed is random.
- Leave out --steps, --guidance, --scheduler and the size to use what suits the model.
- A line with errors does not run at all; each error names its place in the line and what to write instead.
"""


def instructions(catalog: Mapping[str, InvocationSpec]) -> str:
    """Return the page for agents."""
    title = f"Commands (piped input -> result, if not {USUAL}):"
    return "\n".join([INTRODUCTION, *_options(catalog), "", title, *command_lines(catalog)])


def _options(catalog: Mapping[str, InvocationSpec]) -> Iterator[str]:
    yield f"Options of {MAIN}:"
    for field in catalog[MAIN].inputs:
        if field.common:
            yield f"  {option_usage(field)}  {describe(field)}"
