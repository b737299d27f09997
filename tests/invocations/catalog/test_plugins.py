"""Plug-ins and the user's files: a bad one is left out and does not affect the others."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from invocations.catalog.registry import Registry, open_registry
from invocations.errors import PluginBroken

NODE = '''
from __future__ import annotations

from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation


class {name}Output(Output):
    """A text."""

    text: str = output_field(primary=True, description="the text")


@invocation("{type}", title="{name}", category="plug-ins", version="1.0.0", examples=("{type} hello",))
class {name}(Invocation):
    """Say something."""

    text: str = input_field(primary=True, position=1, description="what to say")

    def invoke(self, context: InvocationContext) -> {name}Output:
        return {name}Output(text=self.text.upper())
'''
RECIPE = """
type = "twice-more"
summary = "Add, and double it."
pipeline = "add | mul 2"
examples = ["twice-more 1 2"]
[inputs]
a = { to = ["add.a"], position = 1, primary = true }
b = { to = ["add.b"], position = 2 }
"""


REFUSED = """error: the quote ' is never closed
  plugin-example 'hello
                 ^
  close it with '; to begin a value with ', write it in "...\""""


@pytest.fixture
def nodes(tmp_path: Path) -> Path:
    """Return an empty nodes folder."""
    folder = tmp_path / "nodes"
    folder.mkdir()
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a cache folder that is not there yet."""
    return tmp_path / "cache" / "deep"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder of installed packages that is looked at last, and forget what was imported from it."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(folder) in str(sys.modules[name].__file__):
            del sys.modules[name]


def write(file: Path, text: str) -> None:
    """Write a file whose time differs from that of every file before."""
    file.write_text(textwrap.dedent(text), encoding="utf-8")
    write.clock += 1_000_000_000  # type: ignore[attr-defined]
    os.utime(file, ns=(write.clock, write.clock))  # type: ignore[attr-defined]


write.clock = 1_700_000_000_000_000_000  # type: ignore[attr-defined]


def install(site: Path, package: str, text: str, *, distribution: str = "plugin-nodes") -> None:
    """Install a module that names itself as nodes."""
    (site / f"{package}.py").write_text(text, encoding="utf-8")
    info = site / f"{distribution}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[invokeai.nodes]\n{package} = {package}\n", encoding="utf-8")


def told(registry: Registry, folder: Path) -> list[str]:
    """Return the problems, with the folder's path cut off."""
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


def test_a_second_read_imports_nothing(nodes: Path, cache: Path) -> None:
    count = nodes / "count.txt"
    counting = f"""
from pathlib import Path
with Path({str(count)!r}).open("a") as file:
    file.write("x")
"""
    write(nodes / "noisy.py", NODE.format(type="noisy", name="Noisy") + counting)
    write(nodes / "twice.toml", RECIPE)
    first = open_registry([nodes], cache)
    before = [first[name] for name in first]
    second = open_registry([nodes], cache)
    assert [second[name] for name in second] == before
    assert count.read_text() == "x"


def test_a_changed_file_is_read_again(nodes: Path, cache: Path) -> None:
    write(nodes / "one.py", NODE.format(type="plugin-one", name="One"))
    assert "plugin-one" in open_registry([nodes], cache)
    write(nodes / "one.py", NODE.format(type="plugin-two", name="Two"))
    changed = open_registry([nodes], cache)
    assert "plugin-one" not in changed
    assert changed.load("plugin-two").__name__ == "Two"


def test_a_new_file_and_a_removed_one_are_noticed(nodes: Path, cache: Path) -> None:
    assert len(open_registry([nodes], cache)) == len(open_registry())
    write(nodes / "one.py", NODE.format(type="plugin-late", name="Late"))
    assert "plugin-late" in open_registry([nodes], cache)
    (nodes / "one.py").unlink()
    assert "plugin-late" not in open_registry([nodes], cache)


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
    ("shape.toml", 'type = "x"\n', "shape.toml: recipe `x`: it needs `summary`, a string"),
    (
        "unknown.toml",
        'type = "x"\nsummary = "S."\npipeline = "add | nowhere"\n',
        "unknown.toml: recipe `x`: its pipeline uses `nowhere`, which is not a command",
    ),
    (
        "self.toml",
        'type = "x"\nsummary = "S."\npipeline = "add | x"\n',
        "self.toml: recipe `x`: its pipeline uses `x`, which is not a command",
    ),
]


@pytest.mark.parametrize(("name", "text", "problem"), BAD, ids=[name for name, _, _ in BAD])
def test_a_bad_plugin_is_left_out_and_named(nodes: Path, cache: Path, name: str, text: str, problem: str) -> None:
    write(nodes / name, text)
    write(nodes / "zz_good.py", NODE.format(type="plugin-good", name="Good"))
    registry = open_registry([nodes], cache)
    seen = told(registry, nodes)
    assert len(seen) == 1
    assert seen[0].split(" 0x")[0].startswith(problem)
    assert "plugin-good" in registry
    assert "add" in registry
    assert told(open_registry([nodes], cache), nodes) == seen  # also from the cache


