"""Relative file names in lines are resolved against the workspace's folder, never against the current folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from invocations.language.errors import Refusal
from workflows.imported_session import dangers
from workflows.scripts.source import text_of
from workflows.workspace import Workspace

Open = Callable[..., Workspace]


@pytest.fixture
def open_in(isolated_home: Path) -> Iterator[Open]:
    """Yield a function that opens workspaces in folders; check that the current folder has not changed afterward."""
    before, opened = sorted(os.listdir()), []

    def open_(folder: Path | str, **options: object) -> Workspace:
        opened.append(Workspace.open(folder, home=isolated_home, **options))
        return opened[-1]

    yield open_
    for workspace in opened:
        workspace.close()
    assert sorted(os.listdir()) == before


@pytest.fixture
def red(tmp_path: Path) -> Path:
    """Return a folder with red images."""
    return filled(tmp_path / "red [1]", "red")


@pytest.fixture
def blue(tmp_path: Path) -> Path:
    """Return a folder with blue images that have the same names as the red ones."""
    return filled(tmp_path / "blue", "blue")


def filled(folder: Path, color: str) -> Path:
    (folder / "in").mkdir(parents=True)
    for number in (1, 2, 10):
        Image.new("RGB", (8 + number, 8), color).save(folder / "in" / f"{number}.png")
    Image.new("RGB", (8, 8), color).save(folder / "cat.png")
    Image.new("L", (8, 8), 255).save(folder / "mask.png")
    return folder


def color_of(path: str) -> tuple[int, ...]:
    with Image.open(path) as image:
        return image.convert("RGB").getpixel((0, 0))


def test_two_workspaces_read_and_save_in_their_own_folders(open_in: Open, red: Path, blue: Path) -> None:
    for folder, color in ((red, (255, 0, 0)), (blue, (0, 0, 255)), (red, (255, 0, 0))):
        workspace = open_in(folder)
        for line in (
            "load cat.png | pad 1 | save out/{width}-{index}.png",
            "load ./cat.png | save copy.bmp --overwrite",
        ):
            (result,) = workspace.run(line)
            assert Path(result.path).is_relative_to(folder)
            assert color_of(result.path)[:3] in (color, (0, 0, 0))
        assert color_of(str(folder / "copy.bmp")) == color
    assert sorted(os.listdir(red / "out")) == ["10-1.png", "10-2.png"]
    assert os.listdir(blue / "out") == ["10-1.png"]


def test_a_file_name_pattern_finds_the_files_in_the_folder_in_natural_order(open_in: Open, red: Path) -> None:
    workspace = open_in(red)
    for pattern, widths in (("in/*.png", [9, 10, 18]), ("**/1*.png", [9, 18])):
        results = workspace.run(f"load '{pattern}' | iterate | blur 1")
        assert [result.image().width for result in results] == widths


def test_images_and_masks_named_by_inputs_are_read_from_the_folder(open_in: Open, red: Path, blue: Path) -> None:
    Image.new("RGB", (8, 8), "lime").save(red / "top.png")
    (result,) = open_in(red).run("paste top.png --image cat.png --mask mask.png | save pasted.png")
    assert result.path == str(red / "pasted.png")
    assert color_of(result.path) == (0, 255, 0)


def test_an_unused_image_is_saved_in_the_folder(open_in: Open, red: Path) -> None:
    (result,) = open_in(red).run("load cat.png | blur 1")
    assert Path(result.path).parent == red


def test_a_target_folder_is_resolved_inside_the_workspace_folder(open_in: Open, red: Path) -> None:
    (result,) = open_in(red).run("load cat.png | save in")
    assert Path(result.path).parent == red / "in"


def test_absolute_paths_and_paths_in_the_home_folder_are_not_changed(
    open_in: Open, red: Path, blue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(blue))
    workspace = open_in(red)
    for source in (str(blue / "cat.png"), "~/cat.png"):
        (result,) = workspace.run(f"load '{source}' | save copy.png --overwrite")
        assert (result.path, color_of(result.path)) == (str(red / "copy.png"), (0, 0, 255))


def test_the_session_records_file_names_as_written(open_in: Open, red: Path) -> None:
    workspace = open_in(red)
    workspace.run("load cat.png | save copy.png")
    nodes = workspace.session.graph.nodes.values()
    assert [value for node in nodes for value in node.inputs.values()] == ["cat.png", "copy.png"]


def test_errors_name_files_as_they_were_written(open_in: Open, red: Path) -> None:
    workspace = open_in(red)
    with pytest.raises(Refusal) as refused:
        workspace.run("load in/11.png")
    (error,) = refused.value.errors
    assert error.message == "no file matches `in/11.png`"
    assert (error.hint or "").startswith("did you mean `in/1")
    with pytest.raises(Refusal, match=r"is not an image format"):
        workspace.plan("load cat.png | save in.d/x.txt")


def test_a_result_is_cached_until_the_file_in_the_folder_changes(open_in: Open, red: Path, blue: Path) -> None:
    first, second = open_in(red), open_in(blue)
    line = "load cat.png | blur 1"
    first.run(line)
    assert not second.is_cached(second.plan(line))  # another file with the same name
    assert first.is_cached(first.plan(line))
    Image.new("RGB", (8, 8), "green").save(red / "cat.png")
    assert not first.is_cached(first.plan(line))


def test_a_relative_workspace_folder_is_resolved_when_the_workspace_is_opened(open_in: Open, red: Path) -> None:
    workspace = open_in(os.path.relpath(red))
    (result,) = workspace.run("load cat.png | save copy.png")
    assert result.path == str(red / "copy.png")


def test_scripts_are_found_in_the_folder(open_in: Open, red: Path) -> None:
    (red / "a.inv").write_text("add 1 2\n")
    assert text_of("a.inv", open_in(red).folder) == "add 1 2\n"


def test_a_model_is_found_by_its_path_in_the_folder(open_in: Open, red: Path) -> None:
    from core.model_paths import DEFAULT_PATH

    (red / "mine").symlink_to(DEFAULT_PATH)
    (value,) = (result.value for result in open_in(red).run("model mine"))
    assert value.path == str(red / "mine")
    with pytest.raises(Refusal, match="there is no model `yours`"):
        open_in(red).plan("model yours")


@pytest.mark.parametrize(
    ("line", "widths"),
    [
        ("load 'a[1].png' | blur 1", [8]),
        ("load 'in/*.png' | blur 1", [9, 10, 18]),
        ("blur 'a[1].png' 1", [8]),
        ("grid 'a[1].png' --gap 0", [8]),
        ("load cat.png | blend 'a[1].png'", [8]),
        ("grid 'a[1].png' 'in/*.png' --columns 4 --gap 0", [72]),
    ],
)
def test_a_name_with_brackets_refers_to_a_file_in_the_folder_and_is_not_a_pattern(
    open_in: Open, red: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, widths: list[int]
) -> None:
    """The current folder has a file `in/*.png`, and no file with brackets in its name."""
    (red / "a[1].png").write_bytes((red / "cat.png").read_bytes())
    (tmp_path / "elsewhere" / "in").mkdir(parents=True)
    (tmp_path / "elsewhere" / "in" / "*.png").write_bytes(b"")
    with monkeypatch.context() as there:
        there.chdir(tmp_path / "elsewhere")
        workspace = open_in(red)
        assert [image.width for result in workspace.run(line) for image in result.images()] == widths


def test_paths_in_an_imported_session_are_checked_against_the_workspace_folder(
    open_in: Open, red: Path, blue: Path
) -> None:
    workspace = open_in(red)
    workspace.run("load cat.png | save out.png")
    catalog, session = workspace.catalog, workspace.session
    assert dangers(session, catalog, str(red), str(red)) == []
    assert dangers(session, catalog, ".", str(red)) == []
    assert dangers(session, catalog, str(red), str(blue)) == ["write `out.png`"]
