"""Discovery reads the user's files: each becomes a node or a recipe, or is left out with a message that names it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from invocations.catalog.registry import Registry, open_registry
from tests.invocations.catalog.plugin_files import NODE, RECIPE, write

REFUSED = """error: the quote ' is never closed
  plugin-example 'hello
                 ^
  close the quote with '; to begin a value with ', write it in "...\""""


def problems_of(registry: Registry, folder: Path) -> list[str]:
    """Return the problems as strings, without the folder's path."""
    return [str(problem).replace(f"{folder}{os.sep}", "") for problem in registry.problems()]


def test_a_file_in_the_nodes_folder_is_a_node(nodes: Path, cache: Path) -> None:
    write(nodes / "whisper.py", NODE.format(type="whisper", name="Whisper"))
    registry = open_registry([nodes], cache)
    assert registry.spec("whisper") is not None
    assert registry["whisper"].origin == str(nodes / "whisper.py")
    assert "whisper" in list(registry.specs())
    cls = registry.load("whisper")
    assert cls.model_validate({"text": "hey"}).invoke(None).text == "HEY"  # type: ignore[arg-type, attr-defined]
    assert registry.problems() == ()


def test_a_recipe_in_the_nodes_folder_is_a_command(nodes: Path, cache: Path) -> None:
    write(nodes / "twice.toml", RECIPE)
    registry = open_registry([nodes], cache)
    assert registry["twice-more"].pipeline == "add | mul 2"
    with pytest.raises(KeyError):
        registry.load("twice-more")


BAD = [
    ("raises.py", "x = 1\nraise RuntimeError('no luck')\n", "raises.py:2: RuntimeError: no luck"),
    ("leaves.py", "import sys\nsys.exit(3)\n", "leaves.py:2: SystemExit: 3"),
    (
        "missing.py",
        "import no_such_package_here\n",
        "missing.py:1: ModuleNotFoundError: No module named 'no_such_package_here'",
    ),
    ("syntax.py", "def f(:\n", "syntax.py:1: SyntaxError: invalid syntax"),
    ("null.py", "x = 1\0\n", "null.py: SyntaxError: source code string cannot contain null bytes"),
    (
        "version.py",
        NODE.format(type="plugin-version", name="Version").replace('"1.0.0"', '"1"'),
        "version.py:14: Version: the version `1` must have the form 1.2.3",
    ),
    (
        "clash.py",
        NODE.format(type="add", name="Clash"),
        "clash.py:14: the type `add` is taken by invocations.nodes.numbers.Add",
    ),
    ("shape.toml", 'type = "x"\n', "shape.toml: recipe `x`: `summary` is missing or not a string"),
    (
        "unknown.toml",
        'type = "x"\nsummary = "S."\npipeline = "add | nowhere"\n',
        "unknown.toml: recipe `x`: the pipeline uses `nowhere`, which is not a command",
    ),
    (
        "self.toml",
        'type = "x"\nsummary = "S."\npipeline = "add | x"\n',
        "self.toml: recipe `x`: the recipe uses itself: x -> x",
    ),
]


@pytest.mark.parametrize(("name", "text", "problem"), BAD, ids=[name for name, _, _ in BAD])
def test_an_invalid_plug_in_is_left_out_and_reported(
    nodes: Path, cache: Path, name: str, text: str, problem: str
) -> None:
    write(nodes / name, text)
    write(nodes / "zz_good.py", NODE.format(type="plugin-good", name="Good"))
    registry = open_registry([nodes], cache)
    seen = problems_of(registry, nodes)
    assert len(seen) == 1
    assert seen[0].split(" 0x")[0].startswith(problem)
    assert "plugin-good" in registry
    assert "add" in registry
    assert problems_of(open_registry([nodes], cache), nodes) == seen  # the same problems are read from the cache


def test_invalid_toml_is_reported_with_its_line_number(nodes: Path, cache: Path) -> None:
    write(nodes / "broken.toml", 'type = "x"\nsummary = \n')
    (problem,) = open_registry([nodes], cache).problems()
    assert (Path(problem.file).name, problem.line) == ("broken.toml", 2)
    assert "is not TOML" in problem.reason


def test_a_file_that_is_not_text_is_left_out(nodes: Path, cache: Path) -> None:
    (nodes / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    (problem,) = open_registry([nodes], cache).problems()
    assert "is not text in UTF-8" in problem.reason


def test_the_first_of_two_plug_ins_with_the_same_type_is_kept(nodes: Path, cache: Path) -> None:
    write(nodes / "a.py", NODE.format(type="plugin-same", name="First"))
    write(nodes / "b.toml", RECIPE.replace("twice-more", "plugin-same"))
    registry = open_registry([nodes], cache)
    assert registry["plugin-same"].class_name == "First"
    assert problems_of(registry, nodes) == ["b.toml: the type `plugin-same` is taken by a.py"]


def test_a_node_with_an_invalid_example_is_left_out(nodes: Path, cache: Path) -> None:
    write(nodes / "a.py", NODE.format(type="plugin-example", name="Example").replace(' hello"', " 'hello\""))
    write(
        nodes / "b.toml",
        RECIPE.replace("add | mul 2", "plugin-example | replace a b")
        .replace("add.a", "plugin-example.text")
        .replace("add.b", "replace.new"),
    )
    registry = open_registry([nodes], cache)
    assert "plugin-example" not in registry
    assert "twice-more" not in registry
    assert problems_of(registry, nodes) == [
        f"a.py:14: the example `plugin-example 'hello` of `plugin-example` is refused: {REFUSED}",
        "b.toml: the pipeline uses `plugin-example`, which was not loaded",
    ]


def test_recipes_may_use_recipes_in_any_order(nodes: Path, cache: Path) -> None:
    outer = RECIPE.replace("twice-more", "plugin-outer").replace("add | mul 2", "twice-more | add 1")
    write(nodes / "a.toml", outer.replace("add.a", "twice-more.a").replace("add.b", "twice-more.b"))
    write(nodes / "b.toml", RECIPE)
    registry = open_registry([nodes], cache)
    assert registry.problems() == ()
    assert registry["plugin-outer"].exposures[0].targets == (("twice-more", "a"),)


def test_files_that_begin_with_an_underscore_are_ignored(nodes: Path, cache: Path) -> None:
    write(nodes / "_helper.py", "raise RuntimeError")
    (nodes / "notes.txt").write_text("hello")
    assert open_registry([nodes], cache).problems() == ()


def test_the_output_that_a_plug_in_prints_does_not_reach_standard_output(
    nodes: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(nodes / "loud.py", "print('hello')\n")
    list(open_registry([nodes], cache))
    assert capsys.readouterr() == ("", "hello\n")
