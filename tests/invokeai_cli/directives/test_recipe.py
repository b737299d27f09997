"""`recipe save|list|show|rm`: a saved line becomes a command at once; lines that used it still work after `rm`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine

PLUS = "add ${a} ${b=2} | mul ${times=3}"


@pytest.fixture
def plus(type_: TypeLine, isolated_home: Path) -> Path:
    """Save the recipe `plus` and return its file."""
    result = type_("recipe", "save", "plus", PLUS)
    file = isolated_home / "config" / "nodes" / "plus.toml"
    assert (result.status, result.out) == (0, f"{file}\n")
    assert result.err == "saved: `plus [A] [B] [TIMES] [OPTIONS]`; `help plus` explains it\n"
    return file


def test_a_saved_line_is_a_command_with_help_and_completion(type_: TypeLine, plus: Path) -> None:
    assert type_("plus", "1").out == "9\n"
    assert type_("plus 1 4 --times 2 | add 1").out == "11\n"
    assert type_("add 1 2 | plus").out == "15\n"
    assert "usage: plus [A] [B] [TIMES] [OPTIONS]" in type_("plus", "--help").out
    assert "plus" in type_("nodes", "plus").out
    assert [line.split("\t")[0] for line in type_("__complete", "2", "plus", "--ti").out.splitlines()] == ["--times"]
    assert [line.split("\t")[0] for line in type_("__complete", "3", "recipe", "rm", "").out.splitlines()] == ["plus"]


def test_a_program_option_that_the_recipe_does_not_have_keeps_its_meaning(type_: TypeLine, plus: Path) -> None:
    assert type_("plus", "1", "--json").document["results"][0]["value"] == 9


def test_the_new_command_works_in_the_next_line_of_the_same_session(type_: TypeLine) -> None:
    lines = f"recipe save plus '{PLUS}'\nplus 1\nrecipe rm plus\nplus 1\n"
    result = type_("-", stdin=lines)
    assert result.status == 2
    assert result.out.splitlines()[1:] == ["9", f"removed plus: {PLUS}"]
    assert "error: there is no command `plus`" in result.err


def test_all_recipes_are_listed_with_their_origin(type_: TypeLine, plus: Path) -> None:
    rows = type_("recipe").out.splitlines()
    assert rows[0].split() == ["recipe", "summary", "from"]
    assert [row.split()[0] for row in rows[1:]] == ["i2i", "inpaint", "outpaint", "plus", "t2i"]
    assert rows[4].endswith(str(plus))
    assert rows[5].endswith("built in")
    data = type_("recipe", "list", "--json").document
    assert data["schema"] == "recipes/1"
    (row,) = [each for each in data["recipes"] if each["name"] == "plus"]
    assert row == {"name": "plus", "summary": PLUS, "origin": str(plus), "line": PLUS}


def test_a_recipe_is_shown_as_a_line_and_a_table_of_inputs(type_: TypeLine, plus: Path) -> None:
    assert type_("recipe", "show", "plus").out == (
        f"{PLUS}\n"
        "\n"
        "input  sets   default\n"
        "a      add.a  (required)\n"
        "b      add.b  2\n"
        "times  mul.b  3\n"
        "\n"
        f"{PLUS}\n"
        f"from {plus}\n"
    )
    data = type_("recipe", "show", "plus", "--json").document
    assert (data["schema"], data["name"], data["pipeline"]) == ("recipe/1", "plus", "add ${a} ${b} | mul ${times}")
    assert data["inputs"][1] == {"name": "b", "sets": ["add.b"], "default": 2, "required": False}
    assert "denoise.steps" in type_("recipe", "show", "t2i").out


def test_a_recipe_can_have_a_summary_of_its_own(type_: TypeLine) -> None:
    type_("recipe", "save", "plus", PLUS, "--summary", "Add and multiply.")
    assert "Add and multiply." in type_("nodes", "plus").out


def test_a_line_or_a_stage_of_the_session_can_be_saved_as_a_recipe(type_: TypeLine) -> None:
    lines = "add 1 2 as sum | mul 4 | sub 5\nadd 5 5\n"
    places = {"whole": "1", "first": "@sum", "two": "@2", "last": "@-1"}
    saves = "".join(f"recipe save {name} --from {place}\n" for name, place in places.items())
    assert type_("-", stdin=lines + saves).status == 0
    assert [type_(name).out for name in places] == ["7\n", "3\n", "12\n", "10\n"]
    assert type_("recipe", "save", "again", "--from", "1").status == 0


STAGES = "write the number of a line, or a stage: @-1, @3, @fox"
FROM = [
    ("7", "the session has no line 7", "it has 3 lines"),
    ("@9", "there is no earlier stage `@9`", "it has 3 lines"),
    (
        "fox",
        "`--from` takes a line or a stage of the session, not `fox`",
        "write the number of a line, or a stage: @-1, @3, @fox",
    ),
]


@pytest.mark.parametrize(("place", "message", "hint"), FROM)
def test_a_line_that_the_session_does_not_have_cannot_be_saved(
    type_: TypeLine, session: str, place: str, message: str, hint: str
) -> None:
    result = type_("recipe", "save", "plus", "--from", place)
    assert (result.status, result.err) == (2, f"error: {message}\n  {hint}\n")


def test_a_line_is_refused_with_a_caret_and_nothing_is_saved(type_: TypeLine, isolated_home: Path) -> None:
    result = type_("recipe", "save", "plus", "add ${a} 1 | mul ${b=x}")
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "error: `b` takes a number, not `x`\n"
        "  add ${a} 1 | mul ${b=x}\n"
        "                   ^^^^^^\n"
    )  # fmt: skip
    assert not (isolated_home / "config" / "nodes").exists()


WRONG = [
    (["recipe", "save", "plus"], "`recipe save` needs a line or `--from`"),
    (["recipe", "save", "plus", "add 1 2", "--from", "1"], "`recipe save` takes either a line or `--from`"),
    (["recipe", "save", "plus", "add", "1", "2"], "`recipe save` got an unexpected argument: `1`"),
    (["recipe save plus add 1 2 | mul 3"], "`recipe` is a shell directive and cannot be piped"),
    (["recipe", "save", "blur", "add 1 2"], "there is already a command `blur`"),
    (["recipe", "save", "recipe", "add 1 2"], "`recipe` is a directive"),
    (["recipe", "save", "quit", "add 1 2"], "`quit` is a reserved word"),
    (["recipe", "show", "nowhere"], "there is no recipe `nowhere`"),
    (["recipe", "rm", "t2i"], "`t2i` is built in and cannot be changed"),
    (["recipe", "rm", "nowhere"], "there is no recipe `nowhere`"),
]


@pytest.mark.parametrize(("words", "message"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_wrong_use_of_the_recipe_directive_is_refused(type_: TypeLine, words: list[str], message: str) -> None:
    result = type_(*words)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(f"error: {message}\n")


def test_the_error_for_an_unquoted_line_says_how_to_quote_it(type_: TypeLine) -> None:
    hint = "  put the line in quotes: recipe save NAME 'LINE'\n"
    for words in (["recipe save plus add 1 2 | mul 3"], ["recipe save plus add 1"], ["recipe save plus --steps 3"]):
        assert type_(*words).err.endswith(hint)


def test_an_existing_recipe_is_replaced_only_with_overwrite(type_: TypeLine, plus: Path) -> None:
    before = plus.read_text()
    result = type_("recipe", "save", "plus", "add ${a} 1")
    assert (result.status, plus.read_text()) == (2, before)
    assert result.err == (
        "error: there is already a recipe `plus`\n"
        "  choose another name, or add --overwrite; `recipe show plus` prints it\n"
    )
    assert type_("recipe", "save", "plus", PLUS).err.startswith("unchanged: ")
    assert type_("recipe", "save", "plus", "add ${a} 1", "--overwrite").status == 0
    assert type_("plus", "1").out == "2\n"


def test_removing_a_recipe_prints_it_and_names_the_recipes_that_use_it(type_: TypeLine, plus: Path) -> None:
    type_("recipe", "save", "more", "plus ${a} | add 1")
    assert type_("more", "1").out == "10\n"
    result = type_("recipe", "rm", "plus")
    assert (result.status, result.out) == (0, f"removed plus: {PLUS}\n")
    assert result.err == "the recipe `more` uses `plus` and no longer works\n"
    assert not plus.exists()
    result = type_("more", "1")
    assert result.status == 2
    assert "recipe `more`: the pipeline uses `plus`, which is not a command" in result.err
    assert type_("add", "1", "2").out == "3\n"
    assert type_("recipe", "show", "more").err.endswith(
        "error: the recipe `more` cannot be loaded\n  `recipe edit more` opens its file\n"
    )
    assert type_("recipe", "rm", "more", "--json").document["removed"][0]["line"] == "plus ${a} | add 1"


def test_several_recipes_are_removed_only_if_all_of_them_exist(type_: TypeLine, plus: Path) -> None:
    assert type_("recipe", "rm", "plus", "nowhere").status == 2
    assert plus.exists()


def test_lines_that_used_a_recipe_still_work_after_it_is_removed(type_: TypeLine, plus: Path, tmp_path: Path) -> None:
    type_("plus 1 4 --times 2 | add 1")
    type_("recipe", "rm", "plus")
    assert "plus 1 4 --times 2 | add 1" in type_("history").out
    assert type_("session", "show").status == 0
    assert type_("graph").status == 0
    assert type_("history", "--save", "old.inv").status == 0
    assert "plus" not in (tmp_path / "old.inv").read_text()
    assert type_("run", "old.inv").out.splitlines()[-1] == "11"


def test_lines_that_used_a_recipe_still_work_after_it_is_changed(type_: TypeLine, plus: Path, tmp_path: Path) -> None:
    type_("plus 1 4 --times 2 | add 1")
    type_("recipe", "save", "plus", "sub ${a} ${b=2}", "--overwrite")
    assert type_("history", "--save", "old.inv").status == 0
    assert type_("run", "old.inv").out.splitlines()[-1] == "11"


def test_an_image_made_with_a_recipe_can_be_replayed_after_the_recipe_is_gone(type_: TypeLine, tmp_path: Path) -> None:
    type_("recipe", "save", "poster", "t2i a poster of ${what} -w 32 --height 32 --steps ${n=2} --seed 7 | blur ${r=1}")
    (image,) = type_("-q", "poster", "a", "fox", "--t2i.guidance", "2").out.split()
    type_("recipe", "rm", "poster")
    line = type_("line", image).out
    assert line.endswith("| denoise --steps 2 --guidance 2 | decode | blur 1\n")
    assert 'prompt "a poster of a fox"' in line
    assert type_("replay", image, "--check").out.endswith(f"{image}: equal\n")
    assert type_("-q", "replay", image, "--set", "radius=3").status == 0
    assert type_("history", "--save", "old.inv").status == 0
    assert "poster " not in (tmp_path / "old.inv").read_text().replace("a poster of", "")
    assert type_("run", "old.inv", "--dry-run").status == 0
