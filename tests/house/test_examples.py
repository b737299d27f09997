"""Every example in the metadata runs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from invocations.catalog.registry import open_registry
from invocations.invoker import Invoker
from invocations.language.source import Source
from invocations.local import LocalSettings, local_invoker
from invokeai_cli.environment import Environment
from invokeai_cli.loop import run_statement
from invokeai_cli.options import CommandLine
from invokeai_cli.shell import Shell

REGISTRY = open_registry()
EXAMPLES = [(name, example) for name, spec in REGISTRY.specs().items() for example in spec.examples]
FEW_STEPS = "3"  # the quality of the image does not matter, so two steps are enough


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that examples read: an image, a mask, a list of prompts and a table."""
    folder = tmp_path_factory.mktemp("examples")
    picture = Image.new("RGB", (64, 64), "skyblue")
    ImageDraw.Draw(picture).ellipse((16, 16, 48, 48), fill="orangered")
    picture.save(folder / "house.png")
    mask = Image.new("L", (64, 64))
    ImageDraw.Draw(mask).rectangle((0, 0, 63, 31), fill=255)
    mask.save(folder / "mask.png")
    (folder / "prompts.txt").write_text("# places\na house\n\na boat\na tree\n")
    (folder / "jobs.csv").write_text('prompt,seed,steps,name\na house,1,2,first\n"a boat, at sea",2,3,second\n')
    return folder


@pytest.fixture(scope="module")
def invoker(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Invoker]:
    """Return an invoker that all examples share, so that the model is loaded once."""
    data, out = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("out")
    made = local_invoker(LocalSettings(data, data, out, device="cpu"))
    yield made
    made.close()


def test_every_node_and_recipe_has_an_example() -> None:
    assert [name for name, spec in REGISTRY.specs().items() if not spec.examples] == []


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[f"{name}: {example}" for name, example in EXAMPLES])
def test_every_example_in_the_metadata_runs(
    name: str, example: str, folder: Path, invoker: Invoker, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    out, err = io.StringIO(), io.StringIO()
    variables = {"INVOKEAI_HOME": str(isolated_home), "NO_COLOR": "1"}
    options = CommandLine(format="quiet", sets={"steps": FEW_STEPS, "save.overwrite": "true"})
    shell = Shell(Environment(io.StringIO(), out, err, variables, str(folder)), options)
    shell.workspace.invoker = invoker
    status = run_statement(shell, Source(None, example))
    assert (status, err.getvalue()) == (0, "")
    assert out.getvalue().strip()
