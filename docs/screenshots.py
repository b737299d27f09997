"""Make the screenshots for the READMEs: run the program in tmux, type, and draw its screen cell by cell.

Run `python -m docs.screenshots [NAME ...]` in the root of the repository; it needs tmux.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from docs.cells import draw, read
from tests.invokeai_cli.repl.terminal import Terminal

FOLDER = Path(__file__).parent
COLUMNS = 92
LOAD_TIMEOUT_S = 120  # long enough to load torch and make an image on a busy machine
BEFORE = (  # lines that are in the history before the prompt opens
    "t2i a red fox in the snow --seed 7",
    "load boat.png | upscale 4 | save boat-large.png",
    "t2i a white rabbit on grass --seed 3 --steps 30",
    "t2i a yellow flower on blue | scale 2 | save flower.png",
    "load boat.png | rotate 45 --expand | show",
    "i2i boat.png a boat at night --strength 0.4",
)
LINE = "t2i a blue sailing boat with a yellow sail --seed 7"


def completion(terminal: Terminal) -> None:
    """Show options with type, range, default and description."""
    type_slowly(terminal, "t2i a red fox --s")
    terminal.wait("--steps", "int, 1 to 1000", "--seed")


def links(terminal: Terminal) -> None:
    """Show the commands that accept the piped result, and the links that they would make."""
    type_slowly(terminal, "t2i a red fox | mask")
    terminal.wait("mask <- @1.image")


def wrong_word(terminal: Terminal) -> None:
    """Show a mistyped word and its correction."""
    type_slowly(terminal, "t2i a red fox | upscale --scael 4")
    terminal.wait("did you mean `--scale`?")


def running(terminal: Terminal) -> None:
    """Show a running line with its progress bar and preview."""
    terminal.line(f"{LINE} --steps 300", "denoise ")
    wait_long(terminal, "▀", r"2\d\d/300", "left")


def image(terminal: Terminal) -> None:
    """Show the generated image and its path."""
    terminal.line(f"{LINE} --steps 20", "seed")
    wait_long(terminal, ".png", "▀", "invokeai 2>", "last ")


def history(terminal: Terminal) -> None:
    """Show earlier lines found by fuzzy search."""
    terminal.press("C-r")
    terminal.wait("search the history")
    type_slowly(terminal, "boat 4")
    terminal.wait("upscale 4 | save")


# For each screenshot: the number of rows in the terminal, and a function that types into it.
SITUATIONS: dict[str, tuple[int, Callable[[Terminal], None]]] = {
    "prompt-completion": (10, completion),
    "prompt-links": (12, links),
    "prompt-wrong-word": (8, wrong_word),
    "prompt-running": (20, running),
    "prompt-image": (34, image),
    "prompt-history": (11, history),
}


def type_slowly(terminal: Terminal, text: str) -> None:
    """Type as slowly as a person, so that the menu can keep up."""
    for letter in text:
        terminal.type(letter)
        time.sleep(0.02)


def wait_long(terminal: Terminal, *wanted: str) -> None:
    """Wait until the screen matches all patterns; the time limit is long enough for torch to load."""
    end = time.monotonic() + LOAD_TIMEOUT_S
    while time.monotonic() < end:
        screen = terminal.screen
        if all(re.search(pattern, screen) for pattern in wanted):
            return
        time.sleep(0.1)
    raise SystemExit(f"{wanted} is not on the screen:\n{terminal.screen}")


def shoot(name: str, rows: int, act: Callable[[Terminal], None]) -> Path:
    """Open an interactive prompt, type into it, and draw its screen."""
    with tempfile.TemporaryDirectory() as place:
        home, folder = Path(place) / "home", Path(place) / "images"
        (home / "state").mkdir(parents=True)
        folder.mkdir()
        (home / "state" / "history.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in BEFORE))
        colors = {"COLORTERM": "truecolor", "TERM": "tmux-256color", "INVOKEAI_WARM_UP": "yes"}
        terminal = Terminal(Path(place) / "s", folder, home, (COLUMNS, rows), **colors)
        try:
            wait_long(terminal, "invokeai 1>", "model default · device cpu ·")
            wait_long(terminal, "x")  # the toolbar shows the image size once the model is loaded
            act(terminal)
            time.sleep(0.5)
            screen = terminal.tmux("capture-pane", "-e", "-p")
            column, row = terminal.tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split()
        finally:
            terminal.tmux("kill-server")
    path = FOLDER / f"{name}.png"
    draw(read(screen), COLUMNS, (int(column), int(row))).save(path, optimize=True)
    return path


def main(names: list[str]) -> None:
    """Draw all screenshots, or the named ones."""
    for name in names or SITUATIONS:
        path = shoot(name, *SITUATIONS[name])
        print(f"{path.relative_to(FOLDER.parent)}  {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
