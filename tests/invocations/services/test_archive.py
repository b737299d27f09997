"""Several images are sent as one ZIP file, piece by piece."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from PIL import Image

from invocations.errors import BadValue
from invocations.services.errors import ServiceError
from invocations.services.images.archive import MAX_IMAGES, PIECE_BYTES, ArchivedFile, archive, archived
from invocations.storing.gallery.base import GalleryImage
from tests.invocations.services.conftest import noisy


def stored(images, seed=0, **more):
    ref = images.put(noisy("RGB", 20, 10, seed))
    return GalleryImage(ref.name, "image", 20, 10, "result", 1e9, **more)


def opened(files):
    return zipfile.ZipFile(BytesIO(b"".join(archive(files))))


def test_an_archive_contains_each_image_once_under_a_name_that_says_what_it_is(images):
    found = [
        stored(images, 1, names=("house",)), stored(images, 2, names=("House",)),
        stored(images, 3, text="t2i a red/fox"),
        stored(images, 4, text="t2i a red/fox"), stored(images, 5), stored(images, 1, names=("house",)),
        stored(images, 6, text="../../etc/passwd | C:\\x"),
    ]  # fmt: skip
    made = opened(archived(found, images))
    assert made.namelist() == [
        "house.png", "House-2.png", "t2i-a-red-fox.png", "t2i-a-red-fox-2.png", f"{found[4].id[:12]}.png",
        "etc-passwd-C-x.png",
    ]  # fmt: skip
    assert made.testzip() is None
    assert made.infolist()[0].date_time == (2001, 9, 9, 1, 46, 40)
    with Image.open(BytesIO(made.read("house.png"))) as image:
        assert image.tobytes() == noisy("RGB", 20, 10, 1).tobytes()


def test_an_archive_is_sent_in_pieces(tmp_path):
    large = tmp_path / "large.png"
    large.write_bytes(bytes(5 * PIECE_BYTES))
    pieces = [*archive([ArchivedFile("a.png", large, 0.0), ArchivedFile("b.png", large, 9e12)])]
    assert max(map(len, pieces)) <= PIECE_BYTES
    made = zipfile.ZipFile(BytesIO(b"".join(pieces)))
    assert [(info.file_size, info.date_time[0]) for info in made.infolist()] == [(5 * PIECE_BYTES, 1980)] * 2


@pytest.mark.parametrize(
    ("count", "message", "hint"),
    [
        (0, "an archive contains 1 to 200 images, not 0", "select an image"),
        (MAX_IMAGES + 1, "an archive contains 1 to 200 images, not 201", "select fewer images"),
    ],
)
def test_an_archive_of_no_image_or_too_many_is_refused(images, count, message, hint):
    found = [GalleryImage(f"{number:064x}", "image", 1, 1, "result", 0.0) for number in range(count)]
    with pytest.raises(BadValue) as refused:
        archived(found, images)
    assert (refused.value.message, refused.value.hint) == (message, hint)


def test_an_image_that_is_gone_is_refused_before_anything_is_sent(images):
    with pytest.raises(ServiceError) as refused:
        archived([GalleryImage("a" * 64, "image", 1, 1, "result", 0.0)], images)
    assert refused.value.code == "image_gone"
