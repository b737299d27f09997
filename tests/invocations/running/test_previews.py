"""Previews are a matter of each run: they are made while somebody watches, here or in a worker, and encoded once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from invocations.events import Event, NodeProgress
from invocations.previews import LONGEST_PX, preview_from_bytes, preview_to_bytes
from invocations.running import preview_rate
from invocations.running.preview_rate import PreviewRate
from invocations.running.workers.reports import StepEmitted, report_from_json
from tests.invocations.bench import Bench, NoServices, node
from tests.invocations.kitchen import PluginCatalog
from tests.invocations.kitchen_images import Peek
from tests.invocations.running.workers.fake_workers import FakeWorkers

STEPS = 6


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow any number of previews a second."""
    monkeypatch.setattr(preview_rate, "PREVIEW_S", 0.0)
    Peek.asked.clear()


def shown(bench: Bench, previews: Callable[[], bool] | None) -> list[bool]:
    """Run a node of six steps, and return which of the reported steps had a preview."""
    bench.grow([node("p peek", steps=STEPS)])
    events: list[Event] = list(bench.invoker.run(bench.session.id, previews=previews))
    return [event.preview is not None for event in events if isinstance(event, NodeProgress)]


def test_a_run_that_does_not_say_leaves_previews_to_the_settings(bench: Bench) -> None:
    assert shown(bench, None) == [False] * STEPS
    assert Peek.asked == [False] * STEPS


def test_a_run_makes_previews_only_while_somebody_watches(bench: Bench) -> None:
    answers = [False, True, True, False, False, True]
    asked = iter(answers)
    assert shown(bench, lambda: next(asked)) == answers


def test_two_runs_of_one_invoker_have_previews_of_their_own(bench: Bench) -> None:
    assert shown(bench, lambda: True) == [True] * STEPS
    bench.session = bench.invoker.create()
    assert shown(bench, lambda: False) == [False] * STEPS


def test_a_single_step_makes_previews_too(bench: Bench) -> None:
    bench.grow([node("p peek", steps=2)])
    events = list(bench.invoker.step(bench.session.id, previews=lambda: True))
    assert [event.preview is not None for event in events if isinstance(event, NodeProgress)] == [True, True]


def test_previews_are_asked_for_at_most_ten_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    now, asked, made = [0.0], list[float](), list[int]()
    rate = PreviewRate(lambda: asked.append(now[0]) is None, clock=lambda: now[0])
    for number in range(20):
        now[0] = number * 0.04
        if rate():
            made.append(number)
    assert made == [0, 3, 6, 9, 12, 15, 18]
    assert len(asked) == len(made)


def test_a_preview_that_nobody_wanted_does_not_delay_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    wanted = [False]
    rate = PreviewRate(lambda: wanted[0], clock=lambda: 0.0)
    assert not rate()
    wanted[0] = True
    assert rate()


@pytest.mark.parametrize("wanted", [True, False, None])
def test_a_worker_makes_previews_if_somebody_watches(wanted: bool | None) -> None:
    workers = FakeWorkers(1, NoServices(), catalog=PluginCatalog())
    bench = Bench(workers=workers)
    made = shown(bench, None if wanted is None else lambda: bool(wanted))
    assert [task.previews for _, task in workers.given] == [{True: "on", False: "off", None: ""}[wanted]]
    assert made == [bool(wanted)] * len(made)
    assert Peek.asked == [bool(wanted)] * STEPS


def test_a_worker_learns_at_once_that_somebody_watches(held: threading.Event) -> None:
    workers = FakeWorkers(1, NoServices(), catalog=PluginCatalog())
    bench = Bench(workers=workers).grow([node("s slow")])
    watched = [False]
    run = bench.invoker.run(bench.session.id, previews=lambda: watched[0])
    while not isinstance(next(run), NodeProgress):
        pass
    watched[0] = True
    assert run.wait(0.0) is False
    until = threading.Event()
    while not workers.shown and not until.wait(0.01):
        pass
    assert workers.shown == [("w1", True)]
    held.set()
    assert [event.event for event in run][-1] == "session_finished"


def test_a_preview_is_encoded_once_however_far_it_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.radial_gradient("L").convert("RGB").resize((300, 150))
    data = preview_to_bytes(image)
    with Image.open(BytesIO(data)) as sent:
        assert (sent.format, sent.size) == ("WEBP", (LONGEST_PX, LONGEST_PX // 2))
    event = NodeProgress("s", "n", "peek", (1,), 2.0, step=1, of=3, preview=image)
    report: Any = report_from_json(StepEmitted("w1", 1, 1, 0, event).to_json())
    monkeypatch.setattr(Image.Image, "save", None)
    assert preview_to_bytes(report.event.preview) == data
    assert preview_from_bytes(data).size == (LONGEST_PX, LONGEST_PX // 2)
