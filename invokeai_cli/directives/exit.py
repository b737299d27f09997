"""`exit`: end a script, or leave the prompt; finished work is kept."""

from __future__ import annotations

from invokeai_cli.render.answer import Answer

from .call import Call


class ExitScript(Exception):
    """Raised by `exit`: no further line is read."""


def run(call: Call) -> Answer:
    """Stop reading lines."""
    raise ExitScript
