"""For an option that only a stage of a recipe has, the hint names the option in full."""

from __future__ import annotations

import pytest

from invocations.language.errors import Refusal
from workflows.workspace import Workspace


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("t2i a fox --image-guidance 2", "did you mean `--denoise.image-guidance`?"),
        ("t2i a fox | i2i a house --eta 0.2 | blur 2", "did you mean `--denoise.eta`?"),
        ("t2i a fox | blur --eta 2", "its inputs are --image, --radius"),
        ("t2i a fox --stepz 2", "did you mean `--steps`?"),
        ("t2i a fox --nothing-like-it 2", "its inputs are --prompt, "),
    ],
)
def test_an_option_of_a_stage_is_suggested_in_full(line: str, hint: str) -> None:
    workspace = Workspace.open()
    with pytest.raises(Refusal) as refused:
        workspace.plan(line)
    workspace.close()
    assert (refused.value.errors[0].hint or "").startswith(hint)
