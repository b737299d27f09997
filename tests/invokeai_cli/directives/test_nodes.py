"""The directive `nodes`: commands by category, and a search."""

from __future__ import annotations

from tests.invokeai_cli.conftest import TypeLine


def test_nodes_are_listed_by_category_and_searched(type_: TypeLine) -> None:
    listing = type_("nodes").out
    assert listing.index("generate\n") < listing.index("numbers\n")
    found = type_("nodes", "sum", "--json").document
    assert found["schema"] == "nodes/1"
    assert [node["type"] for node in found["nodes"]] == ["add"]
    assert type_("nodes", "nothing-like-it").status == 2
    assert "to search, write only words: nodes mask" in type_("nodes --search mask").err
