"""Samplers and prompt weights from other tools are converted to names and syntax that the core supports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.denoising.schedulers import SCHEDULERS
from core.text.prompt_weights import parse
from workflows.importers.prompt_weights import rewrite
from workflows.synonyms.samplers import CLOSEST, EQUIVALENT, NO_KARRAS, scheduler_of


def test_every_mapped_scheduler_exists_in_the_core() -> None:
    assert {*EQUIVALENT.values(), *CLOSEST.values()} <= set(SCHEDULERS)
    with_karras = {name.removesuffix("_k") for name in SCHEDULERS if name.endswith("_k")}
    assert not NO_KARRAS & with_karras
    assert {*EQUIVALENT.values(), *CLOSEST.values()} - NO_KARRAS <= with_karras


@pytest.mark.parametrize("name", SCHEDULERS)
def test_names_of_our_own_schedulers_are_unchanged(name: str) -> None:
    assert scheduler_of(name) == (name, None)


@pytest.mark.parametrize(
    ("name", "spacing", "ours", "note"),
    [
        ("DPM++ 2M Karras", "", "dpmpp_2m_k", ""),
        ("DPM++ 2M", "Karras", "dpmpp_2m_k", ""),
        ("DPM++ 2M", "Automatic", "dpmpp_2m", ""),
        ("Euler a", "Karras", "euler_a", "`euler_a` has no Karras variant"),
        ("DPM++ 2S a Karras", "", "dpmpp_2s_k", "is not available: `dpmpp_2s` is the closest"),
        ("DPM++ SDE", "Exponential", "dpmpp_sde", "the schedule type `Exponential` is not available"),
        ("k_dpm_2_a", "", "kdpm_2_a", ""),
        ("UniPC", "", "unipc", ""),
        ("no such", "", None, "unknown sampler `no such`"),
    ],
)
def test_scheduler_names_from_other_tools_are_converted(name: str, spacing: str, ours: str | None, note: str) -> None:
    found, remark = scheduler_of(name, spacing)
    assert found == ours
    assert note in (remark or "")
    assert bool(note) == bool(remark)


@pytest.mark.parametrize(
    ("theirs", "ours", "words"),
    [
        ("a (red:1.3) fox", "a (red)1.3 fox", [("a ", 1), ("red", 1.3), (" fox", 1)]),
        ("(red) fox", "(red)1.1 fox", [("red", 1.1), (" fox", 1)]),
        ("((red)) fox", "(red)1.21 fox", [("red", 1.21), (" fox", 1)]),
        ("((red:1.2) fox:1.5)", "(red)1.8( fox)1.5", [("red", 1.8), (" fox", 1.5)]),
        ("[red] fox", "(red)0.909 fox", [("red", 0.909), (" fox", 1)]),
        ("\\(red\\) 1.3", "(red) 1.3", [("(red) 1.3", 1)]),
        ("\\(red\\)1.3", "\\(red\\)1.3", [("(red)1.3", 1)]),
        ("3:4 a:b", "3:4 a:b", [("3:4 a:b", 1)]),
        ("(open", "(open)1.1", [("open", 1.1)]),
        ("close)", "close)", [("close)", 1)]),
    ],
)
def test_weights_are_converted_to_our_syntax(theirs: str, ours: str, words: list[tuple[str, float]]) -> None:
    assert rewrite(theirs, brackets=True)[0] == ours
    assert [(part.text, part.weight) for part in parse(ours)] == words


def test_square_brackets_are_plain_text_for_tools_without_that_syntax() -> None:
    assert rewrite("[red] (fox)", brackets=False) == ("[red] (fox)1.1", [])


@given(st.text(alphabet="ab()[]\\:1. ", max_size=40))
def test_any_prompt_is_rewritten_without_an_exception(prompt: str) -> None:
    for brackets in (True, False):
        parse(rewrite(prompt, brackets=brackets)[0])
