"""The address of a server is read as users write it."""

from __future__ import annotations

import pytest

from workflows.problems import UsageError
from workflows.remote.address import read_address


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port", "is_protected"),
    [
        ("gpu", "http", "gpu", 9090, False),
        ("gpu:8000", "http", "gpu", 8000, False),
        ("localhost", "http", "localhost", 9090, True),
        ("127.0.0.1:1", "http", "127.0.0.1", 1, True),
        ("[::1]:9000", "http", "::1", 9000, True),
        ("http://gpu", "http", "gpu", 9090, False),
        ("https://gpu.example/", "https", "gpu.example", 443, True),
        ("https://gpu.example:9443", "https", "gpu.example", 9443, True),
    ],
)
def test_an_address_may_leave_out_scheme_and_port(
    text: str, scheme: str, host: str, port: int, is_protected: bool
) -> None:
    found = read_address(text)
    assert (found.scheme, found.host, found.port, found.is_protected) == (scheme, host, port, is_protected)
    assert found.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://gpu",
        "gpu:many",
        "gpu:99999",
        "http://me:secret@gpu",
        "http://gpu/a/path",
        "http://gpu?token=1",
        "[::1",
    ],
    ids=lambda text: text or "empty",
)
def test_another_text_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_address(text)
    assert str(caught.value) == f"`{text}` is not the address of a server"
    assert caught.value.hint == "for example `gpu`, `gpu:9090` or `https://gpu.example`"
