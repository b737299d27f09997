"""The program with the warm engine, both as processes: what a client imports, crashes, Ctrl-C, and what is left."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from PIL import Image

from invocations.running.engine.control import EngineControl
from invocations.running.engine.listening import listen, lock
from invocations.services.images.store import content_name
from tests.house.test_light_imports import PROBE
from tests.processes import is_running
from workflows.engine import engine_of
from workflows.settings.place import Place
from workflows.settings.resolve import resolve

COMMAND = [sys.executable, "-m", "invokeai_cli"]
FORBIDDEN = ("torch", "diffusers", "transformers", "pydantic", "typer", "numpy", "rich")
LINE = "t2i a red fox --seed {seed} --steps {steps} --no-cache"
LONG_S = 240


class Machine:
    """A home folder with its engine, and what clients of it need."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            **os.environ, "INVOKEAI_HOME": str(home), "XDG_RUNTIME_DIR": str(home), "INVOKEAI_ENGINE": "on",
            "INVOKEAI_DEVICE": "cpu", "OMP_NUM_THREADS": "1",
        }  # fmt: skip

    @property
    def engine(self) -> EngineControl:
        """The engine of this home, to question and stop it."""
        variables = {name: self.environment[name] for name in ("INVOKEAI_HOME", "INVOKEAI_DEVICE", "INVOKEAI_ENGINE")}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(self.home))
            return engine_of(resolve(Place(variables, str(self.home), None), {}, {}))

    def begin(self, *words: str, **how: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *words], cwd=self.home, env=self.environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how,
        )  # fmt: skip

    def run(self, *words: str, **how: Any) -> tuple[int, str, str]:
        process = self.begin(*words, **how)
        out, err = process.communicate(timeout=LONG_S)
        return process.returncode, out, err

    def image(self, seed: int, steps: int, *options: str) -> str:
        """Run a line and return the name of its image, which is a hash of its pixels."""
        status, out, err = self.run("--json", *options, LINE.format(seed=seed, steps=steps))
        assert status == 0, err
        return name_of(json.loads(out))

    def at_work(self, *words: str) -> subprocess.Popen[str]:
        """Start a line, and return once it reports the progress of its denoising."""
        process = self.begin("--events", *words)
        assert process.stdout is not None
        for line in process.stdout:
            if '"node_progress"' in line:
                return process
        raise AssertionError(process.communicate())

    def sockets(self) -> list[str]:
        """Return the sockets and locks of engines that run, or have left them."""
        return sorted(path.name for path in (self.home / "invokeai").iterdir() if path.suffix in (".sock", ".lock"))


def name_of(document: Any) -> str:
    (result,) = document["results"]
    name: str = result["value"]["name"]
    return name


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """Yield a home whose engine is started by the first line that needs it."""
    with TemporaryDirectory(prefix="engine-") as folder:
        made = Machine(Path(folder))
        yield made
        made.engine.stop()
        assert made.sockets() == []


def status_of(machine: Machine) -> dict[str, Any]:
    found = machine.engine.status()
    assert found is not None
    return dict(found)


def modules_of(machine: Machine, engine: str, *words: str) -> list[str]:
    """Run a line with this value of the setting `engine`, and return the modules that it imports."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(words)], env={**machine.environment, "INVOKEAI_ENGINE": engine},
        cwd=machine.home, capture_output=True, text=True, check=True, timeout=LONG_S,
    )  # fmt: skip
    modules: list[str] = json.loads(done.stderr.rsplit("\n", 1)[1])["modules"]
    return modules


LIGHT_LINES = {
    "save": "t2i a red fox --seed 2 --steps 2 | save fox.png",
    "the name is chosen": "t2i a red fox --seed 3 --steps 2",
    "load": "load sky.png | i2i a dog --seed 2 --steps 2 | save dog.png",
    "show": "t2i a red fox --seed 4 --steps 2 | show",
    "a sweep": "t2i a red fox --seed 5,6 --steps 2",
    "no cache": "--no-cache t2i a red fox --seed 2 --steps 2",
}


@pytest.mark.parametrize("line", LIGHT_LINES.values(), ids=LIGHT_LINES.keys())
def test_a_line_that_uses_the_engine_imports_neither_torch_nor_a_parser_library(machine: Machine, line: str) -> None:
    Image.new("RGB", (96, 96), "skyblue").save(machine.home / "sky.png")
    modules = modules_of(machine, "on", *line.split())
    assert "invocations.running.engine.client" in modules
    assert sorted({*modules} & set(FORBIDDEN)) == []
    assert [name for name in modules if name.startswith("invocations.nodes.")] == []


def test_a_line_of_numbers_neither_connects_to_the_engine_nor_imports_more() -> None:
    with TemporaryDirectory(prefix="engine-") as folder:
        machine = Machine(Path(folder))
        with lock(machine.engine.place), listen(machine.engine.place) as listener:
            with_engine = modules_of(machine, "on", "add", "1", "2", "--no-cache")
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.accept()
        assert with_engine == modules_of(machine, "off", "add", "1", "2", "--no-cache")


SLOW_LOAD = """
import sys
import invocations.running.engine.client as client
from invokeai_cli.__main__ import main
client.LONG_LOAD_S = 0.0
main(sys.argv[1:])
"""


def test_auto_starts_an_engine_after_a_line_whose_model_loads_slowly() -> None:
    with TemporaryDirectory(prefix="engine-") as folder:
        machine = Machine(Path(folder))
        machine.environment["INVOKEAI_ENGINE"] = "auto"
        subprocess.run(
            [sys.executable, "-c", SLOW_LOAD, LINE.format(seed=2, steps=2)],
            cwd=folder, env=machine.environment, capture_output=True, check=True, timeout=LONG_S,
        )  # fmt: skip
        while machine.engine.status() is None:  # it starts in the background
            os.sched_yield()
        assert machine.engine.start() is False
        machine.image(3, 2)
        assert status_of(machine)["models"] == ["default"]
        assert machine.engine.stop()
        assert machine.sockets() == []


def test_two_clients_at_once_get_the_images_that_they_get_alone(machine: Machine) -> None:
    alone = [machine.image(seed, 3) for seed in (3, 4)]
    processes = [machine.begin("--json", LINE.format(seed=seed, steps=3)) for seed in (3, 4)]
    together = [name_of(json.loads(process.communicate(timeout=LONG_S)[0])) for process in processes]
    assert together == alone
    assert {process.returncode for process in processes} == {0}


HELD_ENGINE = """
import os
import time
from invocations.run_engine import main
from invocations.running.context import StepContext

