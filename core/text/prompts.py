"""Split prompts in any syntax into weighted fragments, and into parts that are encoded separately. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from .prompt_brackets import at_breaks, parse_a1111, parse_comfyui
from .prompt_weights import Fragment, merged, parse

INVOKE, A1111, COMFYUI = "invoke", "a1111", "comfyui"
_PARSERS: Final[Mapping[str, Callable[[str], list[Fragment]]]] = {
    INVOKE: lambda prompt: list(parse(prompt)),
    A1111: parse_a1111,
    COMFYUI: parse_comfyui,
}


def parts(prompt: str, syntax: str = INVOKE) -> list[tuple[Fragment, ...]]:
    """Split a prompt into parts, each with its fragments; only `BREAK` in AUTOMATIC1111's syntax begins a new part."""
    found = fragments(prompt, syntax)
    return [merged(part) for part in (at_breaks(found) if syntax == A1111 else [found])]


def fragments(prompt: str, syntax: str) -> list[Fragment]:
    """Split a prompt into fragments with their weights as written, which may be negative or too large."""
    return _PARSERS[syntax](prompt)
