"""Split prompts in any syntax into weighted pieces, and join pieces into a prompt in the `invoke` syntax."""

from __future__ import annotations

from collections.abc import Iterable

Pieces = list[tuple[str, float]]


def pieces(prompt: str, syntax: str) -> Pieces:
    """Return the pieces of a prompt with their weights as written; `syntax` is `invoke`, `a1111` or `comfyui`."""
    from core.text.prompts import fragments

    return [(each.text, each.weight) for each in fragments(prompt, syntax)]


def written(found: Iterable[tuple[str, float]]) -> str:
    """Join pieces into a prompt in the `invoke` syntax; weights are limited to the range from 0 to 10."""
    from core.text.prompt_weights import Fragment, show

    return show(Fragment(text, weight) for text, weight in found)


def without_backslashes(prompt: str) -> str:
    """Return a prompt in the `invoke` syntax without unnecessary backslashes."""
    from core.text.prompt_weights import parse

    plain = prompt.replace("\\(", "(").replace("\\)", ")")
    return plain if plain != prompt and parse(plain) == parse(prompt) else prompt
