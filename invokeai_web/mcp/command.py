"""`python -m invokeai_web mcp`: serve the Model Context Protocol over standard input and output."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from workflows.workspace import Workspace

MISSING: Final = "error: `mcp` needs a package that is not installed: pip install 'invokeai-cli[mcp]'"
DESCRIPTION: Final = """\
Serve the Model Context Protocol over standard input and output, for agents. It is started by the agent's program,
which is configured with the command `invokeai mcp`. The tools are plan, run, explain, search_nodes and history.
Settings are those of the command line: settings files, and variables such as INVOKEAI_DEVICE.
"""


def main(arguments: Sequence[str]) -> int:
    """Serve one client and return the exit status: 0, or 2 if the arguments or the settings are invalid."""
    options = _parser().parse_args(arguments)
    if find_spec("mcp") is None:
        print(MISSING, file=sys.stderr)
        return 2
    from invocations.errors import InvocationError
    from workflows.problems import ApplicationError, describe

    from .serving import serve

    try:
        serve(_opener(options.folder), _version())
    except (ApplicationError, InvocationError) as error:
        print("\n".join(each.text for each in describe(error)), file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="invokeai mcp", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument(
        "--folder", default="", metavar="DIR", help="working folder of lines, where images are saved (default: current)"
    )
    return parser


def _opener(folder: str) -> Callable[[Callable[[str], None]], Workspace]:
    def open_workspace(warn: Callable[[str], None]) -> Workspace:
        import os

        from workflows.workspace import Workspace

        made = Workspace.open(folder or os.getcwd(), warn=warn)
        made.check_plugins()
        return made

    return open_workspace


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("invokeai-cli")
    except PackageNotFoundError:
        return "0"
