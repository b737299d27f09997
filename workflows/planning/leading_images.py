"""Paths of images as the first words of a line: `blur x.png 4`, `compare a.png b.png`, `grid *.png`."""

from __future__ import annotations

from collections.abc import Sequence

from invocations.language.tree import Reference, Value, Word
from invocations.spec import InvocationSpec
from workflows.values.positions import (
    forms,
    image_input,
    list_of,
    looks_like_image,
    positional,
    takes_images,
)

from .errors import PlanningError, planning_error
from .scope import IsFile

PATHS = ("./", "../", "~/", "/", "http://", "https://")  # a word that begins with one of these is a path


def leading_images(spec: InvocationSpec, words: Sequence[Value], is_file: IsFile) -> int:
    """Return how many of the first words are paths of images for the primary input, if nothing is piped into it.

    words: the positional arguments of the stage, except those of an input that takes a list of all of them
    """
    primary = image_input(spec)
    if primary is None:
        return 0
    if list_of(primary.type):
        return len(words) if words and _is_image(words[0], is_file) else 0
    count = next((at for at, word in enumerate(words) if not _is_image(word, is_file)), len(words))
    others = positional(spec)
    return min(count, 1) if others and takes_images(others[0]) else count


def begins_with(spec: InvocationSpec, word: Value) -> PlanningError:
    """Return the error for a line whose first command takes an image, but whose first word is not a file."""
    primary = image_input(spec)
    assert primary is not None
    many = list_of(primary.type) is not None
    message = f"`{spec.type}` needs {'images as its arguments' if many else 'an image as its first argument'}"
    hint = f"write {', or '.join(forms(spec))}"
    if isinstance(word, Word) and word.text.endswith("/"):
        hint = f"for the images in a folder, write `{word.text}*.png`"
    return planning_error("missing_input", message, word.span, hint)


def _is_image(value: Value, is_file: IsFile) -> bool:
    if isinstance(value, Reference):
        return True
    return isinstance(value, Word) and (value.text == "-" or _is_path(value.text) or is_file(value.text))


def _is_path(text: str) -> bool:
    return looks_like_image(text) or "*" in text or text.startswith(PATHS)
