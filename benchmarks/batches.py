"""Measure a line with eight seeds that runs as one batch against diffusers' pipeline, which makes one image at a time.

Each side runs in a process of its own, because the settings of the memory allocator hold for a whole process.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import PYTHON, Row, in_turn, own_environment, temporary_home, timed

IMAGES: Final = 8
BAR: Final = 0.70
LINE: Final = "t2i a red fox number {run} --seed {first}..{last} | save {folder}/{run}-{{seed}}.png"
RUNS: Final = 7


def rows() -> Iterator[Row]:
    """Make eight images with both programs in turn, and compare the medians of the CPU time per image."""
    with ExitStack() as stack:
        sides = [_Side(stack, name) for name in ("ours", "theirs")]
        figure, reference = in_turn([side.measure for side in sides], runs=RUNS)
    yield Row(f"{IMAGES} seeds with --batch {IMAGES}, per image", figure / IMAGES, reference / IMAGES, BAR)


class _Side:
    """A process that makes eight images whenever it is asked, and answers with the CPU time in milliseconds."""

    def __init__(self, stack: ExitStack, name: str) -> None:
        home = stack.enter_context(temporary_home())
        self._process = stack.enter_context(
            subprocess.Popen(
                [PYTHON, "-m", __spec__.name, name, home],
                env=own_environment(home),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
        stack.callback(self._process.kill)

    def measure(self) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


def _ours(home: str) -> Callable[[int], object]:
    """Return a function that runs a line in one session."""
    from invocations.catalog.registry import open_registry
    from invocations.events import SessionFinished
    from invocations.language.source import Source
    from invocations.local import LocalSettings, local_invoker
    from invocations.running.base import Batching
    from workflows.planning.plan_line import plan_line
    from workflows.planning.scope import Scope

    catalog, scope = open_registry(), Scope()
    invoker = local_invoker(LocalSettings(Path(home, "data"), Path(home, "cache"), Path(home)), registry=catalog)
    invoker.batching = Batching(IMAGES)
    session = invoker.create().id

    def make(run: int) -> None:
        first = run * IMAGES
        line = LINE.format(run=run, first=first, last=first + IMAGES - 1, folder=home)
        plan = plan_line(Source(None, line), catalog=catalog, scope=scope)
        invoker.extend(session, plan.extension())
        events = list(invoker.run(session))
        scope.add(plan.stage_outputs)
        if not isinstance(events[-1], SessionFinished):
            raise RuntimeError(f"no images were made: {events[-1]}")

    return make


def theirs(home: str) -> Callable[[int], object]:
    """Return a function that calls diffusers' pipeline, with the default model and its default settings."""
    import diffusers
    import torch

    from core.model_paths import DEFAULT_PATH
    from core.models.catalog import card_at

    card = card_at(DEFAULT_PATH)
    pipeline: Any = diffusers.StableDiffusionPipeline.from_pretrained(card.path, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)

    def make(run: int) -> None:
        for seed in range(run * IMAGES, (run + 1) * IMAGES):
            generator = torch.Generator().manual_seed(seed)
            image = pipeline(
                f"a red fox number {run}", generator=generator, num_inference_steps=card.steps,
                guidance_scale=card.guidance, width=card.width, height=card.height,
            ).images[0]  # fmt: skip
            image.save(Path(home, f"{run}-{seed}.png"))

    return make


def main(side: str, home: str) -> None:
    """Answer each line of standard input with the time that eight images took."""
    import torch

    torch.set_num_threads(1)
    make = {"ours": _ours, "theirs": theirs}[side](home)
    for run, _ in enumerate(sys.stdin):
        print(timed(partial(make, run)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
