"""Prompts of any syntax as pieces with weights, and pieces as a prompt of ours; needs no model."""

from __future__ import annotations

from collections.abc import Iterable

Pieces = list[tuple[str, float]]


def pieces(prompt: str, syntax: str) -> Pieces:
    """Return the texts of a prompt with the weights as written; syntax: `invoke`, `a1111` or `comfyui`."""
    from core.text.prompts import fragments

    return [(each.text, each.weight) for each in fragments(prompt, syntax)]


def written(found: Iterable[tuple[str, float]]) -> str:
    """Return a prompt of ours that means these pieces; weights are kept from 0 to 10."""
    from core.text.prompt_weights import Fragment, show

    return show(Fragment(text, weight) for text, weight in found)


def without_backslashes(prompt: str) -> str:
    """Return a prompt of ours without backslashes that it does not need."""
    from core.text.prompt_weights import parse

    plain = prompt.replace("\\(", "(").replace("\\)", ")")
    return plain if plain != prompt and parse(plain) == parse(prompt) else prompt
