"""The expected run time of a line, estimated from earlier runs of nodes with the same command, model and size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from invocations.events import NodeFinished
from invocations.storing.latest import latest_runs
from invocations.storing.local import LocalStore
from invocations.storing.past_runs import PastRun, past_runs
from invocations.values import ImageRef
from workflows.charts.duration import Estimate, about
from workflows.estimate import NOTHING, Pace, Unmeasured, time_of
from workflows.scripts.dry_run import dry_run
from workflows.scripts.options import RunOptions
from workflows.scripts.plan import plan_script
from workflows.scripts.source import from_text
from workflows.workspace import Workspace

SIZE = (128, 64)
DENOISED = PastRun("denoise", "default", SIZE, 4, 8.0)
OTHERS = [
    PastRun("model", "default", (0, 0), 1, 1.0),
    PastRun("prompt", "default", (0, 0), 1, 2.0),
    PastRun("noise", "default", SIZE, 1, 0.5),
    PastRun("decode", "default", SIZE, 1, 3.0),
]
LINE = "t2i a fox --steps 10 --width 128 --height 64"


@pytest.fixture
def estimated(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Estimate | None]:
    """Return a function that estimates the run time of a line from the given earlier runs."""

    def estimate_with(line: str, *runs: PastRun) -> Estimate | None:
        monkeypatch.setattr("workflows.estimate.latest_runs", lambda folder: runs)
        plan = workspace.plan(line)
        return time_of(workspace, [(plan, workspace.additions(plan))])

    return estimate_with


def test_an_estimate_adds_up_the_earlier_times_of_the_nodes_and_scales_them_by_steps(
    estimated: Callable[..., Estimate | None],
) -> None:
    assert estimated(LINE, DENOISED, *OTHERS) == Estimate(10 * 2.0 + 1.0 + 2.0 + 0.5 + 3.0)


OTHER = "core/models/other"


@pytest.fixture
def any_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accept lines with models that do not exist."""
    monkeypatch.setattr("workflows.lookup.Lookup._model", lambda *_: None)


def test_a_model_that_a_line_names_by_its_path_has_the_same_earlier_runs(
    workspace: Workspace, estimated: Callable[..., Estimate | None]
) -> None:
    path = workspace.lookup.models.find("default").path
    assert estimated(f"{LINE} --model {path}", DENOISED, *OTHERS) == estimated(LINE, DENOISED, *OTHERS)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (LINE.replace("128", "136"), "`denoise` has not run at 136x64 with the model `default` yet"),
        (LINE.replace("128", "128,136"), "`denoise` has not run at 136x64 with the model `default` yet"),
        (f"{LINE} --model {OTHER}", f"the model `{OTHER}` has not been used yet"),
        (f"{LINE} --model default,{OTHER}", f"the model `{OTHER}` has not been used yet"),
    ],
    ids=["another size", "a size in an axis", "another model", "a model in an axis"],
)
def test_the_reason_is_reported_if_a_model_has_never_run_with_these_settings(
    estimated: Callable[..., Estimate | Unmeasured | None], any_model: None, line: str, why: str
) -> None:
    found = estimated(line, DENOISED, *OTHERS)
    assert (found, str(found)) == (Unmeasured(why), f"unknown, as {why}")


def test_nothing_is_estimated_without_earlier_runs(estimated: Callable[..., Estimate | Unmeasured | None]) -> None:
    assert estimated("add 1 2", DENOISED, *OTHERS) is None
    assert estimated(LINE) is None
    assert estimated(LINE, *OTHERS) == Unmeasured("`denoise` has not run at 128x64 with the model `default` yet")


def test_each_model_of_an_axis_is_estimated_from_its_own_runs(
    estimated: Callable[..., Estimate], any_model: None
) -> None:
    slow = [replace(each, model=OTHER, seconds=each.seconds * 3) for each in (DENOISED, *OTHERS)]
    once = 10 * 2.0 + 1.0 + 2.0 + 0.5 + 3.0
    line = f"{LINE} --model default,{OTHER} --seed 1"
    assert estimated(line, DENOISED, *OTHERS, *slow) == Estimate(once + 3 * once)


