"""Completion as a pure function; each test marks the cursor with `^` and checks the first suggestions."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import FrameType

import pytest

from invocations.language.source import Source
from tests.workflows.completion.offers import about, offered
from workflows.completion.context import CompletionContext
from workflows.completion.suggest import Suggestion, suggest
from workflows.planning.plan_line import plan_line
from workflows.planning.scope import Scope


def after(lines: list[str], context: CompletionContext) -> CompletionContext:
    """Return the context after the lines have been added to the session."""
    scope = Scope()
    for line in lines:
        scope.add(plan_line(Source(None, line), catalog=context.catalog, scope=scope).stage_outputs)
    return replace(context, scope=scope)


FIRST = [
    ("t2^", "t2i"),
    ("  t2^", "t2i"),
    ("hel^", "help"),
    ("txt2^", "t2i"),
    ("t2i a fox --cf^", "--guidance"),
    ("t2i a fox --negative-p^", "--negative"),
    ("load a.png | gfp^", "inpaint"),
    ("?shortc^", "keys"),
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
    ("t2i a fox --scheduler euler,dd^", "ddim"),
    ("t2i a fox --scheduler=euler,dd^", "ddim"),
    ("t2i a fox --model default,po^", "portraits"),
    ("blend --image cat.png --mode normal,mul^", "multiply"),
    ("load a.png | scale 4,^", "2"),
    ("load a.png | scale 1..^", "2"),
    ("t2i a fox --tiled=^", "no"),
    ("t2i a fox --tiled=yes,n^", "no"),
    ("swee^", "sweep"),
    ("explain swee^", "sweep"),
    ("sweep see^", "seed="),
    ("sweep seed=1..4 ste^", "steps="),
    ("sweep scheduler=euler,dd^", "ddim"),
    ("explain sweep scheduler=euler,dd^", "ddim"),
    ("sweep t2i.scheduler=dd^", "ddim"),
    ("sweep tiled=n^", "no"),
    ("sweep seed=1..4 --wh^", "--where"),
    ("sweep seed=1..4 steps=1..4 --zip seed,st^", "steps"),
    ("t2i a fox --denoise.e^", "--denoise.eta"),
    ("outpaint cat.png a fox --inp^", "--inpaint.mask"),
    ("outpaint cat.png a fox --pad.surround ^", "color"),
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
    ("load a.png | scale ^", "2"),
    ("cache why t2^", "t2i"),
    ("cache why t2i a fox | ups^", "upscale"),
    ("cache why t2i a fox --st^", "--steps"),
    ("?blu^", "blur"),
    ("nodes^", "nodes"),
]


@pytest.mark.parametrize(("text", "first"), FIRST)
def test_the_best_match_comes_first(text: str, first: str, context: CompletionContext) -> None:
    assert offered(text, context)[:1] == [first]


KINDS = [  # the type of an input, and the words suggested for it
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
    ("t2i a fox --steps ^", []),
]


@pytest.mark.parametrize(("text", "words"), KINDS)
def test_only_values_that_the_input_accepts_are_suggested(
    text: str, words: list[str], context: CompletionContext
) -> None:
    found = offered(text, context)
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
def test_nothing_is_suggested_if_no_value_is_known(text: str, context: CompletionContext) -> None:
    assert offered(text, context) == []


def test_after_a_pipe_symbol_commands_that_accept_the_upstream_output_come_first(context: CompletionContext) -> None:
    catalog = context.catalog
    found = offered("t2i a fox | ^", context)
    takes = [name for name in found if str(getattr(catalog[name].primary_input, "type", "")).startswith("image")]
    assert found[: len(takes)] == takes or set(found[: len(takes)]) >= set(takes[:10])
    assert found.index("blur") < found.index("add")
    numbers = offered("add 1 2 | ^", context)
    assert numbers.index("mul") < numbers.index("blur")


def test_a_command_is_suggested_with_the_links_that_it_would_create(context: CompletionContext) -> None:
    assert about("t2i a fox | bl^", "blur", context).startswith("image <- @1.image · ")
    assert "conditioning <- @2.conditioning" in about("model | prompt a | noise | den^", "denoise", context)


def test_a_leading_pipe_symbol_continues_the_last_line(context: CompletionContext) -> None:
    session = after(["t2i a fox"], context)
    assert about("| bl^", "blur", session).startswith("image <- @1.image")
    assert "<-" not in about("bl^", "blur", session)


def test_options_already_used_are_not_suggested_again(context: CompletionContext) -> None:
    assert "--steps" in offered("t2i a fox --^", context)
    assert "--steps" not in offered("t2i a fox --steps 20 --^", context)
    assert "--steps" not in offered("t2i a fox -s 20 --^", context)
    assert "--steps" in offered("t2i a fox | t2i --^", context)
    assert "--prompt" in offered("t2i --^", context)
    assert "--prompt" not in offered("t2i a fox --^", context)
    assert "--image" in offered("blur --^", context)
    assert "--image" not in offered("t2i a fox | blur --^", context)


def test_values_for_the_next_word_come_before_the_options(context: CompletionContext) -> None:
    found = offered("blend --image cat.png out/one.png ^", context)
    assert found.index("multiply") < found.index("--opacity")
    found = offered("t2i a fox | save ^", context)
    assert found.index("--format") < found.index("out/")


def test_the_options_of_a_recipes_stages_come_after_the_recipes_own_options(context: CompletionContext) -> None:
    found = offered("t2i a fox --^", context)
    assert found.index("--seed") < found.index("--denoise.eta")
    assert "--denoise.steps" not in found
    assert "--denoise.eta" not in offered("t2i a fox --denoise.eta 1 --^", context)


def test_an_option_is_described_by_its_type_range_default_and_purpose(context: CompletionContext) -> None:
    assert about("upscale --image cat.png --sc^", "--scale", context) == "float, 1 to 8, default 2 · upscaling factor"


def test_earlier_results_are_suggested_with_a_description(context: CompletionContext) -> None:
    session = after(["t2i --as fox a fox", "add 1 2"], context)
    session = replace(session, results=lambda node, output: "96x96" if output == "image" else "3")
    assert offered("blur --image @^", session) == ["@fox", "@1", "@2"]
    assert about("blur --image @^", "@fox", session) == "t2i · image · 96x96"
    assert offered("blur --image @fox.^", session) == ["@fox.image"]
    assert offered("blur --image ^", session)[:2] == ["@fox", "@1"]
    assert offered("mul @^", session)[0] == "@2"
    assert offered("t2i x as a | blend --other @^", session)[0] == "@a"


def test_the_default_value_comes_first_and_is_marked_as_the_default(context: CompletionContext) -> None:
    found: list[Suggestion] = [*suggest("upscale cat.png --method ", 25, context)]
    assert (found[0].text, "default" in found[0].about) == ("lanczos", True)


def test_the_word_before_the_cursor_is_replaced(context: CompletionContext) -> None:
    (found, *_) = suggest("t2i a fox | ups", 15, context)
    assert found.start == 12
    (found, *_) = suggest("t2i a --model=po", 16, context)
    assert found.start == 14


@pytest.mark.parametrize("text", ["", "t2i a fox | ", "t2i a fox | blur 2 | upscale 2 | b", "t2i a fox --"])
def test_with_three_times_as_many_commands_completion_takes_at_most_three_times_as_long(
    text: str, context: CompletionContext
) -> None:
    hundred, three_hundred = (calls(text, of_many(context, count)) for count in (100, 300))
    assert three_hundred <= 3 * hundred
    assert three_hundred < 100 * 300  # this test counts function calls; the benchmark `completion` measures time


def of_many(context: CompletionContext, count: int) -> CompletionContext:
    """Return a context with more commands: the real ones, and copies under other names."""
    catalog = dict(context.catalog)
    for number, spec in enumerate([*context.catalog.values()] * 5):
        if len(catalog) < count:
            catalog[f"{spec.type}-{number}"] = replace(spec, type=f"{spec.type}-{number}")
    assert len(catalog) == count
    return replace(context, catalog=catalog)


def calls(text: str, context: CompletionContext) -> int:
    """Return the number of function calls that completion takes."""
    count = 0

    def called(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        suggest(text, len(text), context)
    finally:
        sys.setprofile(before)
    return count


def test_after_a_comma_the_same_choices_are_suggested_and_replace_only_the_item(context: CompletionContext) -> None:
    text = "t2i a fox --scheduler euler,"
    assert offered(text + "^", context) == offered("t2i a fox --scheduler ^", context)
    assert {each.start for each in suggest(text + "dd", len(text) + 2, context)} == {len(text)}


NOTHING_INSIDE = [
    "t2i a fox --scheduler 'euler,dd^",  # a word in quotes is one value
    "t2i a fox,dd^",
    "t2i a fox --steps 10..20:2^",
    "t2i a fox --model default,my^",  # `my model` needs quotes
]


@pytest.mark.parametrize("text", NOTHING_INSIDE)
def test_nothing_is_suggested_inside_a_word_that_is_one_value(text: str, context: CompletionContext) -> None:
    named = {**context.named, "model": (("default", ""), ("my model", ""))}
    assert offered(text, replace(context, named=named)) == []


def test_a_reference_to_each_item_is_suggested_for_an_input_that_takes_one(context: CompletionContext) -> None:
    known = after(["range 1 4 as counts", "add 1 2 as sum"], context)
    assert offered("t2i a fox --steps @^", known)[:4] == ["@sum", "@2", "@counts*", "@1*"]
    assert offered("t2i a fox --steps @counts.^", known) == ["@counts.collection*"]
    assert offered("t2i a fox --steps @cou^", known) == ["@counts*"]
    assert offered("t2i a fox --steps @counts*^", known) == ["@counts*"]
    assert offered("collect --earlier @cou^", known) == ["@counts"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("t2i a --model ../^", ["../fox.safetensors", "../FOX.SFT", "../webui/"]),
        ("t2i a --model ../we^", ["../webui/"]),
        ("t2i a --model=../webui/^", ['"../webui/a b.safetensors"', "../webui/Lora/"]),
        ("t2i a --model default,/m/^", ["/m/sdxl/"]),
        ("t2i a --vae ../f^", ["../fox.safetensors", "../FOX.SFT"]),
        ("t2i a --refiner /m/^", ["/m/sdxl/"]),
        ("model ../webui/L^", ["../webui/Lora/"]),
    ],
)
def test_a_path_of_a_model_is_completed_with_folders_and_model_files(
    text: str, words: list[str], context: CompletionContext
) -> None:
    assert offered(text, context) == words
