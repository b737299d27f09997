"""The composition root for this machine: an Invoker whose services are imported and created on first use."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .cache.keys import Digests, Signer
from .catalog.registry import open_registry
from .errors import InvocationError
from .invoker import Invoker
from .local_settings import LocalSettings as LocalSettings
from .running.base import Catalog
from .running.context import is_cancelled, model_load, note, run_is_cancelled
from .running.local import LocalRunner
from .shared_property import shared_property
from .storing.base import SessionStore
from .values import ConditioningRef, ImageRef, LatentsRef, ModelRef, Ref
from .versions import PROGRAM, versions

if TYPE_CHECKING:
    from .running.workers.base import Workers
    from .services.enhancement.local import LocalEnhancement
    from .services.files.local import LocalFiles
    from .services.generation.local import LocalGeneration
    from .services.images.headers import FileHeaders
    from .services.images.local import LocalImages
    from .services.models.fit import Fits
    from .services.models.local import LocalModels
    from .services.tensors.local import LocalTensors

CONVERTED = "converted"  # the folder of converted copies of models in the cache folder
GENERATION = "generation"  # the name of the service that loads models


class LocalServices:
    """The services on this machine, each created on first use; several threads may use them."""

    def __init__(self, settings: LocalSettings) -> None:
        self._settings = settings
        self.digests: Digests | None = None  # where fingerprints of models are cached
        self._own: dict[str, dict[str, str]] = {}  # what `computing_of` returns, by the name of a model's reference
        self._start_bytes = 0  # the memory that the process used before it used a model

    @shared_property
    def images(self) -> LocalImages:
        """The image service, which stores images as files."""
        from .services.images.local import LocalImages

        settings = self._settings
        return LocalImages(
            settings.data_dir / "images", settings.output_dir, settings.template, settings.max_pixels,
            base=settings.base, compress_level=settings.png_compression, cancelled=is_cancelled,
        )  # fmt: skip

    @shared_property
    def files(self) -> LocalFiles:
        """The file service, which reads text files."""
        from .services.files.local import LocalFiles

        settings = self._settings
        return LocalFiles(settings.base, wildcards_dirs=settings.wildcards_dirs, cancelled=is_cancelled)

    @shared_property
    def headers(self) -> FileHeaders:
        """Reads the sizes of image files that are named in lines, without decoding the images."""
        from .services.images.headers import FileHeaders

        return FileHeaders(self._settings.base, self._settings.max_pixels)

    @shared_property
    def tensors(self) -> LocalTensors:
        """The tensor service, which stores tensors as safetensors files."""
        from .services.tensors.local import LocalTensors

        return LocalTensors(self._settings.data_dir / "tensors")

    @shared_property
    def models(self) -> LocalModels:
        """The model service, which finds models in the configured folders."""
        from .running.meter import resident_bytes
        from .services.models.local import LocalModels

        self._start_bytes, settings = resident_bytes(), self._settings
        folders, store = settings.models_dirs, settings.data_dir / "models"
        return LocalModels(folders, digests=self.digests, base=settings.base, store=store, fits=self._fits)

    def _fits(self) -> Fits:
        from .local_memory import fits

        return fits(self._settings, self._settings.cache_dir / CONVERTED, lambda: self.generation.held_bytes)

    @shared_property
    def generation(self) -> LocalGeneration:
        """The generation service, which runs the AI core on the configured device."""
        from .local_memory import budgets, threads
        from .services.generation.local import LocalGeneration

        settings = self._settings
        return LocalGeneration(
            self.images, self.tensors, self.models, device=settings.device, dtype=settings.dtype,
            on_model_load=model_load, on_note=note, cancelled=is_cancelled,
            budgets=budgets(settings), threads=threads(settings),
            copies=(settings.cache_dir / CONVERTED, settings.converted_bytes), preview_every=settings.preview_every,
        )  # fmt: skip

    @shared_property
    def enhancement(self) -> LocalEnhancement:
        """The enhancement service, which upscales on this machine."""
        from .services.enhancement.local import LocalEnhancement

        return LocalEnhancement(self.images)

    def prepare(self) -> None:
        """Create all services, so that the first lines of several threads do not wait for each other."""
        for service in ("files", "headers", "images", "tensors", "models", "generation", "enhancement"):
            getattr(self, service)

    def is_there(self, ref: Ref) -> bool:
        """Return True if the content of a reference still exists."""
        try:
            if isinstance(ref, ImageRef):
                from .services.images.unread import is_unread  # imported on demand: few results are checked

                return is_unread(ref) or self.images.path(ref).is_file()
            if isinstance(ref, (LatentsRef, ConditioningRef)):
                return ref.name in self.tensors
        except (InvocationError, OSError):
            return False
        return True

    def file_of(self, label: str) -> Path:
        """Return the path of the stored file with this label (see `cache.local.label`)."""
        kind, _, name = label.partition("/")
        return self.images.file(name) if kind == "image" else self.tensors.file(name)

    def find_model(self, name_or_path: str, kind: str = "model") -> ModelRef | None:
        """Return the model, or the VAE, with this name or path, or None if there is none or it is unusable."""
        try:
            return self.models.find_vae(name_or_path) if kind == "vae" else self.models.find(name_or_path)
        except InvocationError:
            return None

    def computing_of(self, model: ModelRef) -> Mapping[str, str]:
        """Return what the results of a model depend on besides `computing`; for small models, nothing."""
        if model.name not in self._own:
            from core.device_class import model_computing

            how = self._settings.device, self._settings.dtype, self._settings.jobs or 1
            with suppress(InvocationError):  # a missing or broken model is reported when it is used
                self._own[model.name] = model_computing(*how, lambda: self.models.settings(model).size_bytes)
        return self._own.get(model.name, {})

    def computing(self) -> dict[str, str]:
        """Return whatever a computed result depends on besides its inputs, such as device class and precision."""
        from core.device_class import device_class

        device, dtype = device_class(self._settings.device, self._settings.dtype)
        return {"device": device, "dtype": dtype, "max_pixels": str(self._settings.max_pixels), **versions()}

    def measured(
        self, node: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any], *, peak_bytes: int, device_bytes: int,
        batch: int = 1,
    ) -> None:  # fmt: skip
        """Remember the peak memory, in RAM and on graphics cards, of a node that made images with a model."""
        from .services.models.peaks import sized

        size_bytes = device_bytes or peak_bytes - self._start_bytes
        if size_bytes > 0 and (found := sized(inputs, outputs)):
            with suppress(InvocationError):  # the model has changed since
                others = self.generation.held_besides(found[0]) if GENERATION in self.__dict__ else 0
                self.models.runs.keep_peak(*found, node, size_bytes - others, batch)

    def free(self) -> bool:
        """Free memory by unloading models, and ask idle engines to do so; return True if one has done so."""
        if GENERATION in self.__dict__:
            self.generation.free()
        gc.collect()
        return bool(_processes().free_engines(self._settings))

    def free_idle(self) -> None:
        """Free memory by unloading models that have not been used for as long as the settings say."""
        minutes = self._settings.idle_minutes
        if minutes != 0 and GENERATION in self.__dict__:
            self.generation.free_idle(None if minutes is None else minutes * 60)

    def flush(self) -> None:
        """Finish pending writes, so that another process can read them."""
        if "images" in self.__dict__:
            self.images.flush()

    @property
    def is_writing(self) -> bool:
        """Whether `close` has to wait until converted copies of models are written."""
        return GENERATION in self.__dict__ and self.generation.is_writing

    def stop_writing(self) -> None:
        """Stop writing converted copies of models, and remove a copy that is incomplete."""
        self.generation.stop_writing()

    def close(self) -> None:
        """Finish pending writes, without creating unused services."""
        if "images" in self.__dict__:
            self.images.close()
        if GENERATION in self.__dict__:
            self.generation.close()


def local_invoker(
    settings: LocalSettings,
    *,
    registry: Catalog | None = None,
    store: SessionStore | None = None,
    services: LocalServices | None = None,
    workers: Callable[[], Workers | None] | None = None,
    warn: Callable[[str], None] = lambda message: None,
) -> Invoker:
    """Return an invoker for this machine; nothing is opened early. workers: replace those of the settings"""
    is_alone = (settings.jobs, settings.engine) == (1, "off")
    from .cache.local import DiskCache
    from .storing.local import LocalStore  # imported late: imports sqlite3, which planning does not need

    services = services or LocalServices(settings)
    signer = Signer(
        {PROGRAM: versions().get(PROGRAM, "")},
        computing=services.computing,
        find_model=services.find_model,
        computing_of=services.computing_of,
        default_of=lambda model, name: services.models.default_of(model, name),
        base=settings.base,
    )
    cache = DiskCache(
        settings.cache_dir, signer, max_bytes=settings.reuse_bytes, file_of=services.file_of,
        is_there=services.is_there, warn=warn, cancelled=run_is_cancelled,
    )  # fmt: skip
    services.digests = cache
    return Invoker(
        catalog=registry or local_catalog(settings),
        services=services,
        store=store or LocalStore(settings.data_dir / "sessions.sqlite"),
        runner=LocalRunner(),
        cache=cache,
        alone=(lambda: _processes().processes(settings, 1, services.computing)) if store is None else None,
        workers=workers or (None if is_alone else lambda: _processes().workers(settings, services.computing)),
    )


def _processes() -> ModuleType:
    from . import local_processes  # imported on demand: few nodes run in other processes

    return local_processes


def local_catalog(settings: LocalSettings) -> Catalog:
    """Return the catalog of all nodes and recipes that are available on this machine."""
    return open_registry(settings.nodes_dirs, settings.cache_dir)
