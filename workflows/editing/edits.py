"""The changes that can be made to the stages of a line; stages are named by their numbers, as in a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from invocations.frozen import frozen
from workflows.problems import ApplicationError, Refused


class Inexpressible(ApplicationError):
    """No line says what is wanted; it remains a graph."""

    code = "not_expressible"


@frozen
class LinkInput:
    """Link an output of an earlier stage to an input; `output` is "" for the main output of the stage."""

    stage: int
    input: str
    source: int
    output: str = ""


@frozen
class UnlinkInput:
    """Remove the link to an input, whether it is written or made by itself."""

    stage: int
    input: str


@frozen
class NameStage:
    """Name a stage, rename it or, with "", remove its name; references to the stage follow."""

    stage: int
    name: str


@frozen
class AddStage:
    """Add a stage after another one, or as the first one if `after` is 0.

    inputs: the values of inputs, as text
    """

    command: str
    after: int = 0
    inputs: Mapping[str, str] = field(default_factory=dict)


@frozen
class RemoveStage:
    """Remove a stage and all references to it."""

    stage: int


@frozen
class MoveStage:
    """Move a stage after another one, or to the start of the line if `after` is 0."""

    stage: int
    after: int = 0


Edit = LinkInput | UnlinkInput | NameStage | AddStage | RemoveStage | MoveStage


def no_stage(number: int) -> Refused:
    """Return the error for the number of a stage that the line does not have."""
    return Refused(f"the line has no stage {number}", "`stages` of its plan lists the numbers", "unknown_stage")
