"""The help page of a command shows everything in its metadata."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping

import pytest

from invocations.spec import Exposure, FieldSpec, FieldType, InvocationSpec, OutputSpec
from invokeai_cli.environment import Environment
from invokeai_cli.help.columns import columns, shortened, wrap
from invokeai_cli.help.page import page_text
from invokeai_cli.render.paint import make_paint
from workflows.manual.command import command_page

IMAGE = FieldType("ref", kind="image")
UPSCALE = InvocationSpec(
    "upscale",
    "Upscale",
    "Enlarge a picture, adding detail.",
    "enhance",
    "1.0.0",
    (
        FieldSpec("image", IMAGE, "picture to enlarge", primary=True),
        FieldSpec("scale", FieldType("float"), "enlargement", False, 2.0, position=1, ge=1, le=8, unit="x", short="x"),
        FieldSpec("how", FieldType("enum", choices=("soft", "hard")), "method", False, "soft", common=False),
        FieldSpec("tiled", FieldType("bool"), "piece by piece", False, False, common=False),
    ),
    (OutputSpec("image", IMAGE, "the picture", True),),
    examples=("t2i a red fox | upscale 2",),
    description="More of it.\n\nAnd more.",
)
T2I = InvocationSpec(
    "t2i",
    "Text to image",
    "Make a picture.",
    "generate",
    "1.0.0",
    (FieldSpec("prompt", FieldType("str"), "what to show", position=1, free_text=True),),
    (OutputSpec("image", IMAGE, "the picture", True),),
    pipeline="model | prompt",
    exposures=(Exposure("prompt", (("prompt", "text"),)),),
    origin="my-plug-in",
)
PAGE = """\
usage: upscale PATH [SCALE] [OPTIONS]
       ... | upscale [SCALE] [OPTIONS]

Enlarge a picture, adding detail.

More of it.

And more.

Examples:
  t2i a red fox | upscale 2

Common options:
  --image IMAGE      picture to enlarge (required)
  -x, --scale FLOAT  enlargement (1 to 8 x; default: 2)

More options:
  --how HOW            method (soft, hard; default: soft)
  --tiled, --no-tiled  piece by piece (default: no)

Options of every command:
  --link NODE OUTPUT INPUT  link an output of an earlier stage (3, -1 or a name)
                            to an input
  --link-node NODE          link all outputs of an earlier stage to the inputs
                            of the same names
  --no-link                 link nothing automatically
  --no-cache                recompute, even if the result is cached
  --zip NAMES               let axes advance together: --seed 1,2 --steps 9,8
                            --zip seed,steps; --zip-short cuts longer axes
  --vary WORD=A,B           repeat the stage with a word in its prompt replaced
  --dynamic[=N]             use all alternatives in a prompt such as {red|blue},
                            or N random ones, which may repeat
  --wildcards DIR           folder with the words for __name__ in a prompt

Inputs (* receives what is piped in):
  image* (image), scale (float), how (soft|hard), tiled (yes/no)

Outputs (* is piped to the next stage):
  image* (image)

Can follow:
  upscale, t2i

Can be followed by:
  upscale"""
CATALOG = {"upscale": UPSCALE, "t2i": T2I}


def test_a_help_page_is_complete() -> None:
    assert page_text(command_page(UPSCALE, CATALOG)) == PAGE


def test_a_recipe_page_shows_the_pipeline_and_a_plugin_page_shows_where_the_plugin_is_defined() -> None:
    page = page_text(command_page(T2I, CATALOG))
    assert page.startswith("usage: t2i PROMPT... [OPTIONS]\n")
    assert page.endswith("Equivalent pipeline:\n  model | prompt\n\nDefined in my-plug-in")


def test_only_examples_may_be_wider_than_the_page(commands: Mapping[str, InvocationSpec]) -> None:
    for spec in commands.values():
        lines = page_text(command_page(spec, commands), width=60).splitlines()
        assert max(len(line) for line in lines if line.strip() not in spec.examples) <= 60


def test_the_page_of_a_command_shows_all_of_its_inputs_and_examples(commands: Mapping[str, InvocationSpec]) -> None:
    for spec in commands.values():
        page = page_text(command_page(spec, commands))
        assert spec.summary.split()[0] in page
        for field in spec.inputs:
            assert "--" + field.name.replace("_", "-") in page
        assert all(example in page for example in spec.examples)


def test_words_are_wrapped_and_never_cut() -> None:
    assert wrap("one two three", 8, indent="  ") == ["  one", "  two", "  three"]
    assert wrap("", 8) == []
    assert columns([("a", "x y"), ("b" * 40, "z")], 60) == [
        f"  {'a':<30}  x y",
        "  " + "b" * 40,
        " " * 34 + "z",
    ]


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (60, "width of the image (8 to 8192 px; default: from the model)"),
        (50, "width of the image (default: from the model)"),
        (30, "width of the image"),
        (10, "width of the image"),
    ],
)
def test_a_description_that_is_too_long_omits_the_default_before_it_omits_the_range(room: int, expected: str) -> None:
    assert shortened("width of the image (8 to 8192 px; default: from the model)", room) == expected


def test_a_description_is_shortened_at_the_end_of_a_clause() -> None:
    assert shortened("denoising strength: near 0 changes little, 1 changes all", 50) == (
        "denoising strength: near 0 changes little"
    )
    assert shortened("name of a model, path of its folder", 12) == "name of a model"
    assert shortened("mask of the image; white areas are redrawn, others kept", 50) == "mask of the image"
    assert columns([("a", "one, two, three")], 16, brief=True) == ["  a  one, two"]


def test_a_page_needs_neither_torch_nor_typer_nor_pydantic() -> None:
    heavy = ["torch", "diffusers", "transformers", "PIL", "numpy", "pydantic", "typer", "rich"]
    program = (
        "import sys\n"
        "from invocations.catalog.registry import open_registry\n"
        "from invokeai_cli.help.page import page_text\n"
        "from workflows.manual.command import command_page\n"
        "import workflows.planning.plan_line\n"
        "specs = open_registry().specs()\n"
        "page_text(command_page(specs['add'], {'add': specs['add']}))\n"
        f"print([name for name in {heavy!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_colors_do_not_change_the_text_of_a_page() -> None:
    page = command_page(UPSCALE, CATALOG)
    world = Environment(None, None, None, {"TERM": "xterm-256color"}, "/")
    colored = page_text(page, width=60, paint=make_paint(world, color=True))
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == page_text(page, width=60)
    assert "\x1b[1mExamples:\x1b[0m" in colored
    assert re.search(r"\x1b\[[\d;]+m--how HOW\x1b\[0m", colored)
    assert re.search(r"  \x1b\[[\d;]+mt2i a red fox \| upscale 2\x1b\[0m", colored)
