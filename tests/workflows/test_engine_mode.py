"""Which settings let lines use the warm engine, and how many workers they start."""

from __future__ import annotations

from typing import Any

import pytest

from core import device_class
from workflows.services import engine_mode, why_no_engine, workers_note
from workflows.settings.place import Place
from workflows.settings.resolve import resolve


def resolved(**flags: str) -> Any:
    """Return the settings in effect with these options."""
    place = Place({"INVOKEAI_HOME": "/home/of/nobody"}, "/", None)
    return resolve(place, {name: (f"--{name}", text) for name, text in flags.items()}, {})


@pytest.mark.parametrize(
    ("flags", "mode"),
    [
        ({}, "off"),
        ({"engine": "on"}, "on"),
        ({"engine": "auto"}, "auto"),
        ({"engine": "on", "batch": "4"}, "off"),
        ({"engine": "on", "jobs": "2"}, "off"),
        ({"engine": "auto", "jobs": "auto", "device": "cpu"}, "auto"),
        ({"engine": "on", "jobs": "auto", "device": "cpu", "batch": "auto"}, "off"),
        ({"engine": "off", "jobs": "auto"}, "off"),
    ],
)
def test_batches_and_several_workers_do_not_use_the_engine(flags: dict[str, str], mode: str) -> None:
    assert engine_mode(resolved(**flags)) == mode


def test_jobs_auto_uses_the_engine_unless_there_are_several_graphics_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    for cards, mode in ((1, "on"), (2, "off")):
        monkeypatch.setattr(device_class, "count_cards", lambda wanted, cards=cards: cards)
        assert engine_mode(resolved(engine="on", jobs="auto")) == mode


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ({"batch": "4"}, ""),
        ({"engine": "on"}, ""),
        ({"engine": "on", "batch": "auto"}, "the warm engine is not used with `batch` auto"),
        ({"engine": "auto", "jobs": "2"}, "the warm engine is not used with `jobs` 2"),
    ],
)
def test_the_setting_that_prevents_the_use_of_the_engine_is_named(flags: dict[str, str], why: str) -> None:
    assert why_no_engine(resolved(**flags)) == why


@pytest.mark.parametrize(("jobs", "cards", "count"), [("1", 2, 0), ("3", 1, 3), ("auto", 1, 0), ("auto", 2, 2)])
def test_a_note_states_how_many_workers_need_memory(
    monkeypatch: pytest.MonkeyPatch, jobs: str, cards: int, count: int
) -> None:
    monkeypatch.setattr(device_class, "count_cards", lambda wanted: cards)
    note = f"{count} worker processes run the nodes, each with its own copy of the model"
    assert workers_note(resolved(jobs=jobs)) == (note if count else "")
