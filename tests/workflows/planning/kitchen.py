"""A small handwritten catalog of commands that covers every rule of planning."""

from __future__ import annotations

from typing import Any

from invocations.spec import Exposure, FieldSpec, FieldType, InvocationSpec, OutputSpec

NUMBER = FieldType("union", (FieldType("int"), FieldType("float")))
INT, FLOAT, STR, BOOL, NONE = (FieldType(base) for base in ("int", "float", "str", "bool", "none"))  # type: ignore[arg-type]
IMAGE = FieldType("ref", kind="image")
MASK = FieldType("ref", kind="mask", parents=("image",))
LATENTS, CONDITIONING, MODEL = (FieldType("ref", kind=kind) for kind in ("latents", "conditioning", "model"))
ITEM = FieldType("any", kind="T")
ANY = FieldType("any")


def several(of: FieldType) -> FieldType:
    return FieldType("list", (of,))


def maybe(of: FieldType) -> FieldType:
    return FieldType("union", (of, NONE))


def takes(name: str, kind: FieldType, position: int | None = None, **more: Any) -> FieldSpec:
    more.setdefault("required", "default" not in more)
    return FieldSpec(name, kind, f"the {name}", position=position, **more)


def returns(name: str, kind: FieldType, *, primary: bool = True) -> OutputSpec:
    return OutputSpec(name, kind, f"the {name}", primary)


def command(word: str, inputs: list[FieldSpec], outputs: list[OutputSpec], **more: Any) -> InvocationSpec:
    more.setdefault("category", "test")
    return InvocationSpec(
        word, word.title(), f"Do {word}.", version="1.0.0", inputs=tuple(inputs), outputs=tuple(outputs), **more
    )


def image_command(word: str, *more: FieldSpec, **rest: Any) -> InvocationSpec:
    return command(word, [takes("image", IMAGE, primary=True), *more], [returns("image", IMAGE)], **rest)


