"""The names of samplers, which importers read back."""

from __future__ import annotations

from core.imaging.parameters import SAMPLERS
from invokeai_web.compat.automatic1111.sampler_names import (
    NAMES,
    sampler_name,
    sampler_rows,
    upscaler_named,
    upscaler_rows,
)
from workflows.synonyms.samplers import scheduler_of
from workflows.workspace import Workspace


def test_every_scheduler_has_a_name_that_importers_read_back(workspace: Workspace) -> None:
    schedulers = workspace.names("scheduler")
    assert [
        (each, scheduler_of(sampler_name(each)))
        for each in schedulers
        if scheduler_of(sampler_name(each)) != (each, None)
    ] == []


def test_the_names_are_those_that_are_written_into_images() -> None:
    assert {each: NAMES[each] for each in SAMPLERS} == SAMPLERS


def test_rows_have_the_fields_that_clients_read() -> None:
    assert sampler_rows(["euler_a", "lms_k"]) == [
        {"name": "Euler a", "aliases": ["euler_a"], "options": {}},
        {"name": "LMS Karras", "aliases": ["lms_k"], "options": {}},
    ]
    assert [row["name"] for row in upscaler_rows(["lanczos"])] == ["None", "Lanczos"]
    assert (upscaler_named("LANCZOS", ["lanczos"]), upscaler_named("ESRGAN", ["lanczos"])) == ("lanczos", None)
