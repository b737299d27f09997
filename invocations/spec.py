"""An invocation's metadata as plain data, which commands, help, links and documentation are all derived from.

Standard library only; knows neither pydantic nor any node. Built by `invocations.catalog.describe` and stored in a
snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from invocations.frozen import frozen

Base = Literal["bool", "int", "float", "str", "enum", "any", "none", "json", "color", "ref", "list", "union"]


RENAMED_CATEGORIES: Mapping[str, str] = {"colours": "color"}  # older names that plug-ins may still use


@frozen
class FieldType:
    """The type of an input or output.

    args: the item type of a list or the members of a union. choices: the values of an enum. kind: the kind of a
    reference. parents: the kinds that it is a special case of, nearest first (a mask is an image). Base "any" with a
    `kind` is a type variable: within one invocation, equal kinds are resolved to the same type by links.
    """

    base: Base
    args: tuple[FieldType, ...] = ()
    choices: tuple[str, ...] = ()
    kind: str = ""
    parents: tuple[str, ...] = ()

    @property
    def optional(self) -> bool:
        """Whether None is a value of this type."""
        return self.base == "none" or (self.base == "union" and any(arg.optional for arg in self.args))

    @property
    def is_reference(self) -> bool:
        """Whether values are references (image, mask, latents, ...), including optional ones and lists."""
        if self.base in ("union", "list"):
            return any(arg.is_reference for arg in self.args)
        return self.base == "ref"

    def __str__(self) -> str:
        if self.base == "list":
            return f"list of {self.args[0]}"
        if self.base == "union":
            return " or ".join(str(arg) for arg in self.args if arg.base != "none")
        if self.base == "enum":
            return "|".join(self.choices)
        return {"ref": self.kind, "str": "string", "bool": "yes/no", "any": "anything"}.get(self.base, self.base)


@frozen
class FieldSpec:
    """One input of an invocation.

    given: whether it can be "written", "linked" or "either". completes: what its value names, if that is more than the
    type says: "file" (to read), "target" (to write, or a template), "model", "scheduler", "upscaler", "directory",
    "prompt" (words with weights), "prompt_syntax" (how they are written), "".
    """

    name: str
    type: FieldType
    description: str
    required: bool = True
    default: Any = None
    given: Literal["either", "written", "linked"] = "either"
    primary: bool = False
    position: int | None = None  # among positional arguments, from 1
    free_text: bool = False  # takes all words up to the next option
    short: str = ""  # one letter for `-n 20`
    unit: str = ""
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    multiple_of: int | None = None
    seed: bool = False  # without a value, a random one is chosen when the node is added to a session
    by_model: bool = False  # without a value, the model's default is used
    completes: str = ""
    neutral: Any = None  # the value with which the node passes on its primary input unchanged
    common: bool = True  # False: listed only among all options


@frozen
class OutputSpec:
    """One output of an invocation."""

    name: str
    type: FieldType
    description: str
    primary: bool = False


@frozen
class Exposure:
    """An input of a recipe, with every (stage, input) of its pipeline that takes its value."""

    name: str
    targets: tuple[tuple[str, str], ...]


@frozen
class InvocationSpec:
    """The metadata of an invocation or recipe, available without importing it."""

    type: str
    title: str
    summary: str
    category: str
    version: str
    inputs: tuple[FieldSpec, ...]
    outputs: tuple[OutputSpec, ...]
    tags: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    description: str = ""  # the docstring after its first sentence
    module: str = ""  # import path of the node's module; "" for a recipe
    class_name: str = ""
    origin: str = "built in"  # or the plug-in's distribution, or the path of the user's file
    role: Literal["node", "iterate", "collect", "if"] = "node"  # how the graph runs it
    roles: tuple[str, ...] = ()  # see `catalog.roles`
    work: str = ""  # "module:function" that replaces the class if no input needs conversion
    reusable: bool = True  # False: depends on more than its inputs, so its results are never cached
    model_bound: str = ""  # the input whose model it needs loaded ("" if none), so that such nodes run together
    pipeline: str = ""  # a recipe's body, in the pipeline language
    exposures: tuple[Exposure, ...] = ()  # a recipe's inputs and where they go

    @property
    def is_recipe(self) -> bool:
        """Whether this is a recipe, defined by a pipeline."""
        return bool(self.pipeline)

    def input(self, name: str) -> FieldSpec | None:
        """Return the input with this name, or None."""
        for field in self.inputs:
            if field.name == name:
                return field
        return None

    def output(self, name: str) -> OutputSpec | None:
        """Return the output with this name, or None."""
        return next((field for field in self.outputs if field.name == name), None)

    @property
    def primary_input(self) -> FieldSpec | None:
        """The input that a pipe is connected to, or None."""
        for field in self.inputs:
            if field.primary:
                return field
        return None

    @property
    def primary_output(self) -> OutputSpec | None:
        """The output that a pipe passes on, or None."""
        return next((field for field in self.outputs if field.primary), None)
