"""Complete documents of every format that the program reads, and the commands that read them."""

from __future__ import annotations

import io
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from invokeai_cli.environment import Environment
from invokeai_cli.main import run

ROOT = Path(__file__).parents[2]
FOREIGN = ROOT / "tests" / "material" / "foreign"
MODEL = ROOT / "core" / "models" / "default"
Type = Callable[[Sequence[str]], str]
Change = Callable[[bytes], bytes]
Words = tuple[tuple[str, ...], ...]


def _nothing(folder: Path, home: Path, type_: Type) -> None:
    return None


def _as_bytes(document: bytes, change: Change, dice: random.Random) -> bytes:
    return change(document)


@dataclass(frozen=True)
class Format:
    """One format: its documents, the file that they are written to, and the lines that read it.

    rebuilt: a function that changes a document but keeps its outer format. prepare: a function that sets up the
    working folder and the home folder.
    is_input: whether the document is also passed as standard input.
    """

    name: str
    documents: Callable[[], Sequence[bytes]]
    file: str
    words: Words
    rebuilt: Callable[[bytes, Change, random.Random], bytes] = _as_bytes
    prepare: Callable[[Path, Path, Type], None] = _nothing
    is_input: bool = False


def _files(*patterns: str) -> Callable[[], Sequence[bytes]]:
    @cache
    def read() -> Sequence[bytes]:
        return [path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern))]

    return read


@cache
def _own_images() -> Sequence[bytes]:
    """Return images with the text chunks that this program writes."""
    graph: dict[str, Any] = {
        "nodes": {
            "1": {"id": "1", "type": "load", "inputs": {"source": "a.png"}},
            "2": {"id": "2", "type": "blur", "inputs": {"radius": 2.0}},
        },
        "edges": [{"source": "1", "output": "image", "target": "2", "input": "image"}],
    }
    texts = {"invokeai-cli:line": "load a.png | blur 2", "invokeai-cli:graph": json.dumps(graph), "parameters": "a fox"}
    return [_png(texts), *_files("tests/material/foreign/*.png")()]


def _png(texts: dict[str, str]) -> bytes:
    info, data = PngInfo(), io.BytesIO()
    for key, text in texts.items():
        info.add_itxt(key, text)
    Image.new("RGB", (8, 8)).save(data, "PNG", pnginfo=info)
    return data.getvalue()


def _with_texts(document: bytes, change: Change, dice: random.Random) -> bytes:
    """Return an image in which one text chunk is changed."""
    with Image.open(io.BytesIO(document)) as image:
        image.load()
        texts = {key: str(text) for key, text in image.info.items() if isinstance(text, str)}
    if texts:
        key = dice.choice(sorted(texts))
        texts[key] = change(texts[key].encode("utf-8", "replace")).decode("utf-8", "replace")
    return _png(texts)


@cache
def _graphs() -> Sequence[bytes]:
    """Return the graphs stored in images made by other tools."""
    found = []
    for document in _files("tests/material/foreign/c*.png")():
        with Image.open(io.BytesIO(document)) as image:
            image.load()
            found += [str(image.info[key]).encode() for key in ("prompt", "workflow") if key in image.info]
    return found


@cache
def _texts() -> Sequence[bytes]:
    """Return the `parameters` strings that other tools store in their images, or write into separate text files."""
    found = [TEXT.encode(), json.dumps({"sui_image_params": {"prompt": "a fox", "seed": 5, "steps": 20}}).encode()]
    for document in _files("tests/material/foreign/[pw]*.png")():
        with Image.open(io.BytesIO(document)) as image:
            image.load()
            found += [str(image.info["parameters"]).encode()] if "parameters" in image.info else []
    return found


TEXT = """a fox, (snow:1.2), [sea]
Negative prompt: blur
Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 5, Size: 512x512, Model hash: 1234abcd, Model: dreamshaper_8,
Denoising strength: 0.7, Hires upscale: 2, Hires steps: 10, Lora hashes: "fur: 12ab"
"""
LINES = ("add 1 2 as sum", "div 1 0", "range 1 3 | iterate | mul 2 | collect", 'format "{a} fox" 5')


@cache
def _sessions() -> Sequence[bytes]:
    """Return exported sessions with a loop, a failure and a named stage."""
    return _typed_in_a_home(lambda root, type_: [type_("session", "export", each) for each in _ids(type_)])


