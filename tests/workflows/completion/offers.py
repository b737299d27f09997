"""Helpers that return completions for the real commands, two models, two schedulers and a small folder."""

from __future__ import annotations

from typing import Any

from invocations.catalog.snapshot import built_in
from workflows.completion.context import CompletionContext, Entry
from workflows.completion.suggest import suggest
from workflows.reserved import ReservedWords

FOLDERS = {
    "./": (Entry("cat.png", False), Entry("my cat.png", False), Entry("notes.txt", False), Entry("out", True)),
    "./out/": (Entry("one.png", False),),
    "./../": (Entry("fox.safetensors", False), Entry("FOX.SFT", False), Entry("fox.ckpt", False), Entry("webui", True)),
    "./../webui/": (Entry("Lora", True), Entry("a b.safetensors", False)),
    "/m/": (Entry("sdxl", True), Entry("config.json", False)),
}


def small_context(reserved: ReservedWords, **more: Any) -> CompletionContext:
    """Return a completion context with these reserved words; `more` sets the other fields."""
    return CompletionContext(
        catalog=built_in(),
        named={
            "model": (("default", "sd1, built in"), ("portraits", "sd1, mine")),
            "scheduler": (("euler", ""), ("ddim", "")),
            "upscaler": (("lanczos", ""), ("sharp", "")),
        },
        folder=".",
        entries=lambda folder: FOLDERS.get(folder, ()),
        reserved=reserved,
        **more,
    )


def offered(text: str, context: CompletionContext) -> list[str]:
    """Return the words suggested at the cursor, which `^` marks in the text, best first."""
    cursor = text.index("^")
    return [each.text for each in suggest(text.replace("^", ""), cursor, context)]


def about(text: str, word: str, context: CompletionContext) -> str:
    """Return the description of a word suggested at the cursor, which `^` marks in the text."""
    cursor = text.index("^")
    found = suggest(text.replace("^", ""), cursor, context)
    return next(each.about for each in found if each.text == word)
