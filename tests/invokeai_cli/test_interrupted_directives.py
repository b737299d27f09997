"""Ctrl-C at any place in a directive: exit status 130, nothing half-written, and the directive works afterwards."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import FrameType

import pytest

from tests.invokeai_cli.conftest import TypeLine

PLACES = 6  # at how many places each directive is interrupted
UNHEARD = ("<genexpr>", "<listcomp>", "__del__")  # an exception here is lost, as Python calls it to clean up
WORDS = {
    "the history": ["history"],
    "a scan for models": ["models", "scan", "models"],
    "clearing the cache": ["cache", "clear", "--yes"],
    "a setting": ["config", "set", "preview", "none"],
    "a recipe": ["recipe", "save", "mine", "load fox.png | blur 3", "--overwrite"],
    "an imported session": ["session", "import", "session.json"],
    "the plan of a script": ["run", "night.inv", "--dry-run"],
}


class InterruptAt:
    """Raises KeyboardInterrupt at the Python call with this number inside the program, as a signal handler does."""

    def __init__(self, place: int) -> None:
        self.place, self.calls, self.raised = place, 0, False

    def __call__(self, frame: FrameType, event: str, arg: object) -> None:
        code = frame.f_code
        if event != "call" or code.co_name in UNHEARD or not _is_directive(frame):
            return
        self.calls += 1
        if self.place and self.calls >= self.place and not self.raised:
            self.raised = True
            raise KeyboardInterrupt


def _is_directive(frame: FrameType) -> bool:
    """Return True if a function of the program's own modules runs inside `_answer` of the main module."""
    if not {"invokeai_cli", "workflows", "invocations", "core"} & set(Path(frame.f_code.co_filename).parts):
        return False
    outer: FrameType | None = frame
    while outer is not None and outer.f_code.co_name != "_directive":
        outer = outer.f_back
    return outer is not None and outer is not frame


def under(watch: InterruptAt, type_: TypeLine, words: list[str]) -> tuple[int, str]:
    sys.setprofile(watch)
    try:
        result = type_(*words)
    finally:
        sys.setprofile(None)
    return result.status, result.err


@pytest.fixture
def world(type_: TypeLine, fox: Path, tmp_path: Path, isolated_home: Path) -> Path:
    """Return the folder of a home with a session and a script; `session.json` holds a session that was removed."""
    type_("load fox.png | blur 2 | save out.png")
    type_("session", "export", "latest", "session.json")
    type_("session", "rm", "latest", "--yes")
    type_("load fox.png | blur 3 | save another.png")
    (tmp_path / "models").mkdir()
    (tmp_path / "night.inv").write_text("load fox.png | blur 4\nadd 1 2\n")
    shutil.copytree(isolated_home, tmp_path / "home before")
    return tmp_path


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS.keys())
def test_ctrl_c_at_any_place_of_a_directive_ends_it_cleanly(
    words: list[str], world: Path, type_: TypeLine, isolated_home: Path
) -> None:
    def restore() -> None:
        shutil.rmtree(isolated_home)
        shutil.copytree(world / "home before", isolated_home)

    assert type_(*words).status == 0  # this process imports and remembers what the following runs need
    restore()
    usual = under(whole := InterruptAt(0), type_, words)
    assert (usual[0], whole.calls > PLACES) == (0, True)
    finished = 0
    for place in range(1, whole.calls, whole.calls // PLACES):
        restore()
        status, err = under(InterruptAt(place), type_, words)
        if status == 0:  # this run made fewer calls, or Python collected garbage there, where an exception is lost
            finished += 1
            continue
        assert (status, err.splitlines()[-1]) == (130, "error: interrupted"), place
        partial = [path for path in isolated_home.rglob("*") if path.suffix in (".part", ".new")]
        assert partial == [], place
        again = type_(*words)
        assert again.status == 0 or "already exists" in again.err, (place, again.err)
    assert finished <= 1
