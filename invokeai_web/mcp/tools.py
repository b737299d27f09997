"""The table of tools: name, description, arguments, form of the answer, and the function that answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from . import schemas
from .answer import ToolAnswer
from .arguments import HistoryArguments, LineArguments, SearchArguments, ToolArguments
from .connection import Connection


@dataclass(frozen=True)
class ToolRow:
    """A tool that only reads.

    form: its arguments
    answer: `module:function`, which takes the connection and the arguments
    """

    name: str
    title: str
    description: str
    form: type[ToolArguments]
    schema: dict[str, Any]
    answer: str = ""

    @property
    def runs(self) -> bool:
        """Whether the tool runs a line; all others only read."""
        return not self.answer

    def function(self) -> Callable[[Connection, Any], ToolAnswer]:
        """Return the function that answers."""
        from importlib import import_module

        module, _, name = self.answer.partition(":")
        found: Callable[[Connection, Any], ToolAnswer] = getattr(import_module(f".{module}", __package__), name)
        return found


TOOLS: Final = (
    ToolRow(
        "plan",
        "Check a line",
        "Check a line without running it. Returns its stages, nodes, values with their origins and links with their "
        "reasons, or every error with its place and a hint. Use it before a line that takes long to run.",
        LineArguments,
        schemas.PLAN,
        "plan_line:plan_line",
    ),
    ToolRow(
        "run",
        "Run a line",
        "Run a line, such as `t2i a red house --steps 20 | scale 2`, and return its results. Images are saved and "
        "returned as links. All lines belong to one session: a line that begins with `|` continues the previous one, "
        "and `@name` refers to a stage named with `as name`. Nothing runs if the line has errors.",
        LineArguments,
        schemas.RUN,
    ),
    ToolRow(
        "explain",
        "Explain a line",
        "Describe what a line would do: each node with its values, links and reasons, what is cached, how many images "
        "it saves, and how much time and memory it needs. Nothing runs.",
        LineArguments,
        schemas.EXPLANATION,
        "plan_line:explain_line",
    ),
    ToolRow(
        "search_nodes",
        "Search the commands",
        "List the commands that lines are made of, with the types that they take and return; with few matches, also "
        "their inputs and examples. Without words, all commands are listed.",
        SearchArguments,
        schemas.COMMANDS,
        "search_nodes:search_nodes",
    ),
    ToolRow(
        "history",
        "List earlier lines",
        "List the lines that were run on this machine, in any session, with their outcomes; the latest is last.",
        HistoryArguments,
        schemas.HISTORY,
        "history:list_history",
    ),
)
BY_NAME: Final = {tool.name: tool for tool in TOOLS}
