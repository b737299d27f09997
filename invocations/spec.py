"""The metadata of an invocation as plain data; commands, help, links and documentation are all derived from it.

Uses only the standard library and knows neither pydantic nor any node. `invocations.catalog.describe` builds the
metadata, and a snapshot stores it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from invocations.frozen import frozen

Base = Literal["bool", "int", "float", "str", "enum", "any", "none", "json", "color", "ref", "list", "union"]


TENSORS = frozenset({"latents", "conditioning"})  # kinds of references to tensors
RENAMED_CATEGORIES: Mapping[str, str] = {"colours": "color"}  # former names of categories, which plug-ins may still use


@frozen
class FieldType:
    """The type of an input or output.

    args: the item type of a list, or the members of a union. choices: the values of an enum. kind: the kind of a
    reference. parents: the more general kinds, nearest first (a mask is an image). The base "any" with a `kind` is a
    type variable: within one invocation, links resolve equal kinds to the same type.
    """

    base: Base
    args: tuple[FieldType, ...] = ()
    choices: tuple[str, ...] = ()
    kind: str = ""
    parents: tuple[str, ...] = ()

    @property
    def optional(self) -> bool:
        """Return True if None is a value of this type."""
        return self.base == "none" or (self.base == "union" and any(arg.optional for arg in self.args))

    @property
    def is_reference(self) -> bool:
        """Return True if values are references (such as images or latents), optional references or lists of them."""
        if self.base in ("union", "list"):
            return True in [arg.is_reference for arg in self.args]
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

    given: whether the input can be "written", "linked" or "either". completes: what a string in this input means:
    "file" (an image to read), "text_file" (any other file to read), "target" (to write, or a template), "model",
    "scheduler", "upscaler", "directory", "wildcards" (a folder of wildcard files to read), "prompt" (words with
    weights), "prompt_syntax" (the syntax of such weights), or "" for anything else.
    """

    name: str
    type: FieldType
    description: str
    required: bool = True
    default: Any = None
    given: Literal["either", "written", "linked"] = "either"
    primary: bool = False
    position: int | None = None  # position among the positional arguments, from 1
    free_text: bool = False  # whether the input takes all words up to the next option
    short: str = ""  # the letter of a short option such as `-n`
    unit: str = ""
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    multiple_of: int | None = None
    seed: bool = False  # if omitted, a random value is chosen when the node is added to a session
    by_model: bool = False  # if omitted, the model's default is used
    completes: str = ""
    feature: str = ""  # what the input uses of the model, which may ignore or refuse it: see `ModelSettings.ignores`
    precheck: str = ""  # name of the function that checks the value before the node runs: see `precheck.checks`
    neutral: Any = None  # the value with which the node passes on its primary input unchanged
    common: bool = True  # False if help lists it under "More options"
    earlier_default: Any = None  # what the default was before it became that of the model
    added: bool = False  # True if earlier versions lacked the input; with its default, their results are reused

    @property
    def usual(self) -> Any:
        """The default or, if the model now decides it, the earlier default, which nearly all models still have."""
        return self.earlier_default if self.default is None else self.default

    @property
    def reads_file(self) -> bool:
        """Return True if a string in this input names a file to read."""
        return self.completes in ("file", "text_file")


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
    """The metadata of a node or recipe, available without importing it."""

    type: str
    title: str
    summary: str
    category: str
    version: str
    inputs: tuple[FieldSpec, ...]
    outputs: tuple[OutputSpec, ...]
    tags: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    description: str = ""  # the docstring without its first sentence
    module: str = ""  # import path of the node's module; "" for a recipe
    class_name: str = ""
    origin: str = "built in"  # or the distribution of a plug-in, or the path of a user's file
    role: Literal["node", "iterate", "collect", "if"] = "node"  # how the graph treats the node
    roles: tuple[str, ...] = ()  # see `catalog.roles`
    work: str = ""  # "module:function" to call instead of the class if no input needs conversion
    reusable: bool = True  # False if results depend on more than the inputs, so they are never cached
    output_size: str = ""  # name of the function that predicts the size of images and latents: see `precheck.sizes`
    facts: tuple[str, ...] = ()  # facts that the node records for file names, besides the facts of built-in nodes
    output_value: str = ""  # name of the function that computes the result from constants: see `precheck.values`
    batched: tuple[str, ...] = ()  # inputs in which nodes may differ that run at once; () if nodes run one by one
    model_bound: str = ""  # the input with the model to load, or ""; nodes that use the same model run together
    pipeline: str = ""  # the pipeline of a recipe, in the pipeline language
    exposures: tuple[Exposure, ...] = ()  # the inputs of a recipe and their targets in the pipeline
    with_optional: str = ""  # the pipeline of a recipe with its optional stages, if it has any

    @property
    def needs_model(self) -> bool:
        """Whether the node, which is built in, loads a model or computes tensors, for which it imports torch."""
        tensors = any(output.type.kind in TENSORS for output in self.outputs)
        return self.origin == "built in" and (bool(self.model_bound) or tensors)

    optional: tuple[str, ...] = ()  # the stages that are left out unless the line sets an input that only they have

    @property
    def is_recipe(self) -> bool:
        """Return True if this is a recipe, which is defined by a pipeline."""
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
        """The input that a pipe feeds, or None."""
        for field in self.inputs:
            if field.primary:
                return field
        return None

    @property
    def primary_output(self) -> OutputSpec | None:
        """The output that a pipe passes on, or None."""
        for field in self.outputs:
            if field.primary:
                return field
        return None
