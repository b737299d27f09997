"""Completion after a directive: the tests mark the cursor with `^` and check the first suggestions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.workflows.completion.offers import about, offered
from workflows.completion.context import CompletionContext, Entry

FIRST = [
    ("cache w^", "why"),
    ("help blu^", "blur"),
    ("models ^", "list"),
    ("set guid^", "guidance"),
    ("config set dev^", "device"),
    ("set ^", "negative"),
    ("set mdl^", "model"),
    ("set model po^", "portraits"),
    ("set t2i.scheduler dd^", "ddim"),
    ("default scheduler ^", "euler"),
    ("config set preview ^", "auto"),
    ("config set theme monok^", "monokai"),
    ("config set warm_up ^", "yes"),
    ("config set output_dir ou^", "out/"),
    ("help linking^", "linking"),
    ("help lnk^", "linking"),
    ("cache ^", "stats"),
    ("run night.inv --fr^", "--from"),
    ("run night.inv --only ^", "failed"),
    ("replay cat.png --set ste^", "step="),
    ("completion z^", "zsh"),
    ("graph --me^", "--mermaid"),
    ("explain t2^", "t2i"),
    ("config set models_dirs ^", "out/"),
    ("hel^", "help"),
]


@pytest.mark.parametrize(("text", "first"), FIRST)
def test_the_best_match_comes_first(text: str, first: str, context: CompletionContext) -> None:
    assert offered(text, context)[:1] == [first]


def test_the_options_of_a_directive_are_offered_with_their_help(context: CompletionContext) -> None:
    assert about("run night.inv --^", "--dry-run", context).startswith("plan only; ")
    assert "--dot" not in offered("session export latest --^", context)
    assert "--dot" in offered("graph --^", context)
    assert "--yes" in offered("session rm latest --^", context)
    assert "--resume" not in offered("run night.inv --resume --^", context)


def test_unset_offers_the_defaults_that_are_set(context: CompletionContext) -> None:
    changed = replace(context, defaults={"steps": "30", "t2i.model": "portraits"})
    assert offered("unset ^", changed) == ["steps", "t2i.model"]
    assert about("unset st^", "steps", changed) == "now 30"


def test_sessions_are_offered_with_their_first_line(context: CompletionContext) -> None:
    some = replace(context, named={**context.named, "session": (("2026-b", "t2i a fox"), ("2026-a", "add 1 2"))})
    assert offered("session resume ^", some) == ["latest", "2026-b", "2026-a"]
    assert about("session resume ^", "2026-b", some) == "t2i a fox"
    assert offered("session r^", some)[:2] == ["resume", "rm"]
    assert offered("history --session 2026-a^", some)[:1] == ["2026-a"]
    assert "2026-a" not in offered("session import ^", some)


def test_only_files_that_the_directive_can_read_are_offered(context: CompletionContext) -> None:
    files = ("cat.png", "flow.json", "night.inv", "notes.txt")
    some = replace(context, entries=lambda _: [Entry(name, False) for name in files])
    assert offered("line ^", some) == ["cat.png", "flow.json", "notes.txt"]
    assert offered("replay ^", some) == ["cat.png", "flow.json", "notes.txt"]
    assert offered("run ^", some) == ["night.inv"]
    assert offered("session import ^", some) == ["flow.json"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("models scan ^", ["out/"]),
        ("models scan ../^", ["../webui/"]),
        ("models scan ../webui/^", ["../webui/Lora/"]),
        ("models info ../f^", ["../fox.ckpt", "../fox.safetensors", "../FOX.SFT"]),
        ("set model ../f^", ["../fox.safetensors", "../FOX.SFT"]),
        ("set steps 3 --model ../^", ["../fox.safetensors", "../FOX.SFT", "../webui/"]),
        ("unset steps --model ../webui/L^", ["../webui/Lora/"]),
        ("replay out/^", ["out/one.png"]),
    ],
)
def test_paths_are_completed_in_other_folders_too(text: str, words: list[str], context: CompletionContext) -> None:
    assert sorted(offered(text, context)) == sorted(words)
