"""A night's job: limits, retries and what the terminal says about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

SINGLE = "".join(f"load p.png | blur {n} | save {n}.png\n" for n in (1, 2, 3))


@pytest.fixture
def night(tmp_path: Path) -> Callable[[str], str]:
    """Return a function that writes `night.inv`, next to an image `p.png`."""
    Image.effect_noise((24, 24), 60).convert("RGB").save(tmp_path / "p.png")

    def write(text: str) -> str:
        (tmp_path / "night.inv").write_text(text)
        return "night.inv"

    return write


def test_a_limit_exits_with_3_and_says_how_to_resume_with_the_same_options(
    type_: TypeLine, night: Callable[[str], str]
) -> None:
    text = SINGLE.replace("blur 1", "blur ${radius}")
    words = ("run", night(text), "--set", "radius=1", "--overwrite", "--max-images", "2")
    result = type_(*words)
    assert (result.status, result.out) == (3, "1.png\n2.png\n")
    limit, summary, way = result.err.splitlines()
    assert limit == "stopped: the limit of 2 images is reached"
    assert summary.startswith("2 done, 0 failed, 2 of 3 images, ")
    command = "invokeai run night.inv --resume --max-images 2 --set radius=1 --overwrite"
    assert way == f"`{command}` resumes it"
    result = type_(*command.split()[1:])
    assert (result.status, result.out) == (0, "1.png\n2.png\n3.png\n")
    assert result.err.splitlines()[-1].startswith("1 done, 0 failed, 2 already done, 3 of 3 images, ")


def test_a_summary_counts_the_results_that_the_cache_returned(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night(SINGLE)
    assert type_("run", name).status == 0
    result = type_("run", name, "--overwrite")
    assert result.err.splitlines()[-1].startswith("3 done, 0 failed, 3 of 3 images, 6 of 6 results cached, ")
    summary = type_("run", name, "--overwrite", "--json").document["summary"]
    assert [summary[key] for key in ("done", "reused", "cached", "results", "cached_results")] == [3, 0, 3, 6, 6]


def test_a_summary_counts_the_images_of_a_loop(type_: TypeLine, night: Callable[[str], str]) -> None:
    text = "load p.png as p\nrange 1 5 | iterate as n | rotate @n --image @p\n"
    result = type_("run", night(text))
    assert result.err.splitlines()[-1].startswith("2 done, 0 failed, 4 images saved, ")
    summary = type_("run", night(text), "--json", "--no-cache").document["summary"]
    assert (summary["images"], summary["pictures"], summary["limit"]) == (4, 1, "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--max-time", "soon"), "`--max-time` takes a duration, not `soon`\n  for example 30m, 2h or 1h30m"),
        (("--max-time", "0s"), "`--max-time` takes a duration, not `0s`\n  for example 30m, 2h or 1h30m"),
        (("--max-images", "0"), "`--max-images` takes a number from 1, not `0`"),
        (("--retries", "x"), "`--retries` takes a number from 1, not `x`"),
    ],
)
def test_a_limit_that_is_no_limit_is_refused(
    type_: TypeLine, night: Callable[[str], str], words: tuple[str, str], message: str
) -> None:
    result = type_("run", night(SINGLE), *words)
    assert (result.status, result.out, result.err) == (2, "", f"error: {message}\n")


@pytest.mark.parametrize("option", ["--dry-run", "--max-images=2", "--retries=1"])
def test_lines_that_arrive_one_by_one_have_no_options_of_a_whole_script(type_: TypeLine, option: str) -> None:
    result = type_("run", "-", option, stdin="add 1 2\n")
    name = option.split("=")[0]
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        f"error: `{name}` needs a whole script, not lines that arrive one by one\n"
        f"  name a file, or redirect one: `invokeai run - {name} < night.inv`\n"
    )
