"""The tasks of workers, as JSON data: a task is one step, which is one run of a node, or a batch of several steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final, TypeVar

from invocations.events import Path
from invocations.frozen import frozen
from invocations.values import mapping_from_json, to_json

ON: Final = "on"
OFF: Final = "off"
PREVIEWS: Final = {True: ON, False: OFF, None: ""}  # None: the settings determine which steps have one


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

    reads_session: whether the worker reads the session from the store, because a step may need it. previews: ON, OFF,
    or "" if the settings determine which steps have one; `Workers.show_previews` changes it
    """

    number: int
    attempt: int
    session_id: str
    steps: tuple[TaskStep, ...]
    reads_session: bool = False
    previews: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the task as JSON data."""
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**data, "steps": [step.to_json() for step in self.steps]}


_PLAIN: Mapping[str, type] = {"str": str, "int": int, "bool": bool}
Message = TypeVar("Message")


def task_from_json(data: Mapping[str, Any]) -> WorkerTask:
    """Read a task from its JSON data, without unknown fields. Raises: KeyError, TypeError, if it is malformed."""
    read = [
        known_fields(TaskStep, step, path=tuple(step["path"]), inputs=mapping_from_json(step["inputs"]))
        for step in data["steps"]
    ]
    steps = tuple([_checked(TaskStep(**step)) for step in read])
    return _checked(WorkerTask(**known_fields(WorkerTask, data, steps=steps)))


def known_fields(cls: type[Any], data: Mapping[str, Any], **read: Any) -> dict[str, Any]:
    """Return those items of JSON data that are fields of a class; `read`: values to use instead."""
    return {**{each.name: data[each.name] for each in fields(cls) if each.name in data}, **read}


def _checked(message: Message) -> Message:
    """Return a task or a step if its plain fields have the declared types. Raises: TypeError."""
    for each in fields(message):  # type: ignore[arg-type] # only called for dataclasses
        value = getattr(message, each.name)
        items = value if each.name == "path" else (value,)
        wanted = int if each.name == "path" else _PLAIN.get(str(each.type))
        if wanted is not None and any(type(item) is not wanted for item in items):
            raise TypeError(f"`{each.name}` of a task cannot be {value!r:.40}")
    return message