KITCHEN = (
    command("add", [takes("a", NUMBER, 1, primary=True), takes("b", NUMBER, 2)], [returns("value", NUMBER)]),
    command("mul", [takes("a", NUMBER, 1, primary=True), takes("b", NUMBER, 2)], [returns("value", NUMBER)]),
    command("range", [takes("start", INT, 1), takes("stop", INT, 2)], [returns("collection", several(INT))]),
    command(
        "pick",
        [takes("collection", several(ITEM), primary=True), takes("index", INT, 1)],
        [returns("item", ITEM)],
        roles=("picks",),
    ),
    command("list", [takes("items", several(ITEM), 1)], [returns("collection", several(ITEM))], roles=("lists",)),
    command(
        "iterate",
        [
            takes("collection", several(ITEM), 1, primary=True),
            takes("axis", STR, default="", given="written", common=False),
        ],
        [returns("item", ITEM)],
        role="iterate",
        roles=("spreads",),
    ),
    command(
        "collect",
        [
            takes("item", ITEM, primary=True, given="linked"),
            takes("earlier", several(ITEM), default=[], given="linked"),
            takes("by", several(STR), default=[], given="written"),
            takes("holes", BOOL, default=False, given="written"),
        ],
        [returns("collection", several(ITEM))],
        role="collect",
        roles=("gathers",),
    ),
    command(
        "if",
        [takes("condition", BOOL, 1, primary=True), takes("then", ITEM, 2), takes("otherwise", ITEM, 3)],
        [returns("value", ITEM)],
        role="if",
    ),
    command(
        "format",
        [
            takes("template", STR, 1),
            takes("a", ANY, 2, default=None, primary=True),
            takes("b", ANY, 3, default=None),
            takes("names", several(STR), default=[], common=False, given="written"),
        ],
        [returns("text", STR)],
        roles=("formats",),
    ),
    command(
        "say",
        [takes("text", STR, 1, free_text=True, primary=True, completes="prompt")],
        [returns("text", STR)],
    ),
    command(
        "replace",
        [takes("text", STR, 1, primary=True), takes("old", STR, 2), takes("new", STR, 3)],
        [returns("text", STR)],
        roles=("replaces",),
    ),
    command(
        "pick",
        [takes("collection", several(ITEM), primary=True), takes("index", INT, 1)],
        [returns("item", ITEM)],
        roles=("picks",),
    ),
    command(
        "load",
        [takes("source", STR, 1, completes="file"), takes("allow_url", BOOL, default=False)],
        [returns("image", IMAGE), returns("collection", several(IMAGE), primary=False)],
        roles=("loads",),
    ),
    command(
        "mask-grow",
        [takes("mask", IMAGE, primary=True), takes("pixels", INT, 1, default=4, neutral=0)],
        [returns("mask", MASK)],
        roles=("masks",),
    ),
    image_command("save", takes("target", STR, 1, default=""), roles=("saves",)),
    image_command(
        "upscale",
        takes("scale", FLOAT, 1, default=2.0, ge=1, le=8, unit="x", short="x"),
        takes("method", FieldType("enum", choices=("lanczos", "nearest", "bicubic")), default="lanczos"),
        takes("tiled", BOOL, default=False, short="t"),
        takes("width", maybe(INT), default=None, by_model=True, multiple_of=8, ge=8, le=4096),
    ),
    image_command("mirror", takes("tiled", BOOL, default=False)),
    image_command("blur", takes("radius", FLOAT, 1, default=2.0, gt=0)),
    image_command("tint", takes("color", FieldType("color"), 1)),
    image_command("paste", takes("over", IMAGE), takes("mask", maybe(MASK), default=None)),
    image_command("crop_to", takes("box", several(INT), default=[])),
    image_command("tag", takes("labels", several(STR), 1, default=[]), takes("more", FieldType("json"), default=None)),
    command("grid", [takes("images", several(IMAGE), 1, primary=True)], [returns("image", IMAGE)]),
    command(
        "sheet",
        [
            takes("images", several(maybe(IMAGE)), 1, primary=True),
            takes("rows", STR, default="", given="written"),
            takes("columns", FieldType("union", (INT, STR, NONE)), default=None),
            takes("axes", several(FieldType("json")), default=[], common=False),
            takes("left_out", several(INT), default=[], common=False),
            takes("axis_items", several(ANY), default=[], common=False, given="linked"),
            takes("second_axis_items", several(ANY), default=[], common=False, given="linked"),
            takes("title", STR, default=""),
        ],
        [returns("image", IMAGE), returns("sheets", several(IMAGE), primary=False)],
    ),
    command(
        "halves",
        [takes("image", IMAGE, primary=True)],
        [returns("left", IMAGE, primary=False), returns("right", IMAGE, primary=False)],
    ),
    command("both", [takes("text", STR, 1), takes("one", IMAGE), takes("two", IMAGE)], [returns("image", IMAGE)]),
    command("look", [takes("image", IMAGE, primary=True)], []),
    command(
        "model",
        [takes("name", STR, 1, default="default", completes="model")],
        [returns("model", MODEL)],
        roles=("loads",),
    ),
    command(
        "prompt",
        [
            takes("model", MODEL, default="default"),
            takes("text", STR, 1, free_text=True),
            takes("negative", STR, default=""),
        ],
        [returns("conditioning", CONDITIONING)],
        model_bound="model",
    ),
    command(
        "noise",
        [
            takes("model", MODEL),
            takes("width", maybe(INT), default=None, by_model=True, multiple_of=8, ge=8, le=4096),
            takes("height", maybe(INT), default=None, by_model=True, multiple_of=8, ge=8, le=4096),
            takes("seed", maybe(INT), default=None, seed=True, ge=0),
        ],
        [returns("noise", LATENTS)],
    ),
    command(
        "encode",
        [
            takes("model", MODEL),
            takes("image", IMAGE, 1, primary=True),
            takes("seed", maybe(INT), default=None, ge=0),
        ],
        [returns("latents", LATENTS)],
        model_bound="model",
    ),
    command(
        "denoise",
        [
            takes("model", MODEL),
            takes("conditioning", CONDITIONING),
            takes("noise", LATENTS, primary=True),
            takes("latents", maybe(LATENTS), default=None, given="linked"),
            takes("mask", maybe(MASK), default=None),
            takes("steps", maybe(INT), default=None, by_model=True, ge=1, le=1000, short="s"),
            takes("guidance", maybe(FLOAT), default=None, by_model=True, ge=0, le=100),
            takes("strength", FLOAT, default=1.0, ge=0, le=1),
        ],
        [returns("latents", LATENTS)],
        model_bound="model",
    ),
    command("decode", [takes("model", MODEL), takes("latents", LATENTS, primary=True)], [returns("image", IMAGE)]),
    command(
        "t2i",
        [
            takes("prompt", STR, 1, free_text=True),
            takes("negative", STR, default=""),
            takes("model", STR, default="default", completes="model"),
            takes("steps", maybe(INT), default=12, ge=1, le=1000, short="s"),
            takes("seed", maybe(INT), default=None, seed=True, ge=0),
        ],
        [returns("image", IMAGE)],
        pipeline="model | prompt | noise | denoise --strength 1 | decode",
        exposures=(
            Exposure("prompt", (("prompt", "text"),)),
            Exposure("negative", (("prompt", "negative"),)),
            Exposure("model", (("model", "name"),)),
            Exposure("steps", (("denoise", "steps"),)),
            Exposure("seed", (("noise", "seed"),)),
        ),
    ),
    command(
        "i2i",
        [
            takes("image", IMAGE, 1, primary=True),
            takes("prompt", STR, 2, free_text=True),
            takes("strength", FLOAT, default=0.6, ge=0, le=1),
        ],
        [returns("image", IMAGE)],
        pipeline="model | prompt | encode | noise | denoise | decode",
        exposures=(
            Exposure("image", (("encode", "image"),)),
            Exposure("prompt", (("prompt", "text"),)),
            Exposure("strength", (("denoise", "strength"),)),
        ),
    ),
    command(
        "twice",
        [takes("prompt", STR, 1, free_text=True)],
        [returns("image", IMAGE)],
        pipeline="t2i --steps 4 as first | blur 3 | blur 1",
        exposures=(Exposure("prompt", (("first", "prompt"),)),),
    ),
    command(
        "draw",
        [takes("prompt", STR, 1, free_text=True), takes("model", MODEL, default="default")],
        [returns("image", IMAGE)],
        pipeline="prompt | noise | denoise | decode",
        exposures=(
            Exposure("prompt", (("prompt", "text"),)),
            Exposure("model", tuple((stage, "model") for stage in ("prompt", "noise", "denoise", "decode"))),
        ),
    ),
    command("loop", [], [returns("image", IMAGE)], pipeline="loop"),
    command("torn", [], [returns("image", IMAGE)], pipeline="add 1 | decoed", origin="plug-in torn"),
)
CATALOG = {spec.type: spec for spec in KITCHEN}
