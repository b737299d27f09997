"""The PowerShell completion script, tested without PowerShell: the requests it sends, and the completions it builds.

`sent` and `results` do in Python the work of some lines of the script, and assert that the script has these lines.
"""

from __future__ import annotations

import pytest

from invokeai_cli.directives.completion_scripts import POWERSHELL
from tests.invokeai_cli.conftest import TypeLine


def sent(elements: list[str], current: str) -> list[str]:
    """Return the words that the script sends for the elements of a line before the cursor, exactly as typed."""
    assert "$_.Extent.StartOffset -lt $position" in POWERSHELL
    assert "$words = @($elements | ForEach-Object { $_.ToString() })" in POWERSHELL
    assert "$before = @($words | Select-Object -Skip 1)" in POWERSHELL
    before = elements[1:]
    assert "if ($current) { $before = @($before | Select-Object -SkipLast 1) }" in POWERSHELL
    before = before[:-1] if current else before
    assert "& $words[0] __complete ($before.Count + 1) @before $current 2>$null" in POWERSHELL
    return ["__complete", str(len(before) + 1), *before, *([current] if current else [])]


def results(answer: str) -> list[tuple[str, str]]:
    """Return the word and the tooltip of each completion that the script builds from the output of `__complete`."""
    assert "if ($_ -notlike ':*')" in POWERSHELL
    assert '$word, $text = $_ -split "`t", 2' in POWERSHELL
    assert "if (-not $text) { $text = $word }" in POWERSHELL
    assert "CompletionResult]::new($word, $word, 'ParameterValue', $text)" in POWERSHELL
    lines = [line.partition("\t") for line in answer.splitlines() if not line.startswith(":")]
    return [(word, text or word) for word, _, text in lines]


@pytest.mark.parametrize(
    ("elements", "current", "words", "answer"),
    [
        (["invokeai", "bright"], "bright", ["__complete", "1", "bright"], [("brightness", "Make an image bright")]),
        (["invokeai", "t2i", "--see"], "--see", ["__complete", "2", "t2i", "--see"], [("--seed", "random seed;")]),
        (
            ["invokeai", "t2i", "--scheduler", "heu"], "heu",
            ["__complete", "3", "t2i", "--scheduler", "heu"], [("heun", "heun"), ("heun_k", "heun_k")],
        ),
        (
            ["invokeai", "t2i", "fox", "'|'", "compare-n"], "compare-n",
            ["__complete", "4", "t2i", "fox", "'|'", "compare-n"], [("compare-numbers", "Compare two numbers")],
        ),
        (
            ["invokeai", "completion"], "",  # an empty word is not sent: PowerShell before 7.3 omits it
            ["__complete", "2", "completion"], [(each, each) for each in ("bash", "zsh", "fish", "powershell")],
        ),
        (["invokeai", "load"], "", ["__complete", "2", "load"], []),  # PowerShell then offers files itself
    ],
)  # fmt: skip
def test_the_powershell_script_requests_completions_for_the_word_at_the_cursor(
    type_: TypeLine, elements: list[str], current: str, words: list[str], answer: list[tuple[str, str]]
) -> None:
    assert sent(elements, current) == words
    found = results(type_(*words).out)
    assert [word for word, _ in found] == [word for word, _ in answer]
    assert all(text.startswith(begin) for (_, text), (_, begin) in zip(found, answer, strict=True))


@pytest.mark.parametrize("words", [["2", "t2i"], ["2", "t2i", ""]])
def test_an_empty_word_at_the_cursor_may_be_omitted(type_: TypeLine, words: list[str]) -> None:
    assert type_("__complete", *words).out == type_("__complete", "2", "t2i", "").out
    assert type_("__complete", *words).status == 0
