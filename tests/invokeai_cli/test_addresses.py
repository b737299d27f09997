"""An address such as s3://b/x.png is refused wherever a file or folder is expected; no folder `s3:` is created."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

COPY = "save to a file, then copy the file to that address"


@pytest.mark.parametrize(
    "target", ["s3://b/x.png", "gs://b/{index}.png", "https://a.b/x.png", "file:///tmp/x.png", "s3://b/"]
)
def test_an_image_cannot_be_saved_to_an_address(type_: TypeLine, tmp_path: Path, target: str) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "p.png")
    line = f"blur 2 --image p.png | save '{target}'"
    result = type_(line)
    assert (result.status, result.out) == (2, "")
    at = line.index(target) - 1
    assert result.err == (
        f"error: `{target}` cannot be written: only files can be written, not addresses\n"
        f"  {line}\n  {' ' * at}{'^' * (len(target) + 2)}\n  {COPY}\n"
    )
    assert type_("explain", line).status == 2
    assert [path.name for path in tmp_path.iterdir()] == ["p.png"]


@pytest.mark.parametrize(
    ("source", "status"),
    [("list s3://b/x.png | iterate as t", 2), ("replace 's3;//b/x.png' ';' ':' as t", 1)],
    ids=["known before the line runs", "known when the line runs"],
)
def test_an_address_that_reaches_an_input_through_a_link_is_refused(
    type_: TypeLine, tmp_path: Path, source: str, status: int
) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "p.png")
    result = type_(f"{source} | load p.png | save --target @t")
    assert (result.status, result.out) == (status, "")
    assert "`s3://b/x.png` cannot be written: only files can be written, not addresses\n" in result.err
    assert f"\n  {COPY}" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["p.png"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--output", "s3://b", "add", "1", "2"), "`--output` must be a folder on this machine, not `s3://b`"),
        (("--model-dir", "s3://b", "add", "1", "2"), "`--model-dir` must be a folder on this machine, not `s3://b`"),
        (("config", "set", "output_dir", "s3://b"), "must be a folder on this machine"),
        (("history", "--save", "s3://b/x.inv"), "cannot be written: only files can be written, not addresses"),
        (("load s3://b/x.png | blur 2",), "only http and https URLs can be downloaded"),
        (("blur 2 --image s3://b/x.png",), "only http and https URLs can be downloaded"),
    ],
)
def test_an_address_is_refused_as_a_folder_or_input_file(
    type_: TypeLine, tmp_path: Path, words: tuple[str, ...], error: str
) -> None:
    type_("add", "1", "2")
    result = type_(*words)
    assert result.status != 0
    assert error in result.err
    assert list(tmp_path.iterdir()) == []
