"""Who is at the other end of a socket, on each system; processes that an engine's user may stop; sends that block."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator

import pytest

from invocations.running.engine import link as module
from invocations.running.engine.link import EngineLink, NoEngine, connect
from invocations.running.engine.messages import greeting
from invocations.running.engine.peer import Peer, is_own, peer_of
from invocations.running.engine.process import OtherProcess
from tests.invocations.running.engine.engine_bench import LONG_S, EngineBench


class FakeOptions:
    """A socket with options of another system."""

    def __init__(self, options: dict[tuple[int, int], bytes]) -> None:
        self.options = options

    def getsockopt(self, level: int, option: int, size: int, /) -> bytes:
        data = self.options.get((level, option))
        if data is None:
            raise OSError(57, "Socket is not connected")
        assert len(data) == size
        return data


MAC = {
    (0, 1): struct.pack("=IihxxI15I", 0, 501, 16, 20, *range(15)),  # struct xucred
    (0, 2): struct.pack("=i", 4711),
}


def test_the_user_and_the_process_are_read_on_macos() -> None:
    assert peer_of(FakeOptions(MAC), "darwin") == Peer(user=501, process=4711)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
def test_the_user_and_the_process_are_read_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = socket.socketpair()
    with one, other:
        own = os.getuid()
        assert peer_of(one) == Peer(own, os.getpid())
        assert is_own(one)
        with monkeypatch.context() as patch:
            patch.setattr(os, "getuid", lambda: own + 1)
            assert not is_own(one)


def test_on_other_systems_the_permissions_of_the_folder_decide() -> None:
    assert peer_of(FakeOptions({}), "sunos5") is None


def test_a_process_that_has_already_disconnected_is_not_trusted() -> None:
    assert not is_own(FakeOptions({}))


def test_a_client_does_not_greet_an_engine_of_another_user(bench: EngineBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_own", lambda link: False)
    with pytest.raises(NoEngine, match=r"engine-0\.sock belongs to another user") as caught:
        connect(bench.place, {})
    assert not caught.value.is_absent


def test_an_engine_that_does_not_read_counts_as_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEND_S", 0.01)
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(json.dumps(greeting({})).encode() + b"\n")
        link = EngineLink(ours, {})
        link.send({"task": "x" * 1_000_000})
        assert link.receive() is None
        link.close()


def test_a_system_without_unix_sockets_uses_no_engine(bench: EngineBench, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.delattr(socket, "AF_UNIX")
        with pytest.raises(NoEngine, match="this system cannot use it") as caught:
            connect(bench.place, {})
    assert not caught.value.is_absent


WITHOUT = """
import sys
for name in ("fcntl", "termios", "pwd", "grp", "resource"):
    sys.modules[name] = None
import invocations.running.engine.client, invocations.running.engine.control, workflows.engine
"""


def test_no_module_that_exists_only_on_posix_is_imported_with_the_client() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT], check=True, timeout=LONG_S)


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process that ends when its standard input is closed."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def reap(process: subprocess.Popen[bytes]) -> None:
    """Close the standard input of a process, and wait for its end."""
    assert process.stdin is not None
    process.stdin.close()
    process.wait()


@pytest.mark.parametrize("has_descriptors", [True, False])
def test_the_end_of_a_process_is_waited_for(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, has_descriptors: bool
) -> None:
    if not has_descriptors:
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    process = OtherProcess(child.pid, sleep, lambda: now[0])
    assert not process.ends_within(0.1)
    reap(child)
    assert process.ends_within(LONG_S)
    process.kill()  # does nothing
    process.close()


@pytest.mark.parametrize("has_descriptors", [True, False])
def test_a_process_is_killed(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, has_descriptors: bool
) -> None:
    if not has_descriptors:
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    process = OtherProcess(child.pid)
    process.kill()
    assert child.wait(LONG_S) == -signal.SIGKILL
    assert process.ends_within(LONG_S)
    process.close()


@pytest.mark.parametrize("of", ["a group", "the first process", "all processes", "this process"])
def test_groups_of_processes_the_first_process_and_this_one_are_never_killed(of: str) -> None:
    pid = {"a group": 0, "the first process": 1, "all processes": -1, "this process": os.getpid()}[of]
    with pytest.raises(ValueError, match="is not the number of another process"):
        OtherProcess(pid)
