"""The composition root of this machine: an Invoker whose services are imported and made when something first asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from invocations.errors import InvocationError
from invocations.invoker import Invoker
from invocations.memo import MemoryMemo
from invocations.registry import open_registry
from invocations.running.base import Catalog
from invocations.running.local import LocalRunner
from invocations.storing.base import SessionStore
from invocations.values import ConditioningRef, ImageRef, LatentsRef, Ref

if TYPE_CHECKING:
    from invocations.services.enhancement.local import LocalEnhancement
    from invocations.services.generation.local import LocalGeneration
    from invocations.services.images.local import LocalImages
    from invocations.services.models.local import LocalModels
    from invocations.services.tensors.local import LocalTensors

MAX_PIXELS = 64_000_000  # a picture of 8,000 x 8,000; more is nearly always a mistake or an attack


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """Where things lie and how to compute.

    data_dir: sessions, and pictures and tensors between nodes. output_dir: where `save` writes; template: how it names.
    device: auto, cpu, cuda, mps. dtype: auto, float32, bfloat16, float16. reuse_bytes: room for results in memory.
    """

    data_dir: Path
    cache_dir: Path
    output_dir: Path
    models_dirs: tuple[Path, ...] = ()
    nodes_dirs: tuple[Path, ...] = ()
    device: str = "auto"
    dtype: str = "auto"
    template: str = "{index:06}-{seed}-{prompt:.40}.png"
    max_pixels: int = MAX_PIXELS
    reuse_bytes: int = 64 << 20


class LocalServices:
    """The services of this machine, each made on first use."""

    def __init__(self, settings: LocalSettings) -> None:
        self._settings = settings

    @cached_property
    def images(self) -> LocalImages:
        """Pictures as files."""
        from invocations.services.images.local import LocalImages

        settings = self._settings
        return LocalImages(
            settings.data_dir / "images", settings.output_dir, settings.template, max_pixels=settings.max_pixels
        )

    @cached_property
    def tensors(self) -> LocalTensors:
        """Tensors as safetensors files."""
        from invocations.services.tensors.local import LocalTensors

        return LocalTensors(self._settings.data_dir / "tensors")

    @cached_property
    def models(self) -> LocalModels:
        """Models in the folders of the settings."""
        from invocations.services.models.local import LocalModels

        return LocalModels(self._settings.models_dirs)

    @cached_property
    def generation(self) -> LocalGeneration:
        """The AI core on the device of the settings."""
        from invocations.running.context import model_load
        from invocations.services.generation.local import LocalGeneration

        return LocalGeneration(
            self.images,
            self.tensors,
            self.models,
            device=self._settings.device,
            dtype=self._settings.dtype,
            on_model_load=model_load,
        )

    @cached_property
    def enhancement(self) -> LocalEnhancement:
        """Upscaling on this machine."""
        from invocations.services.enhancement.local import LocalEnhancement

        return LocalEnhancement(self.images)

    def is_there(self, ref: Ref) -> bool:
        """Tell whether what a reference names is still kept."""
        try:
            if isinstance(ref, ImageRef):
                return self.images.path(ref).is_file()
            if isinstance(ref, (LatentsRef, ConditioningRef)):
                return ref.name in self.tensors
        except (InvocationError, OSError):
            return False
        return True

    def close(self) -> None:
        """Finish what is being written; services that nobody asked for are not made."""
        if "images" in self.__dict__:
            self.images.close()


def local_invoker(
    settings: LocalSettings, *, registry: Catalog | None = None, store: SessionStore | None = None
) -> Invoker:
    """Return an invoker that works on this machine; nothing is opened, imported or written before it is needed."""
    from invocations.storing.local import LocalStore  # brings sqlite3, which who only looks things up can spare

    services = LocalServices(settings)
    environment = {"device": settings.device, "dtype": settings.dtype}
    return Invoker(
        catalog=registry or open_registry(settings.nodes_dirs, settings.cache_dir),
        services=services,
        store=store or LocalStore(settings.data_dir / "sessions.sqlite"),
        runner=LocalRunner(),
        memo=MemoryMemo(settings.reuse_bytes, environment=environment, is_there=services.is_there),
    )
