"""What needs only metadata imports nothing heavy: proved in processes of their own."""

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
    told = json.loads(done.stderr.rsplit("\n", 1)[1])
    return told["status"], set(told["modules"])


@pytest.mark.parametrize("words", FRONT.values(), ids=FRONT.keys())
def test_136_what_metadata_answers_imports_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    status, modules = modules_of(words, tmp_path)
    assert status in (0, 2)
    assert sorted(modules.intersection(HEAVY)) == []
    assert not [name for name in modules if name.startswith("invocations.nodes.")]


@pytest.mark.parametrize("words", NO_TENSORS.values(), ids=NO_TENSORS.keys())
def test_136_what_draws_no_picture_imports_no_tensors(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "wrong.inv").write_text("t2i a fox\nt2i a fox | blurr 2\n")
    status, modules = modules_of(words, tmp_path)
    assert status in (0, 2)
    assert sorted(modules.intersection(TENSORS)) == []


POSIX = ("fcntl", "termios", "tty", "pwd", "grp", "resource", "pty", "readline", "curses")
WITHOUT = """
import sys
for name in {posix}:
    sys.modules[name] = None
from invokeai_cli.__main__ import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("words", [["--help"], ["add", "1", "2"], ["explain", "t2i a fox"], ["sessions"]], ids=" ".join)
def test_nothing_that_only_posix_systems_have_is_needed(words: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(posix=POSIX), *words],
        cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240, check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
