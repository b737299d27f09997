"""The answer of a tool: text for people, structured content for programs, and links to images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from invokeai_web.plain_json import plain_json

if TYPE_CHECKING:
    from workflows.problems import Problem

LARGE_SWEEP: Final = "write fewer values, or pass `max_items`"
RUN_AGAIN: Final = "run the line again; finished results come from the cache"


@dataclass(frozen=True)
class ImageLink:
    """A saved image that an agent can read through its uri."""

    uri: str
    path: str
    node: str
    width: int
    height: int

    def to_json(self) -> dict[str, Any]:
        """Return the link as JSON data."""
        return {"uri": self.uri, "path": self.path, "node": self.node, "width": self.width, "height": self.height}


@dataclass(frozen=True)
class ToolAnswer:
    """The answer of a tool.

    text: the answer as the terminal would print it, without its problems
    data: the structured content, without its errors
    problems: why the call failed, wholly or in part
    """

    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    images: tuple[ImageLink, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def content(self) -> dict[str, Any]:
        """The structured content."""
        errors = [{**each.to_json(), "text": each.text} for each in map(for_agents, self.problems)]
        content: dict[str, Any] = plain_json({**self.data, "errors": errors})
        return content

    @property
    def page(self) -> str:
        """The text of the answer, followed by the problems."""
        page: str = plain_json(
            "\n".join(filter(None, [self.text, *(each.text for each in map(for_agents, self.problems))]))
        )
        return page


def for_agents(problem: Problem) -> Problem:
    """Return a problem whose hint suggests what a tool can do, not an option or a directive of the terminal."""
    if problem.code == "sweep_too_large" and problem.hint:
        return problem.with_hint(LARGE_SWEEP)
    return problem.with_hint(RUN_AGAIN) if "`retry`" in (problem.hint or "") else problem
