"""The state of the interactive prompt: a line is checked by the same rules as when it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import pytest
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from invocations.language import parser
from invocations.language.errors import Refusal
from invocations.language.source import Source, Span
from invokeai_cli.directives.directive import Directive, rows
from invokeai_cli.directives.table import DIRECTIVES as DIRECTIVE_ROWS
from invokeai_cli.repl.completer import LineCompleter
from invokeai_cli.repl.lexer import LineLexer
from invokeai_cli.repl.state import PromptState
from invokeai_cli.repl.toolbar import facts, toolbar
from invokeai_cli.repl.warm_up import WarmUp
from workflows.planning.planner import Planner


@pytest.mark.parametrize(
    "text", ["t2i a fox --model nosuch ", "t2i a fox --scheduler nosuch ", "load x.png | save a/b.jp "]
)
def test_errors_in_a_line_are_shown_while_the_line_is_typed(state: PromptState, text: str) -> None:
    try:
        state.shell.workspace.plan(Source(None, text))
        refused = []
    except Refusal as refusal:
        refused = [error.message for error in refusal.errors]
    assert [error.message for error in state.check(text).errors] == refused


def test_an_unfinished_name_is_not_an_error(state: PromptState) -> None:
    text = "t2i a fox --scheduler dd"
    assert state.wrong(text, len(text)) == ()
    assert state.wrong(f"{text} ", len(text) + 1) != ()


def test_names_are_completed_without_importing_torch(state: PromptState) -> None:
    assert ("euler_k", "Euler Karras") in state.context.named["scheduler"]
    assert state.context.named["model"][0][0] == "default"


def test_the_toolbar_shows_the_current_settings(state: PromptState) -> None:
    assert facts(state) == ["model default", "device auto", "help keys"]
    state.shell.workspace.memory.set("model", "portraits")
    state.shell.workspace.memory.set("width", "512")
    state.shell.workspace.memory.set("steps", "30")
    state.seconds = 0.25
    assert facts(state) == ["model portraits", "device auto", "512xauto", "steps 30", "last 250 ms", "help keys"]


def test_the_toolbar_shows_the_image_size_of_the_loaded_model(state: PromptState) -> None:
    state.warm_up = WarmUp(state.shell)
    assert facts(state) == ["model default", "device auto", "help keys"]
    state.warm_up.size = "96x96"
    assert facts(state) == ["model default", "device auto", "96x96", "help keys"]
    state.shell.workspace.memory.set("model", "portraits")
    assert facts(state) == ["model portraits", "device auto", "help keys"]


def test_the_toolbar_shows_the_device_once_a_device_is_chosen(state: PromptState) -> None:
    state.warm_up = WarmUp(state.shell)
    assert facts(state)[1] == "device auto"
    state.warm_up.device = "cuda:1"
    assert facts(state)[1] == "device cuda:1"


def test_the_history_keeps_pasted_lines_without_the_empty_line_at_the_end(state: PromptState) -> None:
    state.keep("add 1 1\nadd 2 2\n")
    assert state.typed[-1] == "add 1 1\nadd 2 2"


DIRECTIVES = [
    ("set stepz 30", "stepz", "no command has an input `stepz`", "did you mean `steps` or `step`?"),
    ("set steps many ", "many", "`steps` takes a whole number, not `many`", None),
    ("set model nosuch ", "nosuch", "there is no model `nosuch`", "known models: `default`"),
    ("default t2i.stepz 3", "t2i.stepz", "`t2i` has no input `stepz`", "did you mean `steps`?"),
    ("config get devise ", "devise", "there is no setting `devise`", "did you mean `device`?"),
    ("config set theme monokay ", "monokay", "there is no theme `monokay`", "did you mean `monokai`?"),
    ("config set preview blcks ", "blcks", "`preview` must be one of auto, kitty, iterm, sixel, blocks, none", None),
    ("set --sav steps 30", "--sav", "`set` has no option `--sav`", "did you mean `--save`?"),
    ("config shwo ", "shwo", "`config` has no subcommand `shwo`", "did you mean `config show`?"),
    ("config get steps --all ", "--all", "`config get` has no option `--all`", "usage: config get NAME"),
    ("history --sinc=2d ", "--sinc=2d", "`history` has no option `--sinc`", "did you mean `--since`?"),
    ("history 3 --failed=yes ", "--failed=yes", "`--failed` takes no value", "write `--failed` alone"),
    ("sessions --limit 2 --limit 3", "--limit", "`--limit` can be given only once", None),
    ("session rm a --no ", "--no", "`session rm` has no option `--no`", None),
    (
        "unset steps cfg ",
        "cfg",
        "`unset` got an unexpected argument: `cfg`",
        "usage: unset INPUT [--save] [--model NAME]",
    ),
    ("replay --chek a.png", "--chek", "`replay` has no option `--chek`", "did you mean `--check`?"),
    ("run 'a b.inv' --dryrun ", "--dryrun", "`run` has no option `--dryrun`", "did you mean `--dry-run`?"),
    ("exit now ", "now", "`exit` got an unexpected argument: `now`", "usage: exit"),
    ("add 1 2\nset stepz 3", "stepz", "no command has an input `stepz`", "did you mean `steps` or `step`?"),
]


@pytest.mark.parametrize(("text", "word", "message", "hint"), DIRECTIVES)
def test_errors_in_a_directive_are_shown_while_the_directive_is_typed(
    state: PromptState, text: str, word: str, message: str, hint: str | None
) -> None:
    (error,) = state.wrong(text, len(text))
    assert (text[error.span.start : error.span.end], error.message) == (word, message)
    assert hint is None or error.hint == hint


@pytest.mark.parametrize(
    "row", [row for row in rows(DIRECTIVE_ROWS) if not (row.takes_line or row.subcommands)], ids=lambda row: row.name
)
def test_an_unknown_option_of_any_directive_is_reported_while_typing(state: PromptState, row: Directive) -> None:
    text = f"{row.name} --bogus "
    (error,) = state.wrong(text, len(text))
    assert (error.span, error.message) == (
        Span(len(row.name) + 1, len(text) - 1),
        f"`{row.name}` has no option `--bogus`",
    )


MAKING = ["set", "set ", "set ste", "set steps", "set steps 30", "set steps=30", "set steps man", "unset steps"]
MAKING += ["config", "config set", "config set the", "config set theme monok", "config set theme monokai "]
MAKING += [
    "session export latest",
    "history --since",
    "run",
    "let a = --b",
    "config se",
    "history --fai",
    "replay --set",
]


@pytest.mark.parametrize("text", MAKING)
def test_an_unfinished_directive_is_not_an_error(state: PromptState, text: str) -> None:
    assert state.wrong(text, len(text)) == ()


KEYS = [
    ("load cat.png | blur 2 | sav", "e"),
    ("load cat.png | blur 2 ", "|"),
    ("load cat.png | blur --rad", "i"),
    ("explain load cat.png | blu", "r"),
    ("add 1 2", " "),
]


@pytest.mark.parametrize(("text", "key"), KEYS)
def test_each_key_press_parses_and_plans_the_line_once_for_colors_errors_and_completion(
    state: PromptState, text: str, key: str
) -> None:
    _press(state, text)
    assert _counted(state, text + key) == {"read": 1, "line": 1}


def _press(state: PromptState, text: str) -> None:
    """Compute what prompt_toolkit requests on each key press: the colors, the toolbar and the menu."""
    document = Document(text, len(text))
    LineLexer(state).lex_document(document)(0)
    toolbar(state, Buffer(document=document), 80)
    list(LineCompleter(state).get_completions(document, CompleteEvent()))


def _counted(state: PromptState, text: str) -> dict[str, int]:
    """Return how many times a line is parsed and planned on a key press."""
    counted = {parser.read.__code__: 0, Planner.line.__code__: 0}

    def called(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code in counted:
            counted[frame.f_code] += 1

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        _press(state, text)
    finally:
        sys.setprofile(before)
    return {code.co_name: count for code, count in counted.items()}


RECIPES = [
    ("recipe save poster 't2i ${what} --stepz 3' ", "--stepz"),
    ('recipe save poster "t2i ${what} | nowhere" ', "nowhere"),
    ("recipe save poster 't2i ${what} --steps ${n=x}' --summary S ", "${n=x}"),
    ("recipe save blur 't2i ${what}' ", "blur"),
    ("recipe save Po 't2i ${what}' ", "Po"),
    ("recipe save poster t2i a fox ", "a"),
]


@pytest.mark.parametrize(("text", "place"), RECIPES)
def test_an_error_in_the_line_of_a_new_recipe_is_shown_at_its_place(state: PromptState, text: str, place: str) -> None:
    (error,) = state.wrong(text, len(text))
    assert text[error.span.start : error.span.end] == place


@pytest.mark.parametrize(
    "text", ["recipe save poster 't2i ${what} | blur ${r=2}'", "recipe save poster 't2i ", "recipe save x"]
)
def test_a_valid_or_unfinished_recipe_is_not_an_error(state: PromptState, text: str) -> None:
    assert state.wrong(text, len(text)) == ()


def test_a_recipe_saved_by_another_process_works_in_the_next_line(state: PromptState, isolated_home: Path) -> None:
    assert "sum" not in state.shell.workspace.catalog
    folder = isolated_home / "config" / "nodes"
    folder.mkdir(parents=True)
    (folder / "sum.toml").write_text('type = "sum"\nsummary = "Add."\npipeline = "add 1 2"\n')
    assert state.check("sum").errors
    state.begin()
    assert not state.check("sum").errors
    assert "sum" in state.words


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("recipe save poster 't2i ${what} | ups", "upscale"),
        ('recipe save poster "t2i ${what} --see', "--seed"),
        ("recipe save poster 't2i ${what} --scheduler euler_", "euler_a"),
    ],
)
def test_the_line_of_a_new_recipe_is_completed_inside_its_quotes(state: PromptState, text: str, word: str) -> None:
    first = next(iter(LineCompleter(state).get_completions(Document(text, len(text)), CompleteEvent())))
    assert first.text == word
    assert text[len(text) + first.start_position :] == text.rsplit(" ", 1)[1]


@pytest.mark.parametrize("text", ["recipe save poster 't2i ${what}' --sum", "recipe sa", "recipe save poster "])
def test_outside_the_quotes_of_a_new_recipe_the_directive_is_completed(state: PromptState, text: str) -> None:
    found = list(LineCompleter(state).get_completions(Document(text, len(text)), CompleteEvent()))
    assert [each.text for each in found][:1] != ["t2i"]
