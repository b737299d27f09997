"""The metadata of saved images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from invocations.context import Record
from invocations.services.errors import ServiceError
from invocations.services.images.base import SaveRequest
from invocations.services.images.local import LocalImages
from invocations.services.images.metadata import Metadata, read_metadata, texts_of
from tests.invocations.refusals import coded

GRAPH = {"nodes": {"1": {"id": "1", "type": "t2i", "inputs": {"prompt": "a 狐"}}}, "edges": []}
RECORD = Record(
    line="t2i 'a 狐' --seed 7 | save",
    graph=GRAPH,
    facts={"prompt": "a 狐", "seed": 7, "steps": 20, "scheduler": "ddim"},
    versions={"invokeai-cli": "0.1.0", "torch": "2.13.0"},
)


@pytest.mark.parametrize("suffix", ["png"])
def test_133_the_line_graph_and_versions_are_read_back_from_a_saved_image(
    suffix: str, images: LocalImages, asked: Callable[..., SaveRequest], tmp_path: Path
) -> None:
    ref = images.put(Image.new("RGB", (4, 4)))
    saved = images.save(ref, asked(f"{tmp_path}/fox.{suffix}", metadata=texts_of(RECORD)))
    assert read_metadata(Path(str(saved.path))) == Metadata(
        line=RECORD.line,
        graph=GRAPH,
        versions=RECORD.versions,
        parameters="a 狐\nSteps: 20, Sampler: DDIM, Seed: 7, Version: invokeai-cli 0.1.0",
        facts={"prompt": "a 狐", "steps": "20", "scheduler": "ddim", "seed": "7", "version": "invokeai-cli 0.1.0"},
    )


def test_a_jpeg_file_contains_only_the_parameters(
    images: LocalImages, asked: Callable[..., SaveRequest], tmp_path: Path
) -> None:
    ref = images.put(Image.new("RGB", (4, 4)))
    images.save(ref, asked(f"{tmp_path}/fox.jpg", metadata=texts_of(RECORD)))
    found = read_metadata(tmp_path / "fox.jpg")
    assert (found.line, found.facts["seed"]) == ("", "7")


def test_no_metadata_is_written_for_an_empty_record() -> None:
    assert texts_of(Record("", {}, {}, {})) == {}


@pytest.mark.parametrize("text", ["{", "[1]", "null", "[" * 50_000, '"x"'])
def test_malformed_metadata_is_treated_as_empty(
    text: str, images: LocalImages, asked: Callable[..., SaveRequest], tmp_path: Path
) -> None:
    ref = images.put(Image.new("RGB", (4, 4)))
    images.save(ref, asked(f"{tmp_path}/fox.png", metadata={"invokeai:graph": text, "invokeai:versions": text}))
    found = read_metadata(tmp_path / "fox.png")
    assert (found.graph, found.versions) == ({}, {})


def test_a_file_that_is_not_an_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fox.png").write_text("no")
    with pytest.raises(ServiceError, check=coded("image_unreadable")):
        read_metadata(tmp_path / "fox.png")
