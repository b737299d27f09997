"""Expand a template to a list of prompts of limited size."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from .errors import DynamicError
from .template import PromptTemplate, parse_template
from .wildcards import Wildcards

MAX_PROMPTS: Final = 100_000  # the same as the maximum number of items in a sweep
MAX_CHARACTERS: Final = 50_000_000  # the limit for all prompts together


def expanded(text: str, wildcards: Wildcards, *, count: int | None, is_random: bool, seed: int) -> list[str]:
    """Return the prompts of a template: all, the first `count`, or `count` random ones (by default, 1).

    Raises: DynamicError, also if there are too many.
    """
    template = parse_template(text)
    total = size_of(template, wildcards, count=count, is_random=is_random)
    if is_random:
        return _limited(template.draws(wildcards, total, seed))
    return _limited(islice(template.all(wildcards, seed), total))


def size_of(template: PromptTemplate, wildcards: Wildcards, *, count: int | None, is_random: bool) -> int:
    """Return how many prompts `expanded` returns. Raises: DynamicError, also if there are too many."""
    template.check(wildcards)
    if is_random:
        return count or 1
    total = template.count(wildcards)
    if min(total, count or total) > MAX_PROMPTS:
        message = f"the template has {total} prompts, but at most {MAX_PROMPTS} are possible"
        raise DynamicError(message, "draw some of them: --random --count 20")
    return min(total, count or total)


def _limited(prompts: Iterable[str]) -> list[str]:
    """Return the prompts as a list. Raises: DynamicError, if they are too long."""
    found, size = [], 0
    for prompt in prompts:
        size += len(prompt)
        if size > MAX_CHARACTERS:
            raise DynamicError(f"the prompts have more than {MAX_CHARACTERS:,} characters in all")
        found.append(prompt)
    return found
