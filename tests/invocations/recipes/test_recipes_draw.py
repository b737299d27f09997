"""The built-in recipes with the default model: what they keep, what they change, and the size of the result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from invocations.catalog.registry import open_registry
from invocations.language.parser import parse
from invocations.language.source import Source
from invocations.local import LocalSettings, local_invoker
from workflows.planning.plan_line import plan

Draw = Callable[[str], NDArray[np.int16]]
COMMON = "--steps 2 --seed 7"


@pytest.fixture(scope="module")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Draw]:
    """Return a function that runs a line and returns its image as an array."""
    home = tmp_path_factory.mktemp("draw")
    settings = LocalSettings(home / "data", home / "cache", home / "out", device="cpu", dtype="float32")
    registry = open_registry()
    invoker = local_invoker(settings, registry=registry)

    def run(line: str) -> NDArray[np.int16]:
        source = Source(None, line)
        planned = plan(parse(source), source, catalog=registry)
        session = invoker.create()
        invoker.extend(session.id, planned.extension())
        events = list(invoker.run(session.id))
        assert [event.to_json() for event in events if type(event).__name__ == "NodeFailed"] == []
        (primary,) = planned.results
        outputs = invoker.open(session.id).results[primary.node, ()]
        image = invoker.services.images.get(outputs[primary.output])
        return np.asarray(image.convert("RGB"), dtype=np.int16)

    yield run
    invoker.close()


@pytest.fixture(scope="module")
def fox(draw: Draw, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, NDArray[np.int16]]:
    """Return the path of a small image, and its pixels as an array."""
    file = tmp_path_factory.mktemp("pictures") / "fox.png"
    pixels = np.zeros((36, 44, 3), dtype=np.uint8)
    pixels[..., 0] = np.arange(44) * 5
    pixels[..., 1] = np.arange(36)[:, None] * 6
    Image.fromarray(pixels).save(file)
    return str(file), pixels.astype(np.int16)


def test_t2i_generates_the_requested_size(draw: Draw) -> None:
    assert draw(f"t2i a red circle --width 32 --height 40 {COMMON}").shape == (40, 32, 3)


def test_t2i_takes_its_prompt_from_a_pipe(draw: Draw) -> None:
    written = draw(f"t2i a red circle --width 32 --height 32 {COMMON}")
    piped = draw(f'format "a {{a}} circle" red | t2i --width 32 --height 32 {COMMON}')
    assert np.array_equal(written, piped)


def test_i2i_generates_the_nearest_supported_size(draw: Draw, fox: tuple[str, NDArray[np.int16]]) -> None:
    assert draw(f"i2i {fox[0]} a red circle {COMMON}").shape == (40, 48, 3)
    assert draw(f"i2i {fox[0]} a red circle --width 32 --height 24 {COMMON}").shape == (24, 32, 3)


def test_i2i_changes_the_image_more_at_a_higher_denoising_strength(
    draw: Draw, fox: tuple[str, NDArray[np.int16]]
) -> None:
    before = draw(f"load {fox[0]} | resize 48 40")
    little = draw(f"i2i {fox[0]} a red circle --strength 0.2 --steps 10 --seed 7")
    much = draw(f"i2i {fox[0]} a red circle --strength 1 --steps 10 --seed 7")
    assert np.abs(little - before).mean() < np.abs(much - before).mean()


def test_inpaint_changes_only_pixels_inside_the_mask(
    draw: Draw, fox: tuple[str, NDArray[np.int16]], tmp_path: Path
) -> None:
    file, before = fox
    mask = np.zeros((36, 44), dtype=np.uint8)
    mask[10:20, 15:30] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    after = draw(f"inpaint {file} a red circle --mask {tmp_path / 'mask.png'} {COMMON}")
    assert after.shape == before.shape
    assert np.array_equal(after[mask == 0], before[mask == 0])
    assert not np.array_equal(after[mask == 255], before[mask == 255])


def test_inpaint_takes_a_mask_from_the_pipe(draw: Draw, fox: tuple[str, NDArray[np.int16]]) -> None:
    file, before = fox
    after = draw(f"load {file} as fox | mask-threshold 0.5 | inpaint --image @fox a red circle {COMMON}")
    kept = draw(f"load {file} | mask-threshold 0.5")[..., 0] == 0
    assert np.array_equal(after[kept], before[kept])
    assert not np.array_equal(after, before)


def test_outpaint_keeps_the_image_and_extends_it(draw: Draw, fox: tuple[str, NDArray[np.int16]]) -> None:
    file, before = fox
    after = draw(f"load {file} | outpaint a red circle --left 8 --right 3 --top 5 {COMMON}")
    assert after.shape == (41, 55, 3)
    assert np.array_equal(after[5:, 8:52], before)


def test_fit_and_match_do_not_change_an_image_of_the_right_size(draw: Draw, fox: tuple[str, NDArray[np.int16]]) -> None:
    file, before = fox
    assert draw(f"load {file} | fit --model default").shape == (40, 48, 3)
    assert draw(f"load {file} | resize 16 16 | fit --model default").shape == (16, 16, 3)
    assert draw(f"load {file} as fox | resize 16 16 | match @fox").shape == before.shape
    assert np.array_equal(draw(f"load {file} as fox | match @fox"), before)
