"""An engine as seen on its socket: greetings, questions, idle time, and clients that send nonsense."""

from __future__ import annotations

import json
import os
import socket
import traceback
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from invocations.running.engine import connections
from invocations.running.engine.messages import MAX_LINE_BYTES, greeting
from invocations.running.workers.reports import StepFailed, StepFinished
from tests.invocations.running.engine.engine_bench import FACTS, LONG_S, EngineBench, a_task, answer, begun, received


def test_an_engine_answers_with_its_own_facts_and_process(bench: EngineBench) -> None:
    link = bench.raw(None)
    link.sendall(b'{"protocol": 1, "facts": {}}\n')
    assert received(link) == {
        "protocol": 1, "facts": {"torch": "2", "device": "cpu"}, "info": {"pid": os.getpid(), "device": "cpu"}
    }  # fmt: skip
    link.close()


@pytest.mark.parametrize(
    "facts", [{"torch": "3", "device": "cpu"}, {}, None], ids=["another version", "none", "silent"]
)
def test_an_engine_takes_no_task_from_a_client_that_differs(bench: EngineBench, facts: dict[str, str] | None) -> None:
    link = bench.raw(facts)
    link.sendall(json.dumps({"task": a_task("tally", a=1).to_json()}).encode() + b"\n")
    assert received(link) == {}
    assert bench.messages == []
    link.close()


def line(**changed: Any) -> bytes:
    """Return the line of a task with other fields, some of which are outside the task."""
    own = {name: value for name, value in changed.items() if name in ("number", "steps")}
    task = {**a_task("tally", a=1).to_json(), **own}
    return json.dumps({"task": task, **changed}).encode() + b"\n"


@pytest.mark.parametrize(
    "nonsense",
    [
        b"hello\n", b"[]\n", b'{"task": {}}\n', b'{"task": 3}\n', b'{"cancel": 1', b" " * (MAX_LINE_BYTES + 1),
        b"[" * 100_000 + b"\n", b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"\n", b'{"cancel": []}\n',
        line(preview_every="often"), line(preview_every=None), line(preview_every=float("inf")), line(number={}),
        line(steps=[{**a_task("tally").to_json()["steps"][0], "type": ["tally"]}]),
    ],
    ids=[
        "no JSON", "a list", "an empty task", "a number", "half a line", "a long line", "deep brackets",
        "deep objects", "no number of a task", "a word", "null", "infinity", "a task without a number",
        "a step without a type",
    ],
)  # fmt: skip
def test_a_client_that_sends_nonsense_is_disconnected_and_the_others_are_not(
    bench: EngineBench, nonsense: bytes
) -> None:
    good, bad = bench.client(), bench.raw()
    begun(good, a_task("linger", a=1))
    with bad, suppress(OSError):  # the engine may disconnect before it has read everything
        bad.sendall(nonsense)
        bad.shutdown(socket.SHUT_WR)
        assert received(bad) == {}
    assert bench.ask("status")["busy"]
    good.close()


def test_status_counts_clients_and_tasks(bench: EngineBench) -> None:
    bench.now = 5.0
    found = bench.ask("status")
    assert found.pop("memory_bytes") > 1_000_000
    assert found == {
        "pid": os.getpid(), "models": ["default"], "clients": 0, "waiting": 0, "busy": False, "idle_seconds": 5.0
    }  # fmt: skip
    first, second = bench.client(), bench.client()
    begun(first, a_task("linger", a=1))
    second.start()
    second.submit("engine", a_task("tally", a=1))
    second._wait(LONG_S)
    found = bench.ask("status")
    assert [found[name] for name in ("clients", "waiting", "busy", "idle_seconds")] == [2, 1, True, 0.0]
    first.close()
    second.close()


def test_status_does_not_ask_for_models_while_a_task_may_be_loading_one(bench: EngineBench) -> None:
    assert bench.status_threads == ["MainThread"]
    workers = bench.client()
    begun(workers, a_task("linger", a=1))
    assert bench.ask("status")["models"] == ["default"]
    assert bench.status_threads == ["MainThread"]
    workers.close()
    while bench.ask("status")["busy"]:
        pass
    assert bench.status_threads == ["MainThread", "tasks"]


def test_a_question_that_an_engine_does_not_know_is_answered(bench: EngineBench) -> None:
    assert bench.ask("weather") == {"unknown": "weather"}


