r"""The syntaxes in which a prompt can write weights, and what of them 0.1.0 did not know.

An input whose `completes` is `prompt` holds a prompt; the one whose `completes` is `prompt_syntax` names its syntax.
"""

from __future__ import annotations

import re
from typing import Final

PROMPT, PROMPT_SYNTAX = "prompt", "prompt_syntax"  # values of `FieldSpec.completes`
INVOKE, A1111 = "invoke", "a1111"

_SPECIAL: Final = {
    INVOKE: re.compile(r"\\[()\[\]\\:+-]|:\s*(?:\d+\.?\d*|\.\d+)\s*\)"),  # escapes, `(word:1.3)`
    A1111: re.compile(r"[()\[\]\\+-]|\bBREAK\b"),
}


def matters(prompt: object, syntax: object) -> bool:
    """Return whether a prompt may mean something else in this syntax than it did in 0.1.0.

    If not, a result that was cached without a syntax is still right.
    """
    special = _SPECIAL.get(syntax) if isinstance(syntax, str) else None
    return not isinstance(prompt, str) or special is None or special.search(prompt) is not None
