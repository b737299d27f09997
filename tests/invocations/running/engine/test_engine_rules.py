"""The rules of an engine without a socket: idle time, turns, crashes, and the lines of its messages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from invocations.running.engine import idle
from invocations.running.engine.crashes import Crashes
from invocations.running.engine.idle import Idleness
from invocations.running.engine.log import shorten
from invocations.running.engine.messages import (
    MAX_LINE_BYTES,
    LineReader,
    LineTooLong,
    Malformed,
    difference,
    encode,
    greeting,
)
from invocations.running.engine.turns import Turns


class Clock:
    """A clock that only the test moves, and how short memory is."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pressure = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def idleness(clock: Clock) -> Idleness:
    return Idleness(clock, lambda: clock.pressure)


def test_models_are_unloaded_after_five_idle_minutes_and_the_engine_ends_after_thirty(clock: Clock) -> None:
    idle = idleness(clock)
    idle.used()
    due = []
    for _ in range(31):
        due.append(idle.due())
        clock.now += 60
    assert due == ["", "", "", "", "", "unload", *[""] * 24, "end"]


def test_a_task_begins_the_idle_time_again(clock: Clock) -> None:
    idle = idleness(clock)
    idle.used()
    clock.now += 299
    idle.used()
    clock.now += 299
    assert (idle.due(), idle.seconds) == ("", 299)
    clock.now += 1
    assert idle.due() == "unload"


def test_if_memory_is_short_an_idle_engine_with_models_ends_at_once(clock: Clock) -> None:
    idle = idleness(clock)
    clock.pressure = 20.1
    assert idle.due() == ""  # without models, the engine is small
    idle.used()
    assert idle.due() == "end"
    clock.pressure = 20.0
    assert idle.due() == ""


def test_a_client_between_two_tasks_keeps_the_engine_but_not_unused_models(clock: Clock) -> None:
    idle = idleness(clock)
    idle.used()
    clock.pressure = 90.0
    assert idle.due(is_needed=True) == ""
    clock.now += 300
    assert idle.due(is_needed=True) == "unload"
    clock.now += 1500
    assert (idle.due(is_needed=True), idle.due()) == ("", "end")