def test_each_number_of_steps_and_each_strength_of_an_axis_is_estimated(estimated: Callable[..., Estimate]) -> None:
    rest = 1.0 + 2.0 + 0.5
    line = LINE.replace("10", "10,30")
    assert estimated(line, DENOISED, *OTHERS) == Estimate((10 + 30) * 2.0 + 2 * 3.0 + rest)
    zipped = f"{line} --seed 1,2 --zip steps,seed"
    assert estimated(zipped, DENOISED, *OTHERS) == Estimate((10 + 30) * 2.0 + 2 * 3.0 + rest + 0.5)
    again = f"{LINE} | i2i a boat --steps 10 --strength 0.2,0.5 --seed 7"
    encode = [PastRun("encode", "default", SIZE, 1, 0.25), PastRun("fit", "default", SIZE, 1, 0.0)]
    first = 10 * 2.0 + 3.0 + rest
    second = (2 + 5) * 2.0 + 2 * 3.0 + 0.25 + rest
    assert estimated(again, DENOISED, *OTHERS, *encode) == Estimate(first + second)


def test_each_file_of_a_pattern_is_estimated_at_its_own_size(estimated: Callable[..., Estimate], cat: Path) -> None:
    cat.with_name("dog.png").write_bytes(cat.read_bytes())
    assert estimated("blur '*.png' 2,3", PastRun("blur", "", (16, 16), 1, 0.5)) == Estimate(4 * 0.5)


def test_the_nodes_of_a_loop_are_estimated_for_each_of_its_items(estimated: Callable[..., Estimate | None]) -> None:
    line = f"range 1 4 | iterate as n | {LINE} --seed @n"
    assert estimated(line, DENOISED, *OTHERS) == Estimate(3 * (10 * 2.0 + 0.5 + 3.0) + 1.0 + 2.0)


def test_the_time_of_a_loop_of_unknown_length_is_estimated_per_item(
    estimated: Callable[..., Estimate | None],
) -> None:
    line = f"random 1 4 as r | range 0 @r | iterate as n | {LINE} --seed @n"
    found = estimated(line, DENOISED, *OTHERS)
    assert (found, str(found)) == (Estimate(1.0 + 2.0, (10 * 2.0 + 0.5 + 3.0,)), "about 3 s + n x 25 s")
    assert found is not None
    assert found.seconds is None
    assert estimated(line, *OTHERS) == Unmeasured("`denoise` has not run at 128x64 with the model `default` yet")


def test_loops_of_unknown_length_are_added_up_separately(
    estimated: Callable[..., Estimate | None], workspace: Workspace
) -> None:
    line = "random 1 4 as r | range 0 @r | iterate | add 1"
    assert estimated(line, PastRun("add", "", NOTHING, 1, 0.02)) == Estimate(0.0, (0.02,))
    plans = [workspace.plan(each) for each in (line, line, "add 1 2")]
    lines = [(plan, workspace.additions(plan)) for plan in plans]
    assert time_of(workspace, lines) == Estimate(0.02, (0.02, 0.02))


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(), "about 1 s"),
        (Estimate(3.2), "about 3 s"),
        (Estimate(0.0, (0.02,)), "about n x 20 ms"),
        (Estimate(130.0, (12.0, 4_000.0)), "about 2 min + n x 10 s + n x 1 h 10 min"),
    ],
)
def test_an_estimate_is_shown_with_the_time_per_item(estimate: Estimate, text: str) -> None:
    assert str(estimate) == text


def test_an_estimate_uses_the_median_of_the_latest_runs() -> None:
    runs = [PastRun("blur", "", SIZE, 1, seconds) for seconds in (2.0, 90.0, 1.0, *[50.0] * 40)]
    assert Pace(runs[:3]).seconds(("blur", "", SIZE)) == 2.0
    assert Pace(runs).seconds(("blur", "", SIZE)) == 50.0
    assert Pace(runs).seconds(("blur", "", (1, 1))) is None


