"""The start of the package as a program."""

from __future__ import annotations

import pytest

from invokeai_web.__main__ import main


def test_without_the_package_mcp_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("invokeai_web.mcp.command.find_spec", lambda name: None)
    assert main(["mcp"]) == 2
    needed = "error: `mcp` needs a package that is not installed: pip install 'invokeai-cli[mcp]'\n"
    assert capfd.readouterr() == ("", needed)
