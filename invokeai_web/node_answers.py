"""What the routes about nodes answer."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class NodeInput(BaseModel):
    """An input of a command; what it lacks, such as a range, is left out."""

    model_config = ConfigDict(extra="allow")

    name: str
    option: str = Field(description="how it is written in a line")
    type: str
    description: str
    given: str = Field(description="whether it is written, linked or either")
    required: bool
    primary: bool = Field(description="whether it takes the piped result")
    free_text: bool = Field(description="whether it takes all words up to the next option")
    seed: bool = Field(description="whether a random value is chosen if it is left out")
    by_model: bool = Field(description="whether the model's default is used if it is left out")
    common: bool = Field(description="whether help lists it among the common options")
    default: Any
    default_text: str = ""
    range: dict[str, Any] = Field(default={}, description="ge, gt, le, lt, multiple_of")
    range_text: str = ""
    choices: list[str] = []
    position: int | None = Field(default=None, description="position among the words without an option, from 1")
    short: str = ""
    unit: str = ""
    completes: str = Field(default="", description="what a string names: model, scheduler, file, ...")
    family_defaults: list[Any] | dict[str, Any] = []
    family_notes: list[Any] = []
    other_names: list[str] = Field(default=[], description="what other tools call it")


class NodeOutput(BaseModel):
    """An output of a command."""

    name: str
    type: str
    description: str
    primary: bool = Field(description="whether it is the result that is piped on")


class NodeInfo(BaseModel):
    """Everything that is known about a command."""

    type: str
    title: str
    category: str
    summary: str
    description: str
    origin: str = Field(description="built in, or the plug-in or file that it comes from")
    version: str
    tags: list[str]
    other_names: list[str] = Field(description="what other tools call it")
    usage: list[str]
    examples: list[str]
    pipeline: str = Field(description="the line that a recipe stands for; empty for a node")
    inputs: list[NodeInput]
    outputs: list[NodeOutput]


class CommonOption(BaseModel):
    """An option that every command takes."""

    usage: str
    description: str


class NodeList(BaseModel):
    """The commands, and the options that every command takes."""

    digest: str = Field(description="changes whenever a node changes; also the ETag")
    nodes: list[NodeInfo]
    common_options: list[CommonOption]


class LeftOutPlugin(BaseModel):
    """A plug-in that was left out."""

    file: str = Field(description="name of its file or package")
    line: int | None
    reason: str


class LeftOutPlugins(BaseModel):
    """The plug-ins that were left out."""

    problems: list[LeftOutPlugin]
