"""A killed program can be resumed automatically; only a node that also crashes in a separate process is quarantined."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.damaged import damage
from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.forked import ended, started

CRASHING = '''
import os
from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput


@invocation("crash", title="Crash", category="test", version="1.0.0")
class Crash(Invocation):
    """Return the image, but end the process at once while a file says so. It needs the session, as `save` does."""

    image: ImageRef = input_field(primary=True, description="image")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        with open("{log}", "a") as log:
            log.write(f"{os.getpid()}\\n")
        if os.path.exists("{log}.{only}"):
            os.kill(os.getpid(), 9)
        assert "crash" in context.record().line
        context.claim("{log}.claimed")
        return ImageOutput(image=self.image)
'''


@pytest.fixture
def crashing(isolated_home: Path, tmp_path: Path) -> Path:
    """Add a node that logs each attempt and kills its process as long as the file whose path is returned exists."""
    nodes = isolated_home / "config" / "nodes"
    nodes.mkdir(parents=True)
    log = tmp_path / "attempts"
    (nodes / "crash.py").write_text(CRASHING.replace("{log}", str(log)).replace("{only}", "crash"))
    return tmp_path / "attempts.crash"


def attempts(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "attempts").read_text().split()]


def test_a_node_that_crashes_the_program_twice_and_then_its_own_process_is_quarantined(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, isolated_home: Path, crashing: Path
) -> None:
    name = night("add 1 1\nload p.png | blur 2 | crash | save a.png\nadd 2 2\n")
    crashing.touch()
    for more in ((), ("--resume",)):
        assert ended(started(tmp_path, isolated_home, "run", name, *more)) == -signal.SIGKILL
    result = type_("run", name, "--resume", "--keep-going")
    assert (result.status, result.out) == (3, "2\n4\n")
    message = "it crashed the program twice and then its own process"
    assert f"night.inv:2:23: error: crash (4): {message} (signal 9), so it is quarantined\n" in result.err
    assert result.err.splitlines()[-1].startswith("1 done, 1 failed, 1 quarantined, ")
    assert len(set(attempts(tmp_path))) == 3
    again = type_("run", name, "--resume", "--keep-going")
    assert (again.status, len(attempts(tmp_path))) == (3, 3)
    assert f"{message}, so it is quarantined" in again.err
    # a node that was quarantined does not run in the program again, even if it is retried
    assert ended(started(tmp_path, isolated_home, "run", name, "--resume", "--only", "failed")) == 1
    assert ended(started(tmp_path, isolated_home, "retry", "latest")) == 1
    assert len(set(attempts(tmp_path))) == 5
    result = type_("session", "show", "latest")
    assert "it crashed again, in a process of its own (signal 9), so it is quarantined" in result.out
    crashing.unlink()
    result = type_("run", name, "--resume", "--only", "failed")
    assert (result.status, result.out) == (0, "a.png\n")
    assert os.getpid() not in attempts(tmp_path)


def test_resuming_runs_a_node_in_a_separate_process_after_it_was_killed_twice(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, isolated_home: Path, crashing: Path
) -> None:
    name = night("load p.png | blur 2 | crash | save a.png\nload p.png | crash\n")
    crashing.touch()
    for more in ((), ("--resume",)):
        assert ended(started(tmp_path, isolated_home, "run", name, *more)) == -signal.SIGKILL
    crashing.unlink()
    result = type_("run", name, "--resume")
    assert (result.status, result.out) == (0, "a.png\n000001-p.png\n")
    first, second, alone, here = attempts(tmp_path)
    assert len({first, second, alone, os.getpid()}) == 4  # the third attempt ran in a separate process
    with sqlite3.connect(isolated_home / "data" / "sessions.sqlite") as store:
        claims = store.execute("select data from entries where data like '%attempts.claimed%'").fetchall()
    store.close()
    assert len(claims) == 2  # one in the separate process, one here
    assert here == os.getpid()
    assert "Crash" not in Image.open(tmp_path / "a.png").text  # type: ignore[attr-defined]


def test_crashes_before_a_restart_of_the_machine_are_not_counted(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, isolated_home: Path, crashing: Path
) -> None:
    name = night("load p.png | crash | save a.png\n")
    crashing.touch()
    for more in ((), ("--resume",)):
        assert ended(started(tmp_path, isolated_home, "run", name, *more)) == -signal.SIGKILL
    with sqlite3.connect(isolated_home / "data" / "sessions.sqlite") as store:
        store.execute("update entries set data = json_set(data, '$.boot', 'earlier') where data like '%\"started\"%'")
    store.close()
    crashing.unlink()
    assert type_("run", name, "--resume").out == "a.png\n"
    assert attempts(tmp_path)[-1] == os.getpid()


def written_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("0*.png"))


def test_a_killed_loop_with_a_failed_item_can_be_resumed(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from invocations.nodes.filters import Blur

    for name in ("a1", "a2", "a3"):
        Image.effect_noise((8, 8), 60).convert("RGB").save(tmp_path / f"{name}.png")
    damage(tmp_path / "a0.png")
    script = night("list a0.png a1.png a2.png a3.png | iterate as f | load @f | rotate 90 | blur 1 | save\n")
    good, left = Blur.invoke, iter(range(2))
    monkeypatch.setattr(Blur, "invoke", lambda *a: os._exit(77) if next(left, None) is None else good(*a))
    assert ended(started(tmp_path, isolated_home, "run", script)) == 77
    monkeypatch.setattr(Blur, "invoke", good)
    result = type_("run", script, "--resume")
    assert (result.status, result.err.count("Traceback")) == (3, 0)
    assert "error: load (3) for a0.png: `a0.png` cannot be read as an image" in result.err
    assert len(written_in(tmp_path)) == 3
    Image.new("RGB", (8, 8)).save(tmp_path / "a0.png")
    result = type_("run", script, "--resume")
    assert (result.status, sorted(result.out.split())) == (0, written_in(tmp_path))
    assert written_in(tmp_path) == ["000001-a1.png", "000002-a2.png", "000003-a3.png", "000004-a0.png"]
