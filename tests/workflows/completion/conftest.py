"""A context for completion: the real commands, made-up directives, two models, a small folder."""

from __future__ import annotations

import pytest

from invocations.catalog.snapshot import built_in
from workflows.completion.context import CompletionContext, Entry
from workflows.reserved import ReservedWords

FOLDERS = {
    "./": (Entry("cat.png", False), Entry("my cat.png", False), Entry("notes.txt", False), Entry("out", True)),
    "./out/": (Entry("one.png", False),),
}
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
    """What completion chooses from."""
    return CompletionContext(
        catalog=built_in(),
        named={
            "model": (("default", "sd1, built in"), ("portraits", "sd1, mine")),
            "scheduler": (("euler", ""), ("ddim", "")),
            "upscaler": (("lanczos", ""), ("sharp", "")),
        },
        folder=".",
        entries=lambda folder: FOLDERS.get(folder, ()),
        reserved=RESERVED,
    )
