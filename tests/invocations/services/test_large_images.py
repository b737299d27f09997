"""Large loaded images are not copied while their file is unchanged; large computed images are stored uncompressed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from invocations.services.errors import ServiceError
from invocations.services.images import store
from invocations.services.images.base import SaveRequest
from invocations.services.images.local import LocalImages
from invocations.values import ImageRef

Ask = Callable[..., SaveRequest]
LARGE = 40 * 30


@pytest.fixture(autouse=True)
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Treat images of 1200 pixels or more as large."""
    monkeypatch.setattr(store, "LARGE_PIXELS", LARGE)


@pytest.fixture
def loaded(images: LocalImages, tmp_path: Path) -> ImageRef:
    """Load a large image, and flush the store."""
    Image.effect_noise((40, 30), 90).convert("RGB").save(tmp_path / "a.png")
    (ref,) = images.load(str(tmp_path / "a.png"))
    images.flush()
    return ref


def another(tmp_path: Path) -> LocalImages:
    """Return a service with the same store but no image in memory, as in another process."""
    return LocalImages(tmp_path / "store", tmp_path / "out")


def stored(tmp_path: Path, suffix: str = ".png") -> list[Path]:
    return sorted((tmp_path / "store").rglob(f"*{suffix}"))


def test_a_large_loaded_image_is_not_copied(images: LocalImages, loaded: ImageRef, tmp_path: Path) -> None:
    assert stored(tmp_path) == []
    assert images.path(loaded) == tmp_path / "a.png"
    for service in (images, another(tmp_path)):
        assert service.get(loaded).tobytes() == Image.open(tmp_path / "a.png").tobytes()


def test_a_large_loaded_image_is_found_by_its_name_alone(loaded: ImageRef, tmp_path: Path) -> None:
    bare = ImageRef(loaded.name, loaded.width, loaded.height)
    assert another(tmp_path).path(bare) == tmp_path / "a.png"
    assert another(tmp_path).get(bare).size == (40, 30)


@pytest.mark.parametrize("change", ["pixels", "removed", "time"])
def test_a_large_loaded_image_is_treated_as_missing_after_its_file_has_changed(
    change: str, loaded: ImageRef, tmp_path: Path
) -> None:
    file = tmp_path / "a.png"
    if change == "pixels":
        Image.new("RGB", (40, 30)).save(file)
    elif change == "removed":
        file.unlink()
    else:
        os.utime(file, ns=(1, 1))
    service = another(tmp_path)
    message = f"the image {loaded.name[:12]} no longer exists: {file} has changed since it was loaded"
    with pytest.raises(ServiceError) as refused:
        service.path(loaded)
    assert (str(refused.value), refused.value.hint) == (message, "rerun the line that loads the image")
    if change == "time":  # the pixels are still the same
        assert service.get(loaded).size == (40, 30)
        return
    with pytest.raises(ServiceError, match="no longer exists"):
        service.get(loaded)


def test_loading_a_changed_file_again_makes_its_image_available_again(loaded: ImageRef, tmp_path: Path) -> None:
    os.utime(tmp_path / "a.png", ns=(1, 1))
    service = another(tmp_path)
    assert service.load(str(tmp_path / "a.png")) == [loaded]
    assert service.path(loaded) == tmp_path / "a.png"


def test_a_saved_copy_of_a_large_image_does_not_depend_on_the_loaded_file(
    images: LocalImages, loaded: ImageRef, asked: Ask, tmp_path: Path
) -> None:
    saved = images.save(loaded, asked(str(tmp_path / "b.png")))
    (tmp_path / "a.png").unlink()
    assert another(tmp_path).path(saved) == tmp_path / "b.png"
    assert another(tmp_path).get(saved).size == (40, 30)


def test_a_small_loaded_image_is_copied(images: LocalImages, tmp_path: Path) -> None:
    Image.new("RGB", (39, 30), "teal").save(tmp_path / "a.png")
    (ref,) = images.load(str(tmp_path / "a.png"))
    images.flush()
    (tmp_path / "a.png").unlink()
    assert another(tmp_path).get(ref).size == (39, 30)


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'{"path": 1, "size": 2, "changed_ns": 3}', b'{"path": "a"}'])
def test_a_damaged_record_of_the_loaded_file_is_ignored(note: bytes, loaded: ImageRef, tmp_path: Path) -> None:
    stored(tmp_path, ".file")[0].write_bytes(note)
    bare = ImageRef(loaded.name, loaded.width, loaded.height)
    with pytest.raises(ServiceError, match=r"no longer exists$"):
        another(tmp_path).path(bare)
    assert another(tmp_path).get(loaded).size == (40, 30)  # the reference to a loaded image also names the file


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_a_large_computed_image_is_stored_uncompressed(mode: str, images: LocalImages, tmp_path: Path) -> None:
    ref = images.put(Image.new(mode, (40, 40)))
    images.flush()
    assert stored(tmp_path)[0].stat().st_size > 40 * 40 * len(mode)
    assert another(tmp_path).get(ref).mode == mode


@pytest.mark.parametrize(("owned", "copies"), [(True, 0), (False, 1)])
def test_an_image_that_the_caller_hands_over_is_stored_without_a_copy(
    owned: bool, copies: int, images: LocalImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, copied = Image.new("RGB", (40, 40), "teal"), []
    copy = Image.Image.copy
    monkeypatch.setattr(Image.Image, "copy", lambda self: copied.append(self) or copy(self))
    images.put(image, owned=owned)
    assert copied.count(image) == copies


def test_an_image_is_saved_without_a_copy_and_may_be_saved_while_it_is_stored(
    images: LocalImages, asked: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = images.put(Image.effect_noise((40, 30), 90))
    monkeypatch.setattr(Image.Image, "copy", lambda self: pytest.fail("copied"))
    images.save(ref, asked(str(tmp_path / "b.png")))


@pytest.mark.parametrize(("level", "larger"), [(9, False), (1, True)])
def test_the_compression_of_saved_files_can_be_chosen(level: int, larger: bool, asked: Ask, tmp_path: Path) -> None:
    image = Image.linear_gradient("L").resize((200, 200))
    sizes = []
    for chosen in (6, level):
        service = LocalImages(tmp_path / "store", tmp_path / "out", compress_level=chosen)
        saved = service.save(service.put(image), asked(str(tmp_path / f"{chosen}.png")))
        sizes.append(os.path.getsize(saved.path or ""))
        service.close()
    assert (sizes[1] > sizes[0]) == larger
