"""The fifteen examples of sweeps, typed as they are written; most use a generation service that needs no model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from invocations.storing.past_runs import PastRun
from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.scripted import ScriptedGeneration

JOBS = 'prompt,seed,steps,name\na house,1,2,first\n"a boat, blue",2,3,second\nmist,3,4,third\n'


@dataclass(frozen=True)
class Example:
    """A line, the number of images that it denoises, and the files that it saves (their number if the names vary)."""

    line: str
    denoised: int
    saved: str | int


EXAMPLES = {  # by number; the eleventh and the fifteenth need real latents, see below
    1: Example("t2i a fox --seed 1..8 | grid", 8, 1),
    2: Example("t2i a fox --steps 10,20,30 --guidance 3..9:2 | grid | save xy.png", 12, "xy.png"),
    3: Example("t2i a fox --seed 4x", 4, 4),
    4: Example("t2i a fox --seed 1,2,3 --steps 10,20,30 --zip seed,steps", 3, 3),
    5: Example("t2i a fox --scheduler euler,ddim,dpmpp_2m_k --model default,mine --seed 7 | grid", 6, 1),
    6: Example("t2i a red house --vary red=blue,green --vary house=boat,tree | grid", 9, 1),
    7: Example(
        't2i "a {red|blue} {house|boat}" --dynamic --seed 7 | save {prompt}.png',
        4,
        "a-blue-boat.png a-blue-house.png a-red-boat.png a-red-house.png",
    ),
    8: Example('t2i "__animal__ in {2$$snow|rain|fog}" --dynamic=20 --wildcards words/', 20, 20),
    9: Example(
        "load-lines prompts.txt as p | t2i @p* --seed 1..2 | save {row}-{seed}.png",
        4,
        "1-1.png 1-2.png 2-1.png 2-2.png",
    ),
    10: Example("sweep jobs.csv | t2i | save {axis.name}.png", 3, "first.png second.png third.png"),
    12: Example(
        "i2i 'in/*.png' a watercolour --strength 0.4,0.6 | save out/{stem}-{strength}.png",
        4,
        "out/a-0.4.png out/a-0.6.png out/b-0.4.png out/b-0.6.png",
    ),
    13: Example("t2i a fox --guidance 2..12?6 --seed 7 | grid", 6, 1),
    14: Example(
        't2i a fox --seed 1..9 | blur 0,2,4 | collect --by radius | grid | save "{axis.seed}.png"',
        9,
        " ".join(f"{seed}.png" for seed in range(1, 10)),
    ),
}
WHERE = 'sweep seed=1..4 strength=.3,.5,.7 --where "strength < .6 or seed == 1" | t2i a boat | i2i a ship | grid'
DEFAULT = Path(__file__).parents[2] / "core" / "models" / "default"


def other_model(folder: Path) -> None:
    """Make a model that differs from the included one only in a setting."""
    folder.mkdir(parents=True)
    for path in DEFAULT.iterdir():
        (folder / path.name).symlink_to(path, target_is_directory=path.is_dir())
    (folder / "defaults.json").unlink()
    settings = json.loads((DEFAULT / "defaults.json").read_text())
    (folder / "defaults.json").write_text(json.dumps(settings | {"steps": 7}))


@pytest.fixture
def draw(
    type_: TypeLine, tmp_path: Path, isolated_home: Path, scripted: None, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], tuple[list[dict[str, Any]], list[str]]]:
    """Return a function that runs a line in a folder with input files, and returns the events and the saved files."""
    monkeypatch.setattr(ScriptedGeneration, "schedulers", lambda _: ("ddim", "euler", "dpmpp_2m_k"))
    other_model(isolated_home / "data" / "models" / "mine")
    (tmp_path / "prompts.txt").write_text("a house\na boat\n")
    (tmp_path / "jobs.csv").write_text(JOBS)
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "animal.txt").write_text("fox\nowl\n")
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        Image.new("RGB", (64, 64), "red").save(tmp_path / "in" / f"{name}.png")

    def run(line: str) -> tuple[list[dict[str, Any]], list[str]]:
        before = {*tmp_path.rglob("*.png")}
        done = type_("--events", line)
        assert done.status == 0, done.out
        return done.events, sorted(
            path.relative_to(tmp_path).as_posix() for path in {*tmp_path.rglob("*.png")} - before
        )

    return run


def denoised(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events of the images that were denoised."""
    return [each for each in events if each["event"] == "node_finished" and each["node_type"] == "denoise"]


@pytest.mark.parametrize("example", [pytest.param(each, id=str(number)) for number, each in EXAMPLES.items()])
def test_an_example_denoises_and_saves_the_expected_images(example: Example, draw: Any) -> None:
    events, saved = draw(example.line)
    assert len([each for each in denoised(events) if not each["reused"]]) == example.denoised
    assert saved == example.saved.split() if isinstance(example.saved, str) else len(saved) == example.saved


def test_example_3_records_the_drawn_seeds(draw: Any, type_: TypeLine) -> None:
    draw(EXAMPLES[3].line)
    assert re.search(r"t2i a fox --seed \d+,\d+,\d+,\d+$", type_("history").out.rstrip())


def test_example_5_loads_each_model_once(draw: Any) -> None:
    events, _ = draw(EXAMPLES[5].line)
    models = [each["path"][1] for each in denoised(events)]
    assert models == sorted(models, key=models.index)
    assert sorted(models) == [0, 0, 0, 1, 1, 1]


def test_example_8_records_each_drawn_prompt(draw: Any, type_: TypeLine) -> None:
    _, saved = draw(EXAMPLES[8].line)
    lines = type_("line", *saved).out
    prompts = re.findall(r'^t2i "?((?:fox|owl) in \w+, ?\w+)"?', lines, re.M)
    assert len(prompts) == 20
    assert all(len({*re.findall("snow|rain|fog", each)}) == 2 for each in prompts)


def test_example_11_leaves_out_items_and_reuses_the_first_stage(type_: TypeLine) -> None:
    """The first stage has 9 items, but depends only on the 4 seeds."""
    type_("set steps 4 --save")  # the quality of the images does not matter
    done = type_("--events", WHERE)
    assert done.status == 0
    assert len([each for each in denoised(done.events) if not each["reused"]]) == 4 + 9
    assert len(next(each for each in done.events if each["event"] == "result")["results"]) == 1


def test_example_15_shows_the_number_of_images_and_the_time(type_: TypeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert type_("t2i a fox --steps 10 --seed 1..3").status == 0
    size = (96, 96)
    runs = [PastRun("denoise", "default", size, 10, 0.4), PastRun("decode", "default", size, 1, 0.1)]
    runs += [PastRun("prompt", "default", (0, 0), 1, 0.1), PastRun("model", "default", (0, 0), 1, 0.1)]
    monkeypatch.setattr("workflows.estimate.latest_runs", lambda folder: runs)
    found = type_("explain", "t2i a fox --steps 10..50/5 --seed 1..100")
    steps = sum((10, 20, 30, 40, 50)) * 100 - 3 * 10
    assert found.out.splitlines()[1:3] == [
        "images: 5 x 100 = 500, 3 cached; needs --yes in a script",
        f"time: about {round((steps * 0.04 + 497 * 0.1) / 60)} min (without loading the model)",
    ]
