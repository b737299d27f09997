"""What a model ignores: a warning that quotes the line, a remark in `explain`, and shorter help and completion."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from invocations.services.models.base import ModelSettings
from tests.invokeai_cli.conftest import TypeLine
from workflows.lookup import Lookup

REASON = "negative prompts have no effect with a guidance scale of 1 or less"
LINE = "t2i a fox --model quick --negative dog --width 64 --height 64"


@pytest.fixture(autouse=True)
def quick(isolated_home: Path) -> Path:
    """Add a model that works without guidance, as models for few steps do."""
    folder = isolated_home / "data" / "models" / "quick"
    folder.mkdir(parents=True)
    for part in DEFAULT_PATH.iterdir():
        if part.name != "defaults.json":
            (folder / part.name).symlink_to(part)
    settings = json.loads((DEFAULT_PATH / "defaults.json").read_text())
    (folder / "defaults.json").write_text(json.dumps({**settings, "steps": 2, "guidance": 0.0}))
    return folder


def test_a_warning_points_at_the_value_that_is_ignored(type_: TypeLine) -> None:
    result = type_(LINE, "-q")
    assert (result.status, result.err) == (0, "")
    result = type_(LINE)
    warning = f"warning: ignored: {REASON}\n  {LINE}\n{' ' * 37}^^^\n"
    assert (result.status, result.err[: len(warning)]) == (0, warning)
    assert REASON not in type_(f"{LINE} --guidance 2").err
    assert REASON not in type_(LINE.replace(" --negative dog", "")).err


def test_the_warning_in_json_is_one_row(type_: TypeLine) -> None:
    assert type_("--json", LINE).document["warnings"] == [f"ignored: {REASON}"]
    events = type_("--events", LINE).events
    assert [event["message"] for event in events if event["event"] == "warning"] == [f"ignored: {REASON}"]


def test_explain_shows_why_an_input_is_ignored(type_: TypeLine) -> None:
    result = type_("explain", LINE)
    (row,) = [row.strip() for row in result.out.splitlines() if row.strip().startswith("negative")]
    assert row.split(maxsplit=1)[1] == f'"dog"  written; ignored: {REASON}'
    ignored = type_("--json", "explain", LINE).document["ignored"]
    assert ignored == [{"node": "1.prompt", "input": "negative", "reason": REASON}]


def test_help_for_a_model_leaves_out_what_it_ignores_and_shows_its_defaults(type_: TypeLine) -> None:
    usual, quick = type_("help", "t2i").out, type_("help", "t2i", "--model", "quick").out
    assert ("--negative" in usual, "--negative" in quick) == (True, False)
    assert ("default: 2)" in usual, "(1 to 1000; default: 2)" in quick) == (False, True)
    assert "guidance scale (CFG) (0 to 100; default: 0)\n" in quick
    assert 'scheduler (sampler) (default: "ddim")\n' in quick
    assert "--negative" not in type_("help", "t2i", "--all", "--model", "quick").out
    result = type_("help", "t2i", "--model", "quik")
    assert (result.status, result.err) == (4, "error: there is no model `quik`\n  did you mean `quick`?\n")


@pytest.mark.parametrize("words", [("help", "t2i"), ("help", "t2i", "--all")])
def test_help_shows_the_defaults_that_a_line_would_use_and_which_ones_the_user_has_set(
    type_: TypeLine, words: tuple[str, ...]
) -> None:
    def steps(*more: str) -> str:
        option = type_(*words, *more).out.partition(" --steps INT ")[2].partition("  -g, ")[0]
        return " ".join(option.partition("default: ")[2].split())

    assert (steps(), steps("--model", "quick")) == ("from the model)", "2)")
    type_("set", "steps", "4", "--save")
    assert (steps(), steps("--model", "quick")) == ("4, set by you)", "4, set by you)")
    type_("set", "steps", "3", "--model", "quick", "--save")
    assert (steps(), steps("--model", "quick")) == ("4, set by you)", "3, set by you)")
    assert steps("--model", "default") == "4, set by you)"
    type_("set", "t2i.steps", "5", "--save")
    assert (steps(), steps("--model", "quick")) == ("5, set by you)", "5, set by you)")
    assert "default: 4, set by you)" in type_("help", "i2i").out


@pytest.mark.parametrize(
    ("model", "refused", "reason"),
    [
        ("masks", ("t2i", "i2i"), "is made for inpainting and needs a mask; use `inpaint`"),
        ("edits", ("t2i",), "edits images and needs an image to edit; use `i2i`"),
    ],
)
def test_help_says_that_a_command_cannot_run_with_a_model(
    type_: TypeLine, monkeypatch: pytest.MonkeyPatch, model: str, refused: tuple[str, ...], reason: str
) -> None:
    usual = Lookup.settings
    needs = {"needs_mask": model == "masks", "needs_image": model == "edits"}

    def settings(self: Lookup, name: str) -> ModelSettings | None:
        found = usual(self, name)
        return replace(found, name=model, **needs) if found is not None else None

    monkeypatch.setattr(Lookup, "settings", settings)
    for command in ("t2i", "i2i", "inpaint", "outpaint", "blur"):
        text = " ".join(type_("help", command, "--model", "quick").out.split())
        says = f"`{command}` cannot run with this model: `{model}` {reason}"
        assert (says in text) == (command in refused), command


def test_a_shell_completes_only_options_that_the_model_in_the_line_honors(type_: TypeLine) -> None:
    offered = {
        words: "--negative" in type_("__complete", str(len(words) + 1), *words, "--").out
        for words in (("t2i",), ("t2i", "--model", "quick"), ("t2i", "-m", "quick", "-g", "3"), ("t2i", "-m", "none"))
    }
    assert [*offered.values()] == [True, False, True, True]


def test_the_prompt_completes_only_options_that_the_model_in_the_line_honors(type_: TypeLine) -> None:
    from invokeai_cli.directives.table import RESERVED
    from tests.workflows.completion.offers import offered, small_context
    from workflows.workspace import Workspace

    workspace = Workspace.open()
    context = small_context(RESERVED, settings=workspace.check_value.settings)
    assert "--negative" in offered("t2i a fox --ne^", context)
    assert "--negative" not in offered("t2i a fox --model quick --ne^", context)
    assert "--negative" in offered("t2i a fox --model quick --guidance 3 --ne^", context)
    workspace.close()
