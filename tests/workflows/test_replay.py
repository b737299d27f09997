"""Replaying an image: its line is planned, checked against the restrictions, and run, and the result is compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from core.model_paths import DEFAULT_PATH
from invocations.language.errors import Refusal
from tests.workflows.recorder import Recorder
from workflows.observer import Outcome
from workflows.problems import UsageError
from workflows.replay import Comparison, NoImage, NotAllowed, check_allowed, compare_with_file, plan_replay
from workflows.workspace import Workspace


@pytest.fixture
def made(workspace: Workspace, cat: Path, tmp_path: Path) -> Path:
    """Run a line and return the path of the image that it saved."""
    workspace.run("load cat.png | blur 2 | flip | save b.png")
    return tmp_path / "b.png"


def invert(path: Path) -> None:
    """Change an image's pixels and keep its metadata."""
    with Image.open(path) as image:
        texts = PngInfo()
        for name, text in image.text.items():  # type: ignore[attr-defined]
            texts.add_text(name, text)
        changed = ImageOps.invert(image.convert("RGB"))
    changed.save(path, pnginfo=texts)


def test_the_plan_of_a_replay_has_no_save_node(workspace: Workspace, made: Path) -> None:
    replay = plan_replay(workspace, "b.png", {})
    assert (replay.line, [node.type for node in replay.plan.nodes]) == (
        "load cat.png | blur 2 | flip",
        ["load", "blur", "flip"],
    )


@pytest.mark.parametrize("name", ["radius", "blur.radius"])
def test_inputs_set_for_a_replay_override_those_in_the_line(workspace: Workspace, made: Path, name: str) -> None:
    assert plan_replay(workspace, "b.png", {name: "5"}).line == "load cat.png | blur 5 | flip"


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("stepz", "5", "no stage of the recorded line has an input `stepz`"),
        ("radius", "many", "`radius` takes a number, not `many`"),
    ],
)
def test_an_input_that_cannot_be_set_is_refused(
    workspace: Workspace, made: Path, name: str, text: str, error: str
) -> None:
    with pytest.raises(UsageError) as refused:
        plan_replay(workspace, "b.png", {name: text})
    assert refused.value.message == error


def test_a_value_out_of_range_is_refused_by_the_planner(workspace: Workspace, made: Path) -> None:
    with pytest.raises(Refusal):
        plan_replay(workspace, "b.png", {"radius": "-1"})


def test_a_line_that_reads_files_is_refused_unless_reading_files_is_allowed(workspace: Workspace, made: Path) -> None:
    plan = plan_replay(workspace, "b.png", {}).plan
    with pytest.raises(NotAllowed) as refused:
        check_allowed(plan, workspace.catalog)
    assert (refused.value.message, refused.value.hint) == (
        "the recorded line reads `cat.png`",
        "to allow it: --allow-files",
    )
    check_allowed(plan, workspace.catalog, files=True)


def test_a_model_that_exists_at_a_path_is_read_only_if_reading_files_is_allowed(
    workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "fox").symlink_to(DEFAULT_PATH)  # the model is complete, so only its path can cause a refusal
    for name in (f"{tmp_path}/fox", "./fox"):
        plan = workspace.plan(f"t2i a fox --model {name} --seed 1")
        with pytest.raises(NotAllowed) as refused:
            check_allowed(plan, workspace.catalog)
        assert (refused.value.message, refused.value.hint) == (
            f"the recorded line reads `{name}`",
            "to allow it: --allow-files",
        )
        check_allowed(plan, workspace.catalog, files=True)
    check_allowed(workspace.plan("t2i a fox --model default --seed 1"), workspace.catalog)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("load cat.png | save c.png", "the recorded line would write `c.png`"),
        ("load https://example.com/a.png --allow-url", "the recorded line would use the network"),
    ],
)
def test_writing_to_named_files_and_using_the_network_are_never_allowed(
    workspace: Workspace, cat: Path, line: str, message: str
) -> None:
    with pytest.raises(NotAllowed) as refused:
        check_allowed(workspace.plan(line), workspace.catalog, files=True)
    assert refused.value.message == message


def test_an_image_with_the_same_pixels_is_reported_as_equal(workspace: Workspace, made: Path) -> None:
    compared = compare_with_file(workspace, plan_replay(workspace, "b.png", {}), Recorder())
    assert isinstance(compared, Comparison)
    assert (compared.equal, compared.images, compared.changes) == (True, 1, ())


def test_an_image_with_changed_pixels_is_reported_as_different_without_using_the_cache(
    workspace: Workspace, made: Path
) -> None:
    invert(made)
    seen = Recorder()
    compared = compare_with_file(workspace, plan_replay(workspace, "b.png", {}), seen)
    assert isinstance(compared, Comparison)
    assert not compared.equal
    assert compared.psnr is not None
    assert seen.of("event").count("NodeFinished") == 3


def test_the_batch_that_an_image_records_is_repeated(
    workspace: Workspace, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.denoising import loop

    (isolated_home / "config").mkdir(parents=True, exist_ok=True)
    (isolated_home / "config" / "config.toml").write_text("batch = 3\n")
    sizes: list[int] = []
    denoise = loop.denoise
    monkeypatch.setattr(loop, "denoise", lambda run, *a, **b: (sizes.append(len(run.noise)), denoise(run, *a, **b))[1])
    workspace.run("t2i a fox --steps 3 --width 32 --height 32 --seed 1..4 | save {seed}.png")
    assert sizes == [3, 1]
    for name, size in (("2.png", 3), ("4.png", 1)):
        sizes.clear()
        replay = plan_replay(workspace, name, {})
        compared = compare_with_file(workspace, replay, Recorder())
        assert isinstance(compared, Comparison)
        assert (compared.equal, sizes, replay.provenance.batch) == (True, [size], size)
    assert workspace.invoker.batching is not None
    assert not workspace.invoker.batching.repeats


@pytest.mark.parametrize("recorded", ["0", "-3", "x", "1e9", "999", "\u0664", ""])
def test_a_batch_size_that_makes_no_sense_is_ignored(workspace: Workspace, recorded: str, tmp_path: Path) -> None:
    workspace.run("t2i a fox --steps 1 --width 32 --height 32 --seed 1 | save a.png")
    with Image.open(tmp_path / "a.png") as image:
        texts = PngInfo()
        for name, text in image.text.items():  # type: ignore[attr-defined]
            texts.add_itxt(name, text.replace("Model: default", f"Model: default, Batch size: {recorded}"))
        image.save(tmp_path / "b.png", pnginfo=texts)
    assert plan_replay(workspace, "b.png", {}).provenance.batch == 1


def test_a_replay_that_fails_is_not_compared(workspace: Workspace, made: Path, cat: Path) -> None:
    replay = plan_replay(workspace, "b.png", {})
    cat.unlink()
    seen = Recorder()
    assert compare_with_file(workspace, replay, seen) is Outcome.FAILED
    assert len(seen.of("problem")) == 1


def test_a_line_that_produces_no_image_cannot_be_compared(workspace: Workspace, made: Path) -> None:
    from dataclasses import replace

    replay = replace(plan_replay(workspace, "b.png", {}), plan=workspace.plan("add 1 2"))
    with pytest.raises(NoImage, match=r"the line recorded in `b\.png` produces no image to compare"):
        compare_with_file(workspace, replay, Recorder())
