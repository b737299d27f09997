"""Generating images with a scripted service instead of a model."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

pytestmark = pytest.mark.usefixtures("scripted")


def opened(path: Path) -> Image.Image:
    with Image.open(path, formats=["PNG"]) as image:
        image.load()
        return image


def test_a_prompt_generates_an_image_and_the_path_is_printed(type_: TypeLine, tmp_path: Path) -> None:
    result = type_("t2i", "a", "red", "fox", "--seed", "7", "--steps", "2")
    assert result.status == 0
    assert result.out == "000001-7-a-red-fox.png\n"
    assert opened(tmp_path / result.out.strip()).getpixel((0, 0))[0] == 7  # the red value is the seed
    assert [path.name for path in tmp_path.iterdir()] == ["000001-7-a-red-fox.png"]


def test_a_line_of_three_commands_makes_one_image(type_: TypeLine, tmp_path: Path) -> None:
    result = type_("t2i a red fox --steps 2 | scale 2 | save fox.png")
    assert (result.status, result.out) == (0, "fox.png\n")
    assert opened(tmp_path / "fox.png").size == (192, 192)


def test_134_a_line_with_the_printed_random_seed_makes_the_same_image(type_: TypeLine, tmp_path: Path) -> None:
    first = type_("t2i", "a", "fox", "--steps", "2")
    seed = first.err.splitlines()[0].removeprefix("seed ")
    assert f"-{seed}-" in first.out
    again = type_("t2i", "a", "fox", "--steps", "2", "--seed", seed)
    assert "seed" not in again.err
    assert opened(tmp_path / first.out.strip()).tobytes() == opened(tmp_path / again.out.strip()).tobytes()


def test_an_image_records_the_line_that_made_it(type_: TypeLine, tmp_path: Path) -> None:
    type_("t2i a red fox --steps 2 --seed 7 | save fox.png")
    texts = opened(tmp_path / "fox.png").text  # type: ignore[attr-defined]
    assert any("t2i a red fox --steps 2 --seed 7 | save fox.png" in text for text in texts.values())


def test_without_a_terminal_progress_is_a_line_every_ten_percent(type_: TypeLine) -> None:
    result = type_("t2i", "a", "fox", "--seed", "1", "--steps", "4")
    assert result.err.splitlines() == [
        "denoise: 25 % (1 of 4)", "denoise: 50 % (2 of 4)", "denoise: 75 % (3 of 4)", "denoise: 100 % (4 of 4)",
    ]  # fmt: skip


TWELVE = "range 1 13 | iterate as n | t2i a fox --seed @n --steps 2"


def test_without_a_terminal_a_loop_counts_its_images(type_: TypeLine) -> None:
    err = type_(TWELVE).err
    assert re.findall("([0-9]+ %) [(]([0-9]+ of 12) images[)]", err)[:2] == [("16 %", "2 of 12"), ("25 %", "3 of 12")]
    assert "100 % (12 of 12 images)" in err.splitlines()


def test_on_a_terminal_a_loop_counts_its_images(type_: TypeLine) -> None:
    assert re.search("image 1 of 12 .*━", type_(TWELVE, "--preview", "none", terminal=True).err)


def test_events_state_the_iteration_and_the_number_of_iterations(type_: TypeLine) -> None:
    starts = [event for event in type_(TWELVE, "--events").events if event["event"] == "node_started"]
    counted = [(each["iteration"], each["iterations"]) for each in starts if each["node_type"] == "denoise"]
    assert counted == [(number, 12) for number in range(1, 13)]


def test_on_a_terminal_progress_is_a_bar_and_the_image_is_shown(type_: TypeLine) -> None:
    result = type_("t2i", "a", "fox", "--seed", "1", "--steps", "4", terminal=True, KITTY_WINDOW_ID="1")
    assert re.search("denoise .*━.* 1/4", result.err)
    assert result.err.endswith("\x1b\\\n")
    assert result.err.count("\x1b_Ga=T") == 1
    assert re.sub("\x1b]8;;[^\x1b]*\x1b\\\\", "", result.out) == "000001-1-a-fox.png\n"  # without the hyperlink codes


def test_each_step_is_reported_as_a_progress_event(type_: TypeLine) -> None:
    events = type_("t2i", "a", "fox", "--steps", "3", "--events").events
    steps = [(event["step"], event["of"]) for event in events if event["event"] == "node_progress"]
    assert steps == [(1, 3), (2, 3), (3, 3)]
    first = events[-1]["results"][0]
    assert first["paths"][0].startswith("000001-")
    assert first["value"]["kind"] == "image"
    (seed,) = events[-1]["lines"][0]["seeds"]
    assert seed["node"] == "1.noise"


def test_each_image_in_a_loop_is_saved(type_: TypeLine) -> None:
    result = type_("-q", "range 0 3 | iterate as n | t2i a fox --seed @n --steps 2")
    assert result.status == 0
    assert result.out.splitlines() == ["000001-0-a-fox.png", "000002-1-a-fox.png", "000003-2-a-fox.png"]


def test_125_the_program_exits_with_5_if_memory_runs_out(type_: TypeLine, tmp_path: Path) -> None:
    result = type_("t2i", "a", "fox", "--steps", "13", "--seed", "1")
    assert (result.status, result.out) == (5, "")
    assert "the device has no memory left\n  make a smaller image" in result.err
    assert list(tmp_path.iterdir()) == []


def test_running_out_of_memory_is_reported_and_the_node_runs_again_in_tiles(type_: TypeLine, tmp_path: Path) -> None:
    result = type_("t2i", "a", "fox", "--steps", "2", "--seed", "1", "--width", "400", "-v")
    assert (result.status, result.out) == (0, "000001-1-a-fox.png\n")
    assert (
        "decode (1.decode): out of memory: unloading models and running the node again, in slices if possible"
        in result.err
    )
    events = type_("--events", "t2i", "a", "fox", "--steps", "2", "--seed", "1", "--width", "400").events
    (again,) = [event for event in events if event["event"] == "node_retried"]
    assert (again["node_id"], again["node_type"], again["schema"]) == ("1.decode", "decode", "event/1")
    (made,) = [event for event in events if event["event"] == "node_finished" and event["node_id"] == "1.decode"]
    assert (made["reused"], made["facts"]) == (False, {"in_pieces": True})


def test_only_the_image_that_does_not_fit_in_memory_even_in_tiles_fails(type_: TypeLine, tmp_path: Path) -> None:
    result = type_("-q", "list 96 400 640 64 | iterate as side | t2i a fox --seed @side --steps 2 --width @side")
    assert result.status == 3
    assert [opened(tmp_path / name).width for name in result.out.splitlines()] == [96, 400, 64]
    assert result.err == (
        "error: decode (3.decode) for item 3: out of memory\n"
        "  make the image smaller, or close other programs (it is 640x96)\n  `retry` runs the failed items again\n"
    )


def test_the_overwrite_option_lets_save_replace_a_file(type_: TypeLine, tmp_path: Path) -> None:
    line = "t2i a fox --steps 2 --seed {} | save fox.png"
    type_(line.format(1))
    assert type_(line.format(2)).status == 2
    assert opened(tmp_path / "fox.png").getpixel((0, 0))[0] == 1  # the red value is the seed
    assert type_(line.format(2), "--overwrite").status == 0
    assert opened(tmp_path / "fox.png").getpixel((0, 0))[0] == 2  # the red value is the seed


@pytest.mark.parametrize("target", ["nowhere\0.png", "/proc/nowhere/fox.png", "fox.txt"])
def test_no_file_remains_if_the_image_cannot_be_written(type_: TypeLine, tmp_path: Path, target: str) -> None:
    result = type_("t2i", "a", "fox", "--steps", "2", "|", "save", target)
    assert result.status in (1, 2)
    assert "Traceback" not in result.err
    assert list(tmp_path.iterdir()) == []


def test_the_file_name_template_and_the_output_folder_can_be_configured(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "invokeai.toml").write_text('template = "{prompt}_{seed}.png"\noutput_dir = "art"\n')
    assert type_("t2i", "a", "fox", "--steps", "2", "--seed", "3").out == "art/a-fox_3.png\n"


def test_a_default_applies_to_the_stages_of_a_recipe(type_: TypeLine) -> None:
    result = type_("-", stdin="set steps 2\nset t2i.seed 9\nt2i a fox\n")
    assert result.out == "000001-9-a-fox.png\n"
    assert "2 of 2" in result.err


def test_save_writes_image_bytes_to_standard_output() -> None:
    import os
    import subprocess
    import sys

    data = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(data, "PNG")
    done = subprocess.run(
        [sys.executable, "-m", "invokeai_cli", "load - | flip | save -"],
        input=data.getvalue(), capture_output=True, check=False, env=dict(os.environ), timeout=240,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    with Image.open(io.BytesIO(done.stdout), formats=["PNG"]) as image:
        assert image.size == (8, 6)


def test_json_output_on_a_terminal_is_one_document_with_the_image_path(type_: TypeLine) -> None:
    result = type_("t2i", "a", "fox", "--steps", "2", "--json", terminal=True)
    assert result.err == ""
    assert json.loads(result.out)["results"][0]["paths"]


def test_the_largest_seed_is_stored_and_read_back(type_: TypeLine) -> None:
    largest = 2**64 - 1
    assert type_(f"t2i a fox --seed {largest} --steps 2 | save fox.png").status == 0
    assert f"--seed {largest}" in type_("line fox.png").out
    assert f"seed {largest}" not in type_(f"t2i a fox --seed {largest} --steps 2 | save again.png").err
    refused = type_("t2i", "a", "fox", "--seed", str(largest + 1))
    assert (refused.status, f"`seed` must be 0 to {largest}" in refused.err) == (2, True)
