"""An overnight job: limits, retries, and the messages about them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

FINISHED = "`night.inv` is finished: nothing left to do; `--overwrite` runs it again"
SINGLE = "".join(f"load p.png | blur {n} | save {n}.png\n" for n in (1, 2, 3))


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_a_run_stopped_at_a_limit_exits_with_3_and_shows_how_to_resume_with_the_same_options(
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
    assert way == f"`{command}` resumes it; without --resume, it starts over"
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


def test_a_summary_counts_the_images_from_a_loop(type_: TypeLine, night: Callable[[str], str]) -> None:
    text = "load p.png as p\nrange 1 5 | iterate as n | rotate @n --image @p\n"
    result = type_("run", night(text))
    assert result.err.splitlines()[-1].startswith("2 done, 0 failed, 4 images saved, ")
    summary = type_("run", night(text), "--json", "--no-cache").document["summary"]
    assert (summary["images"], summary["images_done"], summary["limit"]) == (4, 1, "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--max-time", "soon"), "`--max-time` takes a duration above 0, not `soon`\n  for example 30m, 2h or 1h30m"),
        (("--max-time", "0s"), "`--max-time` takes a duration above 0, not `0s`\n  for example 30m, 2h or 1h30m"),
        (("--max-images", "0"), "`--max-images` takes a number of at least 1, not `0`"),
        (("--retries", "x"), "`--retries` takes a number of at least 1, not `x`"),
    ],
)
def test_an_invalid_limit_is_refused(
    type_: TypeLine, night: Callable[[str], str], words: tuple[str, str], message: str
) -> None:
    result = type_("run", night(SINGLE), *words)
    assert (result.status, result.out, result.err) == (2, "", f"error: {message}\n")


@pytest.mark.parametrize("option", ["--dry-run", "--max-images=2", "--retries=1"])
def test_options_for_a_whole_script_are_refused_for_lines_from_a_stream(type_: TypeLine, option: str) -> None:
    result = type_("run", "-", option, stdin="add 1 2\n")
    name = option.split("=")[0]
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        f"error: `{name}` needs a whole script, not lines that arrive one by one\n"
        f"  name a file, or redirect one: `invokeai run - {name} < night.inv`\n"
    )


# A script that is run again ---------------------------------------------------------------------------------------


def test_running_a_finished_script_does_nothing(type_: TypeLine, night: Callable[[str], str], tmp_path: Path) -> None:
    name = night("set radius 2\n" + SINGLE + "add 1 2\n")
    first = type_("run", name)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.png")}
    for words in (("run", name), ("run", name, "--resume"), ("run", name, "--keep-going")):
        result = type_(*words)
        assert (result.status, result.out) == (0, first.out)
        note, summary = result.err.splitlines()
        assert note == FINISHED
        assert summary.startswith("0 done, 0 failed, 4 already done, 3 of 3 images, ")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.png")} == times
    assert len(type_("sessions", "--json").document["sessions"]) == 1
    document = type_("run", name, "--json").document
    assert (document["status"], document["lines"], document["summary"]["reused"]) == (0, [], 4)
    assert [each.get("paths") for each in document["results"]] == [["1.png"], ["2.png"], ["3.png"], None]


def test_the_overwrite_option_runs_a_finished_script_again(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night(SINGLE)
    type_("run", name)
    for words in (("--overwrite",), ("--overwrite", "--no-cache"), ("--overwrite", "--from", "2")):
        assert " done, 0 failed, " in type_("run", name, *words).err.splitlines()[-1]
        assert "nothing left" not in type_("run", name, *words).err


@pytest.mark.parametrize(
    "change", ["the script", "an image that it reads", "a missing result", "a default", "a folder"]
)
def test_a_finished_script_that_would_now_do_something_else_runs_again(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, change: str
) -> None:
    name = night("load p.png | blur\n")
    words: tuple[str, ...] = ("run", name)
    assert type_(*words).out == "000001-p.png\n"
    assert type_(*words).err.startswith(FINISHED)
    if change == "the script":
        night("load p.png | blur\nadd 1 2\n")
    elif change == "an image that it reads":
        Image.effect_noise((8, 8), 60).convert("RGB").save(tmp_path / "p.png")
    elif change == "a missing result":
        (tmp_path / "000001-p.png").unlink()
    elif change == "a default":
        words += ("--set", "radius=5")
    else:
        words += ("--output", "other")
    result = type_(*words)
    assert result.status == 0
    assert "nothing left" not in result.err
    assert result.err.splitlines()[-1].split(",")[0] in ("1 done", "2 done")


def test_a_finished_script_whose_pattern_matches_a_new_file_runs_again(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night("load '*.png' | grid | save sheet.png\n")
    assert type_("run", name).status == 0
    assert type_("run", name).err.startswith(FINISHED)  # the saved image is not counted as a new file
    Image.new("RGB", (8, 8)).save(tmp_path / "q.png")
    assert "nothing left" not in type_("run", name).err


def test_a_finished_run_with_overwrite_has_nothing_left_to_resume(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night("load p.png | blur 2 | save rr.png\n")
    assert type_("run", name).status == 0
    assert type_("run", name, "--overwrite").status == 0
    result = type_("run", name, "--resume")
    assert (result.status, result.out) == (0, "rr.png\n")
    assert result.err.startswith(FINISHED)


def test_resuming_a_run_that_was_started_with_overwrite_replaces_files_too(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night(SINGLE)
    assert type_("run", name).status == 0
    for number in (1, 2, 3):
        (tmp_path / f"{number}.png").write_bytes(b"old")
    assert type_("run", name, "--overwrite", "--max-images", "1").status == 3
    result = type_("run", name, "--resume")
    assert (result.status, result.out) == (0, "1.png\n2.png\n3.png\n")
    assert all(size(tmp_path / f"{number}.png") == (24, 24) for number in (1, 2, 3))


def test_the_skip_existing_option_skips_lines_whose_files_exist(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night(SINGLE + "load p.png | blur 4 | save out/\nadd 1 2\n")
    Image.new("RGB", (8, 8), "red").save(tmp_path / "2.png")
    assert "2.png` already exists" in type_("run", name).err
    result = type_("run", name, "--skip-existing")
    assert (result.status, result.out) == (0, f"1.png\n3.png\n{Path('out', '000001-p.png')}\n3\n")
    assert result.err.splitlines()[-1].startswith("4 done, 0 failed, 1 skipped, 4 of 4 images, ")
    assert size(tmp_path / "2.png") == (8, 8)
    (tmp_path / "3.png").unlink()
    summary = type_("run", name, "--skip-existing", "--json").document["summary"]
    assert (summary["done"], summary["skipped"], summary["reused"], summary["images"]) == (2, 2, 1, 1)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["000001-p.png"]


def test_a_script_whose_lines_were_skipped_also_counts_as_finished(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night(SINGLE)
    Image.new("RGB", (8, 8), "red").save(tmp_path / "2.png")
    assert type_("run", name, "--skip-existing").status == 0
    for words in ((), ("--resume",), ("--skip-existing",)):
        result = type_("run", name, *words)
        assert (result.status, result.err.startswith(FINISHED)) == (0, True)
    (tmp_path / "2.png").unlink()
    assert FINISHED not in type_("run", name, "--resume").err
    assert size(tmp_path / "2.png") == (24, 24)


def test_the_skip_existing_option_resolves_placeholders_in_a_file_name(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, scripted: None
) -> None:
    name = night("t2i a fox --seed 7 --steps 2 --width 16 --height 16 | save '{prompt}-{seed}.png'\n")
    assert type_("run", name).out == "a-fox-7.png\n"
    result = type_("run", name, "--skip-existing", "--overwrite")
    assert (result.status, result.out) == (0, "")
    assert result.err.splitlines()[-1].startswith("0 done, 0 failed, 1 skipped, ")


def test_a_line_that_depends_on_a_skipped_line_reads_the_existing_file(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night("load p.png | blur 2 | save a.png\n| rotate 90 | save b.png\n")
    Image.new("RGB", (8, 4), "red").save(tmp_path / "a.png")
    result = type_("run", name, "--skip-existing")
    assert (result.status, result.out) == (0, "b.png\n")
    with Image.open(tmp_path / "b.png") as image:
        assert (image.size, image.getpixel((1, 1))) == ((4, 8), (255, 0, 0))


def test_a_skipped_line_counts_as_done_when_the_script_is_resumed(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night(SINGLE)
    Image.new("RGB", (8, 8), "red").save(tmp_path / "1.png")
    assert type_("run", name, "--skip-existing", "--max-images", "1").status == 3
    assert [each["outcome"] for each in type_("history", "--json").document["lines"]] == ["skipped", "done"]
    assert type_("sessions", "--failed", "--json").document["sessions"] == []
    result = type_("run", name, "--resume")
    assert (result.status, result.out) == (0, "2.png\n3.png\n")
    (tmp_path / "1.png").unlink()
    assert type_("run", name, "--resume").out == "1.png\n2.png\n3.png\n"


# A trial ----------------------------------------------------------------------------------------------------------

TRIED = "load p.png | blur 9 | save a.png\nload a.png | rotate 90 | save b.png\nadd 1 2\n"
WITH = ("--with", "--radius 1")


def test_a_dry_run_of_a_trial_lists_the_options_that_the_trial_sets(
    type_: TypeLine, night: Callable[[str], str]
) -> None:
    name = night(TRIED)
    result = type_("run", name, "--dry-run", *WITH)
    assert (result.status, result.out.splitlines()) == (
        0,
        [
            "line         command  set by --with",
            "night.inv:1  blur     --radius 1",
            "night.inv:1  save     --target trial/a.png --overwrite",
            "night.inv:2  load     --source trial/a.png",
            "night.inv:2  save     --target trial/b.png --overwrite",
            "",
            "night.inv: 3 lines, 2 images",
        ],
    )
    document = type_("run", name, "--dry-run", "--json", *WITH).document
    assert document["trial"][0] == {"place": "night.inv:1", "command": "blur", "options": "--radius 1"}
    assert "trial" not in type_("run", name, "--dry-run", "--json").document


def test_a_trial_is_never_mistaken_for_the_real_run(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night(TRIED)
    result = type_("run", name, *WITH)
    assert (result.status, result.out) == (0, "trial/a.png\ntrial/b.png\n3\n".replace("/", os.sep))
    assert result.err.splitlines()[0] == "a trial with --radius 1: images are saved in `trial`"
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["p.png"]
    assert type_("run", name, *WITH).err.startswith(FINISHED)
    result = type_("run", name, "--resume", "--max-images", "1")  # the first real run
    assert (result.status, result.out) == (3, "a.png\n")
    assert "has not been run before" in result.err
    assert type_("run", name, "--with", "--radius 2").status == 0
    result = type_("run", name, "--resume")  # the trial that came later does not hide the stopped run
    assert (result.status, result.out) == (0, "a.png\nb.png\n3\n")
    assert result.err.splitlines()[-1].startswith("2 done, 0 failed, 1 already done, 2 of 2 images, ")
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "trial" / "a.png").read_bytes()


def test_a_trial_at_the_prompt_does_not_change_later_lines(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night("range 0 4 --step 1\n")
    assert type_("-", stdin=f"run {name} --with '--step 2'\nrange 0 4\n").out == "0\n2\n0\n1\n2\n3\n"


def test_a_note_shows_how_to_resume_a_stopped_trial(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night(TRIED.removesuffix("add 1 2\n"))
    result = type_("run", name, *WITH, "--max-images", "1")
    command = "invokeai run night.inv --resume --with '--radius 1' --max-images 1"
    assert result.err.splitlines()[-1] == f"`{command}` resumes it; without --resume, it starts over"
    result = type_(*shlex.split(command)[1:])
    assert result.status == 0
    assert result.err.splitlines()[-1].startswith("1 done, 0 failed, 1 already done, 2 of 2 images, ")
