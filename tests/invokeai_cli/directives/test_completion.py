"""The directive `completion`: a script for each shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_completion_script_is_printed_or_installed(type_: TypeLine, isolated_home: Path, shell: str) -> None:
    script = type_("completion", shell)
    assert "__complete" in script.out
    installed = type_("completion", shell, "--install")
    assert installed.status == 0
    assert Path(installed.out.strip()).read_text() == script.out
    assert isolated_home in Path(installed.out.strip()).parents