def test_a_further_client_than_a_hundred_is_disconnected(bench: EngineBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_CLIENTS", 2)
    first, second = bench.raw(), bench.raw()
    with bench.raw(None) as third:
        assert received(third) == {}
    first.close()
    second.close()


def test_a_second_greeting_changes_nothing(bench: EngineBench) -> None:
    link = bench.raw()
    link.sendall(json.dumps({"task": a_task("linger", a=1).to_json()}).encode() + b"\n")
    while received(link).get("report") != "started":
        pass
    link.sendall(json.dumps(greeting(FACTS)).encode() + b"\n")
    link.close()
    workers = bench.client()
    workers.start()
    workers.submit("engine", a_task("tally", a=1))
    assert isinstance(answer(workers), StepFinished)
    workers.close()


def test_an_output_that_is_not_json_data_is_an_error_of_its_step(bench: EngineBench) -> None:
    workers = bench.client()
    workers.start()
    workers.submit("engine", a_task("odd", a=1))
    assert isinstance(answer(workers), StepFailed)
    while bench.ask("status")["busy"]:  # until the engine has noticed that the step has ended
        pass
    workers.close()


def test_a_fault_that_a_message_shows_is_logged_and_disconnects_only_its_client(
    bench: EngineBench, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch, bench.raw() as bad:
        patch.setattr(bench.server, "_answer", lambda client, question: 1 / 0)
        bad.sendall(b'{"ask": "status"}\n')
        assert received(bad) == {}
    assert "ZeroDivisionError" in capfd.readouterr().err
    assert bench.ask("status")["clients"] == 0


def test_a_fault_in_the_thread_for_tasks_ends_the_process_even_if_the_log_cannot_be_written(
    bench: EngineBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: SimpleQueue[int] = SimpleQueue()

    def no_room() -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "_exit", ended.put)
        patch.setattr(traceback, "print_exc", no_room)
        bench.server._work.put(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
        assert ended.get(timeout=LONG_S) == 70


def test_a_question_to_stop_ends_the_engine(bench: EngineBench) -> None:
    link = bench.raw({})
    link.sendall(b'{"ask": "stop"}\n')
    assert received(link) == {"stopping": True}
    assert received(link) == {}
    link.close()
    bench.thread.join(LONG_S)
    assert not os.path.exists(bench.place.socket)


def test_idle_models_are_unloaded_and_then_the_engine_ends(bench: EngineBench) -> None:
    workers = bench.client()
    begun(workers, a_task("tally", a=1))
    answer(workers)
    workers.end_run()
    while bench.ask("status")["busy"]:
        pass
    bench.move(299)
    assert bench.ask("status")["idle_seconds"] == 299
    assert not bench.unloaded.is_set()
    bench.move(1)
    assert bench.unloaded.wait(LONG_S)
    bench.move(1500)
    bench.thread.join(LONG_S)
    assert not bench.thread.is_alive()
    workers.close()


def test_a_busy_engine_is_not_idle_however_long_its_task_takes(bench: EngineBench) -> None:
    workers = bench.client()
    begun(workers, task := a_task("linger", a=1))
    bench.pressure = 90.0
    bench.move(100_000)
    assert bench.ask("status")["busy"]
    bench.pressure = 0.0
    workers.cancel("engine", task.number)
    answer(workers)
    workers.close()


@pytest.mark.parametrize("closes", [True, False], ids=["the client disconnects", "the run ends"])
def test_between_two_tasks_of_a_run_an_engine_does_not_end_however_short_memory_is(
    bench: EngineBench, closes: bool
) -> None:
    workers = bench.client()
    begun(workers, a_task("tally", a=1))
    answer(workers)
    while bench.ask("status")["busy"]:
        pass
    bench.pressure = 90.0
    bench.move(100_000)
    begun(workers, a_task("tally", a=1))
    assert isinstance(answer(workers), StepFinished)
    workers.close() if closes else workers.end_run()
    bench.thread.join(LONG_S)
    assert not bench.thread.is_alive()
    workers.close()


def test_an_engine_that_ends_says_so_to_its_clients(bench: EngineBench) -> None:
    link = bench.raw()
    bench.server.stop()
    assert [received(link), received(link)] == [{"ending": True}, {}]
    link.close()


def test_the_log_is_tended_while_a_task_is_at_work(bench: EngineBench) -> None:
    workers = bench.client()
    begun(workers, task := a_task("deaf", path=str(Path(bench.place.folder) / "go")))
    bench.tended.clear()
    bench.move(0)
    assert bench.tended.wait(LONG_S)
    Path(bench.place.folder, "go").touch()
    workers.cancel("engine", task.number)
    answer(workers)
    workers.close()


def test_an_engine_ends_if_its_socket_is_removed(bench: EngineBench) -> None:
    os.unlink(bench.place.socket)
    bench.move(0)
    bench.thread.join(LONG_S)
    assert not bench.thread.is_alive()


def test_an_engine_leaves_the_socket_of_its_successor(bench: EngineBench) -> None:
    os.rename(bench.place.socket, bench.place.socket + ".old")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.bind(bench.place.socket)
        bench.move(0)
        bench.thread.join(LONG_S)
        assert os.path.exists(bench.place.socket)
        os.unlink(bench.place.socket)


def test_a_process_of_another_user_is_disconnected(bench: EngineBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "is_own", lambda link: False)
    link = bench.raw(None)
    assert received(link) == {}
    link.close()


def test_a_client_that_does_not_read_does_not_keep_the_others_waiting(bench: EngineBench) -> None:
    deaf = bench.raw()
    deaf.sendall(json.dumps({"task": a_task("tally", a=1, steps=3000).to_json()}).encode() + b"\n")
    workers = bench.client()
    begun(workers, a_task("tally", a=1))
    deaf.close()
    workers.close()
