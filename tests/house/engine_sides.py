"""Two ways to run lines, with the warm engine and without it, and what became of a line each way."""

from __future__ import annotations

import io
import json
import os
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from PIL import Image, ImageDraw

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

PROGRESS = re.compile(r"^.*(?:\d+ % \(\d+ of \d+|: running for ).*\n", re.MULTILINE)
TIME = re.compile(r"\b\d+(?:\.\d+)? (?:ms|s|min)\b")
SESSION = re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{6}\b")
SETS = {"steps": "2", "seed": "7", "save.overwrite": "true"}
MAY_DIFFER = frozenset(  # times, memory, and what the journal says about workers
    {"time", "seconds", "boot", "bytes", "worker", "load_seconds"}
)


class Side(NamedTuple):
    """One way to run lines: an invoker (None: that of the program), the folder in which they run, and variables."""

    invoker: Invoker | None
    folder: Path
    variables: Mapping[str, str] = MappingProxyType({})


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


@contextmanager
def both_sides() -> Iterator[Sides]:
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


class Interrupting(io.StringIO):
    """A stream that sends Ctrl-C to this process when it shows the first progress of a step."""

    def write(self, text: str) -> int:
        if PROGRESS.search(text) and not PROGRESS.search(self.getvalue()):
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


def run(side: Side, line: str, monkeypatch: pytest.MonkeyPatch, err: io.StringIO | None = None) -> Found:
    """Run a line and return what became of it.

    err: the stream for messages; progress, times and the ids of sessions are left out
    """
    monkeypatch.chdir(side.folder)
    before = contents(side.folder)
    out, err = io.StringIO(), err or io.StringIO()
    variables = {"NO_COLOR": "1", "INVOKEAI_HOME": str(side.folder.parent / "home"), **side.variables}
    environment = Environment(
        io.StringIO(), out, err, variables, str(side.folder), owns_process=isinstance(err, Interrupting),
        clock=lambda: 0.0,  # nodes that take long are not noted, whatever the machine does besides
    )  # fmt: skip
    shell = Shell(environment, CommandLine(format="human", sets=SETS))
    if side.invoker is not None:
        shell.workspace.invoker = side.invoker
    status = run_statement(shell, Source(None, line))
    files = {name: data for name, data in contents(side.folder).items() if before.get(name) != data}
    session = shell.workspace.session
    if side.invoker is None:
        shell.close()
    said = SESSION.sub("SESSION", TIME.sub("TIME", PROGRESS.sub("", err.getvalue())))
    return Found(status, out.getvalue(), said, files, journal(session, side.folder), finished(session))


def same(found: Found) -> dict[str, Any]:
    """Return everything that must be the same both ways."""
    return {**found._asdict(), "err": found.err.splitlines(), "history": None}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def journal(session: Session, folder: Path) -> Any:
    """Return the journal without what may differ between two runs, and with paths that are relative to `folder`."""
    entries = map(entry_to_json, session.log)
    kept = [{name: value for name, value in entry.items() if name not in MAY_DIFFER} for entry in entries]
    return json.loads(json.dumps(kept).replace(str(folder), "."))


def finished(session: Session) -> list[NodeFinished]:
    return [event for event in session.history if isinstance(event, NodeFinished)]
