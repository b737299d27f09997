"""The web server and the MCP server as programs: how each is started, and the libraries that it needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Final

from invocations.frozen import frozen

from .problems import UsageError
from .settings.table import BY_NAME


@frozen
class Served:
    """What can be served: the extra with the libraries that it needs, by the names under which they are imported."""

    extra: str
    libraries: tuple[str, ...]
    words: tuple[str, ...] = ()  # its name on the command line of `invokeai_web`, if it is not the web server


SERVED: Final = {
    "serve": Served("web", ("fastapi", "uvicorn", "socketio", "python_multipart", "httptools", "wsproto")),
    "mcp": Served("mcp", ("mcp",), ("mcp",)),
}
MODULE: Final = "invokeai_web"


def program(
    python: str,
    name: str,
    options: Mapping[str, Sequence[str]],
    is_there: Callable[[str], bool] = lambda library: find_spec(library) is not None,
) -> tuple[str, ...]:
    """Return the words of the command that serves: `serve` or `mcp`.

    python: the interpreter. options: the values of each option, "" for a switch. is_there: returns whether a library is
    installed. Raises: UsageError, if one is missing.
    """
    served = SERVED[name]
    if not all(map(is_there, served.libraries)):
        raise UsageError(f"`{name}` needs more libraries: pip install 'invokeai-cli[{served.extra}]'")
    words = [
        f"--{option}={value}" if value else f"--{option}" for option, values in options.items() for value in values
    ]
    return (python, "-P", "-m", MODULE, *served.words, *words)  # -P: a file in the current folder is not imported


def variables_with(variables: Mapping[str, str], flags: Mapping[str, tuple[str, Any]]) -> dict[str, str]:
    """Return environment variables that also contain the settings of global options.

    flags: maps each setting to the option that sets it and its value
    """
    given = {BY_NAME[name].variable: _text(value) for name, (_, value) in flags.items()}
    return {**variables, **given}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return os.pathsep.join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
