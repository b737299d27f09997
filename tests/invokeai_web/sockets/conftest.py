"""Sockets for each test, all of which share one server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.invokeai_web.live_sockets import Live, Switch
from tests.invokeai_web.served import served


@pytest.fixture(scope="session")
def switch() -> Iterator[tuple[Switch, int]]:
    """Yield an application that passes everything on, and the port where it is served."""
    made = Switch()
    with served(made) as port:
        yield made, port


@pytest.fixture
def live(switch: tuple[Switch, int]) -> Live:
    """Return sockets that clients can connect to."""
    made = Live()
    switch[0].app, made.port = made.sockets.app(None), switch[1]
    return made
