"""Measure models in single files: from start to the first step against the folder, and the memory for a large file."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import partial
from math import prod
from pathlib import Path

from benchmarks.first_step import cpu_to_first_step
from benchmarks.measure import INVOKEAI, Row, in_turn, own_environment, temporary_home

FIRST_STEP, PEAK = 1.1, 1.15
LIBRARIES_MB = 500  # what torch, diffusers and the program may take besides the weights
LINE = ("t2i", "a", "red", "fox", "--steps", "4", "--seed", "1", "--width", "64", "--height", "64")
LIST = "sd1-checkpoint"  # the published names and true shapes of Stable Diffusion 1.5


def rows() -> Iterator[Row]:
    """Measure a tiny model with the blocks of Stable Diffusion 1, then a large file with random weights."""
    from tests.single_files import make

    with temporary_home() as home:
        models = make(Path(home), "sd1")
        lines = [("--events", "--no-cache", *LINE, "--model", str(model)) for model in models]
        reference, figure = in_turn([partial(cpu_to_first_step, home, line) for line in lines], runs=5)
        yield Row("start to first step of a single file", figure, reference, FIRST_STEP)
        large = _write_large(Path(home) / "large.safetensors")
        yield Row(
            f"peak memory, less {LIBRARIES_MB} MB", _peak_mb(home, large), large.stat().st_size / 2**20, PEAK, "MB"
        )


def _write_large(path: Path) -> Path:
    """Write a file with the names and shapes of Stable Diffusion 1.5 and random values in float32."""
    import torch

    from tests.core.models.published_names import published

    shapes = {name: shape for name, shape in published()[LIST].shapes.items() if not name.endswith("position_ids")}
    header, end = {}, 0
    for name, shape in shapes.items():
        start, end = end, end + 4 * prod(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for shape in shapes.values():
            file.write((0.02 * torch.randn(shape)).numpy().tobytes())
    return path


def _peak_mb(home: str, model: Path) -> float:
    """Generate a small image in float32 and return the peak memory of the program in MB."""
    command = (*INVOKEAI, "--events", "--no-cache", "--dtype", "float32", *LINE, "--model", str(model))
    done = subprocess.run(command, env=own_environment(home), cwd=home, capture_output=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return max([event.get("peak_bytes", 0) for event in events]) / 2**20