progress = StepContext.progress

def held(context, *values, **named):
    progress(context, *values, **named)
    while os.path.exists(os.environ["HOLD"]):
        time.sleep(0.001)
        progress(context, *values, **named)

StepContext.progress = held
main()
"""


@pytest.fixture
def hold(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start an engine whose steps report progress without an end as long as the returned file exists."""
    machine.engine.stop()
    (machine.home / "held_engine.py").write_text(HELD_ENGINE)
    found = machine.home / "hold"
    variables = {**machine.environment, "HOLD": str(found), "PYTHONPATH": str(machine.home)}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("invocations.running.engine.start.MODULE", "held_engine")
    assert machine.engine.start()
    return found


def test_if_the_engine_is_killed_the_line_makes_the_same_image_itself(machine: Machine, hold: Path) -> None:
    expected = machine.image(5, 4)
    pid = status_of(machine)["pid"]
    hold.touch()
    process = machine.at_work(LINE.format(seed=5, steps=4))
    assert status_of(machine)["busy"]
    os.kill(pid, signal.SIGKILL)
    out, err = process.communicate(timeout=LONG_S)
    *events, result = [json.loads(line) for line in out.splitlines()]
    assert (process.returncode, name_of(result)) == (0, expected), err
    done = {event["node_type"]: event.get("worker", "") for event in events if event["event"] == "node_finished"}
    assert (done["denoise"], done["decode"]) == ("", "")
    assert machine.engine.status() is None
    assert machine.sockets() == []
    hold.unlink()


def test_after_control_c_the_engine_keeps_its_models_and_serves_the_next_line(machine: Machine, hold: Path) -> None:
    machine.image(6, 2)
    pid = status_of(machine)["pid"]
    hold.touch()
    process = machine.at_work(LINE.format(seed=6, steps=2))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LONG_S)
    assert process.returncode == 130
    while status_of(machine)["busy"]:
        pass
    hold.unlink()
    found = status_of(machine)
    assert (found["pid"], found["models"], found["clients"], found["waiting"]) == (pid, ["default"], 0, 0)
    assert found["model_bytes"] > 1_000_000
    machine.image(6, 2)
    assert status_of(machine)["pid"] == pid


def test_an_engine_with_other_settings_is_not_used_and_v_says_why(machine: Machine) -> None:
    expected = machine.image(7, 2)
    status, out, err = machine.run("-v", "--model-dir", "elsewhere", f"{LINE.format(seed=7, steps=2)} | save 7.png")
    assert (status, out) == (0, "7.png\n")
    with Image.open(machine.home / "7.png") as image:
        assert content_name(image) == expected
    assert "the warm engine is no longer used: its models_dirs is" in err


def test_the_directive_shows_and_stops_the_engine(machine: Machine) -> None:
    machine.image(8, 2)
    status, out, _ = machine.run("engine", "status", "--json")
    found = json.loads(out)
    assert (status, found["running"], found["models"], found["clients"]) == (0, True, ["default"], 0)
    assert machine.run("engine", "start") == (0, "the engine was already running\n", "")
    assert machine.run("--dtype", "float32", "engine", "start") == (0, "the engine is running\n", "")
    assert len(machine.sockets()) == 4
    assert machine.run("engine", "stop", "--all") == (0, "2 engines stopped\n", "")
    assert not is_running(found["pid"])
    assert machine.sockets() == []
    assert machine.run("engine", "stop") == (0, "no engine is running\n", "")
    assert machine.run("engine") == (0, "no engine is running\n", "")
    assert json.loads(machine.run("engine", "--json")[1]) == {"schema": "engine/1", "running": False}


def test_on_a_full_disk_the_line_fails_and_nothing_is_left_after_stopping(machine: Machine) -> None:
    machine.engine.stop()
    status, out, err = machine.run(
        "engine", "start", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
    )
    assert (status, out) == (0, "the engine is running\n"), err
    pid = status_of(machine)["pid"]
    status, _, err = machine.run(LINE.format(seed=9, steps=2).replace("red", "blue"))
    assert status == 1
    assert "error: " in err
    assert status_of(machine)["pid"] == pid
    assert machine.engine.stop()
    assert not is_running(pid)
    assert list((machine.home / "data" / "tensors").rglob("*.new*")) == []


def test_without_a_folder_for_its_socket_a_line_runs_without_the_engine(machine: Machine) -> None:
    blocked = machine.home / "blocked"
    blocked.mkdir()
    (blocked / "invokeai").write_text("")
    before, machine.environment["XDG_RUNTIME_DIR"] = machine.environment["XDG_RUNTIME_DIR"], str(blocked)
    try:
        status, _, err = machine.run(LINE.format(seed=10, steps=2))
        assert (status, "engine" in err) == (0, False)
    finally:
        machine.environment["XDG_RUNTIME_DIR"] = before
