"""Complete the word at the cursor as the prompt does: each choice with its kind, type and range, and its links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.values.constraints import default_text, range_text, type_text

if TYPE_CHECKING:
    from invocations.spec import FieldSpec
    from workflows.completion.checker import LineChecker
    from workflows.completion.suggest import Suggestion


def choices_at(checker: LineChecker, text: str, cursor: int) -> list[dict[str, Any]]:
    """Return the choices at the cursor, best first.

    text: replaces the part of the line at `span`
    label, about: the choice as a menu shows it, and its description
    kind: what the choice is, such as a command, an option, a model or a file
    type, limits, default: those of the input that an option sets, as text; None for any other choice
    links: the links that a command would make: each input, with the stage and the output
    """
    return [_choice(each, cursor) for each in checker.suggest(text, cursor)]


def _choice(each: Suggestion, cursor: int) -> dict[str, Any]:
    return {
        "text": each.text,
        "span": [each.start, cursor],
        "label": each.shown,
        "about": each.about,
        "kind": each.kind,
        **_input(each.field),
        "links": [{"input": name, "stage": stage, "output": output} for name, stage, output in each.links],
    }


def _input(field: FieldSpec | None) -> dict[str, str | None]:
    if field is None:
        return {"type": None, "limits": None, "default": None}
    return {
        "type": type_text(field.type),
        "limits": range_text(field) or None,
        "default": default_text(field) or None,
    }
