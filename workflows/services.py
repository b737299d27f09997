"""Configure the local services from the settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from invocations.frozen import frozen

from .settings.resolve import PROJECT_FILE
from .settings.table import AUTO, BY_NAME

if TYPE_CHECKING:
    from invocations.local import LocalSettings
    from invocations.running.base import Batching
    from invocations.served import ServedServices

    from .settings.folders import Folders
    from .settings.resolve import Config


GIGABYTE: Final = 10**9
CONVERTED_BYTES: Final = 10 * GIGABYTE
SERVED_BYTES: Final = 2 * GIGABYTE
THUMBNAILS_SHARE: Final = 4  # one byte in four of what a server may store is for thumbnails


@frozen
class DiskRooms:
    """The room in bytes that cached results with their files may take on disk, and that converted models may take.

    served: the room for what a server stores: images that clients have sent, and thumbnails
    """

    results: int
    converted: int
    served: int = SERVED_BYTES

    @property
    def thumbnails(self) -> int:
        """The room for thumbnails."""
        return self.served // THUMBNAILS_SHARE

    @property
    def uploads(self) -> int:
        """The room for images that clients have sent."""
        return self.served - self.thumbnails

    @property
    def total(self) -> int:
        """The room for everything."""
        return self.results + self.converted + self.served


def disk_rooms(settings: Config) -> DiskRooms:
    """Divide the room: a server gets a tenth of `disk_limit`; results and converted models share the rest equally."""
    results, total = settings.cache_gigabytes * GIGABYTE, _bytes(settings.disk_limit)
    if total is None:
        return DiskRooms(results, CONVERTED_BYTES)
    served = min(total // 10, SERVED_BYTES)
    rest = total - served
    results = rest // 2 if settings.origins.get("cache_gigabytes", "default") == "default" else min(results, rest)
    return DiskRooms(results, rest - results, served)


def local_settings(settings: Config, folders: Folders, *, base: str = "", preview_every: int = 0) -> LocalSettings:
    """Return the settings of the local services; `folders`: the folders in use, some of which may be temporary."""
    from pathlib import Path

    from invocations.local import LocalSettings

    rooms = disk_rooms(settings)
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
        reuse_bytes=rooms.results,
        converted_bytes=rooms.converted,
        ram_bytes=_bytes(settings.ram_limit),
        vram_bytes=_bytes(settings.vram_limit),
        ram_change=_change(settings, "ram_limit"),
        vram_change=_change(settings, "vram_limit"),
        idle_minutes=_minutes(settings.idle_unload),
        preview_every=preview_every,
        jobs=_jobs(settings),
        engine=engine_mode(settings),
        base=Path(base),
    )


def served_services(settings: Config, *, allow_files: str = "") -> ServedServices:
    """Return services for a server, in which clients name images and models but never files.

    allow_files: a folder whose files lines may read, "" for none
    Raises: ConfigError, if that folder does not exist.
    """
    from pathlib import Path

    from invocations.served import ServedServices

    from .problems import ConfigError
    from .settings.folders import make_usable

    if allow_files and not os.path.isdir(allow_files):
        raise ConfigError(
            f"`{allow_files}` is not a folder", "write the path of an existing folder after --allow-files"
        )
    folders, _ = make_usable(settings.folders)
    rooms = disk_rooms(settings)
    return ServedServices(
        local_settings(settings, folders),
        uploads_bytes=rooms.uploads,
        thumbnails_bytes=rooms.thumbnails,
        allow_files=Path(allow_files) if allow_files else None,
    )


def engine_mode(settings: Config) -> str:
    """Return whether lines use the warm engine: off, auto or on; with batches or several workers, they do not."""
    if settings.engine == "off" or settings.batch != "1":
        return "off"
    return "off" if count_workers(settings) else settings.engine


def why_no_engine(settings: Config) -> str:
    """Return why lines that need a model do not use the warm engine although the setting asks for it, or ""."""
    if settings.engine == "off" or engine_mode(settings) != "off":
        return ""
    name = "batch" if settings.batch != "1" else "jobs"
    return f"the warm engine is not used with `{name}` {getattr(settings, name)}"


def workers_note(settings: Config) -> str:
    """Return how many worker processes run lines and what that means for their memory, or "" if there are none."""
    count = count_workers(settings)
    return f"{count} worker processes run the nodes, each with its own copy of the model" if count else ""


def count_workers(settings: Config) -> int:
    """Return how many worker processes run nodes, 0 if none does."""
    if settings.jobs == "1":
        return 0
    from invocations.local_processes import count_processes

    return count_processes(settings.device, _jobs(settings))


def _jobs(settings: Config) -> int | None:
    """Return the number of worker processes, or None for one for each graphics card."""
    return None if settings.jobs == AUTO else int(settings.jobs)


def batching(settings: Config) -> Batching | None:
    """Return how many nodes may run at once, or None if they run one by one."""
    from invocations.running.base import BATCH_BY_MEMORY, Batching

    return (
        None if settings.batch == "1" else Batching(BATCH_BY_MEMORY if settings.batch == AUTO else int(settings.batch))
    )


def _change(settings: Config, name: str) -> str:
    """Return how to change a size where it is set, with `{}` for the new size."""
    origin = settings.origins[name]
    if origin == BY_NAME[name].variable:
        return f"`{origin}={{}}`"
    if os.path.basename(origin) == PROJECT_FILE:
        return f'`{name} = "{{}}"` in {origin}'
    return f"`config set {name} {{}}`"


def _bytes(size: int | str) -> int | None:
    return None if size == AUTO else int(size)


def _minutes(text: str) -> int | None:
    return {AUTO: None, "never": 0}[text] if text in (AUTO, "never") else int(text)
