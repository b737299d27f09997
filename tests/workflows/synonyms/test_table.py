"""Terms from other tools: each is in one row of the table, its targets exist, and our own term is suggested."""

from __future__ import annotations

from collections import Counter

import pytest

from invocations.catalog.registry import open_registry
from invocations.language.errors import Refusal
from workflows.manual.topics import TOPICS
from workflows.problems import UsageError
from workflows.settings.table import SETTINGS
from workflows.synonyms.table import SYNONYMS, find_synonym, meant_by
from workflows.workspace import Workspace

ROWS = list(dict.fromkeys(SYNONYMS.values()))
DIRECTIVES = {
    "recipe",
    "line",
    "models",
    "config",
    "exit",
    "replay",
    "engine",
    "serve",
}  # directives of the terminal, which these tests must not import
BATCH_HINT = (
    "for several images, write for example --seed 4x; "
    "to denoise several images at once: `invokeai --batch 4 ...` or `config set batch 4`"
)
JOBS_HINT = "to run nodes in several processes: `invokeai --jobs 2 ...` or `config set jobs 2`"
PROGRAM_HINT = "options of the program come before the command, as in `invokeai --device cpu t2i a fox`"
HINTS = [
    ("txt2img a fox", "did you mean `t2i`?"),
    ("IMG2IMG x.png a fox", "did you mean `i2i`?"),
    ("generate a fox", "did you mean `t2i`?"),
    ("scan ComfyUI", "to list the models in a folder: models scan DIR"),
    ("info fox", "to describe a model: models info NAME"),
    ("pull fox", "models are not downloaded or copied; to use those in a folder: models scan DIR --add"),
    ("open x.png", "did you mean `load`?"),
    ("dynamicprompts 'a {b|c}'", "did you mean `dynamic`?"),
    ("gfpgan x.png", "there is no face restoration; `inpaint` redraws a part of an image"),
    ("t2i a fox --cfg 7", "did you mean `--guidance`? (float, 0 to 100, default from the model)"),
    ("t2i a fox --cfg_scale 7", "did you mean `--guidance`? (float, 0 to 100, default from the model)"),
    ("t2i a fox --sampler ddim", "did you mean `--scheduler`? (string, default from the model)"),
    ("t2i a fox --negative-prompt blur", "did you mean `--negative`? (string)"),
    ("t2i a fox --size 512x512", "did you mean `--width` or `--height`?"),
    ("t2i a fox -W 512", "did you mean `--width`? (int, 8 to 8192, default from the model)"),
    ("t2i a fox -H512", "did you mean `--height`? (int, 8 to 8192, default from the model)"),
    ("t2i a fox --lora style", "LoRAs cannot be used yet"),
    ("t2i a fox --batch 4", BATCH_HINT),
    ("t2i a fox --batch-size 4", BATCH_HINT),
    ("t2i a fox --batch-count 4", "for several images, write for example --seed 4x"),
    ("t2i a fox --jobs 2", JOBS_HINT),
    ("t2i a fox --num_workers 2", JOBS_HINT),
    ("t2i a fox --no-engine", PROGRAM_HINT),
    ("t2i a fox --device cpu", PROGRAM_HINT),
    ("t2i a fox --seed -1", "leave --seed out for a random seed"),
    ("t2i a fox --scheduler 'Euler max'", "the closest is `euler`"),
    (
        "load - | i2i a fox --denoising-strength 0.5",
        "did you mean `--strength`? (float, more than 0, at most 1, default 0.7)",
    ),
]


def test_no_term_is_in_two_rows_of_the_table() -> None:
    assert [name for name, times in Counter(name for row in ROWS for name in row.names).items() if times > 1] == []
    assert sum(len(row.names) for row in ROWS) == len(SYNONYMS)


def test_every_term_refers_to_commands_inputs_or_topics_that_exist() -> None:
    catalog = open_registry()
    inputs = {field.name for spec in catalog.values() for field in spec.inputs}
    for row in ROWS:
        assert row.commands or row.inputs or row.topics or row.note, row
        assert {*row.commands} <= {*catalog, *DIRECTIVES}, row
        assert {*row.inputs} <= inputs, row
        assert {*row.topics} <= {*TOPICS, *catalog, *DIRECTIVES, *inputs}, row
        assert not {*row.names} & {*catalog, *TOPICS}, row


def test_help_for_a_setting_leads_to_a_page_that_explains_it() -> None:
    own = {*TOPICS, *[field.name for spec in open_registry().values() for field in spec.inputs]}
    for word in [*[setting.name for setting in SETTINGS], "memory", "RAM", "vram", "precision"]:
        found = find_synonym(word)
        page = "performance" if word in ("batch", "jobs", "server") else "environment"
        assert word in own or (found is not None and found.topics == (page,)), word


@pytest.mark.parametrize(("line", "hint"), HINTS)
def test_our_own_term_is_suggested_for_a_term_from_another_tool(workspace: Workspace, line: str, hint: str) -> None:
    with pytest.raises(Refusal) as refused:
        workspace.plan(line)
    assert [error.hint for error in refused.value.errors] == [hint]


def test_the_suggested_loop_over_seeds_can_be_planned(workspace: Workspace) -> None:
    workspace.plan("range 0 4 | iterate as n | t2i --prompt 'a fox' --seed @n")


def test_set_suggests_our_own_name_for_an_input_from_another_tool(workspace: Workspace) -> None:
    with pytest.raises(UsageError) as refused:
        workspace.set("cfg", 7)
    assert refused.value.hint == "did you mean `guidance`?"


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("DPM++ 2M Karras", "dpmpp_2m_k"),
        ("DPM++ 2M SDE Karras", "dpmpp_2m_sde_k"),
        ("DPM2 a Karras", "kdpm_2_a_k"),
        ("k_lms", "lms"),
        ("plms", "pndm"),
        ("Euler a", "euler_a"),
        ("UniPC", "unipc"),
        ("euler_k", "euler_k"),
    ],
)
def test_a_sampler_name_from_another_tool_is_accepted_as_a_scheduler(
    workspace: Workspace, name: str, ours: str
) -> None:
    def scheduler_of(line: str) -> object:
        return next(node.inputs["scheduler"] for node in workspace.plan(line).nodes if node.type == "denoise")

    assert scheduler_of(f"t2i a fox --scheduler '{name}'") == ours
    workspace.set("scheduler", name)
    assert scheduler_of("t2i a fox") == ours


def test_case_spaces_and_underscores_are_ignored_except_in_short_options() -> None:
    assert find_synonym("CFG Scale") is find_synonym("cfg_scale") is find_synonym("-C")
    assert find_synonym("-c") is None


@pytest.mark.parametrize(
    ("typed", "word", "expected"),
    [
        ("txt", "t2i", True),
        ("txt", "i2i", False),
        ("--cfg", "--guidance", True),
        ("cfg", "--guidance", False),
        ("--clips", "--clip-skip", True),
    ],
)
def test_a_prefix_or_a_longer_form_of_a_term_is_recognized(typed: str, word: str, expected: bool) -> None:
    assert meant_by(typed, word) is expected
