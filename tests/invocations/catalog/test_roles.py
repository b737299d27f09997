"""The roles in a node's metadata state what the node is used for; a unique role belongs to only one node."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from invocations.catalog.discovery import add, built_in_specs
from invocations.catalog.registry import open_registry
from invocations.catalog.roles import ROLES, SHARED, clash, first_argument, loader_of, roles_of, unique_roles, with_role
from invocations.catalog.rules import broken_rules
from invocations.errors import DeclarationError
from invocations.spec import InvocationSpec

SPECS = {spec.type: spec for spec in built_in_specs()}
UNIQUE = {"loads:image", "loads:model", *ROLES.keys() - SHARED - {"loads"}}


def test_each_unique_role_has_one_built_in_node() -> None:
    found = [role for spec in SPECS.values() for role in unique_roles(spec)]
    assert sorted(found) == sorted(UNIQUE)


@pytest.mark.parametrize("role", sorted(UNIQUE))
def test_the_registry_and_the_specs_name_the_same_node_for_each_role(role: str) -> None:
    found = with_role(open_registry(), role)
    assert found is not None
    assert found == with_role(SPECS, role)


def test_a_role_is_found_without_reading_plugins(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("raise RuntimeError")
    registry = open_registry([tmp_path])
    assert with_role(registry, "saves") is registry["save"]
    assert with_role(registry, "bakes") is None
    assert registry._plugins is None


def test_a_mask_is_loaded_by_the_image_node_and_no_node_loads_conditioning() -> None:
    assert loader_of(SPECS, "mask") is loader_of(SPECS, "image") is SPECS["load"]
    assert loader_of(SPECS, "model") is SPECS["model"]
    assert loader_of(SPECS, "conditioning") is None
    assert first_argument(SPECS["model"]) == "name"


def test_an_unknown_type_has_no_roles() -> None:
    assert roles_of(SPECS, "nowhere") == ()
    assert roles_of(SPECS, "show") == ("shows",)


@pytest.mark.parametrize(
    ("spec", "rule"),
    [
        (replace(SPECS["blur"], roles=("bakes",)), f"`bakes` is not a role; the roles are {', '.join(ROLES)}"),
        (
            replace(SPECS["blur"], roles=("loads",), outputs=SPECS["add"].outputs),
            "a loader must take its source as its first positional argument and return a reference",
        ),
        (
            replace(SPECS["blur"], roles=("saves",), outputs=SPECS["load"].outputs[1:]),
            "a node that saves must have a primary input and a primary output",
        ),
    ],
)
def test_a_role_that_a_node_cannot_have_is_refused(spec: InvocationSpec, rule: str) -> None:
    assert rule in broken_rules(spec)


def test_a_second_node_with_a_unique_role_is_refused() -> None:
    other = replace(SPECS["blur"], roles=("saves",))
    assert clash(other, SPECS.values()) == "the role `saves` belongs to `save`"
    assert clash(replace(other, roles=("shows",)), SPECS.values()) == ""
    with pytest.raises(DeclarationError, match="the role `saves` belongs to `save`"):
        add(dict(SPECS), replace(other, type="blur-and-save"))


NODE = '''
from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput

@invocation("frame-{role}", title="Frame", category="files", version="1.0.0", roles=("{role}",))
class Frame(Invocation):
    """Frame an image."""

    image: ImageRef = input_field(primary=True, description="image")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        return ImageOutput(image=self.image)
'''


def test_a_plugin_may_have_a_shared_role_but_no_unique_one(tmp_path: Path) -> None:
    for role in ("shows", "saves"):
        (tmp_path / f"{role}.py").write_text(NODE.format(role=role))
    registry = open_registry([tmp_path])
    assert roles_of(registry, "frame-shows") == ("shows",)
    assert "frame-saves" not in registry
    assert [problem.reason for problem in registry.problems()] == ["the role `saves` belongs to `save`"]
