"""The words that a shell offers to complete the word at the cursor."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.catalog.registry import open_registry
from invokeai_cli.directives.directive import Directive, rows
from invokeai_cli.directives.table import DIRECTIVES
from invokeai_cli.shell_completion import Completion, complete
from tests.invokeai_cli.conftest import TypeLine

CATALOG = open_registry()
DEFAULT = Path(__file__).parents[2] / "core" / "models" / "default"


def offered(*words: str) -> Completion:
    return complete(words[:-1], words[-1], CATALOG)


@pytest.mark.parametrize(
    ("words", "there"),
    [
        (("bl",), {"blur", "blend"}),
        (("hist",), {"history"}),
        (("--js",), {"--json"}),
        (("load", "x.png", "|", "bl"), {"blur", "blend"}),
        (("--json", "bl"), {"blur"}),
        (("--output", "there", "bl"), {"blur"}),
        (("resize", "--wi"), {"--width"}),
        (("t2i", "--denoise."), {"--denoise.eta", "--denoise.strength"}),
        (("outpaint", "--pad.surround", ""), {"mirror", "color"}),
        (("resize", "--"), {"--width", "--json"}),
        (("--preview", ""), {"kitty", "none"}),
        (("--color", "al"), {"always"}),
        (("blend", "--mode", "normal,mul"), {"normal,multiply"}),
        (("blend", "--mode=normal,mul"), {"--mode=normal,multiply"}),
        (("swe",), {"sweep"}),
        (("sweep", "see"), {"seed="}),
        (("sweep", "seed=1..4", "ste"), {"steps="}),
        (("sweep", "mode=normal,mul"), {"mode=normal,multiply"}),
        (("sweep", "mode", "=", "normal,mul"), {"normal,multiply"}),  # bash splits a word at `=`
        (("sweep", "seed=1..4", "--wh"), {"--where"}),
        (("explain", "sweep", "mode=mul"), {"mode=multiply"}),
        (("t2i", "--tiled=t"), {"--tiled=true"}),
        (("help", "exit"), {"exit", "exit-codes"}),
        (("help", "blu"), {"blur"}),
        (("config", ""), {"show", "set", "path"}),
        (("config", "set", "dev"), {"device"}),
        (("set", "st"), {"step", "steps"}),
        (("set", "--s"), {"--save"}),
        (("explain", "bl"), {"blur"}),
        (("cache", "w"), {"why"}),
        (("cache", "why", "bl"), {"blur"}),
        (("cache", "why", "load", "x", "|", "blur", "--ra"), {"--radius"}),
        (("explain", "load", "x", "|", "blur", "--ra"), {"--radius"}),
        (("completion", "f"), {"fish"}),
        (("session", ""), {"show", "resume", "export", "import", "rm"}),
        (("session", "rm", ""), {"latest"}),
        (("session", "rm", "latest", "--"), {"--yes", "--json"}),
        (("session", "export", "latest", "--o"), {"--overwrite"}),
        (("sessions", "--"), {"--failed", "--since", "--limit"}),
        (("history", "--s"), {"--search", "--since", "--session", "--save"}),
        (("history", "3", "--session", ""), {"latest"}),
        (("stats", ""), {"latest"}),
        (("--set", "st"), {"step=", "steps="}),
        (("t2i", "--model", ""), {"default"}),
        (("compare-numbers", "1", ""), {"lt", "ge"}),
        (("load", "x.png", "\\|", "bl"), {"blur", "blend"}),
        (("--preview", "=", "ki"), {"kitty"}),
        (("--preview", "="), {"kitty", "none"}),
        (("--preview=ki",), {"--preview=kitty"}),
        (("resize", "--fit=co"), set()),
    ],
)
def test_words_that_can_follow_are_offered(words: tuple[str, ...], there: set[str]) -> None:
    found = offered(*words)
    assert there <= set(found.offers)
    assert all(word.startswith(words[-1].removeprefix("=")) for word in found.offers)


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (("load", ""), "file"),
        (("run", ""), "file"),
        (("replay", ""), "file"),
        (("line", ""), "file"),
        (("explain", "load", "a"), "file"),
        (("blur", "--image", ""), "file"),
        (("session", "import", ""), "file"),
        (("session", "export", "latest", ""), "file"),
        (("session", "export", ""), ""),
        (("history", "--save", ""), "file"),
        (("--output", ""), "directory"),
        (("--model-dir", ""), "directory"),
        (("t2i", "a", "--dynamic", "--wildcards", ""), "directory"),
        (("dynamic", "a", "--wildcards", ""), "directory"),
        (("t2i", "a", "fo"), ""),
        (("add", ""), ""),
        (("resize", "--width", ""), ""),
    ],
)
def test_files_are_offered_where_they_are_allowed(words: tuple[str, ...], files: str) -> None:
    assert offered(*words).files == files


@pytest.mark.parametrize(
    ("words", "suffix"),
    [
        (("t2i", "a", "--model", "./"), ".safetensors"),
        (("t2i", "a", "--vae", "./"), ".safetensors"),
        (("set", "steps", "3", "--model", "./"), ".safetensors"),
        (("models", "info", "./"), ""),
        (("run", "./"), ".inv"),
    ],
)
def test_only_files_that_can_be_used_are_offered(words: tuple[str, ...], suffix: str) -> None:
    assert (offered(*words).files, offered(*words).suffix) == ("file", suffix)


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (("load", "x", "|", "hist"), "history"),
        (("t2i", "a", ""), "blur"),
        (("resize", "--width", "--"), "--help"),
        (("nonsense", ""), "blur"),
    ],
)
def test_words_that_cannot_follow_are_not_offered(words: tuple[str, ...], missing: str) -> None:
    assert missing not in offered(*words).offers


def test_sessions_are_offered_for_a_session_argument(type_: TypeLine) -> None:
    assert type_("__complete", "3", "session", "show", "").out == "latest\tthe latest session\n"
    type_("add", "1", "2")
    (session,) = [each["id"] for each in type_("sessions", "--json").document["sessions"]]
    for words in (("3", "session", "rm", ""), ("3", "history", "--session", session[:4]), ("2", "stats", "")):
        assert f"{session}\t\n" in type_("__complete", *words).out
    assert session not in type_("__complete", "3", "session", "import", "").out


def test_a_shell_passes_the_index_of_the_word_at_the_cursor(type_: TypeLine) -> None:
    result = type_("__complete", "2", "resize", "--wi", "ignored")
    assert (result.status, result.out, result.err) == (0, "--width\tnew width\n", "")
    assert type_("__complete", "1", "load", "").out.startswith("load\t")
    assert type_("__complete", "2", "load").out == ":file\n"
    assert type_("__complete").status == 0
    assert type_("__complete", "x").status == 0


@pytest.mark.parametrize(
    ("words", "there"),
    [
        (("--json", "bl"), "blur"),
        (("t2i", "--help", "--st"), "--steps"),
        (("config", "set", "device", ""), "cuda"),
        (("replay", "x.png", "--set", ""), "steps="),
        (("replay", "x.png", "--set", "st"), "steps="),
        (("t2i", "a", "fox", "--set", ""), "steps="),
        (("--set", ""), "steps="),
        (("--output", "there", "bl"), "blur"),
    ],
)
def test_options_on_the_line_to_be_completed_are_not_executed(
    type_: TypeLine, words: tuple[str, ...], there: str
) -> None:
    result = type_("__complete", str(len(words)), *words)
    assert (result.status, result.err) == (0, "")
    found = [line.split("\t")[0] for line in result.out.splitlines()]
    assert there in found
    assert "my-broken-model" not in found


@pytest.mark.parametrize(
    ("words", "there"),
    [
        (("t2i", "--scheduler", "eu"), "euler_a"),
        (
            (
                "t2i",
                "--scheduler=eu",
            ),
            "--scheduler=euler_a",
        ),
        (("t2i", "--scheduler", "=", "eu"), "euler_a"),
        (("load", "x.png", "|", "i2i", "--scheduler", "dpm"), "dpmpp_2m_k"),
        (("upscale", "x.png", "2", "lan"), "lanczos"),
        (("t2i", "--model", "my"), "my-model"),
        (("model", "my"), "my-model"),
        (("model", "|", "vae", "my"), "my-vae"),
        (("t2i", "a", "fox", "--vae", "my"), "my-model"),
    ],
)
def test_models_and_schedulers_are_offered_by_name(
    type_: TypeLine, isolated_home: Path, words: tuple[str, ...], there: str
) -> None:
    models = isolated_home / "data" / "models"
    models.mkdir(parents=True, exist_ok=True)
    (models / "my-model").symlink_to(DEFAULT, target_is_directory=True)
    (models / "my-broken-model").mkdir()
    (models / "my-broken-model" / "model_index.json").write_text("{}")
    (models / "my-vae").symlink_to(DEFAULT / "vae", target_is_directory=True)
    result = type_("__complete", str(len(words)), *words)
    assert there in [line.split("\t")[0] for line in result.out.splitlines()]


@pytest.mark.parametrize("row", [row for row in rows(DIRECTIVES) if row.options], ids=lambda row: row.name)
def test_every_option_of_a_directive_is_offered_with_a_description(row: Directive) -> None:
    found = offered(*row.name.split(), "--").offers
    assert {option.flag: option.help for option in row.options}.items() <= found.items()


def test_completion_and_help_describe_the_options_of_run_identically(type_: TypeLine) -> None:
    page = " ".join(type_("help", "run").out.split())
    result = type_("__complete", "2", "run", "--")
    described = dict(line.split("\t") for line in result.out.splitlines())
    for option in DIRECTIVES["run"].options:
        assert described[option.flag] == option.help
        assert f"{option.usage} {option.help}" in page


@pytest.mark.parametrize(
    ("words", "ours"),
    [
        (("txt2",), {"t2i"}),
        (("t2i", "a", "--cf"), {"--guidance"}),
        (("help", "sampl"), {"schedulers"}),
        (("xy",), set()),
        (("blur", "--cf"), set()),
    ],
)
def test_a_name_used_by_another_tool_completes_to_the_name_used_by_this_program(
    words: tuple[str, ...], ours: set[str]
) -> None:
    assert set(offered(*words).offers) == ours


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("run", ""), ":file:*.inv"),
        (("session", "import", ""), ":file:*.json"),
        (("load", ""), ":file"),
        (("--output", ""), ":directory"),
    ],
)
def test_files_with_the_expected_suffix_are_offered(words: tuple[str, ...], lines: str) -> None:
    assert offered(*words).as_lines().splitlines()[-1] == lines


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        (("'t2i a fox | sca",), {"t2i a fox | scale"}),
        (("'load a.png | blur --ra",), {"load a.png | blur --radius"}),
        (('"load a.png|sharp',), {"load a.png|sharpen"}),
        (("--json", "'upsc"), {"upscale"}),
        (("'t2i a fox' ",), set()),
        (("load", "'my upsc"), set()),
    ],
)
def test_a_line_in_an_open_quote_is_completed(words: tuple[str, ...], offers: set[str]) -> None:
    assert set(offered(*words).offers) == offers


@pytest.mark.parametrize(
    ("words", "there"),
    [
        (("4", "replay", "x.png", "--set", ""), "steps=\t"),
        (("4", "config", "set", "device", ""), "cuda\t"),
        (("2", "--json", "blu"), "blur\t"),
    ],
)
def test_options_in_a_completion_request_do_not_affect_the_completion_command(
    type_: TypeLine, words: tuple[str, ...], there: str
) -> None:
    result = type_("__complete", *words)
    assert (result.status, result.err) == (0, "")
    assert there in result.out


def test_the_word_none_is_not_offered_for_an_input_with_named_values() -> None:
    assert "none" not in offered("t2i", "--scheduler", "").offers
    assert "none" in offered("t2i", "--width", "").offers