@pytest.mark.parametrize(
    ("size", "kept"), [(2**20, 2**20), (2**20 + 100, 2**18 // 100 * 100), (5 * 2**20, 2**18 // 100 * 100)]
)
def test_a_log_that_becomes_too_long_keeps_whole_lines_at_its_end(tmp_path: Path, size: int, kept: int) -> None:
    log = tmp_path / "log"
    lines = b"".join(b"%099d\n" % number for number in range(size // 100 + 1))[-size:]
    log.write_bytes(lines)
    shorten(str(log))
    assert log.read_bytes() == lines[-kept:]


def test_an_engine_goes_on_writing_to_a_log_that_was_shortened(tmp_path: Path) -> None:
    with open(tmp_path / "log", "ab") as log:
        log.write(b"x" * (2**20 + 1))
        log.flush()
        shorten(log.name)
        log.write(b"\nthe latest line\n")
    assert (tmp_path / "log").read_bytes() == b"x" * 2**18 + b"\nthe latest line\n"


def test_a_log_that_is_not_there_is_not_shortened(tmp_path: Path) -> None:
    shorten(str(tmp_path / "log"))
    assert not (tmp_path / "log").exists()


def test_an_engine_waits_no_longer_than_ten_seconds_and_no_longer_than_until_something_is_due(clock: Clock) -> None:
    idle = idleness(clock)
    idle.used()
    assert idle.wait_s == 10
    clock.now += 296
    assert idle.wait_s == 4
    clock.now += 100
    assert idle.wait_s == 0


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("some avg10=23.45 avg60=1.00 avg300=0.00 total=5\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", 23.45),
        ("", 0.0),
        ("some avg10=x\n", 0.0),
    ],
)
def test_the_pressure_on_memory_is_read_from_linux(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, percent: float
) -> None:
    (tmp_path / "memory").write_text(text)
    monkeypatch.setattr(idle, "PRESSURE", str(tmp_path / "memory"))
    assert idle.memory_pressure() == percent


def test_without_such_a_file_memory_counts_as_sufficient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "PRESSURE", str(tmp_path / "none"))
    assert idle.memory_pressure() == 0.0


def turns(clock: Clock, *, small: bool = False) -> Turns[str]:
    return Turns(lambda message: small, clock)


def named(name: str) -> Mapping[str, Any]:
    return {"task": name}


def test_tasks_are_done_in_the_order_in_which_they_came(clock: Clock) -> None:
    found = turns(clock)
    assert all(found.add(client, named(client)) for client in "abc")
    assert found.places() == [("a", 1), ("b", 2), ("c", 3)]
    done = []
    while (task := found.next()) is not None:
        assert found.next() is None  # one at a time
        done.append(task[0])
        found.done()
    assert done == ["a", "b", "c"]


def test_at_most_eight_tasks_wait(clock: Clock) -> None:
    found = turns(clock)
    found.add("first", named("first"))
    found.next()
    assert [found.add(str(number), named("")) for number in range(9)] == [True] * 8 + [False]


def test_a_client_that_leaves_takes_its_tasks_along(clock: Clock) -> None:
    found: Turns[object] = Turns(lambda message: False, clock)
    one, other = object(), object()
    for client in (one, other, one):
        found.add(client, {})
    assert (len(found.drop(one)), found.places()) == (2, [(other, 1)])


def test_a_task_with_a_small_model_does_not_wait_longer_than_a_cold_start(clock: Clock) -> None:
    found = turns(clock, small=True)
    found.add("at work", named("at work"))
    found.next()
    found.add("waits", named("waits"))
    assert (found.impatient(), found.wait_s) == ([], 2)
    clock.now += 2
    assert (found.impatient(), found.count) == ([("waits", named("waits"))], 0)


def test_a_client_does_not_wait_for_its_own_task_that_is_about_to_end(clock: Clock) -> None:
    found = turns(clock, small=True)
    found.add("one", named("answered"))
    found.next()
    found.add("one", named("next"))
    clock.now += 100
    assert (found.impatient(), found.wait_s, found.places()) == ([], None, [])
    found.done()
    assert found.next() == ("one", named("next"))


def test_a_client_whose_task_is_about_to_end_waits_for_those_that_came_before(clock: Clock) -> None:
    found = turns(clock, small=True)
    for client in ("one", "other"):
        found.add(client, named("first"))
    found.next()
    found.add("one", named("next"))
    assert (found.places(), found.wait_s) == ([("other", 1), ("one", 1)], 2)
    clock.now += 2
    assert found.impatient() == [("other", named("first")), ("one", named("next"))]


def test_a_task_with_a_large_model_waits(clock: Clock) -> None:
    found = turns(clock)
    found.add("at work", named("at work"))
    found.next()
    found.add("waits", named("waits"))
    clock.now += 100
    assert (found.impatient(), found.wait_s, found.count) == ([], None, 1)


@pytest.mark.parametrize(
    ("times", "many"),
    [([], False), ([0, 1], False), ([0, 1, 600], True), ([0, 1, 601], False), ([0, 601, 700, 800], True)],
)
def test_three_crashes_within_ten_minutes_are_many(
    tmp_path: Path, clock: Clock, times: list[float], many: bool
) -> None:
    crashes = Crashes(str(tmp_path / "crashes"), clock)
    for seconds in times:
        clock.now = 5000 + seconds
        crashes.add()
    clock.now += 100_000
    assert crashes.are_many == many
    crashes.forget()
    assert not crashes.are_many


def test_crashes_that_cannot_be_written_or_read_are_not_counted(tmp_path: Path) -> None:
    Crashes(str(tmp_path / "none" / "crashes")).add()
    (tmp_path / "crashes").write_text("1\nx\n3\n4\n5\n")
    assert not Crashes(str(tmp_path / "crashes")).are_many


def test_messages_that_arrive_in_pieces_are_put_together() -> None:
    reader = LineReader()
    line = encode({"a": 1}) + encode({"b": "x\ny"})
    found = [message for at in range(len(line)) for message in reader.feed(line[at : at + 1])]
    assert found == [{"a": 1}, {"b": "x\ny"}]


@pytest.mark.parametrize("line", [b"[1]\n", b"nothing\n", b"\xff\n", b"\n"])
def test_a_line_that_is_not_an_object_is_refused(line: bytes) -> None:
    with pytest.raises(Malformed):
        LineReader().feed(line)


def nested(depth: int) -> bytes:
    """Return the line of an object that contains lists, one in another."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}\n"


@pytest.mark.parametrize("depth", [101, 500, 100_000])
def test_a_line_that_is_nested_more_than_a_hundred_times_is_refused(depth: int) -> None:
    with pytest.raises(Malformed):
        LineReader().feed(nested(depth))


def test_a_line_with_many_brackets_that_is_nested_a_hundred_times_is_read() -> None:
    line = b'{"text":"' + b"[" * 300 + b'","flat":[' + b",".join([b"[{}]"] * 200) + b"]}\n"
    assert len(LineReader().feed(nested(100) + line)) == 2


@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_that_is_too_long_is_refused(end: bytes) -> None:
    with pytest.raises(LineTooLong):
        LineReader().feed(b" " * (MAX_LINE_BYTES + 1) + end)
    with pytest.raises(LineTooLong):
        encode({"a": "x" * MAX_LINE_BYTES})


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (greeting({"torch": "2", "dtype": "float32"}), ""),
        ({**greeting({"torch": "2", "dtype": "float32"}), "new": "field"}, ""),
        (greeting({"torch": "3", "dtype": "float32"}), "its torch is 3 instead of 2"),
        (greeting({"torch": "2"}), "its dtype is None instead of float32"),
        ({"protocol": 2}, "it uses version 2 of the protocol, not 1"),
        ({}, "it uses version None of the protocol, not 1"),
    ],
)
def test_both_sides_must_agree_on_what_results_depend_on(other: dict[str, Any], why: str) -> None:
    assert difference({"torch": "2", "dtype": "float32"}, other) == why
