"""Tests connect to this machine only."""

from __future__ import annotations

import socket

import pytest

from tests.loopback import NetworkUsedError, is_local


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "", None, b"127.0.0.1", "::1%lo"])
def test_names_of_this_machine_are_local(host: object) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org", "localhost.example.org", "0.0.0.0"])
def test_other_machines_are_not_local(host: str) -> None:
    assert not is_local(host)


def test_connections_and_lookups_outside_this_machine_are_refused() -> None:
    with socket.socket() as stream, pytest.raises(NetworkUsedError, match=r"192\.0\.2\.1"):
        stream.connect(("192.0.2.1", 443))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, pytest.raises(NetworkUsedError):
        datagrams.sendto(b"x", ("192.0.2.1", 53))
    with pytest.raises(NetworkUsedError):
        socket.create_connection(("example.org", 443))


def test_a_connection_to_this_machine_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        served, _ = server.accept()
        with served:
            client.sendall(b"x")
            assert served.recv(1) == b"x"
