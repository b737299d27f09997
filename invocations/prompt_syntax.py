r"""The syntaxes for weights in prompts, and the features that version 0.1.0 did not have.

An input with `completes="prompt"` is a prompt; the input with `completes="prompt_syntax"` names its syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from invocations.spec import InvocationSpec

PROMPT, PROMPT_SYNTAX = "prompt", "prompt_syntax"  # values of `FieldSpec.completes`
INVOKE, A1111 = "invoke", "a1111"

_SPECIAL: Final = {
    INVOKE: re.compile(r"\\[()\[\]\\:+-]|:\s*(?:\d+\.?\d*|\.\d+)\s*\)"),  # new: escapes, and weights like `(word:1.3)`
    A1111: re.compile(r"[()\[\]\\+-]|\bBREAK\b"),
}


def matters(prompt: object, syntax: object) -> bool:
    """Return True if the meaning of a prompt in this syntax may differ from its meaning in version 0.1.0.

    If not, results that version 0.1.0 cached are still correct.
    """
    special = _SPECIAL.get(syntax) if isinstance(syntax, str) else None
    return not isinstance(prompt, str) or special is None or special.search(prompt) is not None


def older_prompts(inputs: Mapping[str, Any], spec: InvocationSpec) -> Iterator[tuple[str, str]]:
    """Yield the name and prompt of each input whose prompt may have meant something else in version 0.1.0.

    This version always writes the syntax into a node; version 0.1.0 had no input for the syntax.
    """
    syntax = next((field.name for field in spec.inputs if field.completes == PROMPT_SYNTAX), None)
    if syntax is None or syntax in inputs:
        return
    for field in spec.inputs:
        value = inputs.get(field.name)
        if field.completes == PROMPT and isinstance(value, str) and matters(value, INVOKE):
            yield field.name, value
