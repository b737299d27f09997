"""What must be equal in an engine and in its clients, so that a result does not depend on where it was computed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from core.device_class import count_processors

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

VARIABLES: Final = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")
OWN: Final = frozenset(  # settings of a client that an engine does not use
    {"output_dir", "template", "ram_change", "vram_change", "idle_minutes", "preview_every", "jobs", "engine", "base"}
)


def engine_facts(settings: DataclassInstance, computing: Mapping[str, str]) -> dict[str, str]:
    """Return what must be equal, by name.

    settings: of the local services. computing: what results depend on, as the services return it
    """
    shared = {each.name: getattr(settings, each.name) for each in fields(settings) if each.name not in OWN}
    variables = {name: os.environ.get(name, "") for name in VARIABLES}
    variables["number of processors"] = str(count_processors())
    return {**{name: _text(value) for name, value in {**shared, **variables}.items()}, **computing}


def _text(value: Any) -> str:
    return os.pathsep.join(map(str, value)) if isinstance(value, tuple) else str(value)
