"""How a line stands in a script: as it was typed where that says the same there, with what is set for it alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from invocations.language.errors import Refusal
from invocations.language.parser import parse
from invocations.language.printer import as_word, print_tree, print_value
from invocations.language.script import split_script
from invocations.language.source import Source
from invocations.language.tree import Pipeline
from workflows.planning.variables import USE

from .rewrite import literal, without_variables


@dataclass(frozen=True, slots=True)
class Scripted:
    """A line of a script, and the defaults that hold for it alone."""

    text: str
    sets: Mapping[str, str]

    def lines(self) -> tuple[str, ...]:
        """Return the line between what sets its defaults and what takes them back."""
        words = {name: print_value(literal(as_word(text))) for name, text in self.sets.items()}
        before = [f"set {name} {word}" for name, word in words.items()]
        return (*before, self.text, *(f"unset {name}" for name in words))


def scripted(tree: Pipeline, typed: str) -> str:
    """Return a tree as text: as it was typed, where that is the tree and stays one line of a script."""
    return typed.strip() if _is_kept(tree, typed) else print_tree(without_variables(tree))


def _is_kept(tree: Pipeline, typed: str) -> bool:
    if USE.search(typed) or "\r" in typed or typed.endswith("\\"):
        return False
    try:
        same = parse(Source(None, typed)) == tree
    except Refusal:
        return False
    return same and [each.source.text for each in split_script(Source(None, typed))] == [typed]
