"""What must be equal in an engine and in its clients."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from invocations.engine_facts import engine_facts
from invocations.local import LocalSettings
from invocations.running.engine.messages import difference, greeting

SETTINGS = LocalSettings(Path("/data"), Path("/cache"), Path("/out"), device="cpu")


def test_settings_that_decide_about_results_must_be_equal() -> None:
    own = engine_facts(SETTINGS, {"torch": "2"})
    other = engine_facts(replace(SETTINGS, models_dirs=(Path("/a"), Path("/b"))), {"torch": "2"})
    assert difference(own, greeting(other)) == "its models_dirs is /a:/b instead of "


def test_settings_of_a_client_need_not_be_equal() -> None:
    changed = replace(SETTINGS, output_dir=Path("/x"), template="x", preview_every=3, engine="on", base=Path("/y"))
    assert engine_facts(changed, {}) == engine_facts(SETTINGS, {})


def test_the_number_of_processors_must_be_equal_because_sums_may_depend_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    own = engine_facts(SETTINGS, {})
    monkeypatch.setattr("invocations.engine_facts.count_processors", lambda: 1234)
    assert difference(own, greeting(engine_facts(SETTINGS, {}))).startswith("its number of processors is 1234 instead")


def test_variables_that_limit_threads_and_devices_must_be_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    own = engine_facts(SETTINGS, {})
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert difference(own, greeting(engine_facts(SETTINGS, {}))) == "its OMP_NUM_THREADS is 3 instead of 1"
