r"""The syntaxes for weights in prompts, and the features that version 0.1.0 did not have.

An input whose `completes` is `prompt` is a prompt; the input whose `completes` is `prompt_syntax` names its syntax.
"""

from __future__ import annotations

import re
from typing import Final

PROMPT, PROMPT_SYNTAX = "prompt", "prompt_syntax"  # values of `FieldSpec.completes`
INVOKE, A1111 = "invoke", "a1111"

_SPECIAL: Final = {
    INVOKE: re.compile(r"\\[()\[\]\\:+-]|:\s*(?:\d+\.?\d*|\.\d+)\s*\)"),  # escapes, and weights such as `(word:1.3)`
    A1111: re.compile(r"[()\[\]\\+-]|\bBREAK\b"),
}


def matters(prompt: object, syntax: object) -> bool:
    """Return True if the meaning of a prompt in this syntax may differ from its meaning in version 0.1.0.

    If not, results that version 0.1.0 cached are still correct.
    """
    special = _SPECIAL.get(syntax) if isinstance(syntax, str) else None
    return not isinstance(prompt, str) or special is None or special.search(prompt) is not None
