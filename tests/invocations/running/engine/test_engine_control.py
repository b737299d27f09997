"""Starting and stopping engines: several at once, while one starts, and one that does not answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from invocations.running.engine import control as module
from invocations.running.engine import link, start
from invocations.running.engine.control import EngineControl, EngineFailed
from invocations.running.engine.crashes import Crashes
from invocations.running.engine.listening import PlaceTaken, is_free, lock, unlock
from invocations.running.engine.place import EnginePlace
from invocations.running.engine.start import read_ready, start_engine
from tests.invocations.running.engine.engine_bench import LONG_S
from tests.invocations.running.engine.test_engine_absent import pipe_with

TAKEN = "another process is starting, running or stopping it"


@pytest.fixture
def place() -> Iterator[EnginePlace]:
    """Return a place in a new folder; at the end, nothing is left of an engine."""
    with TemporaryDirectory(prefix="engine-") as folder:
        found = EnginePlace(os.path.join(folder, "run"), "engine-0")
        yield found
        left = os.listdir(found.folder) if os.path.isdir(found.folder) else []
        assert [name for name in left if name.endswith((".sock", ".lock"))] == []


def control(place: EnginePlace, sleep: Callable[[float], None] = lambda seconds: None) -> EngineControl:
    return EngineControl(place, {}, sleep, iter(range(1000)).__next__)


def test_without_an_engine_stopping_does_nothing_and_makes_no_folder(place: EnginePlace) -> None:
    assert control(place).stop() is False
    assert not os.path.exists(place.folder)


def test_stopping_waits_for_an_engine_that_is_just_starting_or_ending(place: EnginePlace) -> None:
    held, waits = lock(place), []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            unlock(place, held)

    assert control(place, sleep).stop() is False
    assert len(waits) == 3


def test_starting_waits_for_an_engine_that_is_just_ending(place: EnginePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    held, started = lock(place), []

    def started_here(place: EnginePlace, settings: object) -> int:
        lock_file = lock(place)
        started.append(1)
        unlock(place, lock_file)
        return pipe_with("ready")

    monkeypatch.setattr(module, "start_engine", started_here)
    assert control(place, lambda seconds: unlock(place, held)).start() is True
    assert started == [1]


@pytest.mark.parametrize("action", ["start", "stop"])
def test_an_engine_that_neither_starts_nor_ends_is_reported_after_a_minute(place: EnginePlace, action: str) -> None:
    held = lock(place)
    with pytest.raises(EngineFailed, match=TAKEN):
        getattr(control(place), action)()
    unlock(place, held)


SILENT = """
import socket, sys
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1])
    listener.listen()
    print("ready", flush=True)
    while True:
        listener.accept()[0].recv(1)
"""


def test_an_engine_that_does_not_answer_is_killed(place: EnginePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "ANSWER_S", 0.01)
    monkeypatch.setattr(module, "CLOSED_S", 0.01)
    os.mkdir(place.folder, 0o700)
    mask = os.umask(0o077)
    with subprocess.Popen([sys.executable, "-c", SILENT, place.socket], stdout=subprocess.PIPE) as process:
        os.umask(mask)
        assert process.stdout is not None
        process.stdout.readline()
        try:
            assert EngineControl(place, {}).stop() is True
            assert process.wait(LONG_S) == -9
        finally:
            process.kill()
    assert not os.path.exists(place.socket)


def test_an_engine_that_ends_while_it_is_starting_leaves_its_place_free_and_a_log(
    place: EnginePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "MODULE", "no_such_module_of_an_engine")
    assert read_ready(start_engine(place, {})) == "it ended while it was starting"
    while not is_free(place):  # the process is just ending
        os.sched_yield()
    assert "No module named no_such_module_of_an_engine" in EngineControl(place, {}).log()


def test_an_engine_that_gets_neither_ready_nor_ends_is_waited_for_only_so_long() -> None:
    ready, theirs = os.pipe()
    assert read_ready(ready, 0.0) == "it does not start"
    os.close(theirs)


def test_an_engine_that_crashed_three_times_is_started_only_if_the_user_asks(
    place: EnginePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "start_engine", lambda place, settings: pipe_with("ready"))
    os.mkdir(place.folder, 0o700)
    crashes = Crashes(place.crashes)
    for _ in range(3):
        crashes.add()
    with pytest.raises(EngineFailed, match="it crashed three times within ten minutes"):
        control(place).start(is_asked=False)
    assert crashes.are_many
    assert control(place).start() is True
    assert not crashes.are_many


HOLDING = """
import json, os, time
start = json.loads(os.environ["INVOKEAI_ENGINE_START"])
os.write(start["ready"], b"ready")
os.close(start["ready"])
while os.path.isdir(start["folder"]) and not os.path.exists(os.path.join(start["folder"], "go")):
    time.sleep(0.001)
"""


def test_no_second_engine_starts_while_the_first_one_is_starting(
    place: EnginePlace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "holding_engine.py").write_text(HOLDING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(start, "MODULE", "holding_engine")
    assert read_ready(start_engine(place, {})) == ""
    Path(place.log).write_text("of the first one")
    with pytest.raises(PlaceTaken, match=TAKEN):
        start_engine(place, {})
    assert Path(place.log).read_text() == "of the first one"
    assert not is_free(place)
    Path(place.folder, "go").touch()
    while not is_free(place):
        os.sched_yield()


def test_an_engine_is_not_started_in_a_folder_that_others_may_use(place: EnginePlace) -> None:
    os.mkdir(place.folder)
    os.chmod(place.folder, 0o777)
    with pytest.raises(PlaceTaken, match="other users may use"):
        start_engine(place, {})
    assert os.listdir(place.folder) == []


def test_the_log_is_not_written_through_a_link(place: EnginePlace, tmp_path: Path) -> None:
    os.mkdir(place.folder, 0o700)
    (tmp_path / "precious").write_text("text")
    os.symlink(tmp_path / "precious", place.log)
    before = len(os.listdir("/dev/fd"))
    with pytest.raises(OSError, match="symbolic links"):
        start_engine(place, {})
    assert (tmp_path / "precious").read_text() == "text"
    assert len(os.listdir("/dev/fd")) == before


def test_only_sockets_of_engines_belong_to_other_engines(place: EnginePlace) -> None:
    os.mkdir(place.folder)
    for name in ("engine-0.sock", "engine-1.sock", "engine-1.log", "server.sock"):
        Path(place.folder, name).touch()
    assert [each.place.name for each in EngineControl(place, {}).others()] == ["engine-1"]
    for name in os.listdir(place.folder):
        os.unlink(os.path.join(place.folder, name))
