"""Which settings let lines use the warm engine."""

from __future__ import annotations

import pytest

from workflows.services import engine_mode
from workflows.settings.place import Place
from workflows.settings.resolve import resolve


@pytest.mark.parametrize(
    ("flags", "mode"),
    [
        ({}, "off"),
        ({"engine": "on"}, "on"),
        ({"engine": "auto"}, "auto"),
        ({"engine": "on", "batch": "4"}, "off"),
        ({"engine": "on", "jobs": "2"}, "off"),
        ({"engine": "auto", "jobs": "auto"}, "off"),
    ],
)
def test_batches_and_several_workers_do_not_use_the_engine(flags: dict[str, str], mode: str) -> None:
    place = Place({"INVOKEAI_HOME": "/home/of/nobody"}, "/", None)
    assert engine_mode(resolve(place, {name: (f"--{name}", text) for name, text in flags.items()}, {})) == mode
