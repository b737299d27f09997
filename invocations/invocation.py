"""What a node is: a frozen pydantic model of inputs with an `invoke`, declared and checked by `@invocation`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from .catalog.rules import check_declaration
from .context import InvocationContext
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


class Output(BaseModel):
    """What a node gives: fields declared with `output_field`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, arbitrary_types_allowed=False)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What `@invocation` was told of a class."""

    type: str
    title: str
    category: str
    version: str
    tags: tuple[str, ...]
    examples: tuple[str, ...]
    role: Literal["node", "iterate", "collect", "if"]
    reusable: bool
    model_bound: str


class Invocation(BaseModel):
    """A unit of work with typed inputs and outputs; subclasses declare fields and `invoke`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, protected_namespaces=())

    declaration: ClassVar[Declaration]

    @abstractmethod
    def invoke(self, context: InvocationContext) -> Output:
        """Do the work and return the outputs."""
        raise NotImplementedError


Class = TypeVar("Class", bound=type[Invocation])


def invocation(
    type: str,  # noqa: A002 - the word of the design, and what the user types
    *,
    title: str,
    category: str,
    version: str = "1.0.0",
    tags: tuple[str, ...] = (),
    examples: tuple[str, ...] = (),
    role: Literal["node", "iterate", "collect", "if"] = "node",
    reusable: bool = True,
    model_bound: str = "",
) -> Callable[[Class], Class]:
    """Declare a class as the invocation that users call `type`; a declaration that breaks a rule is refused here.

    Raises: DeclarationError, naming the class and the rule.
    """
    declaration = Declaration(type, title, category, version, tags, examples, role, reusable, model_bound)

    def declare(cls: Class) -> Class:
        cls.declaration = declaration
        check_declaration(cls)
        return cls

    return declare
