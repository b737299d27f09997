"""The shipped model is small and complete, has checksums, a model card and settings, and is part of the wheel."""

from __future__ import annotations

import hashlib
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from core.models.catalog import card_at

FILES = sorted(path for path in DEFAULT_PATH.rglob("*") if path.is_file())


def test_the_shipped_model_takes_at_most_16_megabytes() -> None:
    assert sum(path.stat().st_size for path in FILES) <= 16_000_000


def test_the_shipped_weights_match_their_checksums() -> None:
    lines = [line.split("  ") for line in (DEFAULT_PATH / "SHA256").read_text().splitlines()]
    sums = {name: total for total, name in lines}
    weights = {path.relative_to(DEFAULT_PATH).as_posix(): path for path in FILES if path.suffix == ".safetensors"}
    assert sums == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in weights.items()}
    assert len(sums) == 3


@pytest.mark.parametrize("heading", ["License", "What it can draw", "What it cannot draw", "Results"])
def test_the_model_card_states_license_abilities_limits_and_results(heading: str) -> None:
    assert heading in (DEFAULT_PATH / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_the_model_card_is_a_copy_of_the_one_next_to_the_training_code() -> None:
    ours = DEFAULT_PATH / "MODEL_CARD.md"
    assert ours.read_bytes() == Path("training/model_card.md").read_bytes()


def test_sizes_scale_factor_and_settings_are_read_from_the_model_files() -> None:
    card = card_at(DEFAULT_PATH)
    assert (card.width, card.height) == (96, 96)
    assert card.vae_scale_factor == 4
    assert (card.steps, card.scheduler) == (20, "ddim")
    assert card.guidance > 1


def test_all_files_of_the_shipped_model_are_in_the_wheel() -> None:
    data = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    names = [path.relative_to(DEFAULT_PATH.parents[1]).as_posix() for path in FILES]
    assert [name for name in names if not any(fnmatch(name, pattern) for pattern in data["core"])] == []
