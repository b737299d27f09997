"""Measure large images: lines on a 4096 px image against Pillow alone, and the peak memory of a grid of 300 images."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from PIL import Image

from benchmarks.measure import INVOKEAI, PYTHON, Row, cpu_ms, in_turn, own_environment, temporary_home

BAR = 1.1
ROUNDS = 3
SIDE = 4096
PILLOW = "from PIL import Image, ImageFilter; image = Image.open('large.png'); {}image.save('pillow.png')"
SMALLER = "image = image.filter(ImageFilter.GaussianBlur(4)).resize((2048, 2048), Image.Resampling.LANCZOS); "
LINES = {
    "load large.png | blur 4 | scale 0.5 | save ours.png --overwrite": PILLOW.format(SMALLER),
    "load large.png | save ours.png --overwrite": PILLOW.format("image.load(); "),
}
COUNT, GRID_BAR = 300, 2.5
GRID = (
    f"range 0 {COUNT} | iterate as number | load tile.png | hue @number | collect | grid --columns 32"
    " | save sheet.png --overwrite"
)
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def rows() -> Iterator[Row]:
    """Compare each line, in a new home folder, with Pillow; then a grid's peak memory with the size of its sheet."""
    with temporary_home() as folder:
        photo(SIDE).save(Path(folder, "large.png"))
        for line, pillow in LINES.items():
            ours, alone = in_turn(
                [partial(fresh_cpu_ms, line, folder), partial(cpu_ms, (PYTHON, "-c", pillow), folder)], ROUNDS, pick=min
            )
            yield Row(line.removesuffix(" --overwrite"), ours, alone, BAR)
        photo(512).save(Path(folder, "tile.png"))
        peak = peak_bytes((*INVOKEAI, GRID), folder)
        with Image.open(Path(folder, "sheet.png")) as sheet:
            raw = 3 * sheet.width * sheet.height
        yield Row(
            f"peak memory of a grid of {COUNT} images against the size of the sheet",
            peak / 1e6,
            raw / 1e6,
            GRID_BAR,
            "MB",
        )


def photo(side: int) -> Image.Image:
    """Return an image that compresses like a photo: smooth shapes with a little noise, 26 MB as a PNG of 4096 px."""
    import numpy as np

    random = np.random.default_rng(1)
    y, x = np.mgrid[0:side, 0:side] * (4096 / side)
    channels = [128 + 100 * np.sin(x / 300 + shift) * np.cos(y / 400 - shift) for shift in range(3)]
    pixels = np.stack(channels, -1) + random.normal(0, 2.7, (side, side, 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def fresh_cpu_ms(line: str, folder: str) -> float:
    """Run a line in a new home folder, where nothing is cached, and return its CPU time in milliseconds."""
    with temporary_home() as home:
        return cpu_ms((*INVOKEAI, line), home, folder=folder)


def peak_bytes(command: Sequence[str], home: str) -> int:
    """Run a command and return its peak resident size.

    A small process starts the command, because a child process inherits the peak of its parent.
    """
    done = subprocess.run(
        (PYTHON, "-c", PEAK, *command), env=own_environment(home), cwd=home, check=True, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return int(done.stdout) * 1024
