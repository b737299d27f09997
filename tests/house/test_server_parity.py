"""Examples, scripts, loops, failures and Ctrl-C have the same output, files and journal on a server (`--on`)."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest

from core.model_paths import DEFAULT_PATH
from invocations.catalog.registry import open_registry
from invocations.local import LocalSettings, local_invoker
from tests.house.engine_sides import Found, Interrupting, Side, make_files, run, same
from tests.house.test_engine_parity import SCRIPT, make_broken_model
from tests.invokeai_cli.on_server.fake_api import TOKEN
from tests.invokeai_cli.on_server.real_server import real_server

REGISTRY = open_registry()
FAILING = """
t2i a red fox | save kept.png
t2i a red fox --model broken | save never.png
t2i a red dog | save later.png
"""
LINES = {
    "a script": "run script.inv",
    "a script with a line that fails": "run failing.inv --keep-going",
    "a loop": "list 1 2 | iterate --as n | t2i a green house --seed @n --steps 1 | collect | grid | save loop.png",
    "a node that fails": "t2i a green fox --model broken --steps 1 | save never.png",
    "an item that fails": "t2i a green dog --model copy,broken --seed 11 --steps 1 | save item.png",
}
COMMANDS = (  # those that need a model, and one for each kind of image operation
    "t2i", "i2i", "inpaint", "outpaint", "vae", "denoise", "blur", "grid", "paste", "mask-from-alpha", "compare",
)  # fmt: skip

MODELS = re.compile(r"/[^ `\"]*/models(?=/)")  # the server does not tell where its models are


class Both(NamedTuple):
    """Both ways to run lines."""

    here: Side
    there: Side


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    """Yield both ways to run lines, with scripts, a copy of the default model, and one without half of its weights."""
    with TemporaryDirectory(prefix="server-") as folder:
        home = Path(folder)
        models = home / "models"
        models.mkdir()
        shutil.copytree(DEFAULT_PATH, models / "copy")
        make_broken_model(models / "broken")
        for name in ("here", "there"):
            (home / name).mkdir()
            make_files(home / name / "work")
            (home / name / "work" / "script.inv").write_text(SCRIPT)
            (home / name / "work" / "failing.inv").write_text(FAILING)
        data = home / "here" / "data"
        invoker = local_invoker(LocalSettings(data, data, Path("out"), models_dirs=(models,), device="cpu"))
        variables = {"INVOKEAI_MODELS_DIRS": str(models)}
        with real_server(home / "server", str(models)) as (address, _):
            on_server = {"INVOKEAI_SERVER": address, "INVOKEAI_TOKEN": TOKEN, "INVOKEAI_OUTPUT_DIR": "out"}
            yield Both(Side(invoker, home / "here" / "work", variables), Side(None, home / "there" / "work", on_server))
        invoker.close()


def compared(found: Found) -> dict[str, Any]:
    """Return everything that must be the same both ways; references to models name them by content only here."""
    kept = same(found)
    err = [MODELS.sub("<models>", line) for line in kept["err"]]
    return {
        **kept,
        "err": err,
        "journal": _without_models(json.loads(MODELS.sub("<models>", json.dumps(kept["journal"])))),
    }


def _without_models(data: Any) -> Any:
    if isinstance(data, dict):
        if data.get("kind") == "model":
            return {"kind": "model", "model": data.get("model")}
        return {key: _without_models(value) for key, value in data.items()}
    return [*map(_without_models, data)] if isinstance(data, list) else data


@pytest.mark.parametrize("name", COMMANDS)
def test_on_a_server_examples_have_the_same_output_files_and_journal(
    name: str, both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    for example in REGISTRY[name].examples:
        here, there = run(both.here, example, monkeypatch), run(both.there, example, monkeypatch)
        assert compared(there) == compared(here)
        computed = {each.worker for each in there.history if not each.reused and REGISTRY[each.node_type].needs_model}
        assert computed <= {"server"}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_on_a_server_scripts_loops_and_failures_have_the_same_output_files_and_journal(
    line: str, both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = run(both.here, line, monkeypatch), run(both.there, line, monkeypatch)
    assert compared(there) == compared(here)
    assert here.journal


def test_on_a_server_control_c_has_the_same_output_files_and_journal(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "t2i a slow house --steps 500 | save never.png"
    here, there = (run(side, line, monkeypatch, Interrupting()) for side in both)
    assert compared(there) == compared(here)
    assert "server" in {each.worker for each in there.history}
    assert (there.status, there.files) == (130, {})
    assert "error: interrupted: 3 of 6 nodes had finished" in there.err
