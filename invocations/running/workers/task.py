"""The tasks of workers, as JSON data: a task is one step, which is one run of a node, or a batch of several steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from invocations.events import Path
from invocations.frozen import frozen
from invocations.values import mapping_from_json, to_json


@frozen
class TaskStep:
    """A step of a task; `separate` is what `InvocationContext.items_are_separate` returns to the node."""

    node_id: str
    type: str
    version: str
    path: Path
    inputs: Mapping[str, Any]
    separate: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON data."""
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**data, "inputs": to_json(dict(self.inputs))}


@frozen
class WorkerTask:
    """Steps for a worker; `attempt` counts how often the task was given to a worker, from 1.

    reads_session: whether the worker reads the session from the store, because a step may need it
    """

    number: int
    attempt: int
    session_id: str
    steps: tuple[TaskStep, ...]
    reads_session: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the task as JSON data."""
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**data, "steps": [step.to_json() for step in self.steps]}


def task_from_json(data: Mapping[str, Any]) -> WorkerTask:
    """Read a task from its JSON data. Raises: KeyError, TypeError, if it is malformed."""
    steps = [
        TaskStep(**{**step, "path": tuple(step["path"]), "inputs": mapping_from_json(step["inputs"])})
        for step in data["steps"]
    ]
    reads_session = data.get("reads_session", False)
    return WorkerTask(data["number"], data["attempt"], data["session_id"], tuple(steps), reads_session)
