"""Pipes between real processes: which program reads, when results are passed on, and how a pipe ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

PROGRAM = f"{sys.executable} -m invokeai_cli"
LINUX = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only here is it known who holds a pipe")
READING_LOOP = "while read f; do invokeai scale 2 --image $f; done"
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
    """Run a line of bash in which `invokeai` is the program, and write the pipe's exit statuses to standard error."""
    given = {"capture_output": True, "text": True, "timeout": 240, "stdin": subprocess.DEVNULL, **options}
    text = f'{line}\necho "${{PIPESTATUS[*]}}" >&2'
    return subprocess.run(["bash", "-c", text], cwd=folder, env=with_program(folder), check=False, **given)  # type: ignore[call-overload, no-any-return]


def with_program(folder: Path) -> dict[str, str]:
    """Return environment variables that let a shell find the program as `invokeai`."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "invokeai").write_text(f'#!/bin/sh\nexec {PROGRAM} "$@"\n')
    (programs / "invokeai").chmod(0o755)
    return {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.effect_noise((24, 24), 60).convert("RGB").save(tmp_path / "p.png")
    return tmp_path


def test_an_image_passes_through_three_processes(folder: Path) -> None:
    result = run("invokeai load p.png | invokeai scale 2 | invokeai save x.png", folder)
    assert (result.stdout, result.stderr) == ("x.png\n", "0 0 0\n")
    with Image.open(folder / "x.png") as image:
        assert image.size == (48, 48)


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("invokeai blur 2 --image p.png | cat", "000001-p.png\n"),
        ("invokeai blur 2 --image p.png | tee log; cat log", "000001-p.png\n000001-p.png\n"),
        ("invokeai blur 2 --image p.png 2>&1 | tee log", "000001-p.png\n"),
        ("invokeai blur 2 --image p.png | xargs -I{} echo got {}", "got 000001-p.png\n"),
        ("invokeai blur 2 --image p.png | while read f; do echo got $f; done", "got 000001-p.png\n"),
        ("invokeai blur 2 --image p.png | { read f; echo got $f; }", "got 000001-p.png\n"),
        ("echo got $(invokeai blur 2 --image p.png | head -1)", "got 000001-p.png\n"),
        ("echo got $(invokeai blur 2 --image p.png)", "got 000001-p.png\n"),
        ("mapfile -t f < <(invokeai blur 2 --image p.png); echo got $f", "got 000001-p.png\n"),
        ("invokeai blur 2 --image p.png > log; cat log", "000001-p.png\n"),
        ("bash -c 'invokeai blur 2 --image p.png' | cat", "000001-p.png\n"),
        ("echo x | xargs -P2 -I{} invokeai blur 2 --image p.png | cat", "000001-p.png\n"),
        ("invokeai blur 2 --image p.png | tee >(cat > log) | cat", "000001-p.png\n"),
        ("invokeai 'range 1 3 | iterate as n | blur @n --image p.png' | cat", "000001-p.png\n000002-p.png\n"),
        (f"for n in 1 2; do invokeai blur $n --image p.png; done | {READING_LOOP}", None),
        ("invokeai div 1 0 2>log | cat", ""),
        ("invokeai blur 2 --image p.png --radios 2 2>log | cat", ""),
        ("invokeai load p.png | cat", "p.png\n"),
        ("invokeai add 1 2 | cat", "3\n"),
    ],
)
def test_any_other_program_receives_the_paths_of_saved_images(folder: Path, line: str, out: str | None) -> None:
    result = run(line, folder)
    assert out is None or result.stdout == out
    assert "{" not in result.stdout
    for name in result.stdout.replace("got", "").split():
        assert name == "3" or (folder / name).is_file()
    assert bool(list(folder.glob("0*.png"))) == ("--image" in line and "--radios" not in line)


def test_a_reader_that_exits_early_ends_the_pipe_quietly(folder: Path) -> None:
    result = run("invokeai 'range 1 200 | iterate as n | blur @n --image p.png --no-cache' | head -1", folder)
    assert (result.stdout, result.stderr) == ("000001-p.png\n", "141 0\n")
    assert (folder / "000001-p.png").is_file()


@LINUX
def test_piped_results_can_be_split_with_tee(folder: Path) -> None:
    line = "invokeai --pipe load p.png | tee >(invokeai '| flip | save a.png' >&2) | invokeai save b.png"
    result = run(f"{line}; while ! [ -e a.png ]; do sleep 0.1; done", folder)
    assert result.stdout == "b.png\n"
    assert (folder / "a.png").exists()


def test_the_program_does_not_wait_for_an_open_but_silent_pipe(folder: Path) -> None:
    reader, writer = os.pipe()
    try:
        result = run("invokeai mul 2", folder, stdin=reader)
    finally:
        os.close(reader)
        os.close(writer)
    assert "error: `mul` needs `b`" in result.stderr
    assert result.stderr.endswith("\n2\n")


def test_a_result_is_processed_while_the_next_one_is_computed(folder: Path, nodes_folder: Path) -> None:
    (nodes_folder / "wait.py").write_text(SLOW)
    line = "invokeai 'range 1 3 | iterate as n | wait @n --image p.png' | invokeai blur 2 | invokeai save '{index}.png'"
    pipes = {"stdout": subprocess.PIPE, "stdin": subprocess.DEVNULL, "env": with_program(folder)}
    process = subprocess.Popen(["bash", "-c", line], cwd=folder, **pipes)  # type: ignore[call-overload]
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
    result = run("cat p.png | invokeai 'load - | scale 2 | save -' | invokeai 'load - | save y.png'", folder)
    assert (result.stdout, result.stderr) == ("y.png\n", "0 0 0\n")
    with Image.open(folder / "y.png") as image:
        assert image.size == (48, 48)
