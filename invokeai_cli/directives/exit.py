"""`exit`: end a script here, or leave the prompt; what was done stays done."""

from __future__ import annotations

from invokeai_cli.render.answer import Answer

from .call import Call


class ExitScript(Exception):
    """No further line of this script, or of the prompt, is read."""


def run(call: Call) -> Answer:
    """Stop reading lines."""
    raise ExitScript
