"""An engine as seen on its socket: greetings, questions, idle time, and clients that send nonsense."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress

import pytest

from invocations.running.engine import connections
from invocations.running.engine.connections import is_own
from invocations.running.engine.link import connect
from invocations.running.engine.messages import MAX_LINE_BYTES
from tests.invocations.running.engine.engine_bench import LONG_S, EngineBench, a_task, answer, begun, received


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


@pytest.mark.parametrize(
    "nonsense",
    [b"hello\n", b"[]\n", b'{"task": {}}\n', b'{"task": 3}\n', b'{"cancel": 1', b" " * (MAX_LINE_BYTES + 1)],
    ids=["no JSON", "a list", "an empty task", "a number", "half a line", "a long line"],
)
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
    assert bench.ask("status") == {
        "models": ["default"], "clients": 0, "waiting": 0, "busy": False, "idle_seconds": 5.0
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


def test_a_question_to_stop_ends_the_engine(bench: EngineBench) -> None:
    link = connect(bench.place, {})
    assert link.ask("stop") == {"stopping": True}
    assert link.wait_for_end(LONG_S)
    link.close()
    bench.thread.join(LONG_S)
    assert not os.path.exists(bench.place.socket)


def test_idle_models_are_unloaded_and_then_the_engine_ends(bench: EngineBench) -> None:
    workers = bench.client()
    begun(workers, a_task("tally", a=1))
    answer(workers)
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


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="needs Linux")
def test_the_user_of_a_process_is_asked_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = socket.socketpair()
    with one, other:
        assert is_own(one)
        own = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: own + 1)
        assert not is_own(one)


def test_a_client_that_does_not_read_does_not_keep_the_others_waiting(bench: EngineBench) -> None:
    deaf = bench.raw()
    deaf.sendall(json.dumps({"task": a_task("tally", a=1, steps=3000).to_json()}).encode() + b"\n")
    workers = bench.client()
    begun(workers, a_task("tally", a=1))
    deaf.close()
    workers.close()
