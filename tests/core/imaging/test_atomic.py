"""Partial files are named after the process that writes them, and removed only after that process has ended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.imaging.atomic import sweep


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_only_partial_files_of_processes_that_have_ended_are_removed(tmp_path: Path) -> None:
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    mine, other, unlike = (tmp_path / f".{name}-ab.part" for name in (os.getpid(), child, "x"))
    for path in (mine, other, unlike):
        path.write_bytes(b"half")
    sweep(tmp_path)
    assert (mine.exists(), other.exists(), unlike.exists()) == (True, False, True)
