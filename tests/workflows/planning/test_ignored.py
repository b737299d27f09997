"""Inputs that a model ignores cause a warning that points at them; inputs that it refuses are errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from invocations.catalog.snapshot import built_in
from invocations.language.errors import Refusal
from invocations.language.source import Source
from invocations.services.models.base import ModelSettings
from workflows.planning.plan import Plan
from workflows.planning.plan_line import plan_line

DISTILLED = "guidance is distilled in flux"
NO_GUIDANCE = "negative prompts have no effect with a guidance scale of 1 or less"
PROMPT = "model | prompt a fox --negative dog as p"
USUAL: dict[str, Any] = {
    "family": "sd1", "width": 64, "height": 64, "multiple": 8, "steps": 20, "guidance": 7.5, "scheduler": "ddim",
}  # fmt: skip
MODELS = {
    "default": ModelSettings(**USUAL, name="default"),
    "flux": ModelSettings(**USUAL, name="flux", ignores={"guidance": DISTILLED}),
    "turbo": ModelSettings(**{**USUAL, "guidance": 0.0}, name="turbo"),
    "quick": ModelSettings(**{**USUAL, "guidance": 1.0}, name="quick"),
    "slow": ModelSettings(**USUAL, name="slow"),
    "plain": ModelSettings(**USUAL, name="plain", refuses={"mask": "it cannot fill masks"}),
}


class Facts:
    """The settings of the models above; nothing is known about files."""

    files = None

    def settings(self, model: str) -> ModelSettings | None:
        return MODELS.get(model)

    def size(self, path: str) -> tuple[int, int] | None:
        return (64, 64)

    def sizes(self, path: str) -> Sequence[tuple[int, int] | None] | None:
        return [(64, 64)]

    def text_file(self, path: str) -> bytes:
        return b""

    def target(self, written: str, format_name: str) -> str | None:
        return None

    def wildcard_folders(self, written: Sequence[str]) -> Sequence[str]:
        return ()


def planned(line: str, **defaults: str) -> Plan:
    return plan_line(Source(None, line), catalog=built_in(), facts=Facts(), defaults=defaults)


def ignored(line: str, **defaults: str) -> list[tuple[str, str]]:
    """Return the inputs of a line that have no effect, each with the reason."""
    return [(each.input, each.reason) for each in planned(line, **defaults).ignored]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("t2i a fox --model flux --guidance 5", [("guidance", DISTILLED)]),
        ("model flux | t2i a fox --guidance 5", [("guidance", DISTILLED)]),
        ("t2i a fox --model flux --guidance 3,5", [("guidance", DISTILLED)]),
        ("t2i a fox --model flux", []),
        ("t2i a fox --model flux --steps 4", []),
        ("t2i a fox --guidance 5", []),
        ("t2i a fox --model flux,default --guidance 5", []),  # it has an effect for one of the models
        ("t2i a fox --model turbo,slow --negative dog", []),
        ("t2i a fox --model turbo,quick --negative dog", [("negative", NO_GUIDANCE)]),
        ("t2i a fox --model quick --negative dog --guidance 0,1", [("negative", NO_GUIDANCE)]),
        ("t2i a fox --guidance 1 --negative dog", [("negative", NO_GUIDANCE)]),
        ("t2i a fox --guidance 1", []),
        ('t2i a fox --guidance 1 --negative ""', []),
        ("t2i a fox --negative dog", []),
        ("t2i a fox --model turbo --negative dog", [("negative", NO_GUIDANCE)]),
        ("t2i a fox --model turbo --negative dog --guidance 2", []),
        ("t2i a fox --negative dog --guidance 1,2", []),
        (f"{PROMPT} | noise | denoise --guidance 1 | decode", [("negative", NO_GUIDANCE)]),
        (f"{PROMPT} | noise as n | denoise --guidance 1 | denoise --noise @n --conditioning @p --guidance 2", []),
        (PROMPT, []),  # a later line may use it with guidance
    ],
)
def test_inputs_without_effect_are_found(line: str, expected: list[tuple[str, str]]) -> None:
    assert ignored(line) == expected


def test_the_warning_quotes_the_line_with_carets_below_the_value() -> None:
    line = "t2i a fox --model flux --guidance 5 --seed 1"
    plan = planned(line)
    assert [each.warning(plan.source) for each in plan.ignored] == [f"ignored: {DISTILLED}\n  {line}\n{' ' * 36}^"]


def test_a_default_that_the_user_has_set_is_ignored_without_a_warning() -> None:
    assert [(each.input, each.is_written) for each in planned("t2i a fox --model flux", guidance="5").ignored] == [
        ("guidance", False)
    ]


def test_an_input_that_a_model_refuses_is_an_error() -> None:
    line = "inpaint cat.png a sun --mask dog.png --model plain"
    with pytest.raises(Refusal) as refused:
        planned(line)
    assert str(refused.value) == (
        "error: `mask` cannot be used with the model `plain`: it cannot fill masks\n"
        f"  {line}\n"
        "                               ^^^^^^^\n"
        "  leave it out, or choose another model with `--model`"
    )
    assert planned(line.replace("plain", "default")).ignored == ()
