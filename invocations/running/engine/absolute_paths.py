"""Make the paths of models in a task absolute, because an engine has another working folder than its clients."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from invocations.running.workers.reports import StepFailed
from invocations.running.workers.task import WorkerTask
from invocations.values import ModelRef


def with_absolute_paths(task: WorkerTask) -> WorkerTask:
    """Return the task with absolute paths of models; relative ones refer to the current folder."""
    return replace(task, steps=tuple([replace(step, inputs=_absolute(dict(step.inputs))) for step in task.steps]))


def with_own_paths(report: StepFailed, task: WorkerTask) -> StepFailed:
    """Return the report about a step of a task with the paths of models as the task has them."""
    inputs, error = task.steps[report.step].inputs, report.error
    message, hint = error.message, error.hint
    for path in sorted({*_paths(dict(inputs))} - {""}, key=len, reverse=True):
        message, hint = (text.replace(os.path.abspath(path), path) for text in (message, hint))
    return replace(report, error=replace(error, message=message, hint=hint, inputs=inputs))


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


def _paths(value: Any) -> Iterator[str]:
    """Yield the paths of all models in a value."""
    if isinstance(value, ModelRef):
        yield value.path
        yield from [path for _, _, path in value.parts or ()]
    elif isinstance(value, (list, tuple, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _paths(item)