def test_invalid_toml_is_reported_with_its_line(nodes: Path, cache: Path) -> None:
    write(nodes / "broken.toml", 'type = "x"\nsummary = \n')
    (problem,) = open_registry([nodes], cache).problems()
    assert (Path(problem.file).name, problem.line) == ("broken.toml", 2)
    assert "is not TOML" in problem.reason


def test_a_file_that_is_not_text_is_left_out(nodes: Path, cache: Path) -> None:
    (nodes / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    (problem,) = open_registry([nodes], cache).problems()
    assert "is not TOML" in problem.reason


def test_of_two_plugins_of_one_type_the_first_stays(nodes: Path, cache: Path) -> None:
    write(nodes / "a.py", NODE.format(type="plugin-same", name="First"))
    write(nodes / "b.toml", RECIPE.replace("twice-more", "plugin-same"))
    registry = open_registry([nodes], cache)
    assert registry["plugin-same"].class_name == "First"
    assert told(registry, nodes) == ["b.toml: the type `plugin-same` is taken by a.py"]


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
    assert told(registry, nodes) == [
        f"a.py:14: the example `plugin-example 'hello` of `plugin-example` is refused: {REFUSED}",
        "b.toml: its pipeline uses `plugin-example`, which was left out",
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


def test_what_a_plugin_prints_stays_out_of_standard_output(
    nodes: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(nodes / "loud.py", "print('hello')\n")
    list(open_registry([nodes], cache))
    assert capsys.readouterr() == ("", "hello\n")


@pytest.mark.parametrize("rubbish", ["", "{}", "[]", "null", '{"specs": 3', "\x00"])
def test_a_broken_cache_only_costs_time(nodes: Path, cache: Path, rubbish: str) -> None:
    write(nodes / "one.py", NODE.format(type="plugin-cached", name="Cached"))
    list(open_registry([nodes], cache))
    (file,) = cache.iterdir()
    file.write_text(rubbish)
    assert "plugin-cached" in open_registry([nodes], cache)
    assert file.read_text() != rubbish


def test_without_a_cache_everything_works(nodes: Path, tmp_path: Path) -> None:
    write(nodes / "one.py", NODE.format(type="plugin-uncached", name="Uncached"))
    assert "plugin-uncached" in open_registry([nodes])
    (tmp_path / "file").write_text("here is no folder")
    assert "plugin-uncached" in open_registry([nodes], tmp_path / "file" / "cache")


def test_a_missing_nodes_folder_is_empty(tmp_path: Path) -> None:
    assert len(open_registry([tmp_path / "nowhere"], tmp_path / "cache")) == len(open_registry())


def test_an_entry_point_is_a_plug_in(site: Path, cache: Path) -> None:
    install(site, "plugin_package", NODE.format(type="plugin-installed", name="Installed"))
    registry = open_registry([], cache)
    assert registry["plugin-installed"].origin == "plugin-nodes"
    assert registry["plugin-installed"].module == "plugin_package"
    assert registry.load("plugin-installed").__module__ == "plugin_package"
    assert registry.problems() == ()


def test_an_entry_point_that_raises_is_left_out(site: Path, cache: Path) -> None:
    install(site, "plugin_raising", "1 / 0\n")
    (problem,) = open_registry([], cache).problems()
    assert str(problem) == "plugin-nodes (entry point `plugin_raising`): ZeroDivisionError: division by zero"


def test_a_plugin_installed_later_is_noticed(site: Path, cache: Path) -> None:
    assert "plugin-later" not in open_registry([], cache)
    install(site, "plugin_later", NODE.format(type="plugin-later", name="Later"))
    assert "plugin-later" in open_registry([], cache)


def test_a_plugin_that_breaks_later_is_reported_when_it_runs(nodes: Path, cache: Path) -> None:
    switch = nodes / "switch.txt"
    switch.write_text("fine")
    switched = f"""
from pathlib import Path
assert Path({str(switch)!r}).read_text() == 'fine', 'broken'
"""
    text = NODE.format(type="plugin-fragile", name="Fragile") + switched
    write(nodes / "fragile.py", text)
    registry = open_registry([nodes], cache)
    assert "plugin-fragile" in registry
    del sys.modules[registry["plugin-fragile"].module]  # as in another process
    switch.write_text("not fine")
    with pytest.raises(PluginBroken) as refused:
        registry.load("plugin-fragile")
    assert str(refused.value) == f"`plugin-fragile` of {nodes / 'fragile.py'} cannot be imported: broken"


def test_a_built_in_type_is_found_without_reading_plugins(nodes: Path) -> None:
    write(nodes / "slow.py", "raise RuntimeError")
    registry = open_registry([nodes])
    assert registry
    assert registry.spec("add") is not None
    assert registry.load("add").__name__ == "Add"
    assert registry._plugins is None
