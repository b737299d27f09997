"""The global options, anywhere among the words of the command line."""

from __future__ import annotations

import pytest

from invokeai_cli import options
from invokeai_cli.options import CommandLine, read_command_line
from tests.invokeai_cli.conftest import TypeLine
from workflows.problems import UsageError

OWN = {"save": ["--output", "--quality", "-q"], "t2i": ["--steps", "-s"]}


def read(*words: str) -> CommandLine:
    return read_command_line(words, lambda command: OWN.get(command, ()))


@pytest.mark.parametrize(
    "words",
    [
        ("--json", "t2i", "a", "fox"),
        ("t2i", "--json", "a", "fox"),
        ("t2i", "a", "fox", "--json"),
        ("t2i", "a", "fox", "|", "save", "--json"),
    ],
)
def test_a_global_option_may_appear_anywhere_in_the_line(words: tuple[str, ...]) -> None:
    found = read(*words)
    assert found.format == "json"
    assert "--json" not in found.words
    assert found.words[:3] == ("t2i", "a", "fox")


def test_an_option_of_the_command_takes_precedence_over_a_global_option() -> None:
    found = read("--output", "here", "save", "--output", "there")
    assert found.words == ("save", "--output", "there")
    assert found.flags["output_dir"] == ("--output", "here")


def test_an_option_belongs_to_the_stage_in_which_it_is_typed_or_is_global() -> None:
    found = read("save", "-q", "5", "|", "t2i", "-q")
    assert found.words == ("save", "-q", "5", "|", "t2i")
    assert found.format == "quiet"


@pytest.mark.parametrize("before", [("explain",), ("cache", "why")])
def test_after_a_directive_an_option_belongs_to_the_stage_in_which_it_is_typed_or_is_global(
    before: tuple[str, ...],
) -> None:
    found = read(*before, "save", "-q", "5", "|", "t2i", "-q")
    assert found.words == (*before, "save", "-q", "5", "|", "t2i")
    assert found.format == "quiet"


@pytest.mark.parametrize(
    ("line", "words", "flags"),
    [
        ("t2i a fish -q", "t2i a fish   ", {}),
        ("t2i a fish -q | save", "t2i a fish    | save", {}),
        ("t2i --quiet --device=cpu a fish", "t2i                      a fish", {"device": "cpu"}),
        ("t2i a --device cpu fish -q", "t2i a              fish   ", {"device": "cpu"}),
    ],
)
def test_global_options_are_recognized_inside_a_quoted_line(line: str, words: str, flags: dict[str, str]) -> None:
    """An option is replaced by spaces, so the other characters keep their positions."""
    found = read(line)
    assert (found.words, {name: value for name, (_, value) in found.flags.items()}) == ((words,), flags)
    assert found.format == ("quiet" if "-q" in line else "human")


@pytest.mark.parametrize(
    ("line", "help_for"),
    [
        ("t2i a | save --help", ("save",)),
        ("t2i -h --all a fox", ("t2i", "--all")),
        ("history --help", ("history",)),
        ("explain t2i a -h", ("t2i",)),
    ],
)
def test_a_help_option_in_a_quoted_line_refers_to_the_command_before_it(line: str, help_for: tuple[str, ...]) -> None:
    found = read(line)
    assert (found.help, found.help_for) == (True, help_for)


@pytest.mark.parametrize(
    "line",
    [
        "save -q 5",
        "t2i '-q'",
        "t2i a -- -q",
        "t2i -s 4",
        "t2i a --stesp 4",
        "t2i a -",
        "run a.inv -q",
    ],
)
def test_words_that_are_not_global_options_stay_in_a_quoted_line(line: str) -> None:
    assert read(line) == CommandLine((line,))


def test_after_two_dashes_no_word_is_an_option() -> None:
    assert read("t2i", "--", "--json", "a").words == ("t2i", "--", "--json", "a")
    assert read("--", "t2i", "a").words == ("t2i", "a")


def test_a_help_option_refers_to_the_stage_in_which_it_is_typed() -> None:
    assert read("t2i", "a", "|", "save", "-h").help_for == ("save",)
    assert read("-h").help_for == ()
    assert read("t2i", "--help").help


@pytest.mark.parametrize(
    ("words", "verbosity"), [(("-v",), 1), (("-vv",), 2), (("-v", "--verbose"), 2), (("-vvv",), 3)]
)
def test_the_verbose_option_may_be_repeated(words: tuple[str, ...], verbosity: int) -> None:
    assert read(*words, "t2i").verbosity == verbosity


def test_the_values_of_repeated_options_are_all_used() -> None:
    found = read(
        "--set", "steps=3", "--set=t2i.guidance-scale=4", "--set", "a-b=c=d", "--model-dir", "x", "--model-dir=y"
    )
    assert found.sets == {"steps": "3", "t2i.guidance_scale": "4", "a_b": "c=d"}
    assert found.flags["models_dirs"][1] == "x:y"


def test_the_overwrite_option_sets_a_default_for_save() -> None:
    assert read("--overwrite", "save").sets == {"save.overwrite": "true"}


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("--jsno",), "there is no option `--jsno`", "did you mean `--json`?"),
        (
            ("--clip-skip=2", "t2i", "a"),
            "there is no option `--clip-skip` before a command",
            "it is an option of commands, which is written after the command: invokeai t2i a fox --clip-skip ...",
        ),
        (
            ("--model", "x", "t2i", "a"),
            "there is no option `--model` before a command",
            "it is an option of commands, which is written after the command: invokeai t2i a fox --model ...",
        ),
        (("--zzz", "t2i"), "there is no option `--zzz`", "`invokeai --help` lists the options"),
        (("--set",), "`--set` needs a value: --set NAME=VALUE", None),
        (("t2i", "a", "--output", "|", "save"), "`--output` needs a value: --output DIR", None),
        (("--set", "steps"), "`--set steps` is not of the form NAME=VALUE", "for example `--set steps=20`"),
        (("--json=1",), "`--json` takes no value", "write `--json` alone"),
        (("--json", "--events"), "--json and --events cannot be combined", "choose one output format"),
    ],
)
def test_an_invalid_option_is_refused(words: tuple[str, ...], message: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        read(*words)
    assert caught.value.message == message
    assert hint is None or caught.value.hint == hint


def test_a_former_name_of_an_option_is_accepted_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(options.ALIASES, "--out-dir", "--output")
    found = read("t2i", "a", "--out-dir", "here")
    assert found.flags["output_dir"] == ("--output", "here")
    assert found.notes == ("`--out-dir` is now called `--output`",)
    assert read("--out-dir=here").flags == found.flags


def test_the_version_option_prints_the_version_on_the_first_line(type_: TypeLine) -> None:
    result = type_("--version")
    assert result.out.startswith("invokeai-cli ")
    assert "torch " in result.out
    assert type_("--version", "--json").document["schema"] == "versions/1"
