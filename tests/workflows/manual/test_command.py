"""The help page of a command, as data."""

from __future__ import annotations

from invocations.spec import FieldSpec, FieldType, InvocationSpec, OutputSpec
from workflows.manual.command import command_page, neighbors
from workflows.manual.page import Paragraph, Rows, Usage

IMAGE = FieldType("ref", kind="image")
BLUR = InvocationSpec(
    "blur",
    "Blur",
    "Gaussian blur.",
    "filters",
    "1.0.0",
    (
        FieldSpec("image", IMAGE, "image to blur", primary=True),
        FieldSpec("radius", FieldType("float"), "radius (default: half the height)", False, 2.0, position=1),
        FieldSpec("edge", FieldType("enum", choices=("wrap", "clamp")), "what is outside", False, "wrap"),
        FieldSpec("size", FieldType("int"), "size (default: the image's)", False, None, ge=1, unit="px"),
        FieldSpec("seed", FieldType("int"), "random seed", False, None, seed=True, ge=0),
        FieldSpec("way", FieldType("enum", choices=("x", "y")), "x (across) or y (down)", False, "x"),
    ),
    (OutputSpec("image", IMAGE, "the image", True),),
)
T2I = InvocationSpec(
    "t2i",
    "Text to image",
    "Generate an image.",
    "generate",
    "1.0.0",
    (FieldSpec("prompt", FieldType("str"), "what to show", position=1, free_text=True),),
    (OutputSpec("image", IMAGE, "the image", True),),
)
CATALOG = {"blur": BLUR, "t2i": T2I}


def test_commands_that_can_come_before_or_after_a_command_are_found_by_their_types() -> None:
    assert neighbors(BLUR, CATALOG) == (("blur", "t2i"), ("blur",))
    assert neighbors(T2I, CATALOG) == ((), ("blur",))


def test_a_page_begins_with_usage_and_purpose() -> None:
    page = command_page(BLUR, CATALOG)
    usage = Usage(("blur PATH [RADIUS] [OPTIONS]", "... | blur [RADIUS] [OPTIONS]"))
    assert page[:2] == (usage, Paragraph("Gaussian blur."))
    assert command_page(T2I, CATALOG)[0] == Usage(("t2i PROMPT... [OPTIONS]",))


def test_an_option_shows_its_choices_and_default_once() -> None:
    options = next(block for block in command_page(BLUR, CATALOG) if isinstance(block, Rows))
    assert dict(options.rows) == {
        "--image IMAGE": "image to blur (required)",
        "--radius FLOAT": "radius (default: half the height)",
        "--edge EDGE": "what is outside (wrap, clamp; default: wrap)",
        "--size INT": "size (at least 1 px; default: the image's)",
        "--seed INT": "random seed (at least 0; default: picked at random)",
        "--way WAY": "x (across) or y (down) (default: x)",
    }
