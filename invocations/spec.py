"""An invocation's metadata as plain data: the only description that commands, help, links and documents read.

Standard library only; knows neither pydantic nor any node. Built by `invocations.catalog.describe`, kept in a snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from invocations.frozen import frozen

Base = Literal["bool", "int", "float", "str", "enum", "any", "none", "json", "color", "ref", "list", "union"]


RENAMED_CATEGORIES: Mapping[str, str] = {"colours": "color"}  # older names that plug-ins may still give


@frozen
class FieldType:
    """One type of the small algebra that inputs and outputs are made of.

    `base` is the shape; `args` the member of a list or the members of a union; `choices` an enum's words;
    `kind` a reference's kind and `parents` the kinds it may stand in for, nearest first (a mask is an image).
    Base "any" with a `kind` is a type variable: equal kinds within one invocation are settled to one type by links.
    """

    base: Base
    args: tuple[FieldType, ...] = ()
    choices: tuple[str, ...] = ()
    kind: str = ""
    parents: tuple[str, ...] = ()

    @property
    def optional(self) -> bool:
        """Tell whether None is a value of this type."""
        return self.base == "none" or (self.base == "union" and any(arg.optional for arg in self.args))

    @property
    def is_reference(self) -> bool:
        """Tell whether values are references (image, mask, latents, ...), also inside Optional and lists."""
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
        return {"ref": self.kind, "str": "text", "bool": "yes/no", "any": "anything"}.get(self.base, self.base)


@frozen
class FieldSpec:
    """One input of an invocation.

    given: "either" may be written or linked, "written" only written, "linked" only linked.
    completes: what its words name when they name more than the type tells: "file" (one to read), "target" (one to
    write, or a template), "model", "scheduler", "upscaler", "directory", "".
    """

    name: str
    type: FieldType
    description: str
    required: bool = True
    default: Any = None
    given: Literal["either", "written", "linked"] = "either"
    primary: bool = False
    position: int | None = None  # place among the bare words, counted from 1
    free_text: bool = False  # takes all bare words up to the next option
    short: str = ""  # one letter for `-n 20`
    unit: str = ""
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    multiple_of: int | None = None
    seed: bool = False  # left open, it is drawn when the node joins a session
    by_model: bool = False  # left open, it is what suits the model
    completes: str = ""
    neutral: Any = None  # the value at which the node passes its primary input on unchanged
    common: bool = True  # False: shown only among all options


@frozen
class OutputSpec:
    """One output of an invocation."""

    name: str
    type: FieldType
    description: str
    primary: bool = False


@frozen
class Exposure:
    """Where a recipe's input goes: every (stage, input) of its pipeline that its value is written to."""

    name: str
    targets: tuple[tuple[str, str], ...]


@frozen
class InvocationSpec:
    """Everything known of one invocation (or recipe) without importing it."""

    type: str
    title: str
    summary: str
    category: str
    version: str
    inputs: tuple[FieldSpec, ...]
    outputs: tuple[OutputSpec, ...]
    tags: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    description: str = ""  # what the docstring says after its first sentence
    module: str = ""  # import path of the node's module; "" for a recipe
    class_name: str = ""
    origin: str = "built in"  # or the plug-in's distribution, or the path of the user's file
    role: Literal["node", "iterate", "collect", "if"] = "node"  # how the graph runs it
    roles: tuple[str, ...] = ()  # what it is used for without being named, see `catalog.roles`
    work: str = ""  # "module:function" that does the same without the class, for inputs that need no conversion
    reusable: bool = True  # False: it looks at the world, its results are never reused
    model_bound: str = ""  # the input whose model it needs loaded ("" = none); ready nodes of one class run together
    pipeline: str = ""  # a recipe's body, in the pipeline language
    exposures: tuple[Exposure, ...] = ()  # a recipe's inputs and where they go

    @property
    def is_recipe(self) -> bool:
        """Tell whether this is a macro written in the language."""
        return bool(self.pipeline)

    def input(self, name: str) -> FieldSpec | None:
        """Return the input of that name, or None."""
        for field in self.inputs:
            if field.name == name:
                return field
        return None

    def output(self, name: str) -> OutputSpec | None:
        """Return the output of that name, or None."""
        return next((field for field in self.outputs if field.name == name), None)

    @property
    def primary_input(self) -> FieldSpec | None:
        """Return the input that a pipe enters, or None."""
        for field in self.inputs:
            if field.primary:
                return field
        return None

    @property
    def primary_output(self) -> OutputSpec | None:
        """Return the output that a pipe carries on, or None."""
        return next((field for field in self.outputs if field.primary), None)
