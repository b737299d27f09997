"""A server as a worker: steps are answered, stopped or left, and a new session is used after one was left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from invocations.catalog.registry import open_registry
from invocations.events import LogMessage, NodeProgress
from invocations.local import LocalSettings
from invocations.running.workers.base import Workers
from invocations.running.workers.reports import (
    StepEmitted,
    StepFailed,
    StepFinished,
    StepReport,
    StepStarted,
    StepStopped,
    WorkerLost,
    WorkerReady,
)
from invocations.running.workers.task import TaskStep, WorkerTask
from invocations.values import LatentsRef
from tests.invocations.running.workers.worker_nodes import settings_with_nodes
from tests.invokeai_cli.on_server.fake_api import TOKEN, FakeApi, serving
from workflows.remote.address import read_address
from workflows.remote.server_services import ServerServices

LONG_S = 30.0


@pytest.fixture
def api(tmp_path: Path) -> FakeApi:
    """Return what a server with the nodes of a plug-in holds."""
    nodes = settings_with_nodes(tmp_path / "plugin").nodes_dirs
    return FakeApi(tmp_path / "server", catalog=open_registry(nodes))


@pytest.fixture
def workers(api: FakeApi, tmp_path: Path) -> Iterator[Workers]:
    """Yield the server as a worker."""
    settings = LocalSettings(tmp_path / "data", tmp_path / "cache", tmp_path / "out")
    with serving(api) as address:
        services = ServerServices(settings, read_address(address), TOKEN, api.catalog)
        made = services.workers()
        assert [info.device for info in made.start()] == ["cpu"]
        yield made
        made.close()


NUMBERS = iter(range(1, 1000))


def given(workers: Workers, *steps: TaskStep) -> int:
    """Give a task to the worker and return its number."""
    number = next(NUMBERS)
    workers.submit("server", WorkerTask(number, 2, "session", steps))
    return number


def step(type_: str, id_: str = "n", **inputs: Any) -> TaskStep:
    return TaskStep(id_, type_, "1.0.0", (0, 3), inputs)


def heard(workers: Workers) -> StepReport:
    report = workers.next_report(LONG_S)
    assert isinstance(report, StepReport)
    return report


def answer(workers: Workers) -> StepReport:
    """Return the next report that is neither a start nor an event."""
    while isinstance(report := heard(workers), (StepStarted, StepEmitted)):
        pass
    return report


def test_a_step_is_answered_with_its_result_and_its_events_have_the_ids_of_this_session(workers: Workers) -> None:
    number = given(workers, step("tally", a=2, b=3, steps=4))
    assert isinstance(heard(workers), StepStarted)
    events = []
    while isinstance(report := heard(workers), StepEmitted):
        events.append(report.event)
    assert isinstance(report, StepFinished)
    assert (report.worker, report.number, report.attempt, report.step) == ("server", number, 2, 0)
    assert report.result.outputs == {"value": 5}
    assert report.result.facts["pid"] > 0
    assert {type(each) for each in events} == {NodeProgress}
    assert {(each.session_id, each.node_id, each.node_type, each.path) for each in events} == {
        ("session", "n", "tally", (0, 3))
    }


def test_every_step_of_a_task_is_answered(workers: Workers) -> None:
    given(workers, *(step("tally", f"n{number}", a=number) for number in range(3)))
    reports = [answer(workers) for _ in range(3)]
    found = {each.step: each.result.outputs["value"] for each in reports if isinstance(each, StepFinished)}
    assert found == {0: 0, 1: 1, 2: 2}


def test_many_messages_arrive_in_order(workers: Workers) -> None:
    given(workers, step("chatter", a=500, text="x"))
    assert isinstance(heard(workers), StepStarted)
    assert {type(heard(workers).event) for _ in range(500)} == {LogMessage}  # type: ignore[attr-defined]
    assert isinstance(heard(workers), StepFinished)


def test_a_step_that_fails_is_answered_with_its_error(workers: Workers) -> None:
    given(workers, step("refuse", a=13))
    report = answer(workers)
    assert isinstance(report, StepFailed)
    assert (report.error.type, report.error.message) == ("ValueError", "13 is not liked")


def test_a_cancelled_step_stops_and_the_next_one_runs(workers: Workers) -> None:
    number = given(workers, step("linger", a=1))
    assert isinstance(heard(workers), StepStarted)
    assert isinstance(heard(workers), StepEmitted)
    workers.cancel("server", number)
    assert answer(workers) == StepStopped("server", number, 2, 0)
    given(workers, step("tally", a=1))
    assert isinstance(answer(workers), StepFinished)


def test_a_step_that_does_not_stop_is_left_to_the_server(workers: Workers, api: FakeApi, tmp_path: Path) -> None:
    number = given(workers, step("deaf", path=str(tmp_path / "end")))
    assert isinstance(heard(workers), StepStarted)
    workers.kill("server")
    while isinstance(report := heard(workers), StepEmitted):
        pass
    assert report == StepStopped("server", number, 2, 0)
    given(workers, step("tally", a=1))
    assert isinstance(answer(workers), StepFinished)
    assert api.asked.count("POST /sessions") == 2
    (tmp_path / "end").write_text("")
    for thread in api.threads.values():
        thread.join(LONG_S)
    workers.close()
    assert api.invoker.sessions() == []


def test_after_a_restart_of_the_server_the_step_is_lost_and_another_session_is_used(
    workers: Workers, api: FakeApi
) -> None:
    given(workers, step("linger", a=1))
    assert isinstance(heard(workers), StepStarted)
    (session,) = api.lines
    api.lines[session].clear()
    while isinstance(report := workers.next_report(LONG_S), StepEmitted):
        pass
    assert report == WorkerLost("server", "it was restarted")
    assert isinstance(workers.next_report(LONG_S), WorkerReady)
    api.runs[session].cancel()
    given(workers, step("tally", a=1))
    assert isinstance(answer(workers), StepFinished)
    assert len(api.lines) == 2


def test_tensors_that_are_not_on_the_server_are_reported(workers: Workers) -> None:
    given(workers, step("decode", latents=LatentsRef("x" * 64, 8, 8)))
    report = answer(workers)
    assert isinstance(report, StepFailed)
    assert (report.error.code, report.error.message) == (
        "tensors_gone",
        "the latents that this node uses are no longer on the server",
    )


def test_if_there_is_nothing_to_tell_none_is_returned(workers: Workers) -> None:
    assert workers.next_report(0.0) is None
    assert workers.next_report(0.01) is None


def test_nodes_that_the_server_does_not_have_run_here(api: FakeApi, tmp_path: Path) -> None:
    settings = LocalSettings(tmp_path / "data", tmp_path / "cache", tmp_path / "out")
    api.catalog = open_registry()
    with serving(api) as address:
        nodes = settings_with_nodes(tmp_path / "mine").nodes_dirs
        own = open_registry(nodes)
        made = ServerServices(settings, read_address(address), TOKEN, own).workers()
        assert [made.accepts(own[name]) for name in ("tally", "blur")] == [False, True]
        made.close()
