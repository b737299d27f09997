"""Names in values are checked against the services when a line is planned, a default is set or a template is used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.errors import UnknownScheduler
from invocations.services.errors import ServiceError
from invocations.spec import FieldSpec
from tests.core.models.headers import write_safetensors
from tests.core.models.published_names import published
from workflows.lookup import check_default, check_target, names
from workflows.planning.lookup import Objection
from workflows.problems import UsageError
from workflows.workspace import Workspace


def looked_up(workspace: Workspace, command: str, name: str, value: str) -> Objection | None:
    field = workspace.catalog[command].input(name)
    assert field is not None
    return workspace.check_value(field, value, {})


@pytest.mark.parametrize(
    ("command", "name", "value", "code", "hint"),
    [
        ("t2i", "model", "defalt", "model_missing", "did you mean `default`?"),
        ("t2i", "scheduler", "eulr", "unknown_scheduler", "did you mean `euler`?"),
        ("upscale", "method", "lancsoz", "unknown_upscaler", "did you mean `lanczos`?"),
    ],
)
def test_an_unknown_name_is_an_error(
    workspace: Workspace, command: str, name: str, value: str, code: str, hint: str
) -> None:
    found = looked_up(workspace, command, name, value)
    assert found is not None
    assert (found.code, found.hint) == (code, hint)
    assert f"`{value}`" in found.message


@pytest.mark.parametrize(
    ("ident", "hint"),
    [
        ("realesrgan-x4", "is an upscaler (ESRGAN, 4x), which cannot be used yet; known: `lanczos`"),
        ("sd1-lora-kohya", "is a LoRA for Stable Diffusion 1, not an upscaler; known: `lanczos`"),
    ],
)
def test_a_model_that_is_named_as_an_upscaler_is_described(
    workspace: Workspace, ident: str, hint: str, tmp_path: Path
) -> None:
    path = str(write_safetensors(tmp_path / "fox.safetensors", published()[ident].shapes))
    found = looked_up(workspace, "upscale", "method", path)
    assert found is not None
    assert (found.message, found.hint) == (f"there is no upscaler `{path}`", f"`{path}` {hint}")


def test_known_names_and_other_inputs_are_accepted(workspace: Workspace) -> None:
    assert looked_up(workspace, "t2i", "model", "default") is None
    assert looked_up(workspace, "t2i", "scheduler", "ddim") is None
    assert looked_up(workspace, "t2i", "prompt", "defalt") is None


def test_an_unwritable_file_name_is_an_error(workspace: Workspace) -> None:
    found = looked_up(workspace, "save", "target", "fox.gif")
    assert found is not None
    assert ".gif" in found.message
    assert looked_up(workspace, "save", "target", "fox.png") is None


def test_the_known_names_come_from_the_services(workspace: Workspace) -> None:
    assert names(workspace.lookup, "model") == ("default",)
    assert "euler" in names(workspace.lookup, "scheduler")
    assert "lanczos" in names(workspace.lookup, "upscaler")


def test_the_file_name_template_in_the_settings_is_checked(workspace: Workspace) -> None:
    assert check_target(workspace.lookup, workspace.catalog) is None
    assert check_target(workspace.services_with(template="{bogus}.png"), workspace.catalog) is not None


def agrees(field: FieldSpec, value: Any, stage: Mapping[str, Any]) -> Objection | None:
    return None


@pytest.mark.parametrize(("name", "text"), [("steps", "30"), ("t2i.steps", "30"), ("model", "default")])
def test_a_default_that_some_command_accepts_is_accepted(workspace: Workspace, name: str, text: str) -> None:
    check_default(workspace.check_value, workspace.catalog, name, text)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("steps", "many", "`steps` takes a whole number, not `many`"),
        ("model", "nosuch", "there is no model `nosuch`"),
    ],
)
def test_a_default_that_no_command_accepts_is_refused(workspace: Workspace, name: str, text: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_default(workspace.check_value, workspace.catalog, name, text)
    assert refused.value.message == message


def test_an_unknown_scheduler_is_refused_with_the_same_message_at_run_time(workspace: Workspace) -> None:
    field = workspace.catalog["denoise"].input("scheduler")
    assert field is not None
    for name in ("foo", "euler_b"):
        planned = workspace.check_value(field, name, {})
        run = ServiceError.of(UnknownScheduler(name, workspace.names("scheduler")))
        assert planned == Objection(run.code, run.message, run.hint)
