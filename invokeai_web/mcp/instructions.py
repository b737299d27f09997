"""What the server tells an agent when it connects: how lines are written, in one page."""

from __future__ import annotations

from typing import Final

INSTRUCTIONS: Final = """\
Generate and edit images with lines of commands. A line is a pipeline: `t2i a red house --steps 20 | scale 2`.
- `t2i PROMPT` generates an image, `i2i IMAGE PROMPT` changes one, `inpaint IMAGE PROMPT --mask MASK` a part of it.
- `load FILE` reads an image, `save FILE` writes one; an image that no command uses is saved automatically.
- `|` passes a result to the next command. `as NAME` names a stage; `@NAME` refers to it, even in later lines.
- An option is written as `--steps 20`. Several values run the line once for each: `--steps 10,20,30` or `--seed 4x`.
- Put text that contains `|`, quotes or ` --` in quotes: t2i "a sign that says | here".
Search the commands with `search_nodes`, check a line with `plan`, see what it costs with `explain`, then `run` it.
An error names its place in the line and what to write instead. With the same seed, a line makes the same image.
"""
