"""The option `--batch`: the images of a line are denoised at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

LINE = "t2i a fox --steps 2 --width 32 --height 32 --seed 1..5 | save {seed}.png"


def batches(result: Any) -> list[int]:
    """Return the batch of each `denoise` node."""
    events = [json.loads(line) for line in result.out.splitlines()]
    return [each["batch"] for each in events if (each["event"], each.get("node_type")) == ("node_finished", "denoise")]


@pytest.mark.parametrize(("batch", "expected"), [("2", [2, 2, 2, 2, 1]), ("8", [5] * 5), ("1", [1] * 5)])
def test_images_are_denoised_in_batches_and_record_their_batch(
    type_: Callable[..., Any], tmp_path: Path, batch: str, expected: list[int]
) -> None:
    result = type_("--events", "--batch", batch, LINE)
    assert (result.status, batches(result)) == (0, expected)
    with Image.open(tmp_path / "1.png") as image:
        text = image.text["parameters"]  # type: ignore[attr-defined]
    assert ("Batch size: " in text) == (batch != "1")


def test_with_auto_the_memory_of_earlier_runs_decides(type_: Callable[..., Any]) -> None:
    first = batches(type_("--events", "--batch", "auto", LINE))
    assert (first[0], first[1] > 1) == (1, True)  # the first image shows what an image takes
    second = batches(type_("--events", "--batch", "auto", "--no-cache", "--overwrite", LINE))
    assert second == [5] * 5


@pytest.mark.parametrize(
    ("batch", "shown"),
    [("4", ", up to 4 at once"), ("auto", ", as many at once as memory allows"), ("1", "")],
)
def test_explain_shows_how_many_images_are_denoised_at_once(type_: Callable[..., Any], batch: str, shown: str) -> None:
    rows = [" ".join(row.split()) for row in type_("--batch", batch, f"explain {LINE}").out.splitlines()]
    assert f"1.denoise denoise runs 5 times (seed){shown}" in rows
    assert "1.decode decode runs 5 times (seed)" in rows


def test_v_says_that_batches_do_not_use_the_engine(type_: Callable[..., Any]) -> None:
    note = "the warm engine is not used with `batch` 2\n"
    assert note in type_("-v", "--batch", "2", LINE, INVOKEAI_ENGINE="on").err
    assert note not in type_("--batch", "2", "--overwrite", "--no-cache", LINE, INVOKEAI_ENGINE="on").err
    assert note not in type_("-v", "--batch", "2", "add 1 2", INVOKEAI_ENGINE="on").err


def test_what_is_no_batch_is_refused(type_: Callable[..., Any]) -> None:
    result = type_("--batch", "0", LINE)
    assert result.status == 2
    assert result.err == (
        "error: `--batch` must be a number from 1 to 999, or auto "
        "(as many as memory allows; on a CPU, only small models), not `0`\n  images that are denoised at once\n"
    )
