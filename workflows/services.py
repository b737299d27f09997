"""Configure the local services from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invocations.local import LocalSettings

    from .settings.folders import Folders
    from .settings.resolve import Config


def local_settings(settings: Config, folders: Folders, *, base: str = "", preview_every: int = 0) -> LocalSettings:
    """Return the settings of the local services; `folders`: the folders in use, some of which may be temporary."""
    from pathlib import Path

    from invocations.local import LocalSettings

    return LocalSettings(
        data_dir=Path(folders.data),
        cache_dir=Path(folders.cache),
        output_dir=Path(settings.output_dir),
        models_dirs=(Path(folders.models), *map(Path, settings.models_dirs)),
        nodes_dirs=(Path(folders.nodes), *map(Path, settings.nodes_dirs)),
        wildcards_dirs=tuple(map(Path, settings.wildcards_dirs)),
        device=settings.device,
        dtype=settings.dtype,
        template=settings.template,
        max_pixels=settings.max_megapixels * 1_000_000,
        png_compression=settings.png_compression,
        reuse_bytes=settings.cache_gigabytes * 10**9,
        preview_every=preview_every,
        base=Path(base),
    )
