"""InvokeAI's database and ComfyUI's list of extra folders are read, and never written."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from invocations.services.models.installs import InstalledModel, extra_folders, installed_models

CONFIG = {
    "name": "Juggernaut XL",
    "path": "0a1b/juggernaut.safetensors",
    "base": "sdxl",
    "type": "main",
    "trigger_phrases": ["cinematic", 3],
    "default_settings": {"steps": 30, "cfg_scale": 5.5, "width": None, "unknown": 1},
}


def write_database(root: Path, *configs: Any) -> Path:
    """Write InvokeAI's table of models, with the columns that are read."""
    path = root / "databases" / "invokeai.db"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table models (id text primary key, config text)")
        texts = [config if isinstance(config, (str, bytes)) else json.dumps(config) for config in configs]
        connection.executemany("insert into models values (?, ?)", list(enumerate(texts)))
        connection.commit()
    return path


def test_invokeais_models_are_found_from_its_root_and_from_its_models_folder(tmp_path: Path) -> None:
    away = {"name": "Ink", "path": "/elsewhere/ink.safetensors"}
    database = write_database(tmp_path, CONFIG, away)
    database.chmod(0o400)
    before = sorted(tmp_path.rglob("*"))
    found = {
        str(tmp_path / "models/0a1b/juggernaut.safetensors"): InstalledModel(
            "Juggernaut XL", ("cinematic",), {"steps": 30, "cfg_scale": 5.5}
        ),
        "/elsewhere/ink.safetensors": InstalledModel("Ink"),
    }
    assert installed_models(tmp_path) == installed_models(tmp_path / "models") == found
    assert sorted(tmp_path.rglob("*")) == before


def test_the_database_is_read_while_another_process_writes_it(tmp_path: Path) -> None:
    database = write_database(tmp_path, CONFIG)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("begin exclusive")
        assert len(installed_models(tmp_path)) == 1


def test_damaged_rows_of_the_database_are_skipped(tmp_path: Path) -> None:
    write_database(tmp_path, "{", b"\xff", "[]", {"name": "no path"}, {**CONFIG, "trigger_phrases": "x"}, 7)
    (model,) = installed_models(tmp_path).values()
    assert (model.name, model.trigger_words) == ("Juggernaut XL", ())


@pytest.mark.parametrize("content", [b"", b"hello" * 999, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_database_is_ignored(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "databases").mkdir()
    (tmp_path / "databases" / "invokeai.db").write_bytes(content)
    assert installed_models(tmp_path) == {}


def test_the_extra_folders_of_comfyui_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBUI", str(tmp_path / "webui"))
    for name in ("webui/models/Lora", "webui/embeddings", "disk/vae", "ComfyUI/models/here"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "ComfyUI" / "extra_model_paths.yaml").write_text(
        f"""a111:
    base_path: $WEBUI
    loras: |
        models/Lora
        models/LyCORIS
    embeddings: embeddings
    custom_nodes: models
comfyui:
    vae: {tmp_path}/disk/vae
    checkpoints: models/here
    is_default: true
empty:
"""
    )
    found = [tmp_path / name for name in ("webui/models/Lora", "webui/embeddings", "disk/vae", "ComfyUI/models/here")]
    assert extra_folders(tmp_path / "ComfyUI") == extra_folders(tmp_path / "ComfyUI" / "models") == found


@pytest.mark.parametrize("text", ["", "- a", "a: b", "a: {b: [c]}", "a: [", "&a [*a]", "a: {base_path: [x], b: 'c'}"])
def test_a_damaged_list_of_extra_folders_adds_no_folder(text: str, tmp_path: Path) -> None:
    (tmp_path / "extra_model_paths.yaml").write_text(text)
    assert extra_folders(tmp_path) == []


def test_a_line_that_can_be_no_folder_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "vae").mkdir()
    lines = f"a:\n  loras: |\n    {'x' * 300}\n    vae\n"
    (tmp_path / "extra_model_paths.yaml").write_text(lines)
    assert extra_folders(tmp_path) == [tmp_path / "vae"]
