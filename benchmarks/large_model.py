"""Measure a UNet of the size of Stable Diffusion 1.5 with random weights: loading, memory, and bfloat16 on the CPU.

`python -m benchmarks.large_model FOLDER DTYPE WHAT` is the measured process; it prints its figures as JSON.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import PYTHON, Row, in_turn, own_environment, temporary_home, timed

SECOND_START, PEAK, STEP = 0.2, 1.15, 1 / 1.5
LIBRARIES_MB = 500  # what torch, diffusers and the program may take besides the weights
CONFIG: dict[str, Any] = {
    "sample_size": 64, "layers_per_block": 2, "block_out_channels": [320, 640, 1280, 1280],
    "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
    "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
    "cross_attention_dim": 768, "attention_head_dim": 8,
}  # fmt: skip
LATENTS, STATES = (2, 4, 64, 64), (2, 77, 768)  # one image of 512 x 512 pixels, with guidance
NAME = "diffusion_pytorch_model.safetensors"


def rows() -> Iterator[Row]:
    """Measure the first and the second start, the peak memory, and a step in both precisions."""
    from core.devices import has_fast_bf16

    with temporary_home() as home:
        folder = Path(home)
        _make(folder)
        dtype = "bf16" if has_fast_bf16() else "fp32"
        peak = _measured(folder, dtype, "load")["peak_mb"] - LIBRARIES_MB
        yield Row(f"peak memory in {dtype}, less {LIBRARIES_MB} MB", peak, _size(folder) / 2**20, PEAK, "MB")
        first = [_start(folder, forget=True) for _ in range(3)]
        second = [_start(folder, forget=False) for _ in range(3)]
        yield Row("second start, from a converted copy", sorted(second)[1], sorted(first)[1], SECOND_START)
        if has_fast_bf16():
            yield Row("a step in bfloat16", *_steps(folder), STEP)


def _make(folder: Path) -> None:
    """Write a UNet with random weights in fp32."""
    import torch
    from safetensors.torch import save_file

    from core.models.diffusers_classes import unet_class

    torch.manual_seed(0)
    with torch.device("meta"):
        names = {name: tensor.shape for name, tensor in unet_class().from_config(CONFIG).state_dict().items()}
    save_file({name: torch.randn(shape) * 0.02 for name, shape in names.items()}, folder / NAME)


def _start(folder: Path, *, forget: bool) -> float:
    if forget:
        shutil.rmtree(folder / "copies", ignore_errors=True)
    found = _measured(folder, "bf16", "copy")
    return float(found["load_ms"])


def _steps(folder: Path) -> list[float]:
    """Return the CPU time of a step in bf16 and in fp32."""
    import torch

    torch.set_num_threads(1)
    latents, states = torch.randn(LATENTS), torch.randn(STATES)
    unets = [(_unet(folder, dtype, None), dtype) for dtype in (torch.bfloat16, torch.float32)]

    def step(unet: Any, dtype: torch.dtype) -> float:
        with torch.inference_mode():
            return timed(lambda: unet(latents.to(dtype), 500, states.to(dtype)))

    return in_turn([lambda unet=unet, dtype=dtype: step(unet, dtype) for unet, dtype in unets], runs=3)  # type: ignore[misc]


def _measured(folder: Path, dtype: str, what: str) -> dict[str, Any]:
    command = (PYTHON, "-m", "benchmarks.large_model", str(folder), dtype, what)
    done = subprocess.run(command, env=own_environment(str(folder)), capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _size(folder: Path) -> int:
    return (folder / NAME).stat().st_size


def _unet(folder: Path, dtype: Any, copies: Any) -> Any:
    import torch

    from core.devices import Device
    from core.models.diffusers_classes import unet_class
    from core.models.load import load_network
    from core.models.part import PartSource

    source = PartSource("unet", folder / NAME, CONFIG, size_bytes=_size(folder))
    device = Device("cpu", 0, "bf16" if dtype in ("bf16", torch.bfloat16) else "fp32")
    return load_network(source, device, make=lambda: unet_class().from_config(CONFIG), copies=copies)


def _peak_mb() -> float:
    """Return the peak memory of this process alone; `getrusage` would include that of the process that started it."""
    rows = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(rows["VmHWM"].split()[0]) / 1024


def _touch(unet: Any) -> None:
    """Read one byte of each page of the weights."""
    import torch

    for weight in unet.parameters():
        weight.as_strided((weight.numel(),), (1,)).view(torch.uint8)[::4096].sum()


def main(folder: Path, dtype: str, what: str) -> None:
    """Load the UNet, read its weights, and print the figures."""
    from core.models.converted import ConvertedCopies
    from core.models.diffusers_classes import unet_class

    unet_class()
    copies = ConvertedCopies(folder / "copies", 10**11) if what == "copy" else None
    start = time.process_time()
    unet = _unet(folder, dtype, copies)
    _touch(unet)
    load_ms = 1000 * (time.process_time() - start)
    peak_mb = _peak_mb()
    if copies is not None:
        copies.write()
        copies.finish()
    print(json.dumps({"load_ms": load_ms, "peak_mb": peak_mb}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
