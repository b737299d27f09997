"""Filters, measures and encoders of large images end once they are cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from core.errors import Cancelled
from core.imaging import files
from core.imaging.filters import blur, sharpen
from core.imaging.measure import ssim
from tests.cancelling import after

IMAGE, OTHER, DEEP = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (40, 30)), Image.new("I;16", (40, 30))
IsCancelled = Callable[[], bool]
WORK: dict[str, Callable[[IsCancelled], object]] = {
    "blur an image of 16 bits": lambda cancelled: blur(DEEP, 3.0, cancelled=cancelled),
    "sharpen an image": lambda cancelled: sharpen(IMAGE, 1.0, cancelled=cancelled),
    "sharpen an image of 16 bits": lambda cancelled: sharpen(DEEP, 1.0, cancelled=cancelled),
    "measure the similarity": lambda cancelled: ssim(IMAGE, OTHER, cancelled=cancelled),
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK.keys())
def test_filters_and_measures_end_once_they_are_cancelled(work: Callable[[IsCancelled], object]) -> None:
    work(lambda: False)
    with pytest.raises(Cancelled):
        work(lambda: True)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tiff"])
def test_a_file_that_is_no_longer_wanted_is_not_written(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGE_PIXELS", 0)
    target = tmp_path / f"fox{suffix}"
    with pytest.raises(Cancelled):
        files.write_image(IMAGE, target, cancelled=after(0))
    assert list(tmp_path.iterdir()) == []
    files.write_image(IMAGE, target, cancelled=lambda: False)
    with pytest.raises(Cancelled):
        files.write_image(OTHER, target, cancelled=after(0))
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    assert files.read_image(target).getpixel((0, 0)) != (0, 0, 0)


def test_writing_a_png_file_ends_in_the_middle_of_its_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGE_PIXELS", 0)
    noise = Image.effect_noise((700, 700), 90)
    asked: list[bool] = []
    files.write_image(noise, tmp_path / "whole.png", cancelled=lambda: bool(asked.append(False)))  # type: ignore[func-returns-value]
    assert len(asked) > 10
    with pytest.raises(Cancelled):
        files.write_image(noise, tmp_path / "half.png", cancelled=after(len(asked) // 2))
    assert [path.name for path in tmp_path.iterdir()] == ["whole.png"]


def test_waiting_for_an_encoder_ends_once_the_file_is_no_longer_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        begun.set()
        go_on.wait()

    monkeypatch.setattr(files, "LARGE_PIXELS", 0)
    monkeypatch.setattr(files, "_encode", slow)
    with pytest.raises(Cancelled):
        files.write_image(IMAGE, tmp_path / "fox.webp", cancelled=begun.is_set)
    assert list(tmp_path.iterdir()) == []
    go_on.set()
