"""Warn about embeddings of the user that a prompt names: they cannot be applied yet."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from invocations.language.errors import quoted, visible
from invocations.language.source import Span
from invocations.prompt_syntax import A1111

from .prompt_lint import shortened

if TYPE_CHECKING:
    from invocations.services.models.base import ModelService

    from .plan import Plan

MARKED: Final = re.compile(r"<([^<>:\n]{1,200})>")
WORD: Final = re.compile(r"[^\s,()\[\]:|<>]{1,200}")
EMBEDDING: Final = "embedding"
NOT_APPLIED: Final = "is not applied: embeddings cannot be used yet, so its name is treated as ordinary text"


def lint_embeddings(plan: Plan, prompts: Iterable[tuple[str, str]], models: ModelService) -> Iterator[str]:
    """Yield a warning for each embedding that the user owns and that a prompt names, with its place in the line.

    It may be named as `<NAME>` or, in AUTOMATIC1111's syntax, by its bare name. `embedding:NAME`, which needs no
    look at the user's models, is reported with other unsupported syntax.

    prompts: the prompts of the line, each with its syntax
    """
    named = dict.fromkeys(each for prompt, syntax in prompts for each in _named(prompt, syntax))
    if not named:
        return
    owned = {name for each in models.list() if each.kind == EMBEDDING for name in _names(each.name, each.path)}
    for text, name in named:
        if name.lower() in owned:
            start = plan.source.text.find(text)
            place = quoted(Span(start, start + len(text)), plan.source) if start >= 0 else []
            yield "\n".join([visible(f"the embedding `{shortened(name)}` {NOT_APPLIED}"), *place])


def _named(prompt: str, syntax: str) -> Iterator[tuple[str, str]]:
    """Yield what may be the name of an embedding: the text in the prompt, and the name."""
    yield from [(match[0], match[1].strip()) for match in MARKED.finditer(prompt)]
    if syntax == A1111:
        yield from [(match[0], match[0]) for match in WORD.finditer(MARKED.sub(" ", prompt))]


def _names(name: str, path: str) -> tuple[str, str]:
    """Return the names of an embedding in lower case, because the tokenizer ignores case: its own and its file's."""
    return name.lower(), os.path.splitext(os.path.basename(path))[0].lower()
