"""Words into pictures, typed: with a generation service that follows a script instead of a model."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.invokeai_cli.scripted import ScriptedGeneration

Type = Callable[..., Any]


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    from invocations.local import LocalServices

    monkeypatch.setattr(LocalServices, "generation", property(lambda services: ScriptedGeneration(services.images)))


def opened(path: Path) -> Image.Image:
    with Image.open(path, formats=["PNG"]) as image:
        image.load()
        return image


def test_a_prompt_leaves_a_picture_and_prints_its_path(type_: Type, tmp_path: Path) -> None:
    said = type_("t2i", "a", "red", "fox", "--seed", "7", "--steps", "2")
    assert said.status == 0
    assert said.out == "000001-7-a-red-fox.png\n"
    assert opened(tmp_path / said.out.strip()).getpixel((0, 0))[0] == 7  # the seed
    assert [path.name for path in tmp_path.iterdir()] == ["000001-7-a-red-fox.png"]


def test_a_line_of_three_commands_is_one_picture(type_: Type, tmp_path: Path) -> None:
    said = type_("t2i a red fox --steps 2 | scale 2 | save fox.png")
    assert (said.status, said.out) == (0, "fox.png\n")
    assert opened(tmp_path / "fox.png").size == (192, 192)


def test_134_the_seed_that_was_drawn_makes_the_same_picture(type_: Type, tmp_path: Path) -> None:
    first = type_("t2i", "a", "fox", "--steps", "2")
    seed = first.err.splitlines()[0].removeprefix("seed ")
    assert f"-{seed}-" in first.out
    again = type_("t2i", "a", "fox", "--steps", "2", "--seed", seed)
    assert "seed" not in again.err
    assert opened(tmp_path / first.out.strip()).tobytes() == opened(tmp_path / again.out.strip()).tobytes()


def test_the_picture_carries_its_line(type_: Type, tmp_path: Path) -> None:
    type_("t2i a red fox --steps 2 --seed 7 | save fox.png")
    texts = opened(tmp_path / "fox.png").text  # type: ignore[attr-defined]
    assert any("t2i a red fox --steps 2 --seed 7 | save fox.png" in text for text in texts.values())


def test_off_a_terminal_progress_is_a_line_each_ten_percent(type_: Type) -> None:
    said = type_("t2i", "a", "fox", "--seed", "1", "--steps", "4")
    assert said.err.splitlines() == [
        "denoise: 20 % (1 of 4)", "denoise: 50 % (2 of 4)", "denoise: 70 % (3 of 4)", "denoise: 100 % (4 of 4)",
    ]  # fmt: skip


def test_on_a_terminal_progress_is_a_bar_and_the_picture_is_shown(type_: Type) -> None:
    said = type_("t2i", "a", "fox", "--seed", "1", "--steps", "4", terminal=True, KITTY_WINDOW_ID="1")
    assert re.search("denoise .*━.* 1/4", said.err)
    assert said.err.endswith("\x1b\\\n")
    assert said.err.count("\x1b_Ga=T") == 1
    assert said.out == "000001-1-a-fox.png\n"


def test_progress_is_an_event(type_: Type) -> None:
    events = type_("t2i", "a", "fox", "--steps", "3", "--events").events
    steps = [(event["step"], event["of"]) for event in events if event["event"] == "node_progress"]
    assert steps == [(1, 3), (2, 3), (3, 3)]
    result = events[-1]["results"][0]
    assert result["paths"][0].startswith("000001-")
    assert result["value"]["kind"] == "image"
    (seed,) = events[-1]["lines"][0]["seeds"]
    assert seed["node"] == "1.noise"


def test_pictures_in_a_loop_are_saved_each(type_: Type) -> None:
    said = type_("-q", "range 0 3 | iterate as n | t2i a fox --seed @n --steps 2")
    assert said.status == 0
    assert said.out.splitlines() == ["000001-0-a-fox.png", "000002-1-a-fox.png", "000003-2-a-fox.png"]


def test_125_out_of_memory_gives_5(type_: Type, tmp_path: Path) -> None:
    said = type_("t2i", "a", "fox", "--steps", "13", "--seed", "1")
    assert (said.status, said.out) == (5, "")
    assert "the device has no memory left\n  make a smaller image" in said.err
    assert list(tmp_path.iterdir()) == []


def test_where_memory_runs_out_it_is_told_and_done_in_smaller_pieces(type_: Type, tmp_path: Path) -> None:
    said = type_("t2i", "a", "fox", "--steps", "2", "--seed", "1", "--width", "400", "-v")
    assert (said.status, said.out) == (0, "000001-1-a-fox.png\n")
    assert (
        "decode (1.decode): out of memory: unloading models and running the node again, in slices if possible"
        in said.err
    )
    events = type_("--events", "t2i", "a", "fox", "--steps", "2", "--seed", "1", "--width", "400").events
    (again,) = [event for event in events if event["event"] == "node_retried"]
    assert (again["node_id"], again["node_type"], again["schema"]) == ("1.decode", "decode", "event/1")
    (made,) = [event for event in events if event["event"] == "node_finished" and event["node_id"] == "1.decode"]
    assert (made["reused"], made["facts"]) == (False, {"in_pieces": True})


def test_where_that_does_not_help_only_that_picture_fails(type_: Type, tmp_path: Path) -> None:
    said = type_("-q", "list 96 400 640 64 | iterate as side | t2i a fox --seed @side --steps 2 --width @side")
    assert said.status == 5
    assert [opened(tmp_path / name).width for name in said.out.splitlines()] == [96, 400, 64]
    assert said.err == (
        "error: decode (3.decode): out of memory\n  make the image smaller, or close other programs (it is 640x96)\n"
    )


def test_overwrite_lets_save_replace_a_file(type_: Type, tmp_path: Path) -> None:
    line = "t2i a fox --steps 2 --seed {} | save fox.png"
    type_(line.format(1))
    assert type_(line.format(2)).status == 1
    assert opened(tmp_path / "fox.png").getpixel((0, 0))[0] == 1  # the seed
    assert type_(line.format(2), "--overwrite").status == 0
    assert opened(tmp_path / "fox.png").getpixel((0, 0))[0] == 2  # the seed


@pytest.mark.parametrize("target", ["nowhere\0.png", "/proc/nowhere/fox.png", "fox.txt"])
def test_where_nothing_can_be_written_nothing_is_left(type_: Type, tmp_path: Path, target: str) -> None:
    said = type_("t2i", "a", "fox", "--steps", "2", "|", "save", target)
    assert said.status in (1, 2)
    assert "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []


def test_the_template_and_its_folder_are_settings(type_: Type, tmp_path: Path) -> None:
    (tmp_path / "invokeai.toml").write_text('template = "{prompt}_{seed}.png"\noutput_dir = "art"\n')
    assert type_("t2i", "a", "fox", "--steps", "2", "--seed", "3").out == "art/a-fox_3.png\n"


def test_set_reaches_into_recipes(type_: Type) -> None:
    said = type_("-", stdin="set steps 2\nset t2i.seed 9\nt2i a fox\n")
    assert said.out == "000001-9-a-fox.png\n"
    assert "2 of 2" in said.err


def test_the_bytes_of_a_picture_go_to_standard_output() -> None:
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


def test_json_of_a_picture_is_whole(type_: Type) -> None:
    said = type_("t2i", "a", "fox", "--steps", "2", "--json", terminal=True)
    assert said.err == ""
    assert json.loads(said.out)["results"][0]["paths"]
