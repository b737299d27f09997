"""What `explain` and `run --dry-run` report before anything runs: images, time, and the work left to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from invocations.storing.past_runs import PastRun
from tests.invokeai_cli.conftest import TypeLine

TEXT = "load p.png | blur 2 | save a.png\nload p.png | blur 3 | save b.png\nadd 1 2\n"
RUNS = [PastRun(type_, "", (24, 24), 1, seconds) for type_, seconds in (("load", 1.0), ("blur", 150.0), ("save", 90.0))]


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.estimate.latest_runs", lambda folder: RUNS)


@pytest.mark.usefixtures("history")
def test_the_number_of_images_and_the_time_are_known_before_a_line_runs(
    type_: TypeLine, night: Callable[[str], str]
) -> None:
    name = night("load p.png | blur 2 | save a.png\n")
    assert type_("explain", "load p.png | blur 2 | save a.png").out.endswith(
        "\nresult: 3.image\nimages: 1\ntime: about 4 min\n"
    )
    document = type_("explain", "load p.png | blur 2", "--json").document
    assert (document["images"], document["seconds"]) == (1, 241.0)
    assert type_("run", name, "--dry-run").out == "night.inv: 1 line, 1 image, about 4 min\n"
    assert type_("run", name, "--dry-run", "--json").document["seconds"] == 241.0


@pytest.mark.parametrize("command", [("explain",), ("graph",), ("cache", "why")], ids=" ".join)
def test_explain_and_dry_run_accept_an_existing_target_and_add_a_note(
    type_: TypeLine, fox: Path, command: tuple[str, ...]
) -> None:
    note = "`fox.png` already exists: to run the line, use `--overwrite` or another name"
    line = "load fox.png | blur 2 | save fox.png"
    result = type_(*command, line)
    assert result.status == 0
    assert note in (result.out if command == ("explain",) else result.err)
    assert note not in str(type_(*command, line + " --overwrite"))
    assert type_(line).status == type_(*command, line + " | save fox.png").status == 2
    assert "already exists" not in str(type_(*command, "load fox.png | blur 2 | save new.png"))


def test_the_json_plan_contains_the_note_about_an_existing_target(type_: TypeLine, fox: Path) -> None:
    document = type_("explain", "load fox.png | save fox.png", "--json").document
    assert document["notes"] == ["`fox.png` already exists: to run the line, use `--overwrite` or another name"]


def test_no_time_is_shown_if_the_commands_have_never_run(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night(TEXT)
    assert "time" not in type_("explain", "load p.png | blur 2").out
    assert type_("explain", "load p.png | blur 2", "--json").document["seconds"] is None
    assert type_("run", name, "--dry-run").out == "night.inv: 3 lines, 2 images\n"


@pytest.mark.usefixtures("history")
def test_the_reason_is_shown_if_a_model_has_never_run(type_: TypeLine, night: Callable[[str], str]) -> None:
    why = "unknown, as the model `default` has not been used yet"
    assert f"\nimages: 1\ntime: {why}\nmemory: unet " in type_("explain", "t2i a fox").out
    assert type_("explain", "t2i a fox", "--json").document["seconds"] is None
    name = night("t2i a fox | save a.png\n")
    assert type_("run", name, "--dry-run").out == f"night.inv: 1 line, 1 image, models: default, time {why}\n"


@pytest.mark.usefixtures("history")
def test_a_loop_over_matching_files_has_a_known_number_of_images_and_a_known_time(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    night(TEXT)
    (tmp_path / "p2.png").write_bytes((tmp_path / "p.png").read_bytes())
    document = type_("explain", "load 'p*.png' | blur 2", "--json").document
    assert (document["images"], document["seconds"]) == (2, 2 * (150.0 + 90.0))
    assert type_("explain", "load 'p*.png' | collect", "--json").document["images"] == 0


def test_an_unknown_number_of_images_in_a_loop_is_shown_as_a_formula(
    type_: TypeLine, night: Callable[[str], str]
) -> None:
    line = (
        "random 1 4 as r | range 0 @r | iterate as n | list 1 2 | iterate as k | add @n as a | rotate @a --image p.png"
    )
    name = night(f"{line} | save 'r{{index}}.png'\nload p.png | blur 2 | save b.png\n")
    assert type_("run", name, "--dry-run").out == "night.inv: 2 lines, 1 + n x 2 images\n"
    assert type_("run", name, "--dry-run", "--json").document["images"] is None
    assert "\nimages: n x 2\n" in type_("explain", line).out
    assert type_("explain", line, "--json").document["images"] is None


def test_a_dry_run_counts_the_images_of_a_loop_that_are_left_to_make(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night("load p.png as p\nrange 1 9 | iterate as n | rotate @n --image @p | save 'r{index}.png'\n")
    assert type_("run", name, "--dry-run").out.startswith("night.inv: 2 lines, 8 images")
    assert type_("run", name, "--max-images", "3").status == 3
    for option in ("--resume", "--skip-existing"):
        assert type_("run", name, "--dry-run", option).out.startswith("night.inv: 1 line, 5 images, 1 already done")
    assert type_("run", name, "--skip-existing").status == 0
    assert len(list(tmp_path.glob("r*.png"))) == 8


@pytest.mark.usefixtures("history")
def test_a_dry_run_counts_only_what_would_run(type_: TypeLine, night: Callable[[str], str], tmp_path: Path) -> None:
    name = night(TEXT)
    (tmp_path / "a.png").write_bytes((tmp_path / "p.png").read_bytes())
    result = type_("run", name, "--dry-run", "--skip-existing")
    assert (result.status, result.out) == (0, "night.inv: 2 lines, 1 image, 1 skipped, about 4 min\n")
    document = type_("run", name, "--dry-run", "--skip-existing", "--json").document
    assert (document["lines"], document["images"], document["pictures"], document["skipped"]) == (2, 1, 1, 1)
    assert type_("run", name, "--dry-run", "--from", "3").out == "night.inv: 1 line, 0 images\n"


def test_a_dry_run_of_a_finished_script_counts_only_the_lines_left_to_run(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night(TEXT)
    assert type_("run", name).status == 0
    assert type_("run", name, "--dry-run").out == "night.inv: 0 lines, 0 images, 3 already done\n"
    (tmp_path / "b.png").unlink()
    result = type_("run", name, "--dry-run", "--resume")
    assert result.out.startswith("night.inv: 1 line, 1 image, 2 already done, about ")
    again = type_("run", name, "--resume")
    assert "1 done, 0 failed, 2 already done" in again.err
    assert type_("run", name, "--dry-run", "--overwrite").out.startswith("night.inv: 3 lines, 2 images")


def test_a_dry_run_changes_nothing_in_the_session(
    type_: TypeLine, night: Callable[[str], str], isolated_home: Path
) -> None:
    name = night("load p.png | blur 2\nload p.png | crop 999 999\n")
    assert type_("run", name, "--keep-going").status != 0
    before = type_("history", "--json").document["lines"]
    assert type_("run", name, "--dry-run", "--resume").status in (0, 2)
    assert type_("history", "--json").document["lines"] == before


def test_a_dry_run_with_errors_has_no_summary_on_standard_output(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night("load p.png | blurr 2\nadd 1 2\n")
    result = type_("run", name, "--dry-run")
    assert (result.status, result.out) == (2, "")
    assert result.err.endswith("\nnight.inv: not run: 1 error\n")
    result = type_("run", name, "--dry-run", "--keep-going")
    assert (result.status, result.out) == (2, "")
    assert result.err.endswith("\nnight.inv: 1 line, 0 images, 1 error\n")
    document = type_("run", name, "--dry-run", "--json").document
    assert (document["status"], len(document["errors"])) == (2, 1)


def test_a_dry_run_shows_the_note_with_which_a_run_starts_over_resumes_or_does_nothing(
    type_: TypeLine, night: Callable[[str], str]
) -> None:
    name = night("load p.png | blur 2 | save '{index}.png'\nload p.png | blur 3 | save '{index}.png'\n")

    def notes(*options: str) -> tuple[list[str], list[str]]:
        """Return the first note of a dry run, as text and as JSON."""
        found = type_("run", name, "--dry-run", *options)
        return found.err.splitlines(), type_("run", name, "--dry-run", "--json", *options).document.get("notes", [])

    new = [f"`{name}` has not been run before: starting from the beginning"]
    assert (notes(), notes("--resume")) == (([], []), (new, new))
    type_("run", name, "--max-images", "1")
    over = ["starting over, although an earlier run saved 1 image; `--resume` continues that run"]
    session = type_("sessions", "--json").document["sessions"][0]["id"]
    resuming = [f"resuming session {session}"]
    assert (notes(), notes("--resume"), notes("--overwrite")) == ((over, over), (resuming, resuming), ([], []))
    resumed = type_("run", name, "--resume")
    assert resumed.err.splitlines()[0] == resuming[0]
    done = [f"`{name}` is finished: nothing left to do; `--overwrite` runs it again"]
    assert (notes(), notes("--resume")) == ((done, done), (done, done))
    assert type_("run", name).err.splitlines()[0] == done[0]
    night("load p.png | blur 2 | save '{index}.png'\nadd 1 2\n")
    changed = [f"`{name}` has changed since session {session}: reusing 1 of its 2 lines"]
    assert notes("--resume") == (changed, changed)
