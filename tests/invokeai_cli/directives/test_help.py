"""The directive `help`: an overview, a page for each command and directive, and topics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.denoising.schedulers import SCHEDULERS
from invokeai_cli.directives.table import DIRECTIVES
from invokeai_cli.exit_status import MEANINGS
from tests.invokeai_cli.conftest import TypeLine
from workflows.manual.topics import TOPICS


def test_the_main_help_begins_with_the_purpose_and_examples(type_: TypeLine) -> None:
    for words in (("--help",), ("-h",), ("help",)):
        result = type_(*words, terminal=True)
        assert result.status == 0
        lines = result.out.splitlines()
        assert lines[0].startswith("Image generation in a terminal")
        assert result.out.index("Examples:") < result.out.index("Common commands")
    whole = type_("--help", "--all").out
    assert whole.index("Common commands") < whole.index("Directives:") < whole.index("Options:")
    assert whole == type_("help", "--all").out


@pytest.mark.parametrize("word", DIRECTIVES)
def test_every_directive_has_help(type_: TypeLine, word: str) -> None:
    result = type_("help", word)
    assert result.status == 0
    assert " ".join(result.out.split()).startswith(f"usage: {DIRECTIVES[word].usage} ")
    assert type_(word, "--help").out == result.out


@pytest.mark.parametrize(
    "words", [("blur", "--help"), ("help", "blur"), ("blur", "-h"), ("load", "x", "|", "blur", "-h")]
)
def test_every_way_to_ask_for_help_on_a_command_prints_the_same_page(type_: TypeLine, words: tuple[str, ...]) -> None:
    result = type_(*words)
    assert (result.status, result.err) == (0, "")
    assert result.out == type_("help", "blur").out
    assert "Can follow" not in result.out
    whole = type_(*words, "--all")
    assert (whole.status, whole.err, whole.out) == (0, "", type_("help", "blur", "--all").out)
    assert "Can follow" in whole.out


def test_help_names_the_subcommand_that_each_option_belongs_to(type_: TypeLine) -> None:
    _, _, options = type_("help", "session").out.partition("Options:\n")
    assert options.partition("\n\n")[0] == (
        "  show --all          list every node, even in a session with thousands of nodes\n"
        "  resume --yes        resume an imported session without asking for confirmation\n"
        "  export --overwrite  replace an existing file\n"
        "  rm --yes            do not ask for confirmation"
    )
    assert "Options:\n  clear --yes  do not ask for confirmation\n" in type_("help", "cache").out


@pytest.mark.parametrize("topic", TOPICS)
def test_every_help_topic_prints_a_page(type_: TypeLine, topic: str) -> None:
    result = type_("help", topic)
    assert (result.status, result.err) == (0, "")
    assert len(result.out.splitlines()) > 4


@pytest.mark.parametrize("topic", ["language", "prompts", "default-model"])
def test_every_line_in_a_topic_can_be_planned(type_: TypeLine, topic: str) -> None:
    page = type_("help", topic).out.splitlines()
    lines = [line.strip() for line in page if line.startswith("  t2i" if topic == "default-model" else "  ")]
    assert lines
    for line in lines:
        result = type_("explain", line.replace("/path/to/model", "default"))
        assert (result.status, result.err) == (0, ""), line


def test_help_topics_lists_every_topic(type_: TypeLine) -> None:
    rows = [line.split(maxsplit=1) for line in type_("help", "topics").out.splitlines()]
    assert rows == [[name, topic.summary] for name, topic in TOPICS.items()]


def test_help_schedulers_describes_every_scheduler_and_the_t2i_page_refers_to_it(type_: TypeLine) -> None:
    page = type_("help", "schedulers").out
    for name in SCHEDULERS:
        assert f"\n  {name} " in page
    assert "  euler_a         Euler ancestral; adds noise at each step" in page
    assert "`help schedulers` lists them" in " ".join(type_("help", "t2i", "--all").out.split())


def test_help_fits_a_terminal_with_80_columns(type_: TypeLine) -> None:
    for words in (("--help",), *(("help", topic) for topic in TOPICS)):
        assert [line for line in type_(*words).out.splitlines() if len(line) > 80] == [], words


def test_125_help_lists_the_exit_codes(type_: TypeLine) -> None:
    page = type_("help", "exit-codes").out
    assert [int(line.split()[0]) for line in page.splitlines()] == sorted(MEANINGS)


def test_help_for_an_unknown_word_is_refused_with_a_suggestion(type_: TypeLine) -> None:
    result = type_("help", "blurr")
    assert (result.status, result.out) == (2, "")
    assert result.err == "error: there is no help for `blurr`\n  did you mean `help blur`?\n"


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("sampler", "schedulers"),
        ("cfg", "guidance"),
        ("txt2img", "t2i"),
        ("pictures", "images"),
        ("settings", "config"),
        ("png_compression", "environment"),
        ("models_dirs", "environment"),
        ("memory", "environment"),
        ("quarantined", "failures"),
        ("faster", "performance"),
        ("daemon", "engine"),
    ],
)
def test_help_for_a_setting_or_a_term_from_another_tool_shows_a_page(type_: TypeLine, word: str, other: str) -> None:
    page = type_("help", word)
    assert (page.status, page.err) == (0, "")
    assert page.out == type_("help", other).out


@pytest.mark.parametrize(
    ("word", "where", "topic"),
    [
        ("device", "Options of the program come before the command", "environment"),
        ("dtype", "Options of the program come before the command", "environment"),
        ("jobs", "`invokeai --jobs 2 ...` or `config set jobs 2`", "performance"),
        ("workers", "`invokeai --jobs 2 ...` or `config set jobs 2`", "performance"),
        ("batch", "`invokeai --batch 4 ...` or `config set batch 4`", "performance"),
    ],
)
def test_help_for_an_option_of_the_program_also_says_where_it_goes(
    type_: TypeLine, word: str, where: str, topic: str
) -> None:
    page = type_("help", word)
    assert (page.status, page.err) == (0, "")
    note, _, explained = page.out.partition("\n\n")
    assert where in " ".join(note.split())
    assert explained == type_("help", topic).out


def test_help_for_an_input_shows_the_page_of_that_input(type_: TypeLine) -> None:
    assert (
        type_("help", "clip-skip").out
        == """\
