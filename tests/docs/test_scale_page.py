"""The commands in `docs/scale.md` print what the page shows, and leave no engine behind."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from invocations.running.engine import idle, turns
from invocations.running.engine.client import LONG_LOAD_S
from invocations.running.engine.crashes import MANY, WITHIN_S
from tests.docs.test_how_to import answers, run
from workflows.settings.table import BY_NAME

PAGE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text("utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SCRIPTS = re.findall(r"^```text\n# (\S+\.inv)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def runtime_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder for sockets, whose path is short."""
    with TemporaryDirectory(prefix="engine-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


def test_the_commands_on_the_page_print_what_it_shows(
    tmp_path: Path, isolated_home: Path, runtime_folder: Path
) -> None:
    for name, text in SCRIPTS:
        (tmp_path / name).write_text(text)
    try:
        for block in BLOCKS:
            for words, answer in answers(block):
                done = run(words, isolated_home, tmp_path)
                assert (done.returncode, done.stdout) == (0, answer), shlex.join(words) + done.stderr
    finally:
        run(["invokeai", "engine", "stop"], isolated_home, tmp_path)
    assert list(runtime_folder.rglob("*.sock")) == []


def test_the_page_describes_all_values_of_the_setting() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == ["off", "on", "auto"]
    assert set(BY_NAME["engine"].choices) == {"off", "on", "auto"}


def test_the_limits_on_the_page_are_those_of_the_engine() -> None:
    assert (idle.UNLOAD_S, idle.END_S, turns.MAX_WAITING) == (5 * 60, 30 * 60, 8)
    assert (LONG_LOAD_S, MANY, WITHIN_S) == (2, 3, 600)
