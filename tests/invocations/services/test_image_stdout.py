"""Images written to standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from invocations.services.errors import ServiceError
from invocations.services.images.base import SaveRequest
from invocations.services.images.local import LocalImages
from tests.invocations.refusals import coded

Maker = Callable[..., Image.Image]
Ask = Callable[..., SaveRequest]


class Stream(BytesIO):
    """A standard output of a given kind: a terminal, a pipe, a pipe without a reader, or a full disk."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def isatty(self) -> bool:
        return self.kind == "terminal"

    def write(self, data: object) -> int:
        if self.kind == "gone":
            raise BrokenPipeError
        if self.kind == "full":
            raise OSError(28, "No space left on device")
        return super().write(data)  # type: ignore[arg-type]


def sending(kind: str, tmp_path: Path) -> tuple[LocalImages, Stream]:
    stream = Stream(kind)
    return LocalImages(tmp_path / "store", tmp_path / "out", stdout=lambda: stream), stream


@pytest.mark.parametrize(("format_name", "kind"), [("", "PNG"), ("jpeg", "JPEG")])
def test_a_dash_as_the_target_means_standard_output(
    format_name: str, kind: str, tmp_path: Path, picture: Maker, asked: Ask
) -> None:
    service, stream = sending("pipe", tmp_path)
    saved = service.save(service.put(picture()), asked("-", format=format_name))
    with Image.open(BytesIO(stream.getvalue())) as image:
        assert (saved.path, image.format) == (None, kind)
    service.close()


@pytest.mark.parametrize(
    ("kind", "code", "message"),
    [
        (
            "terminal",
            "save_failed",
            "`standard output` cannot be written: a terminal cannot show the bytes of an image",
        ),
        ("gone", "output_closed", "the reader of standard output has closed it"),
        ("full", "save_failed", "`standard output` cannot be written: no space left on device"),
    ],
)
def test_writing_to_a_standard_output_that_accepts_nothing_is_an_error(
    kind: str, code: str, message: str, tmp_path: Path, picture: Maker, asked: Ask
) -> None:
    service, _ = sending(kind, tmp_path)
    with pytest.raises(ServiceError, check=coded(code)) as failed:
        service.save(service.put(picture()), asked("-"))
    assert str(failed.value) == message
    service.close()


def test_writing_to_a_closed_standard_output_is_an_error(tmp_path: Path, picture: Maker, asked: Ask) -> None:
    service, stream = sending("pipe", tmp_path)
    stream.close()
    with pytest.raises(ServiceError, check=coded("output_closed")):
        service.save(service.put(picture()), asked("-"))
    service.close()


@pytest.mark.parametrize(
    ("name", "work", "message"),
    [
        (
            "stdin",
            lambda service, asked: service.load("-"),
            "`standard input` cannot be read as an image: it is closed",
        ),
        (
            "stdout",
            lambda service, asked: service.save(service.put(Image.new("L", (1, 1))), asked("-")),
            "standard output is closed",
        ),
    ],
)
def test_using_a_standard_stream_that_was_never_open_is_an_error(
    name: str, work: Callable[..., object], message: str, tmp_path: Path, asked: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = LocalImages(tmp_path / "store", tmp_path / "out")
    with monkeypatch.context() as patched:
        patched.setattr(sys, name, None)
        with pytest.raises(ServiceError) as failed:
            work(service, asked)
    assert str(failed.value) == message
    service.close()
