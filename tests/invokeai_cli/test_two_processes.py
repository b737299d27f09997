"""One session in two processes: nothing is lost or mixed up, and each process sees the other's lines."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.invokeai_cli.conftest import TypeLine

ROUNDS, BURST = 5, 25


class Process:
    """A process of the program that reads lines from a pipe."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "invokeai_cli", "-", "--keep-going"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1,
            cwd=home, env={"INVOKEAI_HOME": str(home), "OMP_NUM_THREADS": "1", "PATH": ""},
        )  # fmt: skip

        self.lines: SimpleQueue[str] = SimpleQueue()
        self.listener = threading.Thread(target=self.listen)
        self.listener.start()

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")

    def hear(self) -> str:
        return self.lines.get(timeout=240)

    def end(self) -> tuple[int, str]:
        assert self.process.stdin is not None
        assert self.process.stderr is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        err = self.process.stderr.read()
        self.process.wait(timeout=240)
        self.listener.join(timeout=240)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return self.process.returncode, err


@pytest.fixture
def begin(isolated_home: Path) -> Iterator[Callable[[], Process]]:
    """Return a function that starts a process with the test's home folder."""
    processes: list[Process] = []

    def start() -> Process:
        processes.append(Process(isolated_home))
        return processes[-1]

    yield start
    for each in processes:
        if each.process.returncode is None:
            each.process.kill()
            each.end()


def test_two_processes_extend_and_run_one_session(type_: TypeLine, begin: Callable[[], Process]) -> None:
    type_("-", stdin="add 1 1 as start\n")
    session = type_("sessions", "--json").document["sessions"][0]["id"]
    one, other = begin(), begin()
    for each in (one, other):
        each.say(f"session resume {session}")
        each.say("add @start 0")
    assert (one.hear(), other.hear()) == ("2", "2")
    for number in range(ROUNDS):  # both processes receive a line before either replies
        one.say(f"add {number} 1000 as a{number}")
        other.say(f"range 0 {number + 2} | iterate | add 2000 | collect as b{number}")
        assert one.hear() == str(1000 + number)
        assert [other.hear() for _ in range(number + 2)] == [str(2000 + item) for item in range(number + 2)]
        one.say(f"length @b{number}")
        other.say(f"mul @a{number} 2")
        assert (one.hear(), other.hear()) == (str(number + 2), str(2 * (1000 + number)))
    for number in range(BURST):  # lines are sent without waiting for replies
        one.say(f"add {number} 5000 | add 1 | add 2")
        other.say(f"add {number} 7000 | mul @start")
    assert [one.hear() for _ in range(BURST)] == [str(5003 + number) for number in range(BURST)]
    assert [other.hear() for _ in range(BURST)] == [str(2 * (7000 + number)) for number in range(BURST)]
    for each in (one, other):
        status, err = each.end()
        assert (status, [line for line in err.splitlines() if "error" in line]) == (0, [])
    shown = type_("session", "show", session, "--json").document
    count = 3 + 4 * ROUNDS + 2 * BURST
    assert len(shown["lines"]) == count
    assert {line["outcome"] for line in shown["lines"]} == {"done"}
    assert [line["number"] for line in shown["lines"]] == list(range(1, count + 1))
    assert shown["errors"] == []
    by_line = {line["line"]: line for line in shown["lines"]}
    assert len(by_line) == len(shown["lines"]) - 1  # both processes ran `add @start 0`
    nodes = shown["graph"]["nodes"]
    assert len(nodes) == 3 + ROUNDS * (1 + 4 + 1 + 1) + BURST * (3 + 2)
    assert set(nodes) == {each["node"] for each in shown["results"]}
    assert type_("history", "--save", "both.inv").status == 0
    # `start`, the first line of each process and `length @b0` return 2
    assert type_("run", "both.inv").out.splitlines().count("2") == 4


def test_a_session_in_use_is_neither_removed_nor_resumed(type_: TypeLine, begin: Callable[[], Process]) -> None:
    process = begin()
    process.say("add 1 1")
    assert process.hear() == "2"
    session = type_("sessions", "--json").document["sessions"][0]["id"]
    busy = f"error: another process is using session `{session}`\n"
    for words in (("rm", session, "--yes"), ("resume", session)):
        result = type_("session", *words)
        assert (result.status, result.out) == (1, "")
        assert result.err.startswith(busy)
    at_prompt = type_("-", stdin=f"session resume {session}\nadd @1 5\n")
    assert at_prompt.out == "7\n"
    assert "another process has the session open too" in at_prompt.err
    process.say("add @2 1")
    assert process.hear() == "8"
    process.process.kill()
    process.end()
    assert type_("session", "resume", session).status == 0
    assert type_("session", "rm", session, "--yes").status == 0


def test_a_removed_session_is_reported_and_the_process_continues(type_: TypeLine, begin: Callable[[], Process]) -> None:
    type_("add", "1", "1")
    session = type_("sessions", "--json").document["sessions"][0]["id"]
    process = begin()
    process.say(f"session resume {session}")  # a session without new lines is not in use and can be removed
    process.say("set steps 3")
    process.say("sessions --limit 1")
    assert process.hear().startswith("session")
    assert process.hear().startswith(session)
    assert type_("session", "rm", session, "--yes").status == 0
    process.say("add @1 1")
    status, err = process.end()
    assert status == 3
    assert f"there is no session `{session}`" in err


def test_a_script_that_another_process_is_running_is_not_resumed(
    type_: TypeLine, begin: Callable[[], Process], isolated_home: Path, tmp_path: Path
) -> None:
    script = tmp_path / "x.inv"
    script.write_text("add 1 2\nadd @1 4\n")
    process = begin()
    process.say(f"run {script}")
    assert (process.hear(), process.hear()) == ("3", "7")
    result = type_("run", str(script), "--resume")
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith("error: another process is using session `")
    process.end()
    again = type_("run", str(script), "--resume")
    assert (again.status, again.out) == (0, "3\n7\n")
