"""Completion as a pure function: a text with the cursor at `^`, and what is offered first."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import FrameType

import pytest

from invocations.language.source import Source
from workflows.completion.context import Known
from workflows.completion.suggest import Suggestion, suggest
from workflows.planning.plan_line import plan_line
from workflows.planning.scope import Scope


def offered(text: str, known: Known) -> list[str]:
    cursor = text.index("^")
    return [each.text for each in suggest(text.replace("^", ""), cursor, known)]


def about(text: str, word: str, known: Known) -> str:
    cursor = text.index("^")
    found = suggest(text.replace("^", ""), cursor, known)
    return next(each.about for each in found if each.text == word)


def after(lines: list[str], known: Known) -> Known:
    """Return what is known after some lines have joined the session."""
    scope = Scope()
    for line in lines:
        scope.add(plan_line(Source(None, line), catalog=known.catalog, scope=scope).stage_outputs)
    return replace(known, scope=scope)


FIRST = [
    ("t2^", "t2i"),
    ("  t2^", "t2i"),
    ("hel^", "help"),
    ("t2i a fox | ups^", "upscale"),
    ("t2i a fox |\n ups^", "upscale"),
    ("add 1 2\nt2^", "t2i"),
    ("ups^ 4", "upscale"),
    ("upsc^ale", "upscale"),
    ("threshold^", "mask-threshold"),
    ("mskthre^", "mask-threshold"),
    ("t2i a fox --st^", "--steps"),
    ("t2i a fox --steps 20 --see^", "--seed"),
    ("t2i a fox --model po^", "portraits"),
    ("t2i a fox --model=po^", "portraits"),
    ("t2i a fox -m po^", "portraits"),
    ("t2i a fox --scheduler dd^", "ddim"),
    ("t2i a fox --scheduler ^", "euler"),
    ("t2i a fox --tiled --st^", "--steps"),
    ("load ca^", "cat.png"),
    ("load my^", '"my cat.png"'),
    ('load "my^', '"my cat.png"'),
    ("load out/^", "out/one.png"),
    ("load ou^", "out/"),
    ("explain t2i a fox | ups^", "upscale"),
    ("graph t2i a fox | ups^", "upscale"),
    ("graph --all t2i a fox | ups^", "upscale"),
    ("graph t2i a fox --st^", "--steps"),
    ("graph --me^", "--mermaid"),
    ("explain t2^", "t2i"),
    ("cache w^", "why"),
    ("load a.png | scale ^", "2"),
    ("cache why t2^", "t2i"),
    ("cache why t2i a fox | ups^", "upscale"),
    ("cache why t2i a fox --st^", "--steps"),
    ("?blu^", "blur"),
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
    ("nodes^", "nodes"),
]


@pytest.mark.parametrize(("text", "first"), FIRST)
def test_the_likeliest_word_comes_first(text: str, first: str, known: Known) -> None:
    assert offered(text, known)[:1] == [first]


KINDS = [  # what an input takes, and words that are offered for it
    ("blend --image cat.png --mode ^", ["normal", "multiply", "screen"]),
    ("if ^", ["yes", "no"]),
    ("pad --color red^", ["red", "indianred", "mediumvioletred"]),
    ("pad --color #^", []),
    ("t2i a fox --model ^", ["default", "portraits"]),
    ("model ^", ["default", "portraits"]),
    ("t2i a fox --scheduler ^", ["euler", "ddim"]),
    ("upscale --method ^", ["lanczos", "sharp"]),
    ("blur --image ^", ["cat.png", '"my cat.png"', "out/"]),
    ("inpaint --mask ^", ["cat.png", '"my cat.png"', "out/"]),
    ("load ^", ["cat.png", '"my cat.png"', "out/"]),
    ("t2i a fox | save ^", ["--target", "out/"]),
    ("models-of --x ^", []),
    ("config set models_dirs ^", ["out/"]),
    ("t2i a fox --steps ^", []),
]


@pytest.mark.parametrize(("text", "words"), KINDS)
def test_values_are_those_that_an_input_takes(text: str, words: list[str], known: Known) -> None:
    found = offered(text, known)
    assert [word for word in found if word in words] == words
    assert bool(found) is bool(words)
    assert "notes.txt" not in found or text.startswith("load")


NOTHING = [
    "t2i a red f^",
    "t2i ^",
    "t2i a fox # and^",
    'load "cat.png"^',
    "nosuch ^",
    "!!^",
    "t2i a fox | nosuch --a^",
]


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_is_offered_where_nothing_is_known(text: str, known: Known) -> None:
    assert offered(text, known) == []


def test_after_a_bar_the_commands_that_take_what_is_upstream_come_first(known: Known) -> None:
    catalog = known.catalog
    found = offered("t2i a fox | ^", known)
    takes = [name for name in found if str(getattr(catalog[name].primary_input, "type", "")).startswith("image")]
    assert found[: len(takes)] == takes or set(found[: len(takes)]) >= set(takes[:10])
    assert found.index("blur") < found.index("add")
    numbers = offered("add 1 2 | ^", known)
    assert numbers.index("mul") < numbers.index("blur")


def test_the_links_that_a_command_would_make_are_told(known: Known) -> None:
    assert about("t2i a fox | bl^", "blur", known).startswith("image <- @1.image · ")
    assert "conditioning <- @2.conditioning" in about("model | prompt a | noise | den^", "denoise", known)


def test_a_leading_bar_goes_on_from_the_last_line(known: Known) -> None:
    session = after(["t2i a fox"], known)
    assert about("| bl^", "blur", session).startswith("image <- @1.image")
    assert "<-" not in about("bl^", "blur", session)


def test_options_that_are_given_are_not_offered_again(known: Known) -> None:
    assert "--steps" in offered("t2i a fox --^", known)
    assert "--steps" not in offered("t2i a fox --steps 20 --^", known)
    assert "--steps" not in offered("t2i a fox -s 20 --^", known)
    assert "--steps" in offered("t2i a fox | t2i --^", known)
    assert "--prompt" in offered("t2i --^", known)
    assert "--prompt" not in offered("t2i a fox --^", known)
    assert "--image" in offered("blur --^", known)
    assert "--image" not in offered("t2i a fox | blur --^", known)


def test_what_the_next_word_fills_stands_before_the_options(known: Known) -> None:
    found = offered("blend --image cat.png out/one.png ^", known)
    assert found.index("multiply") < found.index("--opacity")
    found = offered("t2i a fox | save ^", known)
    assert found.index("--format") < found.index("out/")


def test_unset_offers_what_is_set(known: Known) -> None:
    changed = replace(known, defaults={"steps": "30", "t2i.model": "portraits"})
    assert offered("unset ^", changed) == ["steps", "t2i.model"]
    assert about("unset st^", "steps", changed) == "now 30"


def test_sessions_are_named_with_their_first_line(known: Known) -> None:
    some = replace(known, named={**known.named, "session": (("2026-b", "t2i a fox"), ("2026-a", "add 1 2"))})
    assert offered("session resume ^", some) == ["latest", "2026-b", "2026-a"]
    assert about("session resume ^", "2026-b", some) == "t2i a fox"
    assert offered("session r^", some)[:2] == ["resume", "rm"]
    assert offered("history --session 2026-a^", some)[:1] == ["2026-a"]
    assert "2026-a" not in offered("session import ^", some)


def test_an_option_tells_type_range_default_and_what_it_is_for(known: Known) -> None:
    assert about("upscale --image cat.png --sc^", "--scale", known) == "float, 1 to 8, default 2 · enlargement"


def test_earlier_results_are_offered_with_what_they_are(known: Known) -> None:
    session = after(["t2i a fox as fox", "add 1 2"], known)
    session = replace(session, results=lambda node, output: "96x96" if output == "image" else "3")
    assert offered("blur --image @^", session) == ["@fox", "@1", "@2"]
    assert about("blur --image @^", "@fox", session) == "t2i · image · 96x96"
    assert offered("blur --image @fox.^", session) == ["@fox.image"]
    assert offered("blur --image ^", session)[:2] == ["@fox", "@1"]
    assert offered("mul @^", session)[0] == "@2"
    assert offered("t2i x as a | blend --other @^", session)[0] == "@a"


def test_a_default_comes_first_and_is_called_so(known: Known) -> None:
    found: list[Suggestion] = [*suggest("upscale cat.png --method ", 25, known)]
    assert (found[0].text, "default" in found[0].about) == ("lanczos", True)


def test_the_word_before_the_cursor_is_what_is_replaced(known: Known) -> None:
    (found, *_) = suggest("t2i a fox | ups", 15, known)
    assert found.start == 12
    (found, *_) = suggest("t2i a --model=po", 16, known)
    assert found.start == 14


@pytest.mark.parametrize("text", ["", "t2i a fox | ", "t2i a fox | blur 2 | upscale 2 | b", "t2i a fox --"])
def test_three_hundred_commands_cost_no_more_than_three_times_a_hundred(text: str, known: Known) -> None:
    hundred, three_hundred = (calls(text, of_many(known, count)) for count in (100, 300))
    assert three_hundred <= 3 * hundred
    assert three_hundred < 100 * 300  # calls; the benchmark `completion` says what they take


def of_many(known: Known, count: int) -> Known:
    """Return a world of so many commands: the real ones, and the same again under other names."""
    catalog = dict(known.catalog)
    for number, spec in enumerate([*known.catalog.values()] * 5):
        if len(catalog) < count:
            catalog[f"{spec.type}-{number}"] = replace(spec, type=f"{spec.type}-{number}")
    assert len(catalog) == count
    return replace(known, catalog=catalog)


def calls(text: str, known: Known) -> int:
    """Return how many functions are called for what is offered."""
    count = 0

    def called(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        suggest(text, len(text), known)
    finally:
        sys.setprofile(before)
    return count
