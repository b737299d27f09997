"""Clients of an engine: what is reported to them, what they do themselves, and how several of them share it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from invocations.cache.base import CachedResult
from invocations.events import NodeError, NodeProgress
from invocations.running.engine.absolute_paths import with_own_paths
from invocations.running.engine.messages import MAX_LINE_BYTES
from invocations.running.meter import Used
from invocations.running.workers.reports import (
    StepEmitted,
    StepFailed,
    StepFinished,
    StepReturned,
    StepStopped,
    WorkerExcluded,
    WorkerInfo,
    WorkerReady,
    report_from_json,
)
from invocations.running.workers.worker_events import NodeWaiting
from invocations.values import ModelRef, mapping_from_json
from tests.invocations.running.engine.engine_bench import (
    EngineBench,
    a_task,
    answer,
    begun,
    heard,
    received,
)


def test_a_task_is_done_and_its_events_come_before_its_result(bench: EngineBench) -> None:
    workers = bench.client(preview_every=3)
    begun(workers, task := a_task("tally", a=2, b=3, steps=4))
    events = []
    while isinstance(report := heard(workers), StepEmitted):
        events.append(report.event)
    assert isinstance(report, StepFinished)
    assert (report.number, report.attempt, report.step) == (task.number, 1, 0)
    assert report.result.outputs == {"value": 5}
    assert [event.step for event in events if isinstance(event, NodeProgress)] == [1, 2, 3, 4]
    assert bench.messages[0]["preview_every"] == 3
    workers.close()


def test_the_engine_gets_absolute_paths_of_models_because_its_working_folder_is_another(
    bench: EngineBench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    vae = ("vae", "2", "vaes/soft.safetensors")
    models = [ModelRef("1", "mini", "models/mini"), ModelRef("1", "mini", "/models/mini", (vae,)), ModelRef("1")]
    workers = bench.client()
    workers.start()
    workers.submit("engine", a_task("tally", a=models, b={"model": models[0]}))
    assert isinstance(answer(workers), StepFailed)
    inputs = mapping_from_json(bench.messages[0]["task"]["steps"][0]["inputs"])
    here = str(tmp_path)
    assert [each.path for each in inputs["a"]] == [f"{here}/models/mini", "/models/mini", ""]
    assert inputs["a"][1].parts == (("vae", "2", f"{here}/vaes/soft.safetensors"),)
    assert inputs["b"]["model"].path == f"{here}/models/mini"
    workers.close()


def test_the_error_of_a_step_names_models_as_its_client_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    model = ModelRef("1", "mini", "models/mini", (("vae", "2", "models/mini/vae"), ("unet", "3", "/unet")))
    task = a_task("tally", a=[model, ModelRef("4")])
    message = f"the model at {tmp_path}/models/mini/vae is broken, but /unet is not"
    error = NodeError("ServiceError", message, "model_broken", f"download {tmp_path}/models/mini again", {"a": "sent"})
    found = with_own_paths(StepFailed("engine", task.number, 1, 0, error, seconds=2.0), task)
    assert found.error.message == "the model at models/mini/vae is broken, but /unet is not"
    assert (found.error.hint, found.error.inputs) == ("download models/mini again", {"a": [model, ModelRef("4")]})
    assert (found.error.code, found.seconds) == ("model_broken", 2.0)


def test_a_step_that_fails_is_answered_with_its_error(bench: EngineBench) -> None:
    workers = bench.client()
    workers.start()
    workers.submit("engine", a_task("refuse", a=13))
    report = answer(workers)
    assert isinstance(report, StepFailed)
    assert report.error.message == "13 is not liked"
    workers.close()


def test_each_step_of_a_task_is_answered(bench: EngineBench) -> None:
    workers = bench.client()
    workers.start()
    workers.submit("engine", a_task("tally", count=3, a=1))
    answers = [answer(workers) for _ in range(3)]
    assert [report.step for report in answers if isinstance(report, StepFinished)] == [0, 1, 2]
    workers.close()


def test_a_cancelled_step_stops_and_the_engine_does_the_next_task(bench: EngineBench) -> None:
    workers = bench.client()
    begun(workers, task := a_task("linger", a=1))
    workers.cancel("engine", task.number)
    assert type(answer(workers)) is StepStopped
    begun(workers, a_task("tally", a=1))
    workers.close()


def test_a_client_that_disconnects_stops_its_task(bench: EngineBench) -> None:
    first, second = bench.client(), bench.client()
    begun(first, a_task("linger", a=1))
    second.start()
    second.submit("engine", a_task("tally", a=1))
    first.close()
    assert type(answer(second)) is StepFinished
    second.close()


def test_clients_take_turns_and_one_that_waits_says_so_after_a_second(bench: EngineBench) -> None:
    now = [0.0]
    first, second = bench.client(), bench.client(clock=lambda: now[0])
    begun(first, held := a_task("linger", a=1))
    second.start()
    second.submit("engine", a_task("tally", a=1))
    while not (second._current and second._current.before):  # the engine reports it its place
        second._wait(60)
    assert second.next_report(0.0) is None
    now[0] = 1.0
    report = second.next_report(0.0)
    assert isinstance(report, StepEmitted)
    assert isinstance(report.event, NodeWaiting)
    assert report.event.reason == "waiting for another invokeai command"
    first.cancel("engine", held.number)
    answer(first)
    assert type(answer(second)) is StepFinished
    first.close()
    second.close()


def test_a_client_that_waits_for_several_others_says_how_many(bench: EngineBench) -> None:
    now = [0.0]
    clients = [bench.client(), bench.client(), bench.client(clock=lambda: now[0])]
    begun(clients[0], a_task("linger", a=1))
    for client in clients[1:]:
        client.start()
        client.submit("engine", a_task("tally", a=1))
        client._wait(60)
    now[0] = 1.0
    report = clients[2].next_report(0.0)
    assert isinstance(report, StepEmitted)
    assert isinstance(report.event, NodeWaiting)
    assert report.event.reason == "waiting for 2 other invokeai commands"
    for client in clients:
        client.close()


def test_a_task_that_has_to_wait_can_be_cancelled(bench: EngineBench) -> None:
    first, second = bench.client(), bench.client()
    begun(first, a_task("linger", a=1))
    second.start()
    second.submit("engine", task := a_task("tally", a=1))
    second.cancel("engine", task.number)
    assert type(answer(second)) is StepStopped
    first.close()
    second.close()


def test_a_tenth_client_does_its_task_itself(bench: EngineBench) -> None:
    clients = [bench.client() for _ in range(10)]
    begun(clients[0], a_task("linger", a=1))
    for client in clients[1:]:
        client.start()
        client.submit("engine", task := a_task("tally", count=2, a=1))
        client._wait(60)  # the engine answers with a place, or gives the task back
    number = task.number
    assert [clients[-1].next_report(0.0) for _ in range(4)] == [
        WorkerExcluded("engine", "it has other tasks", is_expected=True),
        StepReturned("engine", number, 1, 0),
        StepReturned("engine", number, 1, 1),
        None,
    ]
    for client in clients:
        client.close()


def test_a_task_with_a_small_model_is_given_back_after_the_time_of_a_cold_start(bench: EngineBench) -> None:
    bench.small = True
    first, second = bench.client(), bench.client()
    begun(first, a_task("linger", a=1))
    second.start()
    second.submit("engine", a_task("tally", a=1))
    second._wait(60)
    bench.move(2)
    assert [type(heard(second)) for _ in range(2)] == [WorkerExcluded, StepReturned]
    first.close()
    second.close()


def test_a_task_that_is_too_large_for_a_line_is_done_by_the_client(bench: EngineBench) -> None:
    workers = bench.client()
    workers.start()
    workers.submit("engine", a_task("tally", a="x" * MAX_LINE_BYTES))
    assert heard(workers) == WorkerExcluded("engine", "the task is too large for it", is_expected=True)
    assert type(heard(workers)) is StepReturned
    workers.close()


def test_a_step_whose_answer_is_too_large_for_a_line_is_given_back(bench: EngineBench) -> None:
    workers = bench.client()
    workers.start()
    workers.submit("engine", a_task("long", a=MAX_LINE_BYTES))
    assert [type(answer(workers)) for _ in range(2)] == [WorkerExcluded, StepReturned]
    workers.close()


def test_an_engine_that_stops_gives_its_task_back(bench: EngineBench) -> None:
    workers = bench.client()
    begun(workers, a_task("linger", a=1))
    bench.server.stop()
    assert [type(answer(workers)) for _ in range(2)] == [WorkerExcluded, StepReturned]
    workers.close()


def test_a_cancelled_step_that_goes_on_is_given_up_after_a_second(bench: EngineBench) -> None:
    now = [0.0]
    workers = bench.client(clock=lambda: now[0])
    go = Path(bench.place.folder) / "go"
    begun(workers, task := a_task("deaf", path=str(go)))
    assert isinstance(heard(workers), StepEmitted)  # the step runs, and reports nothing more
    workers.cancel("engine", task.number)
    assert workers.next_report(0.0) is None
    now[0] = 1.0
    assert workers.next_report(0.0) == StepStopped("engine", task.number, 1, 0)
    go.touch()
    workers.close()


def test_a_message_that_this_version_does_not_know_is_ignored(bench: EngineBench) -> None:
    workers = bench.client()
    begun(workers, a_task("linger", a=1))
    workers._handle({"report": "sung", "verse": 3})
    workers._handle({"weather": "fine"})
    assert isinstance(workers.next_report(60), StepEmitted)
    workers.close()


def test_an_unknown_field_of_a_task_or_a_greeting_is_ignored(bench: EngineBench) -> None:
    link = bench.raw()
    task = a_task("tally", a=1, b=1).to_json()
    step = {**task["steps"][0], "weather": "fine"}
    message = {"task": {**task, "steps": [step], "mood": "good"}, "color": "red"}
    link.sendall(json.dumps(message).encode() + b"\n")
    found = received(link)
    while "result" not in found:
        found = received(link)
    assert found["result"]["outputs"] == {"value": 2}
    link.close()


def test_unknown_fields_of_a_report_and_of_what_it_contains_are_ignored() -> None:
    report = StepFinished("engine", 1, 1, 0, CachedResult({"value": 2}, {}), Used(load_seconds=1.5), seconds=2.0)
    data = report.to_json()
    assert report_from_json({**data, "used": {**data["used"], "watts": 30}, "weather": "fine"}) == report
    joined = WorkerReady("engine", WorkerInfo("engine", "cpu", 1))
    assert report_from_json({**joined.to_json(), "info": {**joined.to_json()["info"], "color": "red"}}) == joined