def test_cached_results_take_no_time(workspace: Workspace, cat: Path) -> None:
    plan = workspace.plan("load cat.png | blur 2 | save out.png")
    run = workspace.submit(plan)
    run.finish()
    runs = {each.type: each for each in latest_runs(workspace.settings.folders.data)}
    assert {type_: (each.size, each.steps) for type_, each in runs.items()} == {
        "load": ((16, 16), 1), "blur": ((16, 16), 1), "save": ((16, 16), 1),
    }  # fmt: skip
    again = workspace.plan("load cat.png | blur 2 | save again.png")
    assert time_of(workspace, [(again, workspace.additions(again))]) == Estimate(runs["save"].seconds)
    other = workspace.plan("load cat.png | blur 3 | save again.png")
    wanted = runs["save"].seconds + runs["blur"].seconds
    found = time_of(workspace, [(other, workspace.additions(other))])
    assert found is not None
    assert found.seconds == pytest.approx(wanted, rel=1e-9)


def test_cached_items_of_a_sweep_take_no_time(workspace: Workspace, cat: Path) -> None:
    run = workspace.submit(workspace.plan("load cat.png | blur 2,3 | save {index}.png"))
    run.finish()
    paces: dict[str, list[float]] = {}
    for each in latest_runs(workspace.settings.folders.data):
        paces.setdefault(each.type, []).append(each.seconds)
    line = workspace.plan("load cat.png | blur 1,2,3,4,5 | save new-{index}.png")
    found = time_of(workspace, [(line, workspace.additions(line))])
    assert found is not None
    wanted = paces["list"][0] + 3 * median(paces["blur"]) + 5 * median(paces["save"])
    assert found.seconds == pytest.approx(wanted, rel=1e-9)
    again = workspace.plan("load cat.png | blur 1,2,3 --no-cache | save new-{index}.png")
    found = time_of(workspace, [(again, workspace.additions(again))])
    assert found is not None
    wanted = paces["list"][0] + 3 * median(paces["blur"]) + 3 * median(paces["save"])
    assert found.seconds == pytest.approx(wanted, rel=1e-9)


def test_imported_sessions_and_damaged_entries_are_ignored(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "sessions.sqlite")
    image = ImageRef("a" * 64, width=8, height=8)
    entry = NodeFinished("s", "1", "blur", (), 0.0, {"image": image}, 1.5, False, {})
    store.create("s", 0.0, [entry], imported=True)
    assert latest_runs(str(tmp_path)) == ()
    store.create("own", 0.0, [entry])
    store.close()
    assert latest_runs(str(tmp_path)) == (PastRun("blur", "", (8, 8), 1, 1.5),)
    assert latest_runs(str(tmp_path / "nowhere")) == ()
    bad = (
        "{",
        "[]",
        '{"entry":"finished","seconds":1e999,"node":"1","type":"a","outputs":{}}',
        '{"entry":"extension","edges":[[]]}',
    )
    assert list(past_runs(bad)) == []
    (tmp_path / "sessions.sqlite").write_bytes(b"no database")
    assert latest_runs(str(tmp_path)) == ()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.01, "about 1 s"),
        (9.4, "about 9 s"),
        (42, "about 40 s"),
        (57.4, "about 55 s"),
        (58, "about 1 min"),
        (244, "about 4 min"),
        (3_700, "about 1 h"),
        (9_100, "about 2 h 30 min"),
    ],
)
def test_an_estimate_is_shown_as_a_rounded_time(seconds: float, text: str) -> None:
    assert about(seconds) == text


@pytest.mark.parametrize(
    ("options", "texts", "skipped"),
    [
        (RunOptions(), ["load cat.png | blur 2 | save a.png", "load cat.png | blur 3 | save b.png"], 0),
        (RunOptions(skip_existing=True), ["load cat.png | blur 3 | save b.png"], 1),
        (RunOptions(first=2), ["load cat.png | blur 3 | save b.png"], 0),
    ],
    ids=["all", "--skip-existing", "--from 2"],
)
def test_a_dry_run_counts_only_the_lines_that_would_run(
    workspace: Workspace, cat: Path, options: RunOptions, texts: list[str], skipped: int
) -> None:
    if options.skip_existing:
        (cat.parent / "a.png").write_bytes(cat.read_bytes())
    text = "load cat.png | blur 2 | save a.png\nload cat.png | blur 3 | save b.png\n"
    script = plan_script(workspace, from_text(text, "a.inv"), "a.inv", options=options)
    found = dry_run(workspace, script, None, options)
    assert [line.source.text for line in found.lines] == texts
    assert (found.images.number, found.skipped, found.done) == (len(texts), skipped, 0)
