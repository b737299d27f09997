"""Plug-ins are cached until a file changes, can come from entry points, and are imported only when they run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from invocations.catalog.registry import open_registry
from invocations.errors import PluginBroken
from tests.invocations.catalog.plugin_files import NODE, RECIPE, write


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a folder at the end of `sys.path`; modules imported from it are unloaded afterwards."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(folder) in str(sys.modules[name].__file__):
            del sys.modules[name]


def install(site: Path, package: str, text: str, *, distribution: str = "plugin-nodes") -> None:
    """Install a module with an entry point for nodes."""
    (site / f"{package}.py").write_text(text, encoding="utf-8")
    info = site / f"{distribution}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[invokeai.nodes]\n{package} = {package}\n", encoding="utf-8")


def test_plug_ins_that_are_read_a_second_time_are_not_imported(nodes: Path, cache: Path) -> None:
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


def test_new_files_and_removed_files_are_noticed(nodes: Path, cache: Path) -> None:
    assert len(open_registry([nodes], cache)) == len(open_registry())
    write(nodes / "one.py", NODE.format(type="plugin-late", name="Late"))
    assert "plugin-late" in open_registry([nodes], cache)
    (nodes / "one.py").unlink()
    assert "plugin-late" not in open_registry([nodes], cache)


def test_an_open_registry_reads_new_files_after_a_refresh(nodes: Path, cache: Path) -> None:
    registry = open_registry([nodes], cache)
    before = len(registry)
    write(nodes / "one.py", NODE.format(type="plugin-late", name="Late"))
    assert "plugin-late" not in registry
    registry.refresh_if_changed()
    assert registry["plugin-late"].title == "Late"
    plugins = registry.plugins
    registry.refresh_if_changed()
    assert registry.plugins is plugins
    (nodes / "one.py").unlink()
    registry.refresh()
    assert registry.get("plugin-late") is None
    assert len(registry) == before


def test_a_copy_of_a_catalog_can_add_and_remove_recipes_before_their_files_change(nodes: Path, cache: Path) -> None:
    write(nodes / "twice.toml", RECIPE)
    registry = open_registry([nodes], cache)
    catalog = registry.with_recipes({"twice-more": None, "thrice": registry["twice-more"]})
    assert "twice-more" not in catalog
    assert catalog.get("twice-more") is None
    assert catalog["thrice"] is registry["twice-more"]
    assert list(catalog) == [*(name for name in registry if name != "twice-more"), "thrice"]
    assert len(catalog) == len(registry)
    assert catalog.roles == registry.roles


@pytest.mark.parametrize("rubbish", ["", "{}", "[]", "null", '{"specs": 3', "\x00"])
def test_a_damaged_cache_of_plug_ins_is_rebuilt(nodes: Path, cache: Path, rubbish: str) -> None:
    write(nodes / "one.py", NODE.format(type="plugin-cached", name="Cached"))
    list(open_registry([nodes], cache))
    (file,) = cache.iterdir()
    file.write_text(rubbish)
    assert "plugin-cached" in open_registry([nodes], cache)
    assert file.read_text() != rubbish


def test_plug_ins_are_read_if_there_is_no_cache(nodes: Path, tmp_path: Path) -> None:
    write(nodes / "one.py", NODE.format(type="plugin-uncached", name="Uncached"))
    assert "plugin-uncached" in open_registry([nodes])
    (tmp_path / "file").write_text("here is no folder")
    assert "plugin-uncached" in open_registry([nodes], tmp_path / "file" / "cache")


def test_ctrl_c_while_the_cache_is_written_leaves_no_partial_file(
    nodes: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> Path:
        raise KeyboardInterrupt

    write(nodes / "one.py", NODE.format(type="plugin-stopped", name="Stopped"))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            list(open_registry([nodes], cache))
    assert list(cache.iterdir()) == []
    assert "plugin-stopped" in open_registry([nodes], cache)


def test_a_missing_nodes_folder_counts_as_empty(tmp_path: Path) -> None:
    assert len(open_registry([tmp_path / "nowhere"], tmp_path / "cache")) == len(open_registry())


def test_an_entry_point_of_a_package_is_read_as_a_plug_in(site: Path, cache: Path) -> None:
    install(site, "plugin_package", NODE.format(type="plugin-installed", name="Installed"))
    registry = open_registry([], cache)
    assert registry["plugin-installed"].origin == "plugin-nodes"
    assert registry["plugin-installed"].module == "plugin_package"
    assert registry.load("plugin-installed").__module__ == "plugin_package"
    assert registry.problems() == ()


def test_an_entry_point_that_raises_an_exception_is_left_out(site: Path, cache: Path) -> None:
    install(site, "plugin_raising", "1 / 0\n")
    (problem,) = open_registry([], cache).problems()
    assert str(problem) == "plugin-nodes (entry point `plugin_raising`): ZeroDivisionError: division by zero"


def test_a_newly_installed_plug_in_is_noticed(site: Path, cache: Path) -> None:
    assert "plugin-later" not in open_registry([], cache)
    install(site, "plugin_later", NODE.format(type="plugin-later", name="Later"))
    assert "plugin-later" in open_registry([], cache)


def test_a_plug_in_that_breaks_later_is_reported_when_it_runs(nodes: Path, cache: Path) -> None:
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
    # unload the module, as in another process that has not imported it
    del sys.modules[registry["plugin-fragile"].module]
    switch.write_text("not fine")
    with pytest.raises(PluginBroken) as refused:
        registry.load("plugin-fragile")
    assert str(refused.value) == f"`plugin-fragile` of {nodes / 'fragile.py'} cannot be imported: broken"


def test_a_built_in_type_is_found_without_reading_plug_ins(nodes: Path) -> None:
    write(nodes / "slow.py", "raise RuntimeError")
    registry = open_registry([nodes])
    assert registry
    assert registry.spec("add") is not None
    assert registry.load("add").__name__ == "Add"
    assert registry._plugins is None
