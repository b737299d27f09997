"""An overnight job with a loop: each image is saved at once, a limit ends the loop, and existing images stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.invokeai_cli.conftest import CliResult, TypeLine

LOOP = 'load p.png as p\nrange 1 6 | iterate as n | rotate @n --image @p | save "f{index}.png"\nadd 1 2\n'
FOXES = 'range 1 7 | iterate as n | t2i a fox --seed @n --steps 2 --width 16 --height 16 | save "f{index}.png"\n'


def images(folder: Path) -> dict[str, int]:
    """Return the modification time of each saved image by name."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("f*.png")}


def ran(result: CliResult) -> list[str]:
    """Return the types of the nodes that finished, in order, except those that were cached."""
    return [each["node_type"] for each in result.events if each["event"] == "node_finished" and not each["reused"]]


def test_each_image_in_a_loop_is_saved_before_the_next_image_is_begun(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, scripted: None
) -> None:
    made = [each for each in ran(type_("run", night(FOXES), "--events")) if each in ("denoise", "decode", "save")]
    assert made == ["denoise", "decode", "save"] * 6
    assert len(images(tmp_path)) == 6


def test_a_run_stops_at_the_image_limit_and_resuming_it_computes_only_the_missing_images(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, scripted: None
) -> None:
    words = ("run", night(FOXES), "--max-images", "2", "--events")
    result = type_(*words)
    assert (result.status, Counter(ran(result))["denoise"], len(images(tmp_path))) == (3, 2, 2)
    before = images(tmp_path)
    result = type_(*words, "--resume")
    assert (result.status, Counter(ran(result))["denoise"]) == (3, 2)
    assert images(tmp_path).items() > before.items()
    result = type_(*words, "--resume")
    assert (result.status, Counter(ran(result))["denoise"], len(images(tmp_path))) == (0, 2, 6)


def test_running_a_stopped_script_again_computes_only_the_missing_images(
    type_: TypeLine, night: Callable[[str], str]
) -> None:
    name = night(LOOP)
    assert type_("run", name, "--max-images", "2").status == 3
    result = type_("run", name, "--events")
    assert (result.status, Counter(ran(result))["rotate"]) == (0, 3)


def test_the_skip_existing_option_keeps_existing_images_from_a_loop_and_makes_the_missing_images(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night(LOOP)
    assert type_("run", name, "--max-images", "2").status == 3
    before = images(tmp_path)
    result = type_("run", name, "--skip-existing", "--max-images", "1", "--events")
    assert (result.status, Counter(ran(result))["rotate"]) == (3, 1)
    (tmp_path / "f2.png").unlink()
    result = type_("run", name, "--skip-existing", "--events")
    assert (result.status, Counter(ran(result))["rotate"]) == (0, 2)
    found = images(tmp_path)
    assert sorted(found) == [f"f{n}.png" for n in range(1, 6)]
    assert found["f1.png"] == before["f1.png"]
    assert type_("run", name, "--skip-existing").status == 0
    assert images(tmp_path) == found


def test_the_skip_existing_option_runs_a_loop_again_if_none_of_its_images_exists(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night(LOOP)
    assert type_("run", name).status == 0
    for path in tmp_path.glob("f*.png"):
        path.unlink()
    assert type_("run", name, "--skip-existing").status == 0
    assert len(images(tmp_path)) == 5
