"""`session show | resume | export | import | rm`: one session, looked at, gone on with, carried along, removed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from invocations.language.did_you_mean import did_you_mean
from invokeai_cli.render.answer import Answer
from workflows.problems import UsageError

from . import DIRECTIVES
from .call import Call

if TYPE_CHECKING:
    from collections.abc import Callable

ACTIONS: Final = {
    "show": "session_show",
    "resume": "session_resume",
    "export": "session_export",
    "import": "session_import",
    "rm": "session_rm",
}


def run(call: Call) -> Answer:
    """Do with a session what the first word says; alone, show it."""
    word = call.words[0] if call.words else "show"
    if word not in ACTIONS:
        usage = f"usage: {DIRECTIVES['session'].usage}"
        raise UsageError(f"`session` has no `{word}`", did_you_mean(word, ACTIONS, usage))
    act: Callable[[Call], Answer] = import_module(f"invokeai_cli.directives.{ACTIONS[word]}").run
    return act(Call(call.shell, call.word, call.words[1:], call.line))
