"""The store of images that nodes pass to each other."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from invocations.services.errors import SaveFailed, ServiceError
from invocations.services.images import store
from invocations.services.images.local import LocalImages
from invocations.services.images.store import content_name
from invocations.values import ImageRef, MaskRef
from tests.invocations.refusals import coded

Maker = Callable[..., Image.Image]
MODES = ("L", "LA", "RGB", "RGBA", "I;16")


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("mode", MODES)
def test_107_a_stored_image_is_read_back_unchanged(
    mode: str, images: LocalImages, picture: Maker, tmp_path: Path
) -> None:
    image = picture(mode)
    ref = images.put(image)
    images.flush()
    for service in (images, LocalImages(tmp_path / "store", tmp_path / "out")):
        back = service.get(ref)
        assert (back.mode, back.tobytes()) == (mode, image.tobytes())


def test_the_name_of_a_stored_image_depends_on_its_content(images: LocalImages, picture: Maker) -> None:
    one, same, other = images.put(picture()), images.put(picture()), images.put(picture(seed=1))
    assert one == same == ImageRef(content_name(picture()), 12, 8)
    assert one.name != other.name
    assert images.put(Image.new("L", (6, 4))).name != images.put(Image.new("L", (4, 6))).name
    assert images.put(Image.new("L", (2, 2), 9)).name != images.put(Image.new("LA", (2, 2), (9, 9))).name


def test_equal_images_share_one_file(images: LocalImages, picture: Maker, tmp_path: Path) -> None:
    names = [images.put(picture()).name for _ in range(3)]
    images.flush()
    assert files(tmp_path / "store") == [f"{names[0][:2]}/{names[0]}.png"]


def test_changing_a_returned_object_does_not_change_the_store(images: LocalImages, picture: Maker) -> None:
    image = picture()
    ref = images.put(image)
    image.putpixel((0, 0), (1, 2, 3))
    images.get(ref).putpixel((0, 0), (1, 2, 3))
    assert images.get(ref).tobytes() == picture().tobytes()


def test_metadata_in_loaded_files_is_not_stored(images: LocalImages, picture: Maker) -> None:
    image = picture()
    image.info["parameters"] = "secret"
    assert images.get(images.put(image)).info == {}


def test_a_mask_is_stored_with_one_channel(images: LocalImages) -> None:
    ref = images.put_mask(Image.new("RGBA", (3, 2), (255, 255, 255, 255)))
    assert (type(ref), ref.width, ref.height) == (MaskRef, 3, 2)
    assert (images.get(ref).mode, images.get(ref).getpixel((0, 0))) == ("L", 255)


@pytest.mark.parametrize(
    "name", ["../../outside/fox", "{folder}/outside/fox", "", "..", "A" * 64, "0" * 63, "0" * 64 + "\n", "0" * 63 + "/"]
)
def test_106_an_image_whose_name_is_not_a_hash_is_treated_as_missing(name: str, picture: Maker, tmp_path: Path) -> None:
    root, name = tmp_path / "a" / "store", name.format(folder=tmp_path)
    led_to = root / name[:2] / f"{name}.png"
    led_to.parent.mkdir(parents=True, exist_ok=True)
    picture().save(led_to, "PNG")  # a valid image, which only the check of the name can refuse
    images = LocalImages(root, tmp_path / "out")
    for ask in (images.get, images.path, lambda ref: images.file(ref.name)):
        with pytest.raises(ServiceError, check=coded("image_gone")):
            ask(ImageRef(name))


def test_an_unknown_image_is_reported_as_missing(images: LocalImages) -> None:
    with pytest.raises(ServiceError, check=coded("image_gone")) as gone:
        images.get(ImageRef("ab" * 32))
    assert (str(gone.value), gone.value.hint) == (
        "the image abababababab no longer exists",
        "rerun the line that created the image",
    )
    with pytest.raises(ServiceError, check=coded("image_gone")):
        images.path(ImageRef("ab" * 32))


@pytest.mark.parametrize("damage", [lambda data: data[:50], lambda data: b"", lambda data: b"text"])
def test_a_damaged_file_is_treated_as_missing(
    damage: Callable[[bytes], bytes], images: LocalImages, picture: Maker, tmp_path: Path
) -> None:
    ref = images.put(picture())
    path = images.path(ref)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ServiceError, check=coded("image_gone")):
        LocalImages(tmp_path / "store", tmp_path / "out").get(ref)


def test_a_stored_file_with_different_pixels_is_treated_as_missing(
    images: LocalImages, picture: Maker, tmp_path: Path
) -> None:
    ref, other = images.put(picture()), images.put(picture(seed=1))
    images.path(ref).write_bytes(images.path(other).read_bytes())
    with pytest.raises(ServiceError, check=coded("image_gone")):
        LocalImages(tmp_path / "store", tmp_path / "out").get(ref)


def test_an_image_missing_from_the_store_is_read_from_where_it_was_saved(
    images: LocalImages, picture: Maker, tmp_path: Path
) -> None:
    ref = images.put(picture())
    saved = tmp_path / "saved.png"
    picture().save(saved)
    images.path(ref).unlink()
    again = LocalImages(tmp_path / "store", tmp_path / "out")
    assert again.get(ImageRef(ref.name, 12, 8, str(saved))).tobytes() == picture().tobytes()


def test_the_path_of_an_image_is_the_saved_file_while_that_file_exists(
    images: LocalImages, picture: Maker, tmp_path: Path
) -> None:
    ref = images.put(picture())
    saved = tmp_path / "saved.png"
    saved.write_bytes(b"x")
    here = ImageRef(ref.name, 12, 8, str(saved))
    assert images.path(here) == saved
    saved.unlink()
    assert images.path(here).parent.parent == tmp_path / "store"


def test_107_partial_files_are_never_visible_and_a_full_store_is_an_error(
    images: LocalImages, picture: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    ref = images.put(picture())
    with pytest.raises(SaveFailed, match="no space left on device"):
        images.flush()
    assert files(tmp_path / "store") == []
    assert images.get(ref).tobytes() == picture().tobytes()  # the image is still in memory
    images.flush()  # the error is reported only once


def test_the_number_of_pending_images_in_memory_is_limited(
    images: LocalImages, picture: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_PENDING", 2)
    refs = [images.put(picture(seed=seed)) for seed in range(9)]
    assert len(images._store._pending) <= 2
    assert all(images.path(ref).is_file() for ref in refs)


def test_closing_writes_pending_images(tmp_path: Path, picture: Maker) -> None:
    service = LocalImages(tmp_path / "store", tmp_path / "out")
    service.put(picture())
    service.close()
    service.close()
    assert len(files(tmp_path / "store")) == 1


def test_pending_images_are_written_if_the_program_exits_without_closing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from PIL import Image\n"
        "from invocations.services.images.local import LocalImages\n"
        "images = LocalImages(Path(sys.argv[1]), Path('out'))\n"
        "for number in range(5): images.put(Image.effect_noise((200, 200 + number), 90))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "store")], check=True)
    assert len(files(tmp_path / "store")) == 5
    assert all(name.endswith(".png") for name in files(tmp_path / "store"))


def test_without_a_cache_images_are_read_from_disk(tmp_path: Path, picture: Maker) -> None:
    service = LocalImages(tmp_path / "store", tmp_path / "out", cache_bytes=0)
    ref = service.put(picture())
    service.flush()
    assert service.get(ref).tobytes() == picture().tobytes()
    service.close()
