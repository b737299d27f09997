"""The names of directives are reserved: no node and no recipe may take one."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.catalog.snapshot import built_in
from invokeai_cli.directives.table import DIRECTIVES
from tests.invokeai_cli.conftest import TypeLine
from workflows.reserved import NameClash, check_clash


def test_a_node_named_like_a_directive_is_an_error_at_startup() -> None:
    with pytest.raises(NameClash) as caught:
        check_clash({"add", "history"}, DIRECTIVES)
    assert caught.value.message.startswith("`history` is a shell directive")


def test_no_built_in_node_or_recipe_has_the_name_of_a_directive() -> None:
    check_clash(built_in(), DIRECTIVES)


def test_a_recipe_with_the_name_of_a_directive_is_an_error(type_: TypeLine, nodes_folder: Path) -> None:
    (nodes_folder / "stats.toml").write_text(
        'type = "stats"\ntitle = "S"\nsummary = "Do nothing."\ncategory = "numbers"\nversion = "1.0.0"\n'
        'examples = ["stats 1"]\npipeline = "add"\n[inputs]\na = { to = ["add.a"], position = 1 }\n'
        'b = { to = ["add.b"], position = 2 }\n'
    )
    result = type_("add", "1", "2")
    assert (result.status, result.out) == (2, "")
    assert "`stats` is a shell directive" in result.err
