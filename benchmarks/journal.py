"""Measure the cost of journal and store: sixty images from the default model with both, and sixty with neither."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Row, temporary_home
from invocations.catalog.registry import Registry, open_registry
from invocations.events import NodeFinished, SessionFinished
from invocations.invoker import Invoker
from invocations.language.source import Source
from invocations.local import LocalServices, LocalSettings, local_invoker
from invocations.running.local import LocalRunner
from invocations.services.images.local import CACHE_BYTES, MAX_PIXELS, LocalImages
from invocations.services.images.store import ImageStore
from invocations.services.tensors.base import TensorService
from invocations.storing.memory import MemoryStore
from workflows.planning.plan_line import plan_line
from workflows.planning.scope import Scope

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

IMAGES = 60
BAR = 1.05
LINE = "t2i a red fox number {seed} --seed {seed} | save {name}.png"  # the number of steps is the model's default


class StoreInMemory(ImageStore):
    """Keeps images in memory, by name; only `save` writes files."""

    def _submit(self, name: str, image: Image) -> None:
        """Do not write to disk: the images in this benchmark fit into memory."""


class NoFiles(LocalImages):
    """Keeps in memory the images that are passed between nodes."""

    def __init__(self, root: Path, output_dir: Path) -> None:
        super().__init__(root, output_dir)
        self._store = StoreInMemory(root, MAX_PIXELS, CACHE_BYTES)


class TensorsInMemory(TensorService):
    """Keeps tensors in memory, by number."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Tensor]] = {}

    def put(self, tensors: Mapping[str, Tensor]) -> str:
        name = str(len(self._kept))
        self._kept[name] = {key: tensor.detach().clone() for key, tensor in tensors.items()}
        return name

    def get(self, name: str) -> dict[str, Tensor]:
        return {key: tensor.clone() for key, tensor in self._kept[name].items()}

    def __contains__(self, name: str) -> bool:
        return name in self._kept


class ServicesInMemory(LocalServices):
    """Local services that keep intermediate results in memory."""

    @cached_property
    def images(self) -> LocalImages:
        return NoFiles(self._settings.data_dir / "images", self._settings.output_dir)

    @cached_property
    def tensors(self) -> TensorService:  # type: ignore[override] # another one of the same kind
        return TensorsInMemory()


def rows() -> Iterator[Row]:
    """Generate each image with both setups in turn, and compare the medians of CPU and wall-clock time."""
    import torch

    torch.set_num_threads(1)
    catalog = open_registry()
    with temporary_home() as home, temporary_home() as other:
        memory = ServicesInMemory(_settings(other))
        runs = (
            _Run(local_invoker(_settings(home), registry=catalog), catalog, home),
            _Run(Invoker(catalog=catalog, services=memory, store=MemoryStore(), runner=LocalRunner()), catalog, other),
        )
        for at in range(IMAGES + 1):
            for run in runs if at % 2 else reversed(runs):
                run.generate(at, timed=at > 0)  # the time of the first image includes loading the model
        for run in runs:
            run.invoker.close()
    kept, bare = (statistics.median(run.cpu) for run in runs)
    yield Row(f"time per image with journal and store, {IMAGES} images", kept, bare, BAR)
    with_both, without = (statistics.median(run.outside) for run in runs)
    wall = statistics.median(runs[1].wall)
    note = f"includes waiting for the disk; {with_both:.1f} against {without:.1f} ms outside denoising"
    yield Row(
        "time per image with journal and store, in wall-clock time", wall + with_both - without, wall, BAR, "ms", note
    )


class _Run:
    """One of the two setups, and the times in milliseconds for the images generated with it."""

    def __init__(self, invoker: Invoker, catalog: Registry, folder: str) -> None:
        self.invoker, self.catalog, self.folder = invoker, catalog, folder
        self.session = invoker.create().id
        self.scope = Scope()
        self.cpu: list[float] = []
        self.wall: list[float] = []
        self.outside: list[float] = []  # excludes denoising, whose time varies more

    def generate(self, at: int, *, timed: bool) -> None:
        """Generate an image by running one line."""
        line = LINE.format(seed=at, name=Path(self.folder, str(at)))
        plan = plan_line(Source(None, line), catalog=self.catalog, scope=self.scope)
        cpu, wall = time.process_time(), time.perf_counter()
        self.invoker.extend(self.session, plan.extension())
        events = list(self.invoker.run(self.session))
        if timed:
            self.cpu.append(1000 * (time.process_time() - cpu))
            self.wall.append(1000 * (time.perf_counter() - wall))
            inside = sum(e.seconds for e in events if isinstance(e, NodeFinished) and e.node_type == "denoise")
            self.outside.append(self.wall[-1] - 1000 * inside)
        self.scope.add(plan.stage_outputs)
        if not isinstance(events[-1], SessionFinished):
            raise RuntimeError(f"no image was generated: {events[-1]}")


def _settings(home: str) -> LocalSettings:
    return LocalSettings(Path(home, "data"), Path(home, "cache"), Path(home))
