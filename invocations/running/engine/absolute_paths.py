"""Make the paths of models in a task absolute, because an engine has another working folder than its clients."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from invocations.running.workers.task import WorkerTask
from invocations.values import ModelRef


def with_absolute_paths(task: WorkerTask) -> WorkerTask:
    """Return the task with absolute paths of models; relative ones refer to the current folder."""
    return replace(task, steps=tuple([replace(step, inputs=_absolute(dict(step.inputs))) for step in task.steps]))


def _absolute(value: Any) -> Any:
    if isinstance(value, ModelRef):
        parts = value.parts and tuple([(name, print_, _path(path)) for name, print_, path in value.parts])
        return replace(value, path=_path(value.path), parts=parts)
    if isinstance(value, (list, tuple)):
        return type(value)(map(_absolute, value))
    if isinstance(value, dict):
        return {name: _absolute(item) for name, item in value.items()}
    return value


def _path(path: str) -> str:
    return os.path.abspath(path) if path else ""
