"""The language costs little to load."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("argparse", "difflib", "json", "logging", "pathlib", "pydantic", "rich", "typer", "unicodedata")


def test_the_language_loads_nothing_heavy() -> None:
    code = "import sys; before = set(sys.modules); import invokeai_cli.language; print(*set(sys.modules) - before)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "invokeai_cli.language.parser" in loaded
    assert not {name.partition(".")[0] for name in loaded} & {*HEAVY, "core", "invocations"}
