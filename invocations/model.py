"""The base classes of nodes: frozen pydantic models of their inputs and outputs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict

from invocations.frozen import frozen

from .context import InvocationContext


class Output(BaseModel):
    """Base class of what a node returns; subclasses declare fields with `output_field`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, arbitrary_types_allowed=False)


@frozen
class Declaration:
    """The arguments passed to `@invocation` when it decorated a class."""

    type: str
    title: str
    category: str
    version: str
    tags: tuple[str, ...]
    examples: tuple[str, ...]
    role: Literal["node", "iterate", "collect", "if"]
    roles: tuple[str, ...]
    work: str
    reusable: bool
    model_bound: str
    output_size: str
    output_value: str = ""
    facts: tuple[str, ...] = ()
    batched: tuple[str, ...] = ()


class Invocation(BaseModel):
    """Base class of all nodes: a unit of work with typed inputs and outputs. Subclasses declare fields and `invoke`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, protected_namespaces=())

    declaration: ClassVar[Declaration]

    @abstractmethod
    def invoke(self, context: InvocationContext) -> Output:
        """Do the work and return the outputs."""
        raise NotImplementedError

    @classmethod
    def invoke_many(cls, items: Sequence[tuple[Self, InvocationContext]]) -> Sequence[Output]:
        """Do the work of several nodes at once, and return their outputs in order.

        Only called if the class declares `batched`. The nodes differ only in the inputs that are named there. Any error
        ends the whole batch; its nodes are then invoked one by one.
        """
        return [node.invoke(context) for node, context in items]
