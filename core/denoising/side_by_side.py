"""Denoise several images at the same time, each in a thread; every image is bit by bit that of its run alone.

The operations of a small model are too short to be divided among threads, and divided sums may be rounded differently.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context

from torch import Tensor

from core.devices import limit_threads
from core.models.components import LoadedModel
from core.models.diffusers_classes import quiet

from . import loop
from .inputs import DenoiseInputs
from .loop import Step


def denoise_side_by_side(
    runs: Sequence[DenoiseInputs],
    model: LoadedModel,
    *,
    on_step: Callable[[int, Step], None] = lambda index, step: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Tensor]:
    """Denoise the inputs of all runs at the same time, and return the latents of each run, as `denoise` does.

    on_step: called after each step with the index of the run, in the thread of this run.
    Raises: as `denoise`; the first error in a run ends them all.
    """
    found: dict[int, Tensor] = {}
    errors: list[BaseException] = []

    def work(index: int) -> None:
        try:
            found[index] = loop.denoise(
                runs[index],
                model,
                on_step=lambda step: on_step(index, step),
                cancelled=lambda: bool(errors) or cancelled(),
            )
        except BaseException as error:  # raised again in the thread that waits for all runs
            errors.append(error)

    model.unet()  # loaded here, because only this thread can be interrupted
    # Threads that are started here inherit the limit; the filters for warnings belong to the whole process.
    with limit_threads(model.card.size_bytes), quiet():
        threads = [
            threading.Thread(target=copy_context().run, args=(work, index), name="image", daemon=True)
            for index in range(1, len(runs))
        ]
        for thread in threads:
            thread.start()
        work(0)
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]
    return [found[index] for index in range(len(runs))]
