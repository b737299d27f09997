"""Thumbnails are WebP files of three sizes, made once and kept."""

from __future__ import annotations

import threading
from io import BytesIO

import pytest
from PIL import Image

from invocations.errors import BadValue
from invocations.services.errors import SaveFailed, ServiceError
from invocations.services.images import thumbnails as module
from invocations.services.images.thumbnails import Thumbnails
from invocations.values import ImageRef
from tests.invocations.services.conftest import noisy


@pytest.fixture
def thumbnails(images, tmp_path):
    return Thumbnails(images, tmp_path / "thumbnails", 10**6)


def opened(data):
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    ("size", "side", "small"),
    [
        ((640, 320), 128, (128, 64)),
        ((100, 1000), 320, (32, 320)),
        ((50, 40), 128, (50, 40)),
        ((2000, 1), 640, (640, 1)),
    ],
)
def test_a_thumbnail_fits_into_a_square_and_is_never_larger_than_the_image(images, thumbnails, size, side, small):
    ref = images.put(noisy("RGB", *size))
    thumbnail = opened(thumbnails.get(ref, side))
    assert (thumbnail.format, thumbnail.size) == ("WEBP", small)


@pytest.mark.parametrize(
    ("mode", "shown"), [("L", "RGB"), ("LA", "RGBA"), ("RGB", "RGB"), ("RGBA", "RGBA"), ("I;16", "RGB")]
)
def test_every_kind_of_image_has_a_thumbnail(images, thumbnails, mode, shown):
    assert opened(thumbnails.get(images.put(noisy(mode, 300, 200)), 128)).mode == shown


def test_a_thumbnail_shows_the_colors_of_the_image(images, thumbnails):
    image = Image.new("RGB", (400, 400), (200, 40, 10))
    image.paste((10, 40, 200), (0, 200, 400, 400))
    small = opened(thumbnails.get(images.put(image), 128)).convert("RGB")
    for place, color in (((64, 20), (200, 40, 10)), ((64, 108), (10, 40, 200))):
        assert max(abs(a - b) for a, b in zip(small.getpixel(place), color, strict=True)) < 12


def test_a_thumbnail_is_made_once(images, thumbnails, monkeypatch):
    ref = images.put(noisy("RGB", 300, 200))
    first = thumbnails.get(ref, 128)
    monkeypatch.setattr(images, "get", None)
    assert thumbnails.get(ref, 128) == first


def test_of_many_threads_only_as_many_as_allowed_make_thumbnails_at_the_same_time(images, thumbnails, monkeypatch):
    refs = [images.put(noisy("RGB", 300, 200, seed)) for seed in range(4)]
    at_once, most, get = [0], [0], images.get
    lock = threading.Lock()

    def counted(ref):
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        try:
            return get(ref)
        finally:
            with lock:
                at_once[0] -= 1

    monkeypatch.setattr(images, "get", counted)
    threads = [threading.Thread(target=thumbnails.get, args=(ref, 128)) for ref in refs * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < most[0] <= module.AT_ONCE


@pytest.mark.parametrize("size", [0, -1, 127, 10**9])
def test_other_sizes_are_refused(thumbnails, size):
    with pytest.raises(BadValue) as refused:
        thumbnails.get(ImageRef("a" * 64, 5, 5), size)
    assert refused.value.message == f"{size} is not a size of thumbnails"
    assert refused.value.hint == "use 128, 320, 640"


@pytest.mark.parametrize("name", ["a" * 64, "../x", ""])
def test_an_image_that_is_gone_has_no_thumbnail(thumbnails, name):
    with pytest.raises(ServiceError) as refused:
        thumbnails.get(ImageRef(name, 5, 5), 128)
    assert refused.value.code == "image_gone"


def test_a_thumbnail_is_shown_even_if_it_cannot_be_kept(images, thumbnails, monkeypatch):
    def full(*args, **kwargs):
        raise SaveFailed("x", "no space left on device")

    monkeypatch.setattr(thumbnails.folder, "write", full)
    assert opened(thumbnails.get(images.put(noisy()), 128)).size == (12, 8)


def test_thumbnails_take_limited_room(images, tmp_path):
    small = Thumbnails(images, tmp_path / "thumbnails", 3000)
    small.folder._now = lambda: 9e9
    for seed in range(6):
        small.get(images.put(noisy("RGB", 128, 128, seed)), 128)
    newest = max(each.bytes for each in small.folder.files())
    assert small.folder.bytes() <= 3000 + newest
