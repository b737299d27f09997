"""Recognize prompts that look like templates: `{red|blue}`, `__animal__`; but not JSON, `{stem}` or `snake__case`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# All repetitions are limited, so the time is linear in the length of the prompt.
_GROUP: Final = re.compile(r"(?<![\\%])\{(?!\s{0,9}[\"'\[{])[^{}\n]{0,200}\|[^{}\n]{0,200}\}")
_SEVERAL: Final = re.compile(r"(?<!\\)\{[~!@]?\d{0,4}-?\d{0,4}\$\$[^{}\n]{1,200}\}")
_WILDCARD: Final = re.compile(r"(?<![\w\\])__[~!@]?[A-Za-z0-9*][\w/*-]{0,80}?(?:\([^()\n]{1,100}\))?__(?!\w)")


def dynamic_parts(text: str) -> Iterator[str]:
    """Yield the groups and wildcards that a prompt seems to contain; of nested groups, only the innermost."""
    if "{" in text or "__" in text:
        for pattern in (_GROUP, _SEVERAL, _WILDCARD):
            for match in pattern.finditer(text):
                yield match[0]


def looks_dynamic(text: str) -> bool:
    """Whether a prompt seems to be a template."""
    return next(dynamic_parts(text), None) is not None
