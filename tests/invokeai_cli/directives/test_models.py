"""The directive `models`."""

from __future__ import annotations

from tests.invokeai_cli.conftest import TypeLine


def test_the_built_in_model_is_listed(type_: TypeLine) -> None:
    models = type_("models", "--json").document["models"]
    assert models[0]["name"] == "default"
    assert type_("models").out.splitlines()[1].startswith("default")
