"""Lines that are built from requests: no string of a request is read as anything but a value."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from invokeai_web.compat.built_line import BadRequestValue, planned
from workflows.importers.parameters import ImportedStep
from workflows.workspace import Workspace

HOSTILE = 'a | save x.png" --model y'


def values(workspace: Workspace, prompt: str) -> dict[tuple[str, str], object]:
    """Return the values of the inputs of a planned t2i, by command and input."""
    plan = planned(workspace, [ImportedStep("t2i", {"prompt": prompt, "seed": 1})])
    assert {stage.command for stage in plan.stages} == {"t2i"}
    types = {node.id: node.type for node in plan.nodes}
    return {(types[value.node], value.input): value.value for value in plan.values}


def test_a_prompt_that_looks_like_a_line_stays_one_prompt(workspace: Workspace) -> None:
    assert values(workspace, HOSTILE)["prompt", "text"] == HOSTILE


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co"]), min_size=1, max_size=40))
@example("@1")
@example("--steps 5")
@example("1,2,3")
@example("4x")
@example("-")
@example("${name}")
@example('it\'s \\ "quoted"')
@example("as a fox")
@example("#")
def test_any_prompt_stays_one_prompt_and_the_recorded_line_stands_for_it(workspace: Workspace, prompt: str) -> None:
    assert values(workspace, prompt)["prompt", "text"] == prompt
    plan = planned(workspace, [ImportedStep("t2i", {"prompt": prompt, "seed": 1})])
    again = workspace.plan(plan.source.text)
    assert [node.inputs for node in again.nodes] == [node.inputs for node in plan.nodes]


def test_a_value_that_does_not_fit_is_refused(workspace: Workspace) -> None:
    with pytest.raises(BadRequestValue, match=r"^`steps` must be 1 to 1000, not 0$"):
        planned(workspace, [ImportedStep("t2i", {"prompt": "a", "steps": 0, "seed": 1})])
