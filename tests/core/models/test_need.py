"""The memory that the weights of a model take on a device, known from headers alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.devices import Device
from core.models.card import ModelCard
from core.models.converted import ConvertedCopies
from core.models.load import load_vae
from core.models.need import PartNeed, part_needs
from core.models.probe import probe
from tests.core.models.copying import BF16, place, write


def test_the_parts_and_their_sizes_are_those_of_the_weight_files(model: Path) -> None:
    files = {
        part: next((model / part).glob("*.safetensors")).stat().st_size for part in ("unet", "vae", "text_encoder")
    }
    assert probe(model).part_bytes == files


@pytest.mark.parametrize(
    ("device", "share", "mapped"),
    [
        (Device("cpu"), 1, True),
        (Device("cpu", 0, "bf16"), 0.5, False),
        (Device("cuda"), 1, False),
        (Device("cuda", 1, "fp16"), 0.5, False),
    ],
)
def test_weights_are_mapped_on_a_cpu_in_the_precision_of_the_file(
    model: Path, device: Device, share: float, mapped: bool
) -> None:
    card = probe(model)  # its files hold fp32
    assert part_needs(card, device) == {
        part: PartNeed(int(size * share), mapped) for part, size in card.part_bytes.items()
    }


def test_a_converted_copy_is_mapped_too(copies: ConvertedCopies, card: ModelCard) -> None:
    write(copies, load_vae(card, BF16, copies=copies))
    folder = place(copies, card, "vae").path.parent.parent
    assert [part for part, need in part_needs(card, BF16, folder).items() if need.mapped] == ["vae"]
    assert not any(need.mapped for need in part_needs(card, Device("cuda", 0, "bf16"), folder).values())


def test_what_a_model_needs_is_known_without_torch(model: Path) -> None:
    script = f"""
import sys
from core.devices import Device
from core.models.need import part_needs
from core.models.probe import probe
assert len(part_needs(probe({str(model)!r}), Device("cpu"))) == 3
print([name for name in ("torch", "numpy", "safetensors", "pydantic") if name in sys.modules])
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
