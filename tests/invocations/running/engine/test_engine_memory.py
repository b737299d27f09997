"""A process that runs out of memory, or whose model does not fit, asks idle engines to free theirs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from invocations import local_processes
from invocations.catalog.registry import open_registry
from invocations.events import LogMessage, NodeError
from invocations.local import LocalServices
from invocations.running.context import StepContext
from invocations.running.engine.control import EngineControl
from invocations.running.engine.place import EnginePlace
from invocations.running.inline import FREED, perform
from invocations.services.errors import ServiceError
from tests.invocations.running.engine.engine_bench import LONG_S, EngineBench, a_task, answer, begun
from tests.invocations.running.workers.worker_nodes import settings_with_nodes


def test_an_idle_engine_ends(bench: EngineBench) -> None:
    workers = bench.client()
    begun(workers, a_task("tally", a=1))
    answer(workers)
    workers.end_run()
    while bench.ask("status")["busy"]:
        pass
    assert EngineControl(bench.place, {}).free() is True
    bench.thread.join(LONG_S)
    assert not os.path.exists(bench.place.socket)
    workers.close()


def test_an_engine_between_two_tasks_of_a_run_unloads_its_models_before_it_answers(bench: EngineBench) -> None:
    workers = bench.client()
    begun(workers, a_task("tally", a=1))
    answer(workers)
    while bench.ask("status")["busy"]:
        pass
    assert EngineControl(bench.place, {}).free() is True
    assert bench.unloaded.is_set()
    begun(workers, a_task("tally", a=1))
    workers.close()


def test_a_busy_engine_keeps_its_models(bench: EngineBench) -> None:
    workers = bench.client()
    begun(workers, a_task("linger", a=1))
    assert EngineControl(bench.place, {}).free() is False
    assert bench.ask("status")["busy"]
    assert not bench.unloaded.is_set()
    workers.close()


def test_all_engines_of_the_folder_are_asked(bench: EngineBench, monkeypatch: pytest.MonkeyPatch) -> None:
    own = EngineControl(EnginePlace(bench.place.folder, "engine-of-this-home"), {})
    monkeypatch.setattr(local_processes, "engine_control", lambda settings: own)
    assert local_processes.free_engines(None) == 1
    bench.thread.join(LONG_S)
    assert local_processes.free_engines(None) == 0


@pytest.mark.parametrize("engines", [0, 2])
def test_freeing_the_memory_of_this_process_asks_engines_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engines: int
) -> None:
    settings = settings_with_nodes(tmp_path)
    monkeypatch.setattr(local_processes, "free_engines", lambda given: engines if given is settings else 9)
    assert LocalServices(settings).free() is (engines > 0)


class Shared:
    """Services in whose memory a model fits once an engine has freed some."""

    def __init__(self, *, has_engine: bool) -> None:
        self.has_engine = has_engine
        self.is_free = False
        self.asked = 0

    def free(self) -> bool:
        self.asked += 1
        self.is_free = self.has_engine
        return self.has_engine

    def measured(self, *values: Any, **named: Any) -> None:
        return None


def performed(services: Shared) -> tuple[Any, list[str]]:
    """Run a node that fails as long as its model does not fit; return what became of it and the logged messages."""
    registry, events = open_registry(), []
    spec = registry["sub"]

    class Node:
        def __init__(self, **inputs: Any) -> None:
            self.value = inputs["a"]

        def invoke(self, context: StepContext) -> Any:
            if not services.is_free:
                raise ServiceError("the model `large` needs 8 GB, but only 2 GB are free", code="does_not_fit")
            return self

    context = StepContext(
        "session", "n", "sub", (), services=services, emit=events.append, is_cancelled=lambda: False  # type: ignore[arg-type]
    )  # fmt: skip
    made = perform(
        spec, {"a": "3"}, context, services=services, catalog=registry, classes={"sub": Node}, measured=True  # type: ignore[arg-type, dict-item]
    )  # fmt: skip
    return made, [event.message for event in events if isinstance(event, LogMessage)]


def test_a_model_that_does_not_fit_is_tried_once_more_if_an_engine_has_freed_memory() -> None:
    made, messages = performed(services := Shared(has_engine=True))
    assert made[0].outputs == {"value": "3"}
    assert (services.asked, messages) == (1, [FREED])


def test_without_an_idle_engine_a_model_that_does_not_fit_is_an_error() -> None:
    made, messages = performed(services := Shared(has_engine=False))
    assert isinstance(made, NodeError)
    assert (made.code, services.asked, messages) == ("does_not_fit", 1, [])
