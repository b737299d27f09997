"""Pipes of real processes: who reads, what is passed on early, how a pipe ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

PROGRAM = f"{sys.executable} -m invokeai_cli"
LINUX = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only here is it known who holds a pipe")
SLOW = '''
import os
import time
from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput


@invocation("wait", title="Wait", category="files", examples=("load a.png | wait 1",), reusable=False)
class Wait(Invocation):
    """Return an image once a file exists."""

    image: ImageRef = input_field(primary=True, description="the picture")
    count: int = input_field(position=1, description="the first is given at once")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        for _ in range(6000):
            if self.count == 1 or os.path.exists("go"):
                break
            time.sleep(0.01)
        return ImageOutput(image=self.image)
'''


def run(line: str, folder: Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a line of the system's shell in which `inv` is the program."""
    given = {"capture_output": True, "text": True, "timeout": 240, "stdin": subprocess.DEVNULL, **options}
    text = f'inv() {{ {PROGRAM} "$@"; }}\n{line}\necho "${{PIPESTATUS[*]}}" >&2'
    return subprocess.run(["bash", "-c", text], cwd=folder, check=False, **given)  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.effect_noise((24, 24), 60).convert("RGB").save(tmp_path / "p.png")
    return tmp_path


def test_an_image_passes_through_three_processes(folder: Path) -> None:
    result = run("inv load p.png | inv scale 2 | inv save x.png", folder)
    assert (result.stdout, result.stderr) == ("x.png\n", "0 0 0\n")
    with Image.open(folder / "x.png") as image:
        assert image.size == (48, 48)


@LINUX
def test_a_parent_process_is_not_a_downstream_process(folder: Path) -> None:
    result = run('echo "$(inv load p.png) $(inv add 1 2)"; inv load p.png | cat; inv load p.png > f; cat f', folder)
    captured, piped, written = result.stdout.splitlines()
    assert (captured, written) == ("p.png 3", "p.png")
    assert json.loads(piped)["schema"] == "piped/1"


def test_a_reader_that_exits_early_ends_the_pipe_quietly(folder: Path) -> None:
    result = run("inv 'range 1 200 | iterate as n | blur @n --image p.png --no-cache' | head -1", folder)
    assert json.loads(result.stdout)["path"] == [0]
    assert result.stderr == "141 0\n"


@LINUX
def test_a_stream_can_be_split_with_tee(folder: Path) -> None:
    line = "inv load p.png | tee >(inv '| flip | save a.png' >&2) | inv save b.png"
    result = run(f"{line}; while ! [ -e a.png ]; do sleep 0.1; done", folder)
    assert result.stdout == "b.png\n"
    assert (folder / "a.png").exists()


def test_an_open_but_silent_pipe_is_not_waited_for(folder: Path) -> None:
    reader, writer = os.pipe()
    try:
        result = run("inv mul 2", folder, stdin=reader)
    finally:
        os.close(reader)
        os.close(writer)
    assert "error: `mul` needs `b`" in result.stderr
    assert result.stderr.endswith("\n2\n")


def test_a_result_is_processed_while_the_next_one_is_computed(folder: Path, nodes_folder: Path) -> None:
    (nodes_folder / "wait.py").write_text(SLOW)
    line = "inv 'range 1 3 | iterate as n | wait @n --image p.png' | inv blur 2 | inv save '{index}.png'"
    text = f'inv() {{ {PROGRAM} "$@"; }}\n{line}'
    process = subprocess.Popen(["bash", "-c", text], cwd=folder, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"1.png\n"
        assert not (folder / "2.png").exists()
        (folder / "go").touch()
        assert process.stdout.read() == b"2.png\n"
    finally:
        (folder / "go").touch()
        process.stdout.close()
        assert process.wait(240) == 0


def test_image_bytes_are_piped_unchanged(folder: Path) -> None:
    result = run("cat p.png | inv 'load - | scale 2 | save -' | inv 'load - | save y.png'", folder)
    assert (result.stdout, result.stderr) == ("y.png\n", "0 0 0\n")
    with Image.open(folder / "y.png") as image:
        assert image.size == (48, 48)
