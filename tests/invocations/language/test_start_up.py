"""The language package can be imported quickly."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("argparse", "difflib", "json", "logging", "pathlib", "pydantic", "rich", "typer", "unicodedata")


def test_the_language_package_imports_no_heavy_library() -> None:
    tell = "print(*set(sys.modules) - before)"
    code = f"import sys, invocations; before = set(sys.modules); from invocations.language import *; {tell}"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "invocations.language.parser" in loaded
    assert not {name.partition(".")[0] for name in loaded} & {*HEAVY, "core"}
    own = {name for name in loaded if name.startswith("invocations") and not name.startswith("invocations.language")}
    assert own <= {"invocations.frozen"}