Input of i2i, inpaint, outpaint, prompt, t2i:
  --clip-skip INT  number of text encoder layers to skip at the end; Clip skip
                   in A1111 is one higher (0 to 11; default: from the model)

Names in other tools:
  clipskip, clip-stop-at-last-layers

`set clip-skip VALUE` sets a default for the lines that follow; add --save to
make it permanent.
"""
    )


def test_help_for_an_unsupported_feature_suggests_an_alternative(type_: TypeLine) -> None:
    assert type_("help", "lora").out == "LoRAs cannot be used yet\n"
    assert type_("help", "hires-fix").out.startswith("Write separate stages: t2i a fox | upscale 2 | i2i a fox ")


def test_help_explains_a_subcommand_and_leads_from_names_of_models_and_programs_to_the_topic(type_: TypeLine) -> None:
    page = type_("help", "models", "scan").out
    assert page.startswith("usage: models scan DIR [--add | --remove]\n")
    assert type_("help models scan").out == page
    assert type_("help", "models", "scna").status == 2
    for word in ("sdxl", "a1111", "ComfyUI", "models-folders"):
        assert "models scan ~/stable-diffusion-webui --add" in type_("help", word).out
    assert type_("help", "embedding").out == "Embeddings cannot be used yet\n"


def test_the_usage_of_a_recipe_names_the_options_that_it_needs(type_: TypeLine) -> None:
    assert type_("help", "inpaint").out.startswith("usage: inpaint PATH PROMPT... --mask IMAGE [OPTIONS]\n")
    assert type_("help", "i2i").out.startswith("usage: i2i PATH PROMPT... [OPTIONS]\n")


def test_help_fits_in_23_rows_unless_the_all_option_is_used(type_: TypeLine, commands: Mapping[str, object]) -> None:
    for words in ((), *((word,) for word in commands)):
        lines = type_("help", *words, COLUMNS="80").out.splitlines()
        assert len(lines) <= 23, words  # 24 rows, less one for the interactive prompt
        # only examples may be wider than the terminal
        longer = {line.strip() for line in lines if len(line) > 80}
        assert longer <= {line.strip() for line in type_("help", *words, "--all").out.splitlines()}


@pytest.mark.parametrize(
    ("line", "page"),
    [
        ("t2i a fish --help", ("t2i",)),
        ("load x.png | blur 2 -h", ("blur",)),
        ("load x.png --help | blur 2", ("load",)),
        ("blur -h --all", ("blur", "--all")),
        ("explain t2i a fish --help", ("t2i",)),
        ("explain --help", ("explain",)),
        ("cache why t2i -h", ("t2i",)),
        ("history --limit 2 --help", ("history",)),
    ],
)
def test_a_help_option_at_the_end_of_any_stage_shows_help_even_if_the_whole_line_is_quoted(
    type_: TypeLine, line: str, page: tuple[str, ...]
) -> None:
    expected = type_("help", *page)
    for words in ((line,), tuple(line.split())):
        result = type_(*words)
        assert (result.status, result.out, result.err) == (0, expected.out, ""), words


@pytest.mark.parametrize("line", ["t2i a '--help' sign --dry", "t2i -- a --help sign"])
def test_a_quoted_help_option_is_part_of_the_prompt(type_: TypeLine, line: str) -> None:
    assert "usage:" not in type_("explain", line).out


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("random", "If both are integers, the result is an integer and both limits are included."),
        ("round", "Halves are rounded to the nearest even number."),
    ],
)
def test_help_states_whether_limits_are_inclusive_and_how_halves_are_rounded(
    type_: TypeLine, word: str, sentence: str
) -> None:
    assert sentence in " ".join(type_("help", word).out.split())


def test_config_path_prints_the_folder_for_the_users_own_nodes_as_documented(
    type_: TypeLine, isolated_home: Path
) -> None:
    assert f"your nodes        {isolated_home / 'config' / 'nodes'}" in type_("config", "path").out
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "node.md").read_text("utf-8")
    assert "`invokeai config path` prints where it is, as `your nodes`" in " ".join(page.split())
    assert "`CollectionOutput` for a list of anything (in `invocations.nodes.flow`)" in " ".join(page.split())
