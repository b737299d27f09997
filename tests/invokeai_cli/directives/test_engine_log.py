"""`engine log` prints what the engine has reported, and says so if that is nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine

EMPTY = "the log is empty: the engine has reported no errors since it was started last\n"


def test_an_empty_log_is_called_empty(type_: TypeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    result = type_("engine", "log")
    assert (result.status, result.out, result.err) == (0, "", EMPTY)
    found = type_("engine", "log", "--json").document
    assert (found["log"], found["notes"]) == ("", [EMPTY.rstrip()])
    os.makedirs(os.path.dirname(found["path"]), mode=0o700, exist_ok=True)
    Path(found["path"]).write_text("Fatal Python error: Aborted\n")
    result = type_("engine", "log")
    assert (result.status, result.out, result.err) == (0, "Fatal Python error: Aborted\n", "")
