"""A context for completion with made-up directives."""

from __future__ import annotations

import pytest

from tests.workflows.completion.offers import small_context
from workflows.completion.context import CompletionContext
from workflows.reserved import ReservedWords

RESERVED = ReservedWords(
    summaries={
        "help": "explain a word",
        "nodes": "list all commands",
        "explain": "show what a line would do",
        "graph": "draw a line",
        "set": "set a default",
        "history": "list earlier lines",
        "cache": "show the cache",
        "exit": "end the script",
    },
    lines=(("explain",), ("graph",), ("cache", "why")),
    switches={"graph": {"--all": "a box for each node", "--mermaid": "text for Mermaid", "--dot": "for Graphviz"}},
    aliases=frozenset({"past"}),
)


@pytest.fixture(scope="session")
def context() -> CompletionContext:
    """Return a completion context with two models, two schedulers and a small folder."""
    return small_context(RESERVED)
