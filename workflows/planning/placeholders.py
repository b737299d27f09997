"""Refuse values that a template does not use: after a `|`, positional words may have filled the wrong inputs."""

from __future__ import annotations

from collections.abc import Iterator

from invocations.language.errors import LanguageError
from invocations.placeholders import PLACEHOLDERS, names_in

from .draft import Draft, option
from .errors import listed


def unused_values(draft: Draft) -> Iterator[LanguageError]:
    """Yield an error for each written value of a stage whose template has no placeholder for it."""
    template = next((field for field in draft.spec.inputs if field.completes == PLACEHOLDERS), None)
    content = draft.contents.get(template.name) if template is not None else None
    if template is None or content is None or not isinstance(content.value, str):
        return
    names = [field.name for field in draft.spec.inputs if field.position is not None and field is not template]
    used = names_in(content.value, names)
    for name in names:
        given = draft.contents.get(name)
        if given is not None and given.origin == "written" and given.span is not None and name not in used:
            message = f"`{draft.spec.type}` has a value for `{name}`, but its template has no {{{name}}}"
            yield LanguageError("unused_value", message, given.span, _hint(draft, names))


def _hint(draft: Draft, names: list[str]) -> str | None:
    piped = [field for field in draft.spec.inputs if field.name in names and field.primary]
    if not piped or piped[0].name not in draft.contents or draft.contents[piped[0].name].origin == "written":
        return None
    name = piped[0].name
    others = listed(f"{option(field)} VALUE" for field in draft.spec.inputs if field.name in names[:2])
    return f"`{name}` is piped in, and bare words fill the inputs after it; to fill others: {others}"
