"""The commands in `docs/scale.md` print what the page shows, and leave no engine behind."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from invocations.running.deaths import THRICE, quarantine
from invocations.running.engine import idle, turns
from invocations.running.engine.client import LONG_LOAD_S
from invocations.running.engine.crashes import MANY, WITHIN_S
from invocations.running.engine.current_task import CurrentTask
from invocations.running.inline import NO_MEMORY
from invocations.running.workers.reports import WorkerExcluded
from invocations.running.workers.task import TaskStep, WorkerTask
from invocations.running.workers.worker_events import NodeWaiting, excluded, retried
from tests.docs.test_how_to import answers, run
from workflows.settings.table import BY_NAME

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scale.md").read_text("utf-8")
TROUBLES = PAGE.partition("## Troubleshooting")[2]
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


@pytest.mark.parametrize(
    ("benchmark", "text"),
    [
        ("batches", "{figure:.0f} against {reference:.0f} ms"),
        ("jobs", "{figure:.1f} against {reference:.1f} s"),
        ("warm_engine", "{figure:.0f} ms of CPU time"),
    ],
)
def test_the_figures_on_the_page_are_those_that_a_benchmark_has_measured(benchmark: str, text: str) -> None:
    kept = map(json.loads, (ROOT / "benchmarks" / "history.jsonl").read_text("utf-8").splitlines())
    assert any(text.format(**each) in PAGE for each in kept if each["benchmark"] == benchmark)


def test_the_messages_in_the_table_of_troubles_are_those_that_the_program_prints() -> None:
    where = ("s", "1", "blur", (), 0.0)
    task = WorkerTask(1, 0, "s", (TaskStep("1", "blur", "1.0.0", (), {}),))
    waiting = CurrentTask(task, 1, 0.0, before=1).waiting().event
    assert isinstance(waiting, NodeWaiting)
    printed = [
        retried(where, "worker w1", "signal 9").reason,
        retried(where, "the warm engine", "its connection ended").reason,
        excluded(where, "worker w1", WorkerExcluded("w1", "it cannot start"), is_last=False).message,
        quarantine("signal 9", THRICE).message,
        waiting.reason,
        NO_MEMORY,
    ]
    quoted = [text for text in re.findall(r"^\| `([^`]+)` \| ", TROUBLES, re.MULTILINE) if not text.startswith("--")]
    assert len(quoted) == len(printed)
    assert [text for text in quoted if not any(text in message for message in printed)] == []


def test_the_limits_on_the_page_are_those_of_the_engine() -> None:
    assert (idle.UNLOAD_S, idle.END_S, turns.MAX_WAITING) == (5 * 60, 30 * 60, 8)
    assert (LONG_LOAD_S, MANY, WITHIN_S) == (2, 3, 600)
