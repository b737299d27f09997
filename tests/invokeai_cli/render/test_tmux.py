"""Bars, previews and notes are removed completely from a real terminal, even if it is resized while they change."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.invokeai_cli.tmux import TIMEOUT_S, Tmux

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="these tests look at tmux, and it is missing")

PROGRAM = """
import signal, sys, time
from dataclasses import replace
from pathlib import Path
from PIL import Image
from invocations.events import LogMessage, ModelLoadFinished, ModelLoadStarted, NodeFinished, NodeProgress, NodeStarted
from invokeai_cli.environment import real_environment
from invokeai_cli.render.human import HumanRenderer
from invokeai_cli.render.screen import Screen

stop = Path(sys.argv[1])
held = stop.with_name("held")  # while this file exists, the preview does not return after a change of size
now = time.monotonic()

def clock():
    global now
    now = now if held.exists() else time.monotonic()
    return now

environment = real_environment()
screen = Screen(replace(environment, clock=clock))
screen.environment = environment  # only the live rows use the clock that can be held; bars are drawn as usual
renderer = HumanRenderer(screen, verbosity=1)
nodes = [("s", "d", "denoise", (turn,), 0.0) for turn in range(int(sys.argv[2]))]
picture = Image.effect_noise((64, 64), 90).convert("RGB")
for where in nodes:
    renderer.event(NodeStarted(*where))
renderer.event(ModelLoadStarted(*nodes[0], model="default", part="unet"))
step = 0
while not stop.exists():
    step += 1
    size = renderer.screen.size
    for number, where in enumerate(nodes):
        preview = picture.rotate(step) if number == 0 and step % 3 == 0 else None
        renderer.event(NodeProgress(*where, step=step, of=5000, preview=preview))
    if step % 10 == 0 and step <= 30:
        renderer.event(LogMessage(*nodes[0], message=f"step {step}"))
    stop.with_name("size").write_text("{}x{}".format(*size))
    stop.with_name("frame").write_text(str(step))
    time.sleep(0.01)
renderer.event(ModelLoadFinished(*nodes[0], model="default", part="unet", seconds=1.0))
for where in nodes:
    renderer.event(NodeFinished(*where, outputs={}, seconds=1.0, reused=False, facts={}))
renderer.close(0)
print("END", flush=True)
signal.pause()
"""
LEFT = ["BEGIN", *(f"d[0] denoise: step {step}" for step in (10, 20, 30)), "loaded default, unet: 1.0 s"]


class Terminal(Tmux):
    """A tmux session that runs the sample program `PROGRAM`."""

    def __init__(self, folder: Path, nodes: int, size: tuple[int, int], lines: int) -> None:
        self.stop = folder / "stop"
        program = folder / "program.py"
        program.write_text(PROGRAM)
        settings = f"env -u TMUX -u COLUMNS -u LINES PYTHONPATH={ROOT} LANG=C.UTF-8 COLORTERM=truecolor"
        command = f"seq {lines}; echo BEGIN; {settings} {sys.executable} {program} {self.stop} {nodes} || sleep 300"
        super().__init__(folder / "s", size, command)
        self.tmux("set-option", "window-size", "manual")

    def wait_for_size(self, columns: int, rows: int) -> None:
        """Wait until the program has drawn at this size, because tmux reports a new size late."""
        end = time.monotonic() + TIMEOUT_S
        while self.stop.with_name("size").read_text() != f"{columns}x{rows}":
            assert time.monotonic() < end
            time.sleep(0.02)

    @property
    def frame(self) -> int:
        """The number of the frame that was drawn last."""
        return int(self.stop.with_name("frame").read_text() or 0)

    def wait_for_frame(self, number: int) -> None:
        """Wait until the program has drawn the frame with this number, at any size."""
        end = time.monotonic() + TIMEOUT_S
        while self.frame < number:
            assert time.monotonic() < end
            time.sleep(0.002)

    @property
    def all(self) -> list[str]:
        """All lines, including those that scrolled off, joined where they were wrapped."""
        return [line.rstrip() for line in self.tmux("capture-pane", "-p", "-J", "-S", "-").splitlines() if line.strip()]

    def note(self, text: str) -> None:
        """Wait until a note appears on the screen or among the lines that scrolled off."""
        end = time.monotonic() + TIMEOUT_S
        while not any(text in row for row in self.all):
            assert time.monotonic() < end
            time.sleep(0.02)

    def end(self) -> list[str]:
        self.stop.touch()
        self.wait("END")
        return self.all


Open = Callable[..., Terminal]


@pytest.fixture
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Return a function that starts the program with `nodes` bars in a terminal, below `lines` lines of output."""
    opened: list[Terminal] = []

    def start(nodes: int, size: tuple[int, int], lines: int = 0) -> Terminal:
        opened.append(Terminal(tmp_path_factory.mktemp("t"), nodes, size, lines))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.tmux("kill-server")


@pytest.mark.parametrize(
    ("nodes", "size", "picture", "bars"),
    [
        (1, (80, 24), True, 1),
        (3, (80, 24), True, 3),
        (3, (40, 12), True, 3),
        (4, (40, 6), False, 4),
        (9, (30, 5), False, 3),
    ],
)
def test_bars_and_a_preview_fit_the_terminal_and_are_removed_at_the_end(
    watch: Open, nodes: int, size: tuple[int, int], picture: bool, bars: int
) -> None:
    terminal = watch(nodes, size)
    terminal.wait("denoise[0]", "5000", *(["▀"] if picture else []))
    terminal.note("step 30")
    rows = terminal.wait(f"denoise[{bars - 1}]", *(["▀"] if picture else [])).split("\n")
    assert sum("denoise[" in row for row in rows) == bars
    assert any("▀" in row for row in rows) == picture
    finished = [f"d[{turn}] denoise: 1.0 s" for turn in range(nodes)]
    assert terminal.end() == [*LEFT, *finished, "END"]


JUMPS = [(40, 12), (100, 30), (36, 9), (80, 6), (80, 24), (40, 24), (60, 10), (80, 24)]
FRAMES = 3  # frames drawn before the next change of size; a user who drags a window changes its size more slowly
DRAGGED = [(80 - 2 * step, 24 - step) for step in range(14)] + [(54 + 2 * step, 11 + step) for step in range(14)]


@pytest.mark.parametrize(("sizes", "waits", "lines"), [(JUMPS, True, 40), (DRAGGED, False, 0)])
def test_a_resized_terminal_shows_nothing_twice(
    watch: Open, sizes: list[tuple[int, int]], waits: bool, lines: int
) -> None:
    terminal = watch(3, (80, 24), lines)
    terminal.note("step 30")
    terminal.wait("denoise[2]", "▀")
    held = terminal.stop.with_name("held")
    held.touch()
    for size in sizes:
        terminal.resize(*size)
        if waits:
            terminal.wait_for_size(*size)
        else:
            terminal.wait_for_frame(terminal.frame + FRAMES)
    terminal.wait_for_size(*sizes[-1])
    held.unlink()
    terminal.wait_until(lambda screen: "▀" in screen and screen.count("denoise[") == 3)
    assert terminal.end() == [
        *map(str, range(1, lines + 1)),
        *LEFT,
        *(f"d[{turn}] denoise: 1.0 s" for turn in range(3)),
        "END",
    ]
