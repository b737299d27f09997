"""Search the commands, also by the terms of other tools, and sort them into categories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from invocations.spec import InvocationSpec
from workflows.problems import UsageError
from workflows.synonyms.table import Synonym, find_synonym, suggestion

from .categories import category_order


def commands_with(words: Sequence[str], catalog: Mapping[str, InvocationSpec]) -> list[InvocationSpec]:
    """Return the commands whose name, title, summary, category, tags or names in other tools contain every word.

    words: in lower case. Raises: UsageError, if no command does.
    """
    specs = [spec for spec in catalog.values() if all(_contains(spec, word) for word in words)]
    if words and not specs:
        hint = suggestion(words[0], "commands", catalog, "`nodes` lists all")
        raise UsageError(f"no command matches `{' '.join(words)}`", hint)
    return specs


def by_category(specs: Iterable[InvocationSpec]) -> dict[str, list[InvocationSpec]]:
    """Return the commands of each category, in the order in which they are listed."""
    found: dict[str, list[InvocationSpec]] = {}
    for spec in sorted(specs, key=lambda spec: (category_order(spec.category), spec.category, spec.type)):
        found.setdefault(spec.category, []).append(spec)
    return found


def _contains(spec: InvocationSpec, word: str) -> bool:
    texts = (spec.type, spec.title, spec.summary, spec.category, *spec.tags)
    synonym = find_synonym(word)
    return any(word in text.lower() for text in texts) or (synonym is not None and _is_meant(spec, synonym))


def _is_meant(spec: InvocationSpec, synonym: Synonym) -> bool:
    """Return True if the synonym, a term from another tool, refers to the command or one of its inputs."""
    return spec.type in synonym.commands or any(spec.input(name) is not None for name in synonym.inputs)
