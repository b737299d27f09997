"""The port that a server binds, and the note by which a second start finds it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from invokeai_web.listening import is_loopback, listen
from invokeai_web.options import ServeOptions
from invokeai_web.running_server import RunningServer, announced, find_running
from invokeai_web.serve import greeting, url_of
from workflows.problems import UsageError


@pytest.fixture
def taken() -> Iterator[int]:
    """Yield a port of loopback that is in use."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_if_the_port_is_in_use_the_next_free_one_is_bound_and_told(taken: int) -> None:
    options = ServeOptions(port=taken)
    found = listen(options)
    try:
        assert taken < found.port <= taken + 20
        lines = list(greeting(options, found, url_of(options, found), "t", "f", None))
        assert lines[0] == f"port {taken} is in use: using {found.port}"
        assert f"open   http://127.0.0.1:{found.port}/#token=t" in lines
    finally:
        found.close()


def test_a_port_that_was_asked_for_is_refused_if_it_is_in_use(taken: int) -> None:
    with pytest.raises(UsageError) as found:
        listen(ServeOptions(port=taken, exact_port=True))
    assert (found.value.message, found.value.hint) == (
        f"port {taken} of 127.0.0.1 is in use",
        "stop the program that uses it, or choose another one with `--port`",
    )


def test_a_port_that_is_in_use_on_ipv6_loopback_only_is_not_bound_either() -> None:
    try:
        other = socket.socket(socket.AF_INET6)
        other.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with other:
        other.listen()
        with pytest.raises(UsageError, match="in use"):
            listen(ServeOptions(port=other.getsockname()[1], exact_port=True))


def test_on_loopback_the_server_listens_on_ipv4_and_ipv6_if_there_is_any() -> None:
    found = listen(ServeOptions(port=0))
    try:
        assert found.sockets[0].getsockname() == ("127.0.0.1", found.port)
        assert all(each.getsockname()[:2] == ("::1", found.port) for each in found.sockets[1:])
    finally:
        found.close()


LOOPBACK = {"127.0.0.1": True, "127.3.2.1": True, "::1": True, "localhost": True, "0.0.0.0": False, "::": False,
            "192.168.0.1": False, "example.org": False}  # fmt: skip


@pytest.mark.parametrize(("address", "expected"), LOOPBACK.items(), ids=LOOPBACK.keys())
def test_only_this_machine_reaches_loopback(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


def test_the_url_is_the_one_by_which_this_machine_reaches_the_server() -> None:
    found = listen(ServeOptions(port=0))
    found.close()
    urls = [url_of(ServeOptions(listen=address), found) for address in ("127.0.0.1", "0.0.0.0", "::", "::1")]
    hosts = ("127.0.0.1", "127.0.0.1", "[::1]", "[::1]")
    assert urls == [f"http://{host}:{found.port}" for host in hosts]
    assert url_of(ServeOptions(tls_cert="c"), found) == f"https://127.0.0.1:{found.port}"


def test_a_running_server_is_found_by_its_note_until_it_ends(tmp_path: Path) -> None:
    folder = str(tmp_path / "state")
    assert find_running(folder) is None
    with announced(folder, "http://a") as other:
        assert other is None
        assert find_running(folder) == RunningServer("http://a", os.getpid())
        with announced(folder, "http://b") as second:
            assert second == RunningServer("http://a", os.getpid())
        assert find_running(folder) == RunningServer("http://a", os.getpid())
    assert find_running(folder) is None


def test_a_note_that_is_no_json_or_cannot_be_written_does_not_prevent_a_start(tmp_path: Path) -> None:
    (tmp_path / "server.json").write_text("{")
    with announced(str(tmp_path), "http://a") as other:
        assert other is None
    (tmp_path / "file").touch()
    with announced(str(tmp_path / "file"), "http://a") as other:
        assert other is None
