"""The models that an unknown name was meant for: those of a family, or names that differ only in their spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from invocations.language.did_you_mean import MAX_SUGGESTIONS, MIN_PREFIX, nearest, one_of

from .names import MAX_LISTED


def folded(name: str) -> str:
    """Return a name in lowercase without accents, spaces and punctuation: `sdxlbase10` for `SD_XL base-1.0`."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKD", name).casefold())


def meant(wanted: str, names: Iterable[str]) -> list[str]:
    """Return up to three names that are spelled like a wanted one or begin like it, the most likely first."""
    known, typed = list(names), folded(wanted)
    same = [name for name in known if folded(name) == typed]
    begun = [name for name in known if len(typed) >= MIN_PREFIX and folded(name).startswith(typed)]
    by_form = {folded(name): name for name in reversed(known)}
    near = [by_form[form] for form in nearest(typed, by_form)] if typed else []
    return list(dict.fromkeys([*same, *nearest(wanted, known), *begun, *near]))[:MAX_SUGGESTIONS]


def of_family(wanted: str, families: Sequence[tuple[str, str]]) -> str:
    """Return a hint that lists the models of a family if a name is that of a family, or "".

    families: the family and the name of each model that can be used
    """
    typed = folded(wanted)
    found = [(family, name) for family, name in families if typed and folded(family) == typed]
    if not found:
        return ""
    names = [name for _, name in found]
    more = f", and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
    models = f"your models of it: {', '.join(f'`{name}`' for name in names[:MAX_LISTED])}{more}"
    return f"`{found[0][0]}` is a family; {models}"


def suggestion(names: Sequence[str]) -> str:
    """Return the hint that suggests names, or "" if there are none."""
    return f"did you mean {one_of(names)}?" if names else ""
