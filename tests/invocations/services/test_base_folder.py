"""Services that resolve relative file names against a base folder instead of the current folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from invocations.cache.keys import Signer
from invocations.catalog.registry import open_registry
from invocations.errors import InvocationError
from invocations.services.errors import ServiceError
from invocations.services.images.base import SaveRequest
from invocations.services.images.local import LocalImages
from invocations.services.models.local import LocalModels

Ask = Callable[..., SaveRequest]
LOAD = open_registry()["load"]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return a folder that contains an image, and whose name looks like a pattern."""
    folder = tmp_path / "a[b]*"
    folder.mkdir()
    Image.new("RGB", (3, 2), "red").save(folder / "cat.png")
    return folder


@pytest.fixture
def images(tmp_path: Path, base: Path) -> LocalImages:
    return LocalImages(tmp_path / "store", tmp_path / "out", base=base)


@pytest.mark.parametrize("source", ["cat.png", "./cat.png", "c*.png", "**/*.png", "[c]at.png"])
def test_a_relative_path_or_pattern_is_resolved_against_the_base_folder(
    images: LocalImages, base: Path, source: str
) -> None:
    assert [ref.path for ref in images.load(source)] == [str(base / "cat.png")]


def test_a_pattern_may_match_files_outside_the_base_folder(images: LocalImages, base: Path, tmp_path: Path) -> None:
    Image.new("RGB", (3, 2), "red").save(tmp_path / "dog.png")
    assert [ref.path for ref in images.load("../d*.png")] == [str(tmp_path / "dog.png")]
    assert [ref.path for ref in images.load(f"{tmp_path}/d*.png")] == [str(tmp_path / "dog.png")]


@pytest.mark.parametrize(
    ("target", "name"), [("x.png", "x.png"), ("sub/x.png", "sub/x.png"), ("{seed}.png", "7.png"), ("new/", "new/7.png")]
)
def test_a_relative_target_is_written_below_the_base_folder(
    images: LocalImages, base: Path, asked: Ask, tmp_path: Path, target: str, name: str
) -> None:
    images = LocalImages(tmp_path / "store", tmp_path / "out", "{seed}.png", base=base)
    (ref,) = images.load("cat.png")
    assert images.save(ref, asked(target)).path == str(base / name)
    assert (base / name).is_file()
    images.close()


def test_an_existing_folder_in_the_base_folder_can_be_a_target(tmp_path: Path, base: Path, asked: Ask) -> None:
    (base / "sub").mkdir()
    images = LocalImages(tmp_path / "store", tmp_path / "out", "{seed}.png", base=base)
    images.check_target("sub", "")
    (ref,) = images.load("cat.png")
    assert images.save(ref, asked("sub")).path == str(base / "sub" / "7.png")
    images.close()


def test_a_missing_file_is_reported_under_the_name_that_was_typed(images: LocalImages) -> None:
    with pytest.raises(ServiceError) as refused:
        images.load("cats.png")
    assert (str(refused.value), refused.value.hint) == ("no file matches `cats.png`", "did you mean `cat.png`?")


def test_a_model_is_found_by_a_path_relative_to_the_base_folder(base: Path) -> None:
    default = Path(LocalModels().find("default").path)
    (base / "mine").symlink_to(default)
    assert LocalModels(base=base).find("mine").path == str(base / "mine")
    assert LocalModels(base=base).find("default").path == str(default)
    with pytest.raises(InvocationError):
        LocalModels().find("mine")


def test_the_cache_key_covers_the_content_of_a_file_in_the_base_folder(base: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    Image.new("RGB", (3, 2), "blue").save(other / "cat.png")
    keys = [Signer(base=folder).sign(LOAD, {"source": "cat.png"}) for folder in (base, other)]
    assert [key.files["source"][1] for key in keys if key] == [str(base / "cat.png"), str(other / "cat.png")]
    assert len({key.key for key in keys if key}) == 2
    whole = Signer().sign(LOAD, {"source": str(base / "cat.png")})
    assert keys[0] is not None
    assert whole is not None
    assert whole.files["source"] == keys[0].files["source"]
