"""A command that needs only metadata imports no heavy library; each case runs in a new process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TENSORS = ("torch", "diffusers", "transformers", "tokenizers", "safetensors", "scipy", "torchsde", "huggingface_hub")
HEAVY = (*TENSORS, "numpy", "PIL", "pydantic", "rich", "typer", "prompt_toolkit", "sqlite3", "importlib.metadata")
PROBE = """
import json, sys
from invokeai_cli.__main__ import main
status = 0
try:
    main(json.loads(sys.argv[1]))
except SystemExit as leaving:
    status = leaving.code
finally:
    sys.stderr.write("\\n" + json.dumps({"status": status, "modules": sorted(sys.modules)}))
"""

FRONT = {
    "help": ["--help"],
    "the help of a recipe": ["t2i", "--help"],
    "the help of a node": ["blur", "-h"],
    "a refused word": ["t2l", "a", "fox"],
    "a refused line": ["t2i a red fox | upscale --scael 4"],
    "explain": ["explain", "t2i a red fox | scale 2 | save fox.png"],
    "a graph": ["graph", "t2i a red fox | scale 2 | save fox.png"],
}
NO_TENSORS = {
    "the version": ["--version"],
    "the list of nodes": ["nodes"],
    "the list of models": ["models"],
    "the settings": ["config", "show"],
    "the history": ["history"],
    "the sessions": ["sessions"],
    "the graph of a session": ["graph"],
    "a sum": ["add", "1", "2"],
    "a script that is refused": ["run", "wrong.inv"],
}


def modules_of(words: list[str], cwd: Path) -> tuple[object, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(words)],
        cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    report = json.loads(done.stderr.rsplit("\n", 1)[1])
    return report["status"], set(report["modules"])


@pytest.mark.parametrize("words", FRONT.values(), ids=FRONT.keys())
def test_136_commands_answered_from_metadata_import_no_heavy_library(words: list[str], tmp_path: Path) -> None:
    status, modules = modules_of(words, tmp_path)
    assert status in (0, 2)
    assert sorted(modules.intersection(HEAVY)) == []
    assert not [name for name in modules if name.startswith("invocations.nodes.")]


@pytest.mark.parametrize("words", NO_TENSORS.values(), ids=NO_TENSORS.keys())
def test_136_lines_without_a_model_import_no_tensor_library(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "wrong.inv").write_text("t2i a fox\nt2i a fox | blurr 2\n")
    status, modules = modules_of(words, tmp_path)
    assert status in (0, 2)
    assert sorted(modules.intersection(TENSORS)) == []


OWN = ("core", "invocations", "workflows", "invokeai_cli")
# Maximum number of our own modules that a command may import; a module costs at least 0.2 ms.
LARGEST_SUM = 172
LARGEST_CACHED = 248  # six of them add the image to the gallery
LARGEST = {"help": 80, "the help of a recipe": 102, "a refused line": 113}
COLD = ("invocations.events", "invocations.sessions", "invocations.running", "invocations.storing")


def own(modules: set[str]) -> list[str]:
    return sorted(name for name in modules if name.partition(".")[0] in OWN)


@pytest.mark.parametrize(("name", "most"), LARGEST.items(), ids=LARGEST.keys())
def test_a_command_answered_from_metadata_imports_few_modules_and_none_that_run_nodes(
    name: str, most: int, tmp_path: Path
) -> None:
    _, modules = modules_of(FRONT[name], tmp_path)
    assert len(own(modules)) <= most, own(modules)
    assert [each for each in own(modules) if each.startswith(COLD)] == []


def test_a_line_that_adds_numbers_imports_neither_a_parser_library_nor_a_node(tmp_path: Path) -> None:
    status, modules = modules_of(["add", "1", "2"], tmp_path)
    assert status == 0
    assert modules.isdisjoint(("pydantic", "typer", "rich", "prompt_toolkit", "PIL", "numpy", "importlib.metadata"))
    assert [each for each in own(modules) if each.startswith("invocations.nodes")] == []
    assert len(own(modules)) <= LARGEST_SUM, own(modules)


def test_a_cached_image_is_saved_without_importing_any_module_that_reads_models(tmp_path: Path) -> None:
    line = ["t2i a red fox --seed 7 --steps 1 | scale 2 | save fox.png --overwrite"]
    modules_of(line, tmp_path)
    status, modules = modules_of(line, tmp_path)
    assert status == 0
    assert sorted(modules.intersection((*TENSORS, "numpy", "pydantic", "typer", "rich", "importlib.metadata"))) == []
    assert [each for each in own(modules) if each.startswith("core.models")] == []
    assert len(own(modules)) <= LARGEST_CACHED, own(modules)


POSIX = ("fcntl", "termios", "tty", "pwd", "grp", "resource", "pty", "readline", "curses")
WITHOUT = """
import sys
for name in {posix}:
    sys.modules[name] = None
from invokeai_cli.__main__ import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("words", [["--help"], ["add", "1", "2"], ["explain", "t2i a fox"], ["sessions"]], ids=" ".join)
def test_no_module_that_exists_only_on_posix_is_required(words: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(posix=POSIX), *words],
        cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240, check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
