"""What is known about a template before it is expanded: its errors, and its prompts if they depend on no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from invocations.errors import BadValue
from invocations.precheck.known import Known, Unknown

from .errors import DynamicError
from .expand import expanded, size_of
from .template import parse_template
from .wildcards import Wildcards

MAX_KNOWN: Final = 10_000  # maximum number of prompts that are generated before a line runs
RANDOM: Final = "~"  # marks a group such as `{~a|b}`, of which the seed chooses an alternative
WILDCARD: Final = "__"  # encloses the name of a wildcard


def expandable(known: Known, name: str) -> None:
    """Refuse a template that cannot be parsed, or that has too many prompts."""
    text = known.value(name)
    try:
        template = parse_template(text)
        if WILDCARD not in text:
            size_of(template, Wildcards(), count=known.value("count"), is_random=known.value("random"))
    except DynamicError as error:
        raise unusable(name, error) from error


def of_dynamic(known: Known) -> Sequence[str]:
    """Return the prompts of a template. Raises: Unknown, for example if they depend on a file or on an unknown seed."""
    text, count, is_random, seed = (known.value(name) for name in ("template", "count", "random", "seed"))
    if WILDCARD in text:
        raise Unknown
    try:
        template = parse_template(text)
        depends = is_random or template.is_random(Wildcards())
        if (depends and seed is None) or size_of(template, Wildcards(), count=count, is_random=is_random) > MAX_KNOWN:
            raise Unknown
        return expanded(text, Wildcards(), count=count, is_random=is_random, seed=seed or 0)
    except DynamicError:
        raise Unknown from None


def uses_seed(inputs: Mapping[str, Any]) -> bool:
    """Whether the prompts of a template depend on a seed, as far as the inputs in the graph show it."""
    return bool(inputs.get("random")) or RANDOM in str(inputs.get("template", ""))


def unusable(name: str, error: DynamicError) -> BadValue:
    """Return the error for a template in the input with this name."""
    return BadValue(name, error.placed_message, error.hint)
