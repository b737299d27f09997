"""`exit`: end a script, or leave the interactive prompt; finished work is kept."""

from __future__ import annotations

from invokeai_cli.exit_status import ExitScript
from invokeai_cli.render.answer import Answer

from .call import Call


def run(call: Call) -> Answer:
    """Stop reading lines."""
    raise ExitScript
