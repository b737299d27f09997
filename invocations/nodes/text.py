"""Texts: put together, cut, changed."""

from __future__ import annotations

import re
from typing import Any

from invocations.errors import BadValue
from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation
from invocations.values import ImageRef, Ref

PLACE = re.compile(r"\{\{|\}\}|\{(?P<name>[a-z]?)(?::(?P<form>[^{}]*))?\}|[{}]")
FORM = re.compile(
    r"(.?[<>=^])?[+\- ]?#?0?\d{0,3}[,_]?(\.\d{1,3})?[a-zA-Z%]?"
)  # widths stay small: no text of a gigabyte


class TextOutput(Output):
    """A text."""

    text: str = output_field(primary=True, description="the text")


@invocation(
    "format",
    title="Format",
    category="text",
    tags=("template", "string"),
    examples=('format "{a} and {b}" red green', 'add 1 2 | format "{a:03} apples"'),
)
class Format(Invocation):
    """Put values into a text at the places marked {a}, {b}, {c}, {d}, or {} for one after the other."""

    template: str = input_field(position=1, description="text with places such as {a} or {b:.2f}; {{ and }} are braces")
    a: Any = input_field(default=None, primary=True, position=2, description="value for {a}")
    b: Any = input_field(default=None, position=3, description="value for {b}")
    c: Any = input_field(default=None, position=4, description="value for {c}")
    d: Any = input_field(default=None, position=5, description="value for {d}")

    def invoke(self, context: InvocationContext) -> TextOutput:
        values = {"a": self.a, "b": self.b, "c": self.c, "d": self.d}
        return TextOutput(text=fill(self.template, values))


def fill(template: str, values: dict[str, Any]) -> str:
    """Put values into the places of a template; a place names a value and nothing inside it. Raises: BadValue."""
    unnamed = iter(values)

    def put(match: re.Match[str]) -> str:
        place = match.group()
        if place in ("{{", "}}"):
            return place[0]
        if place in ("{", "}"):
            raise BadValue(
                "template", f"`{place}` at letter {match.start() + 1} stands alone", "write `{{` or `}}` for a brace"
            )
        name = match["name"] or next(unnamed, "")
        if values.get(name) is None:
            known = ", ".join(f"{{{key}}}" for key, value in values.items() if value is not None) or "none"
            raise BadValue("template", f"nothing is given for `{place}`; given are {known}")
        return _formatted(values[name], match["form"] or "", place)

    return PLACE.sub(put, template)


def _formatted(value: Any, form: str, place: str) -> str:
    if isinstance(value, Ref):
        value = value.path if isinstance(value, ImageRef) and value.path else value.name
    try:
        if not FORM.fullmatch(form):
            raise ValueError
        return format(value, form)
    except (ValueError, TypeError) as error:
        raise BadValue("template", f"`{place}` does not suit the value {value!r}") from error
