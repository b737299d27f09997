"""A draft: a stage that is becoming a node, with the content of each input and its origin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from invocations.frozen import frozen
from invocations.graph.linking import Offer
from invocations.language.source import Span
from invocations.language.tree import Stage
from invocations.spec import FieldSpec, InvocationSpec
from workflows.values.codecs import ExternalValue

Origin = Literal["written", "piped", "named", "typed", "set", "recipe", "default", "model", "drawn"]


@frozen
class Content:
    """What fills an input: a plain value, an `ExternalValue`, an `Offer`, or a list of them."""

    value: Any
    origin: Origin
    span: Span | None = None

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Return the outputs that are linked here."""
        items = self.value if isinstance(self.value, list) else [self.value]
        return tuple(item for item in items if isinstance(item, Offer))

    @property
    def is_plain(self) -> bool:
        """Return True if the value is plain data."""
        if isinstance(self.value, list):
            return not any(isinstance(item, (Offer, ExternalValue)) for item in self.value)
        return not isinstance(self.value, (Offer, ExternalValue))


@dataclass(slots=True)
class Draft:
    """One stage: its command's metadata, the contents of its inputs so far, and its planning options.

    `whole` is False if a part of the stage could not be parsed; no input is then reported missing.
    """

    stage: Stage
    spec: InvocationSpec
    contents: dict[str, Content] = field(default_factory=dict)
    links: bool = True
    reuse: bool = True
    whole: bool = True


def option(field: FieldSpec) -> str:
    """Return the option of an input as typed."""
    return "--" + field.name.replace("_", "-")
