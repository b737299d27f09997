"""A row of the tables of rules, and the search for the first row that holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .conditions import Names, reasons


@dataclass(frozen=True, slots=True)
class Rule:
    """What a model is if its tensors meet a condition (see `conditions`).

    variants: names of variants and their conditions; the first that holds is the variant. measures: facts that are
    sizes, by name: `("channels", "conv_in.weight[1]")`. fits: all families, if the tensors do not tell them apart.
    """

    kind: str
    family: str
    when: str
    layout: str = ""
    variants: tuple[tuple[str, str], ...] = ()
    measures: tuple[tuple[str, str], ...] = ()
    fits: tuple[str, ...] = ()


class RuleMatch(NamedTuple):
    """A rule that holds, the variant, and why."""

    rule: Rule
    names: Names
    variant: str
    why: tuple[str, ...]

    def facts(self) -> dict[str, int]:
        """Return the sizes that the rule measures and that the model has."""
        found = {name: _measured(self.names, place) for name, place in self.rule.measures}
        return {name: size for name, size in found.items() if size is not None}


def first_match(rules: Iterable[Rule], views: Sequence[Names]) -> RuleMatch | None:
    """Return the first rule that holds for the tensors below one of several prefixes."""
    for rule in rules:
        for names in views:
            why = reasons(rule.when, names)
            if why is not None and names.shapes:
                variant, more = _variant(rule, names)
                return RuleMatch(rule, names, variant, tuple(dict.fromkeys(why + more)))
    return None


def _variant(rule: Rule, names: Names) -> tuple[str, tuple[str, ...]]:
    for variant, condition in rule.variants:
        why = reasons(condition, names)
        if why is not None:
            return variant, why
    return "", ()


def _measured(names: Names, place: str) -> int | None:
    pattern, axis = place.removesuffix("]").rsplit("[", 1)
    return names.size(pattern, int(axis))
