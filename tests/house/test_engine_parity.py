"""Every example in the metadata has the same output, files and journal with the warm engine as without it."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from PIL import Image, ImageDraw

from invocations.catalog.registry import open_registry
from invocations.events import NodeFinished
from invocations.invoker import Invoker
from invocations.language.source import Source
from invocations.local import LocalSettings, local_invoker
from invocations.local_processes import engine_control
from invocations.running.engine.control import EngineControl
from invocations.sessions.session import Session
from invocations.storing.entries import entry_to_json
from invokeai_cli.environment import Environment
from invokeai_cli.loop import run_statement
from invokeai_cli.options import CommandLine
from invokeai_cli.shell import Shell
from tests.processes import is_running

REGISTRY = open_registry()
SETS = {"steps": "2", "seed": "7", "save.overwrite": "true"}
MAY_DIFFER = frozenset(  # times, memory, and what the journal says about workers
    {"time", "seconds", "boot", "bytes", "worker", "load_seconds"}
)


class Side(NamedTuple):
    """One way to run lines: an invoker, and the folder in which the lines run."""

    invoker: Invoker
    folder: Path


class Found(NamedTuple):
    """What became of a line."""

    status: int
    out: str
    err: str
    files: dict[str, bytes]
    journal: Any
    history: list[NodeFinished]


class Sides(NamedTuple):
    """Both ways, and the engine."""

    cold: Side
    warm: Side
    engine: EngineControl


def make_files(folder: Path) -> None:
    """Make the files that examples read: an image, a mask, a list of prompts and a table."""
    folder.mkdir()
    picture = Image.new("RGB", (64, 64), "skyblue")
    ImageDraw.Draw(picture).ellipse((16, 16, 48, 48), fill="orangered")
    picture.save(folder / "house.png")
    mask = Image.new("L", (64, 64))
    ImageDraw.Draw(mask).rectangle((0, 0, 63, 31), fill=255)
    mask.save(folder / "mask.png")
    (folder / "prompts.txt").write_text("# places\na house\n\na boat\na tree\n")
    (folder / "jobs.csv").write_text('prompt,seed,steps,name\na house,1,2,first\n"a boat, at sea",2,3,second\n')
    for file in folder.iterdir():
        os.utime(file, (0, 0))


@pytest.fixture(scope="module")
def sides() -> Iterator[Sides]:
    """Yield both ways to run lines; at the end, nothing is left of the engine."""
    with TemporaryDirectory(prefix="engine-") as folder, pytest.MonkeyPatch.context() as patch:
        home = Path(folder)
        patch.setenv("XDG_RUNTIME_DIR", folder)
        made = {name: settings_of(home / name, engine) for name, engine in (("cold", "off"), ("warm", "on"))}
        for name in made:
            make_files(home / name / "work")
        engine = engine_control(made["warm"])
        assert engine.start()
        invokers = {name: local_invoker(settings) for name, settings in made.items()}
        pid = (engine.status() or {})["pid"]
        yield Sides(*(Side(invokers[name], home / name / "work") for name in ("cold", "warm")), engine)
        for invoker in invokers.values():
            invoker.close()
        assert engine.stop()
        assert [name for name in os.listdir(home / "invokeai") if name.endswith(".sock")] == []
        assert not is_running(pid)


def settings_of(home: Path, engine: str) -> LocalSettings:
    home.mkdir()
    return LocalSettings(home / "data", home / "data", Path("out"), device="cpu", engine=engine)


def run(side: Side, example: str, monkeypatch: pytest.MonkeyPatch) -> Found:
    """Run a line and return what became of it."""
    monkeypatch.chdir(side.folder)
    before = contents(side.folder)
    out, err = io.StringIO(), io.StringIO()
    options = CommandLine(format="human", sets=SETS)
    shell = Shell(
        Environment(io.StringIO(), out, err, {"NO_COLOR": "1", "INVOKEAI_HOME": "/"}, str(side.folder)), options
    )
    shell.workspace.invoker = side.invoker
    status = run_statement(shell, Source(None, example))
    files = {name: data for name, data in contents(side.folder).items() if before.get(name) != data}
    session = shell.workspace.session
    return Found(status, out.getvalue(), err.getvalue(), files, journal(session, side.folder), finished(session))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def journal(session: Session, folder: Path) -> Any:
    """Return the journal without what may differ between two runs, and with paths that are relative to `folder`."""
    entries = map(entry_to_json, session.log)
    kept = [{name: value for name, value in entry.items() if name not in MAY_DIFFER} for entry in entries]
    return json.loads(json.dumps(kept).replace(str(folder), "."))


def finished(session: Session) -> list[NodeFinished]:
    return [event for event in session.history if isinstance(event, NodeFinished)]


@pytest.mark.parametrize("name", [*REGISTRY])
def test_with_the_engine_examples_have_the_same_output_files_and_journal(
    name: str, sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = REGISTRY[name].examples
    assert examples, f"`{name}` has no example, so nobody knows whether the engine runs it as this process does"
    for example in examples:
        cold, warm = run(sides.cold, example, monkeypatch), run(sides.warm, example, monkeypatch)
        assert (warm.status, warm.out, warm.err) == (cold.status, cold.out, cold.err)
        assert warm.files.keys() == cold.files.keys()
        assert warm.files == cold.files
        assert warm.journal == cold.journal
        assert {each.node_type: each.worker for each in warm.history if not each.reused} == {
            each.node_type: "engine" if REGISTRY[each.node_type].needs_model else ""
            for each in warm.history if not each.reused
        }  # fmt: skip
