"""`@invocation`, which declares and checks a node, and everything else that node authors import from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from .context import InvocationContext
from .model import Declaration, Invocation, Output
from .values import ConditioningRef, ImageRef, LatentsRef, MaskRef, ModelRef

__all__ = [
    "ConditioningRef",
    "Declaration",
    "ImageRef",
    "Invocation",
    "InvocationContext",
    "LatentsRef",
    "MaskRef",
    "ModelRef",
    "Output",
    "invocation",
]


BUILT_IN = f"{__package__}.nodes."
Class = TypeVar("Class", bound=type[Invocation])


def invocation(
    type: str,  # noqa: A002 - as users call it
    *,
    title: str,
    category: str,
    version: str = "1.0.0",
    tags: tuple[str, ...] = (),
    examples: tuple[str, ...] = (),
    role: Literal["node", "iterate", "collect", "if"] = "node",
    roles: tuple[str, ...] = (),
    work: str = "",
    reusable: bool = True,
    model_bound: str = "",
    output_size: str = "",
    output_value: str = "",
    facts: tuple[str, ...] = (),
    batched: tuple[str, ...] = (),
) -> Callable[[Class], Class]:
    """Declare a class as the invocation that users type as `type`.

    Raises: DeclarationError, if the declaration breaks a rule. Built-in nodes are checked when the snapshot is built,
    not on every import.
    """
    declaration = Declaration(
        type,
        title,
        category,
        version,
        tags,
        examples,
        role,
        roles,
        work,
        reusable,
        model_bound,
        output_size,
        output_value,
        facts,
        batched,
    )

    def declare(cls: Class) -> Class:
        cls.declaration = declaration
        if not cls.__module__.startswith(BUILT_IN):
            from .catalog.rules import check_declaration

            check_declaration(cls)
        return cls

    return declare
