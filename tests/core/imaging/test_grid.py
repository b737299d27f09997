"""Contact sheets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from core.imaging.errors import BadImageInput
from core.imaging.grid import contact_sheet

RED, BLUE = Image.new("RGB", (10, 6), "red"), Image.new("RGB", (10, 6), "blue")


@pytest.mark.parametrize(
    ("count", "columns", "size"),
    [
        (1, None, (14, 10)),
        (2, None, (26, 10)),
        (3, None, (26, 18)),
        (5, None, (38, 18)),
        (3, 1, (14, 26)),
        (3, 9, (38, 10)),
    ],
)
def test_the_sheet_has_room_for_all_images(count: int, columns: int | None, size: tuple[int, int]) -> None:
    assert contact_sheet([RED] * count, columns=columns, gap=2).size == size


def test_images_are_laid_out_row_by_row_with_gaps_between_them() -> None:
    sheet = contact_sheet([RED, BLUE, BLUE], columns=2, gap=1, color="white")
    assert [sheet.getpixel(place) for place in [(0, 0), (1, 1), (12, 1), (1, 8), (12, 8)]] == [
        (255, 255, 255), (255, 0, 0), (0, 0, 255), (0, 0, 255), (255, 255, 255),
    ]  # fmt: skip


def test_a_smaller_image_is_centered_in_its_cell() -> None:
    sheet = contact_sheet([RED, Image.new("L", (4, 2), 0)], columns=2, gap=0)
    assert np.array_equal(np.argwhere(np.asarray(sheet.convert("L"))[:, 10:] == 0)[0], [2, 3])


@pytest.mark.parametrize(("color", "ink"), [("white", 0), ("black", 255)])
def test_a_label_contrasts_with_the_background(color: str, ink: int) -> None:
    plain = contact_sheet([Image.new("L", (60, 20), 128)], color=color)
    labeled = contact_sheet([Image.new("L", (60, 20), 128)], color=color, labels=["fox"])
    assert labeled.height > plain.height
    written = np.asarray(labeled.convert("L"))[plain.height - 3 :].astype(int)
    assert np.abs(written - ink).min() < 60  # thin strokes are anti-aliased


@pytest.mark.parametrize("label", ["a very long label that does not fit at all", "two\nlines", "", "Ł 狐 \x07"])
def test_any_label_stays_within_its_cell(label: str) -> None:
    sheet = np.asarray(contact_sheet([Image.new("L", (60, 20), 128)], labels=[label], gap=4).convert("L"))
    assert sheet[:, :4].min() == sheet[:, -4:].min() == 255


def test_transparent_pixels_show_the_background_of_the_sheet() -> None:
    clear = Image.new("RGBA", (4, 4))
    assert contact_sheet([clear], gap=0, color="teal").getpixel((0, 0)) == (0, 128, 128)
    assert contact_sheet([clear], gap=0, color="transparent").getpixel((0, 0)) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        ([], [], "at least one image"),
        ([RED], ["a", "b"], "there are 2 labels for 1 image"),
        ([RED, RED, RED], ["a", "b"], "there are 2 labels for 3 images"),
        ([RED, RED], ["a"], "there is 1 label for 2 images"),
        ([Image.new("L", (20000, 20000))] * 1, [], "the sheet would be 20008x20008"),
    ],
)
def test_a_sheet_that_is_too_large_or_lacks_images_or_labels_is_refused(
    images: list[Image.Image], labels: list[str], words: str
) -> None:
    with pytest.raises(BadImageInput, match=words):
        contact_sheet(images, labels=labels)


def test_a_sheet_that_is_too_large_is_refused_with_a_hint() -> None:
    sizes = [(4000, 3800)] * 2 + [(64, 64)] * 28
    with pytest.raises(BadImageInput) as refused:
        contact_sheet([], sizes=sizes, columns=5)
    text = "the sheet would be 20024x22828; the limit is 268 megapixels"
    assert (refused.value.args[0], refused.value.hint) == (
        text,
        "make the images smaller: `--cell 256`, or `resize` before the grid",
    )
    images = [Image.new("L", size) for size in sizes]
    assert contact_sheet(images, columns=5, cell=256).size == (5 * 260 + 4, 6 * (243 + 4) + 4)


def test_each_image_is_read_only_when_it_is_placed() -> None:
    read: list[int] = []

    def images() -> Iterator[Image.Image]:
        for place, image in enumerate((RED, BLUE, RED)):
            read.append(place)
            yield image

    sheet = contact_sheet(images(), sizes=[RED.size] * 3, columns=3, gap=0)
    assert (sheet.tobytes(), read) == (contact_sheet([RED, BLUE, RED], columns=3, gap=0).tobytes(), [0, 1, 2])


def test_a_sheet_that_would_be_too_large_is_refused_before_any_image_is_read() -> None:
    unread = (pytest.fail("read") for _ in range(1000))
    with pytest.raises(BadImageInput, match="the sheet would be 16516x16516") as refused:
        contact_sheet(unread, sizes=[(512, 512)] * 1000, columns=32)
    assert refused.value.hint == "make the images smaller: `--cell 256`, or `resize` before the grid"


def test_images_larger_than_a_cell_are_scaled_down() -> None:
    large, small = Image.new("RGBA", (80, 40), (255, 0, 0, 128)), Image.new("L", (10, 6), 0)
    assert contact_sheet([large, small], columns=2, gap=0).size == (160, 40)
    sheet = contact_sheet([large, small], columns=2, gap=0, cell=20)
    assert sheet.size == (40, 10)
    assert sheet.getpixel((10, 5)) == (255, 127, 127)  # half-transparent red on white
    assert sheet.getpixel((25, 2)) == (0, 0, 0)  # the small image is not scaled
    assert contact_sheet([Image.new("L", (4000, 1))], gap=0, cell=20).size == (20, 1)
