"""Writes the settings of model folders, without weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WEIGHTS = "diffusion_pytorch_model.safetensors"


def write_settings(path: Path, **settings: Any) -> Path:
    """Write a JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings))
    return path


def pipeline(folder: Path, name: str, **parts: dict[str, Any]) -> Path:
    """Write a folder with the settings of a pipeline and its parts, without weights."""
    listed = {part: ["diffusers", config.get("_class_name", "x")] for part, config in parts.items()}
    write_settings(folder / "model_index.json", _class_name=name, **listed)
    for part, config in parts.items():
        write_settings(folder / part / ("scheduler_config.json" if part == "scheduler" else "config.json"), **config)
    return folder
