"""Buses for tests: the one of a single process, and the one of several processes on a real Redis server."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from invokeai_web.events.base import EventBus
from invokeai_web.events.local import LocalBus
from tests.invokeai_web.redis_server import RedisServer, redis_server

NUMBERS = count()


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Yield a Redis server that no test kills; each test uses keys of its own."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def prefix() -> str:
    """Return the beginning of the keys of one test."""
    return f"test{next(NUMBERS)}"


@pytest.fixture(params=["local", "redis"])
def bus(request: pytest.FixtureRequest) -> Iterator[EventBus]:
    """Yield each kind of bus."""
    made: EventBus
    if request.param == "local":
        made = LocalBus()
    else:
        from invokeai_web.events.redis import RedisBus

        made = RedisBus(request.getfixturevalue("shared_redis").url, prefix=request.getfixturevalue("prefix"))
    yield made
    made.close()
