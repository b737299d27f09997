"""The keys by which the inputs of a recipe refer to the stages of its pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from .tree import Stage


def stage_keys(stages: Sequence[Stage]) -> tuple[str, ...]:
    """Return the key of each stage: its name, or its command, with a number if it is repeated (`blur`, `blur.2`)."""
    counts: dict[str, int] = {}
    keys = []
    for stage in stages:
        word = stage.name or stage.command.text
        counts[word] = counts.get(word, 0) + 1
        keys.append(word if counts[word] == 1 else f"{word}.{counts[word]}")
    return tuple(keys)
