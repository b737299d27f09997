"""Open the bus that an option names; Redis is imported only if it is used."""

from __future__ import annotations

from typing import Final

from workflows.problems import UsageError

from .base import EventBus
from .local import LocalBus

LOCAL: Final = "local"
EXAMPLE: Final = "such as redis://localhost:6379/0"
SCHEMES: Final = ("redis://", "rediss://", "unix://")


def open_bus(option: str) -> EventBus:
    """Return the bus of this process, or one on a Redis server. Raises: UsageError.

    option: `local`, or the URL of a Redis server
    """
    if option == LOCAL:
        return LocalBus()
    if not option.startswith(SCHEMES):
        raise UsageError(
            f"`--events {option}` is neither `local` nor the URL of a Redis server", "such as redis://localhost"
        )
    try:
        from .redis import RedisBus
    except ImportError as error:
        hint = "install it: pip install 'invokeai-cli[redis]'"
        raise UsageError("`--events redis://` needs the package redis", hint) from error
    try:
        return RedisBus(option)
    except ValueError as error:
        raise UsageError(
            f"`--events {option}` is not a valid URL: {error}", "such as redis://localhost:6379/0"
        ) from error
