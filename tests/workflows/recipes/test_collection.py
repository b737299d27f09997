"""The user's recipes: names, files, overwriting, editing, removing; refusals change no file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from invocations.catalog.registry import Registry, open_registry
from invocations.language.errors import Refusal
from workflows.problems import UsageError
from workflows.recipes.collection import OwnRecipes
from workflows.recipes.file import InvalidRecipe

LINE = "t2i a poster of ${what} --seed ${seed=7} | upscale 2"
FILE = """\
type = "poster"
summary = "t2i a poster of ${what} --seed ${seed=7} | upscale 2"
pipeline = 't2i "a poster of ${what}" --seed ${seed} | upscale 2'

[inputs]
what = {part_of = "t2i.prompt", position = 1, free_text = true}
seed = {to = ["t2i.seed"], default = 7}
"""
Open = Callable[[], OwnRecipes]


@pytest.fixture
def open_(tmp_path: Path) -> Open:
    """Return a function that reads the recipes in the folder again."""

    def recipes() -> OwnRecipes:
        registry: Registry = open_registry([tmp_path])
        return OwnRecipes(str(tmp_path), registry, {"history"}, {"quit"})

    return recipes


def save(own: OwnRecipes, name: str, line: str, **options: bool) -> Path:
    recipe = own.of_line(name, line, **options)  # type: ignore[arg-type]
    own.save(recipe)
    return Path(recipe.path)


def test_a_recipe_is_saved_as_a_file_that_the_registry_reads(open_: Open, tmp_path: Path) -> None:
    assert save(open_(), "poster", LINE) == tmp_path / "poster.toml"
    assert (tmp_path / "poster.toml").read_text() == FILE
    registry = open_registry([tmp_path])
    assert registry.problems() == ()
    assert registry["poster"].origin == str(tmp_path / "poster.toml")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["poster.toml"]


def test_a_registry_reads_a_saved_recipe_after_a_refresh(tmp_path: Path) -> None:
    registry = open_registry([tmp_path], tmp_path / "cache")
    assert "poster" not in registry
    save(OwnRecipes(str(tmp_path), registry), "poster", LINE)
    registry.refresh()
    assert registry["poster"].input("seed").default == 7  # type: ignore[union-attr]
    save(OwnRecipes(str(tmp_path), registry), "poster", LINE.replace("7", "8"), overwrite=True)
    registry.refresh()
    assert registry["poster"].input("seed").default == 8  # type: ignore[union-attr]
    OwnRecipes(str(tmp_path), registry).remove("poster")
    registry.refresh()
    assert "poster" not in registry


NAMES = [
    ("Poster", "`Poster` cannot be the name of a recipe"),
    ("my_poster", "`my_poster` cannot be the name of a recipe"),
    ("../poster", "`../poster` cannot be the name of a recipe"),
    ("", "`` cannot be the name of a recipe"),
    ("history", "`history` is a directive"),
    ("as", "`as` is a reserved word"),
    ("sweep", "`sweep` is a reserved word"),
    ("quit", "`quit` is a reserved word"),
    ("con", "`con` is a reserved word"),
    ("blur", "there is already a command `blur`"),
    ("t2i", "there is already a command `t2i`"),
]


@pytest.mark.parametrize(("name", "message"), NAMES)
def test_a_name_that_is_taken_or_invalid_is_refused(open_: Open, tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        save(open_(), name, "t2i ${x}", overwrite=True)
    assert caught.value.message == message
    assert list(tmp_path.iterdir()) == []


def test_an_existing_recipe_is_replaced_only_on_request(open_: Open, tmp_path: Path) -> None:
    save(open_(), "poster", LINE)
    with pytest.raises(UsageError) as caught:
        save(open_(), "poster", "t2i ${other}")
    assert caught.value.message == "there is already a recipe `poster`"
    assert caught.value.hint == "choose another name, or add --overwrite; `recipe show poster` prints it"
    assert (tmp_path / "poster.toml").read_text() == FILE
    assert open_().of_line("poster", LINE).is_saved
    save(open_(), "poster", "t2i ${other}", overwrite=True)
    assert "${other}" in (tmp_path / "poster.toml").read_text()


def test_a_file_that_is_not_a_recipe_is_replaced_only_on_request(open_: Open, tmp_path: Path) -> None:
    (tmp_path / "poster.toml").write_text("not TOML")
    with pytest.raises(UsageError):
        save(open_(), "poster", LINE)
    assert (tmp_path / "poster.toml").read_text() == "not TOML"
    save(open_(), "poster", LINE, overwrite=True)
    assert (tmp_path / "poster.toml").read_text() == FILE


def test_a_recipe_may_use_another_but_not_itself(open_: Open) -> None:
    save(open_(), "poster", LINE)
    save(open_(), "soft", "poster ${what} | blur ${radius=2}")
    with pytest.raises(Refusal, match="a recipe cannot use itself: poster -> soft -> poster"):
        save(open_(), "poster", "soft ${what}", overwrite=True)
    assert open_().users_of("poster") == ["soft"]


def test_edited_inputs_follow_the_pipeline_and_keep_what_only_the_user_can_write(open_: Open) -> None:
    save(open_(), "poster", LINE)
    text = FILE.replace("| upscale 2'", "--steps ${steps=20} | upscale ${by}'").replace("default = 7", 'short = "x"')
    text = "# mine\n" + text.replace("free_text = true", 'free_text = true, description = "the subject"')
    recipe = open_().of_text("poster", text)
    assert recipe.text.startswith("# mine\n")
    what, seed, steps, by = recipe.spec.inputs
    assert (what.name, what.description, what.position) == ("what", "the subject", 1)
    assert (seed.name, seed.default, seed.short) == ("seed", None, "x")
    assert (steps.name, steps.default) == ("steps", 20)
    assert (by.name, by.default, by.position) == ("by", 2.0, None)


def test_an_input_whose_variable_is_removed_from_the_pipeline_is_removed(open_: Open) -> None:
    save(open_(), "poster", LINE)
    recipe = open_().of_text("poster", FILE.replace(" --seed ${seed}", ""))
    assert [each.name for each in recipe.spec.inputs] == ["what"]


def test_an_edited_recipe_still_receives_what_is_piped_into_it(open_: Open) -> None:
    path = save(open_(), "double", "| mul ${by=2}")
    recipe = open_().of_text("double", path.read_text().replace("mul ${by}", "mul ${by} | add ${more=0}"))
    assert [(each.name, each.primary, each.position) for each in recipe.spec.inputs] == [
        ("a", True, None), ("by", False, 1), ("more", False, 2)
    ]  # fmt: skip
    recipe = open_().of_text("double", path.read_text().replace("mul ${by}", "mul 3"))
    assert [each.name for each in recipe.spec.inputs] == ["a"]


def test_an_edited_recipe_without_variables_keeps_its_text(open_: Open, tmp_path: Path) -> None:
    text = 'type = "sketch"\nsummary = "S."  # short\npipeline = "t2i | blur"\n[inputs]\nof = {to = ["t2i.prompt"]}\n'
    (tmp_path / "sketch.toml").write_text(text)
    assert open_().of_text("sketch", text).text == text


EDITS = [
    (
        ("[inputs]", "[inputs"),
        "poster.toml:5:8: error: the file is not TOML: Expected ']' at the end of a table",
    ),
    (("upscale 2'", "upscal 2'"), "error: there is no command `upscal`"),
    (("--seed ${seed}", "--seed ${seed=x}"), "error: `seed` takes a whole number, not `x`"),
]


@pytest.mark.parametrize(("edit", "head"), EDITS, ids=["toml", "command", "default"])
def test_an_edited_file_is_refused_with_the_place_of_the_error(open_: Open, edit: tuple[str, str], head: str) -> None:
    save(open_(), "poster", LINE)
    with pytest.raises(Refusal) as caught:
        open_().of_text("poster", FILE.replace(*edit))
    assert str(caught.value).startswith(head)
    assert "^" in str(caught.value)


INVALID = [
    (('type = "poster"', 'type = "other"'), '`type` must remain "poster"'),
    (("summary", "sumary"), "recipe `poster`: `sumary` is not a key of a recipe; the keys are"),
    (("free_text", "free"), "recipe `poster`: input `what`: `free` is not a key of an input"),
]


@pytest.mark.parametrize(("edit", "message"), INVALID, ids=["type", "key", "input key"])
def test_an_edited_file_that_breaks_a_rule_is_refused(open_: Open, edit: tuple[str, str], message: str) -> None:
    save(open_(), "poster", LINE)
    with pytest.raises(InvalidRecipe) as caught:
        open_().of_text("poster", FILE.replace(*edit))
    assert caught.value.message.startswith(message)


REMOVED = [
    ("t2i", "`t2i` is built in and cannot be changed"),
    ("blur", "`blur` is not a recipe"),
    ("posterr", "there is no recipe `posterr`"),
]


@pytest.mark.parametrize(("name", "message"), REMOVED)
def test_only_the_users_own_recipes_can_be_removed(open_: Open, tmp_path: Path, name: str, message: str) -> None:
    save(open_(), "poster", LINE)
    with pytest.raises(UsageError) as caught:
        open_().remove(name)
    assert caught.value.message == message
    line = 't2i "a poster of ${what}" --seed ${seed=7} | upscale 2'
    assert open_().remove("poster") == (str(tmp_path / "poster.toml"), line)
    assert list(tmp_path.iterdir()) == []


def test_a_broken_recipe_can_be_removed(open_: Open, tmp_path: Path) -> None:
    (tmp_path / "old.toml").write_text('type = "old"\nsummary = "S."\npipeline = "nowhere | blur"\n')
    assert open_().remove("old") == (str(tmp_path / "old.toml"), "nowhere | blur")
