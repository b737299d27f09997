"""Format, split, join and replace strings."""

from __future__ import annotations

import re
from typing import Any

from invocations.errors import BadValue
from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation
from invocations.placeholders import PLACEHOLDER, PLACEHOLDERS
from invocations.sheets import label_of
from invocations.values import ImageRef, Ref

FORM = re.compile(
    r"(.?[<>=^])?[+\- ]?#?0?\d{0,3}[,_]?(\.\d{1,3})?[a-zA-Z%]?"
)  # limits field widths, so that no formatted string takes a gigabyte
MAX_CHARACTERS = 1_000_000


class TextOutput(Output):
    """The output of a node that returns a string."""

    text: str = output_field(primary=True, description="the resulting string")


class TextsOutput(Output):
    """The output of `split`."""

    collection: list[str] = output_field(primary=True, description="the parts, in order")


@invocation(
    "format",
    title="Format",
    category="text",
    tags=("template", "string"),
    examples=('format "{a} and {b}" red green', 'add 1 2 | format "{a:03} apples"'),
    roles=("formats",),
)
class Format(Invocation):
    """Insert values into a string at {a}, {b}, {c}, {d}, or at each {} in turn."""

    template: str = input_field(
        position=1,
        completes=PLACEHOLDERS,
        description="template with placeholders such as {a} or {b:.2f}; write braces as {{ and }}",
    )
    a: Any = input_field(default=None, primary=True, position=2, description="value for {a}")
    b: Any = input_field(default=None, position=3, description="value for {b}")
    c: Any = input_field(default=None, position=4, description="value for {c}")
    d: Any = input_field(default=None, position=5, description="value for {d}")
    names: list[str] = input_field(
        default=[],
        given="written",
        common=False,
        description="axes of the sweep that the values come from, to format them as labels; filled in for a sweep",
    )

    def invoke(self, context: InvocationContext) -> TextOutput:
        values = {"a": self.a, "b": self.b, "c": self.c, "d": self.d}
        values |= {place: label_of(name, values[place]) for place, name in zip(values, self.names, strict=False)}
        return TextOutput(text=fill(self.template, values))


@invocation(
    "split", title="Split", category="text", tags=("cut", "words"), examples=("split 'red, green' --separator ', '",)
)
class Split(Invocation):
    """Split a string into a list."""

    text: str = input_field(primary=True, position=1, description="string to split")
    separator: str = input_field(
        default="", position=2, description="separator between the parts; if empty, any whitespace separates them"
    )

    def invoke(self, context: InvocationContext) -> TextsOutput:
        return TextsOutput(collection=self.text.split(self.separator or None))


@invocation(
    "join", title="Join", category="text", tags=("together", "words"), examples=("list red green | join ' and '",)
)
class Join(Invocation):
    """Join the items of a list into one string."""

    collection: list[Any] = input_field(primary=True, description="items to join")
    separator: str = input_field(default=" ", position=1, description="separator between the items")

    def invoke(self, context: InvocationContext) -> TextOutput:
        return TextOutput(text=limited(self.separator.join(map(written, self.collection)), "collection"))


@invocation(
    "replace",
    title="Replace",
    category="text",
    tags=("change", "words"),
    examples=("replace 'a red house' red blue",),
    roles=("replaces",),
)
class Replace(Invocation):
    """Replace every occurrence of a string."""

    text: str = input_field(primary=True, position=1, description="string to change")
    old: str = input_field(position=2, description="string to replace, matched literally")
    new: str = input_field(position=3, description="replacement")

    def invoke(self, context: InvocationContext) -> TextOutput:
        if not self.old:
            raise BadValue("old", "an empty string cannot be replaced")
        count = self.text.count(self.old)
        if len(self.text) + count * len(self.new) > MAX_CHARACTERS:
            raise BadValue("new", f"the string would be longer than {MAX_CHARACTERS:,} characters")
        return TextOutput(text=self.text.replace(self.old, self.new))


def fill(template: str, values: dict[str, Any]) -> str:
    """Fill the placeholders of a template; they can name values but not attributes of values. Raises: BadValue."""
    unnamed = iter(values)

    def put(match: re.Match[str]) -> str:
        place = match.group()
        if place in ("{{", "}}"):
            return place[0]
        if place in ("{", "}"):
            raise BadValue(
                "template", f"`{place}` at character {match.start() + 1} is unmatched", "write `{{` or `}}` for a brace"
            )
        if match["name"] is None:
            raise BadValue("template", f"`{place}` is not a placeholder", "placeholders are {a}, {b:.2f} or {}")
        name = match["name"] or next(unnamed, "")
        if values.get(name) is None:
            known = ", ".join(f"{{{key}}}" for key, value in values.items() if value is not None) or "none"
            raise BadValue("template", f"`{place}` has no value; placeholders with a value: {known}")
        return _formatted(values[name], match["form"] or "", place)

    return limited(PLACEHOLDER.sub(put, template), "template")


def written(value: Any) -> str:
    """Return a value as part of a string: an image as its path, a list as its items separated by commas."""
    if isinstance(value, Ref):
        return value.path if isinstance(value, ImageRef) and value.path else value.name
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(written, value)) if isinstance(value, list) else str(value)


def limited(text: str, field: str) -> str:
    """Return the text unchanged. Raises: BadValue, if it is longer than MAX_TEXT."""
    if len(text) > MAX_CHARACTERS:
        raise BadValue(field, f"the string would be longer than {MAX_CHARACTERS:,} characters")
    return text


def _formatted(value: Any, form: str, place: str) -> str:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        value = written(value)
    try:
        if not FORM.fullmatch(form):
            raise ValueError
        return format(value, form)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadValue("template", f"`{place}` cannot format the value {value!r}") from error
