"""Examples, scripts, loops, failures and Ctrl-C have the same output, files and journal with the warm engine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from core.model_paths import DEFAULT_PATH
from invocations.catalog.registry import open_registry
from invocations.spec import InvocationSpec
from tests.house.engine_sides import Interrupting, Sides, both_sides, run, same

REGISTRY = open_registry()
SCRIPT = """
let who = fox
default t2i.steps 1
t2i --as first a ${who} | save first.png
load first.png | i2i a dog --steps 2 | save second.png
list 3 4 | iterate --as n | t2i a boat --width 64 --height 64 --seed @n | collect | grid | save grid.png
add 1 2
"""
FAILING = """
t2i a red fox | save kept.png
t2i a red fox --model ./broken | save never.png
t2i a red dog | save later.png
"""
LINES = {
    "a script": "run script.inv",
    "a script with a line that fails": "run failing.inv --keep-going",
    "a loop": "list 1 2 | iterate --as n | t2i a green house --seed @n --steps 1 | collect | grid | save loop.png",
    "a node that fails": "t2i a green fox --model ./broken --steps 1 | save never.png",
    "an item that fails": "t2i a green dog --model ./copy,./broken --steps 1 | save item.png",
}


@pytest.fixture(scope="module")
def sides() -> Iterator[Sides]:
    """Yield both ways to run lines, with scripts, a copy of the default model, and one without half of its weights."""
    with both_sides() as made:
        for side in (made.cold, made.warm):
            (side.folder / "script.inv").write_text(SCRIPT)
            (side.folder / "failing.inv").write_text(FAILING)
            shutil.copytree(DEFAULT_PATH, side.folder / "copy")
            make_broken_model(side.folder / "broken")
        yield made


def make_broken_model(folder: Path) -> None:
    """Copy the default model without half of the weights of its UNet."""
    shutil.copytree(DEFAULT_PATH, folder)
    (file,) = (folder / "unet").glob("*.safetensors")
    weights = load_file(file)
    save_file({name: weights[name] for name in sorted(weights)[: len(weights) // 2]}, file)


def examples_of(spec: InvocationSpec) -> tuple[str, ...]:
    """Return the examples of a node or a recipe, which must have some."""
    assert spec.examples, f"`{spec.type}` has no example, so nobody knows whether it runs the same in the engine"
    return spec.examples


def test_a_node_without_an_example_is_found() -> None:
    with pytest.raises(AssertionError, match="`blur` has no example"):
        examples_of(replace(REGISTRY["blur"], examples=()))


@pytest.mark.parametrize("name", [*REGISTRY])
def test_with_the_engine_examples_have_the_same_output_files_and_journal(
    name: str, sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    for example in examples_of(REGISTRY[name]):
        cold, warm = run(sides.cold, example, monkeypatch), run(sides.warm, example, monkeypatch)
        assert same(warm) == same(cold)
        assert {each.node_type: each.worker for each in warm.history if not each.reused} == {
            each.node_type: "engine" if REGISTRY[each.node_type].needs_model else ""
            for each in warm.history if not each.reused
        }  # fmt: skip


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_with_the_engine_scripts_loops_and_failures_have_the_same_output_files_and_journal(
    line: str, sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold, warm = run(sides.cold, line, monkeypatch), run(sides.warm, line, monkeypatch)
    assert same(warm) == same(cold)
    assert cold.journal
    assert "engine" in {each.worker for each in warm.history}


def test_with_the_engine_control_c_has_the_same_output_files_and_journal(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "t2i a slow house --steps 500 | save never.png"
    cold, warm = (run(side, line, monkeypatch, Interrupting()) for side in (sides.cold, sides.warm))
    assert same(warm) == same(cold)
    assert (warm.status, warm.files) == (130, {})
    assert "error: interrupted: 3 of 6 nodes had finished" in warm.err
