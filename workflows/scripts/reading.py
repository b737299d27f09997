"""Which names a script and the scripts it runs give or use as variables, found without planning them."""

from __future__ import annotations

from contextlib import suppress

from workflows.scripts.source import ScriptMissing, text_of
from workflows.planning.variables import RUN, names_in


def all_names(text: str, name: str, folder: str) -> frozenset[str]:
    """Return the names of the variables in a script and in those it runs."""
    found = names_in(text)
    seen, waiting = {name}, RUN.findall(text)
    while waiting:
        inner = waiting.pop()
        if inner not in seen:
            seen.add(inner)
            with suppress(ScriptMissing):
                more = text_of(inner, folder)
                found |= names_in(more)
                waiting += RUN.findall(more)
    return frozenset(found)
