"""Helpers that plan and run scripts in a workspace, with an observer that records its calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.conftest import OpenWorkspace
from tests.workflows.recorder import Recorder
from workflows.observer import Outcome
from workflows.scripts.options import RunOptions
from workflows.scripts.plan import ScriptPlan, plan_script
from workflows.scripts.resume import ScriptId, begin
from workflows.scripts.run import run_script
from workflows.scripts.source import from_text
from workflows.workspace import Workspace

NAME = "night.inv"
DEFAULT = RunOptions()


@pytest.fixture
def open_(open_workspace: OpenWorkspace, cat: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Workspace]:
    """Return a function that opens workspaces in a folder with an image, which is the current folder."""
    monkeypatch.chdir(cat.parent)
    return open_workspace


def planned(workspace: Workspace, text: str, options: RunOptions = DEFAULT) -> ScriptPlan:
    """Plan a script."""
    return plan_script(workspace, from_text(text, NAME), NAME, options=options)


def run(
    workspace: Workspace,
    text: str,
    options: RunOptions = DEFAULT,
    *,
    observer: Recorder | None = None,
    clock: Callable[[], float] = lambda: 0.0,
    **recorder: Any,
) -> tuple[Outcome, Recorder]:
    """Plan and run a script; return its outcome and the observer, which recorded its calls."""
    seen, script = observer or Recorder(**recorder), planned(workspace, text, options)
    earlier = begin(workspace, script, ScriptId.of(text, NAME, workspace.folder), options, seen.note)
    return run_script(workspace, script, seen, options, earlier, clock=clock), seen
