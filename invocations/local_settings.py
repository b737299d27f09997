"""The settings of the services on this machine."""

from __future__ import annotations

from pathlib import Path

from invocations.frozen import frozen

REUSE_BYTES = 10 * 10**9
PNG_COMPRESSION = 4  # takes half the time of level 6, the usual default; the files are 0 to 8 % larger
MAX_PIXELS = 64_000_000  # 8,000 x 8,000 pixels; a larger image is nearly always a mistake or an attack


@frozen
class LocalSettings:
    """The folders to use, and how to compute.

    data_dir: holds the sessions, images and tensors. output_dir and template: where `save` writes files, and their
    names. device: auto, cpu, cuda or mps. dtype: auto, float32, bfloat16 or float16. png_compression: level for saved
    PNG files, 0 (fast) to 9 (small). reuse_bytes, converted_bytes: the room for cached results with their files, and
    for converted models. ram_bytes, vram_bytes: for loaded models; None for a share of what is available. ram_change,
    vram_change: how to set these two. idle_minutes: how long an unused model stays loaded; 0: for ever, None: 10 on a
    graphics card. jobs: how many steps run at once, from 2 on in worker processes; None: one for each card. on_card,
    room_bytes: of a worker: how many workers use its card, and its share of the RAM; 0, None: derived from `jobs`.
    engine: whether a warm engine runs models: off, auto, on. base: the folder of relative file names.
    """

    data_dir: Path
    cache_dir: Path
    output_dir: Path
    models_dirs: tuple[Path, ...] = ()
    nodes_dirs: tuple[Path, ...] = ()
    wildcards_dirs: tuple[Path, ...] = ()
    device: str = "auto"
    dtype: str = "auto"
    template: str = "{index:06}-{seed}-{prompt:.40}-{stem:.40}.png"
    max_pixels: int = MAX_PIXELS
    png_compression: int = PNG_COMPRESSION
    reuse_bytes: int = REUSE_BYTES
    converted_bytes: int = REUSE_BYTES
    ram_bytes: int | None = None
    vram_bytes: int | None = None
    ram_change: str = "`config set ram_limit {}`"
    vram_change: str = "`config set vram_limit {}`"
    idle_minutes: int | None = None
    preview_every: int = 0
    jobs: int | None = 1
    on_card: int = 0
    room_bytes: int | None = None
    engine: str = "off"
    base: Path = Path()
