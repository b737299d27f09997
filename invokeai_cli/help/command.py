"""The help page of a command as text."""

from __future__ import annotations

from collections.abc import Mapping

from invocations.spec import InvocationSpec
from workflows.manual.command import command_page

from .page import DEFAULT_WIDTH, page_text


def help_text(spec: InvocationSpec, catalog: Mapping[str, InvocationSpec], *, width: int = DEFAULT_WIDTH) -> str:
    """Return the help page of a command."""
    return page_text(command_page(spec, catalog), width=width)
