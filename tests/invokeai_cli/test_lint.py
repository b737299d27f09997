"""Warnings about a valid but suspicious line, as shown in the terminal."""

from __future__ import annotations

from tests.invokeai_cli.conftest import TypeLine


def test_a_warning_is_printed_to_standard_error_unless_quiet_is_set(type_: TypeLine) -> None:
    line = "model | model default"
    result = type_(line)
    assert result.status == 0
    assert result.err == "warning: the result of `model` (model) is unused: it does not go into `model`\n"
    assert type_("-q", line).err == ""
    assert type_("--json", line).document["warnings"]
