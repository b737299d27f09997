"""Services and image nodes import no heavy libraries before they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "diffusers", "transformers", "PIL", "numpy", "safetensors")
SERVICES = """
from pathlib import Path
from invocations.services.images.local import LocalImages
from invocations.services.tensors.local import LocalTensors
from invocations.services.models.local import LocalModels
from invocations.services.generation.local import LocalGeneration
from invocations.services.enhancement.local import LocalEnhancement
images, tensors, models = LocalImages(Path("a"), Path("b")), LocalTensors(Path("c")), LocalModels()
LocalGeneration(images, tensors, models), LocalEnhancement(images)
models.settings(models.find("default")), models.list()
"""
IMAGE_NODES = "generation files geometry filters adjust masks composing grid compare upscale"
NODES = "import " + ", ".join(f"invocations.nodes.{name}" for name in IMAGE_NODES.split())


@pytest.mark.parametrize("code", [SERVICES, NODES], ids=["services", "nodes"])
def test_services_and_image_nodes_import_no_heavy_library(code: str) -> None:
    tell = f"import sys; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{tell}"], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_image_functions_of_the_core_do_not_import_torch() -> None:
    code = (
        "import sys\n"
        "from core.imaging import adjust, blend, files, filters, geometry, grid, masks, measure, metadata\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