def _ids(type_: Callable[..., bytes]) -> list[str]:
    return [each["id"] for each in json.loads(type_("sessions", "--json"))["sessions"]]


def _typed_in_a_home(look: Callable[[Path, Callable[..., bytes]], Sequence[bytes]]) -> Sequence[bytes]:
    """Run `LINES` in a new home folder, and return what `look` finds in it."""
    with tempfile.TemporaryDirectory() as root:

        def type_(*words: str) -> bytes:
            out = io.StringIO()
            run(list(words), Environment(None, out, io.StringIO(), {"INVOKEAI_HOME": root}, root, home=root))
            return out.getvalue().encode()

        for line in LINES:
            type_(line)
        return look(Path(root), type_)


def _one_line(folder: Path, home: Path, type_: Type) -> None:
    type_(("add", "1", "2"))


SCRIPT = r"""# invokeai-script 1
let n = 3
add 1 ${n} as sum
range 1 ${n} | iterate | mul 2 | collect
set steps 5
t2i a red fox, (snow)1.3 --seed 7 | scale 2 | save "f-{index:03}.png"
add @sum 1 \
  --no-cache  # kept
format '{a} ü' "x|y" as t
| length
exit
"""
SETTINGS = """device = "cpu"
max_megapixels = 8
models_dirs = ["m", "n"]
cache = true

[defaults]
steps = 20
t2i.width = 64
"""
RECIPE = """type = "soften"
summary = "Soften an image."
category = "filter"
version = "1.0.0"
tags = ["a"]
examples = ["load a.png | soften 2"]
pipeline = "blur 2 | sharpen"

[inputs]
radius = { to = ["blur.radius"], default = 2.0, ge = 0, description = "radius", position = 1 }
"""


@cache
def _records() -> Sequence[bytes]:
    """Return the records that one process in a pipe passes to the next, and plain values without a record."""
    piped = _typed_in_a_home(lambda root, type_: [type_("--pipe", "add", "1", "2"), type_("--pipe", "div", "1", "0")])
    return [*piped, b"5\n6\n"]


def _model(folder: Path, home: Path, type_: Type) -> None:
    target = home / "data" / "models" / "fox"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(MODEL, target)


def _database(name: str) -> Callable[[], Sequence[bytes]]:
    return cache(lambda: _typed_in_a_home(lambda root, type_: [next(root.rglob(name)).read_bytes()]))


def _homes(folder: Path, home: Path, type_: Type) -> None:
    for part in ("data", "cache", "config/nodes"):
        (home / part).mkdir(parents=True, exist_ok=True)


MODEL_FILES = ("model_index.json", "unet/config.json", "vae/config.json", "text_encoder/config.json", "defaults.json")
FORMATS = (
    Format("image", _own_images, "x.png", (("line", "x.png"),)),
    Format("texts of an image", _own_images, "x.png", (("line", "x.png"),), _with_texts),
    Format("Exif", _files("tests/material/foreign/*.jpg"), "x.jpg", (("line", "x.jpg"),)),
    Format("text of another tool", _texts, "x.txt", (("line", "x.txt"), ("line", "-")), is_input=True),
    Format("graph of another tool", _graphs, "x.json", (("line", "x.json"),)),
    Format("session", _sessions, "x.json", (("session", "import", "x.json"), ("sessions",)), prepare=_one_line),
    Format("script", lambda: [SCRIPT.encode()], "x.inv", (("run", "x.inv", "--dry-run"),)),
    Format("settings", lambda: [SETTINGS.encode()], "invokeai.toml", (("config", "show"),)),
    Format("recipe", lambda: [RECIPE.encode()], "{home}/config/nodes/x.toml",
           (("nodes", "soften"), ("add", "1", "2")), prepare=_homes),
    Format("results in a pipe", _records, "x", (("mul", "2"),), is_input=True),
    Format("index of the cache", _database("results.sqlite"), "{home}/cache/results.sqlite",
           (("add", "1", "2"), ("cache", "stats")), prepare=_homes),
    Format("store of sessions", _database("sessions.sqlite"), "{home}/data/sessions.sqlite",
           (("sessions",), ("session", "show"), ("add", "1", "2")), prepare=_homes),
    *[
        Format(f"model: {name}", _files(f"core/models/default/{name}"), "{home}/data/models/fox/" + name,
               (("models",), ("explain", "t2i", "a", "fox", "--model", "fox")), prepare=_model)
        for name in MODEL_FILES
    ],
)  # fmt: skip
