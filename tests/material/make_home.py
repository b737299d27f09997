"""Create the home and the working folder in `home-0.1.0`; run once, with version 0.1.0 of the program.

usage: python tests/material/make_home.py FOLDER; see the README in `home-0.1.0`.
"""

from __future__ import annotations

import os
import pty
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

PROGRAM = (sys.executable, "-m", "invokeai_cli")
NODES = '''"""Nodes of the user's own, written as the README of the framework teaches it in 0.1.0."""

from __future__ import annotations

from invocations.errors import BadValue
from invocations.fields import Item, input_field, output_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, Output, invocation
from invocations.nodes.flow import CollectionOutput
from invocations.outputs import ImageOutput, edited


class ToneOutput(Output):
    """How light a picture is."""

    value: float = output_field(primary=True, description="0 is black, 1 is white")


@invocation(
    "posterize",
    title="Posterize",
    category="colours",
    version="1.0.0",
    tags=("shades", "poster"),
    examples=("t2i a red house | posterize 2",),
)
class Posterize(Invocation):
    """Leave only a few shades of each colour.

    What follows the first sentence is shown in the long help.
    """

    image: ImageRef = input_field(primary=True, description="picture to change")
    bits: int = input_field(default=2, ge=1, le=8, position=1, unit="bits", description="how fine the shades are")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from PIL import ImageOps

        return edited(context, self.image, lambda image: ImageOps.posterize(image.convert("RGB"), self.bits))


@invocation("tone", title="Tone", category="measuring", examples=("t2i a red house | tone",))
class Tone(Invocation):
    """Measure how light a picture is."""

    image: ImageRef = input_field(primary=True, description="picture to measure")

    def invoke(self, context: InvocationContext) -> ToneOutput:
        from PIL import ImageStat

        context.progress(1, 1)
        return ToneOutput(value=round(ImageStat.Stat(context.images.get(self.image).convert("L")).mean[0] / 255, 2))


@invocation("every-other", title="Every other", category="lists", examples=("list a b c | every-other",))
class EveryOther(Invocation):
    """Take the first item of a list, the third, and so on."""

    collection: list[Item] = input_field(primary=True, position=1, description="list to take from")
    begin: int = input_field(default=0, ge=0, description="how many items are left out first")

    def invoke(self, context: InvocationContext) -> CollectionOutput:
        if self.begin >= len(self.collection):
            raise BadValue("begin", f"the list has {len(self.collection)} items", "begin earlier")
        return CollectionOutput(collection=self.collection[self.begin :: 2])
'''
RECIPE = """\
type = "sketch"
summary = "Draw a grey sketch of words."
category = "generate"
examples = ["sketch a red house --steps 12"]
pipeline = "t2i | blur as soft | grayscale"

[inputs]
prompt = { to = ["t2i.prompt"], position = 1, free_text = true, primary = true }
steps = { to = ["t2i.steps"], default = 12, short = "s" }
width = { to = ["t2i.width"] }
height = { to = ["t2i.height"] }
seed = { to = ["t2i.seed"] }
softness = { to = ["soft.radius"], default = 1.0, description = "blur, in pixels" }
"""
POSTER = """\
# Three houses on a sheet, and a sun into another one.
let what = small house
let label = 'left | right'  # a bar inside quotes is text
set steps 4
set width 64
set height 64

model default as painter
t2i a red ${what} --seed 7 --model @painter as red | save red.png
mask-threshold --image @red as sky
inpaint "a yellow sun | no cloud" --image @red --mask @sky --seed 5 | save sun.png
range 1 4 | iterate as number | t2i a blue ${what} --seed @number | \\
  collect | grid --columns 3 --gap 2 | save sheet.png
format "{a}: {b}" "${label}" '${what}'
range 1 6 | iterate | mul 10 | collect | length
"""
NIGHT = """\
# Stopped in the middle of its third line: the picture it waits for came only later.
t2i a green tree --steps 3 --width 64 --height 64 --seed 11 as tree | save tree.png
| blur 2 | save soft.png
list red.png late.png sun.png | iterate as each | load @each | scale 0.5 | save half-{index:02}.png
posterize 1 --image @tree as flat | save flat.png
add 20 22
"""
BROKEN = """\
load missing.png as missing
| flip | save flipped.png
add 1 2
tone --image @missing
"""
SETTINGS = (
    ("config", "set", "theme", "monokai"),
    ("config", "set", "template", "{index:03}-{prompt:.20}.png"),
    ("config", "set", "cache_gigabytes", "2"),
    ("set", "blur.radius", "3", "--save"),
    ("set", "guidance", "4.5", "--save"),
)
LINES = (
    "sketch a red house --steps 2 --width 64 --height 64 --seed 3 | save sketch.png",
    "load red.png | posterize 2 | scale 0.5",
    "list a b c d | every-other",
    "load red.png | tone",
    "range 1 4 | iterate | mul 7 | collect",
)
TYPED = ("add 40 2 as answer", "| mul 2", 'format "{a} | {b}" left right')


def main(folder: Path) -> None:
    """Create `home` and `work` in a new folder."""
    home, work = folder / "home", folder / "work"
    work.mkdir(parents=True)
    (home / "config" / "nodes").mkdir(parents=True)
    (home / "config" / "nodes" / "own.py").write_text(NODES)
    (home / "config" / "nodes" / "sketch.toml").write_text(RECIPE)
    for name, text in (("poster.inv", POSTER), ("night.inv", NIGHT), ("broken.inv", BROKEN)):
        (work / name).write_text(text)
    os.environ.update(INVOKEAI_HOME=str(home), INVOKEAI_DEVICE="cpu", OMP_NUM_THREADS="1", HOME=str(home))
    os.chdir(work)
    for words in SETTINGS:
        use(*words)
    use("run", "poster.inv")
    use("session", "export", "latest", "exported.json")
    use("run", "broken.inv", "--keep-going", status=3)
    for line in LINES:
        use(line)
    type_at_the_prompt(*TYPED)
    stop_in_the_middle()
    for database in folder.rglob("*.sqlite"):
        with closing(sqlite3.connect(database)) as opened:
            opened.execute("pragma wal_checkpoint(truncate)")
            opened.execute("vacuum")
    for left in [*folder.rglob("nodes-*.json"), *folder.rglob("*.lock")]:
        left.unlink()  # caches of this Python installation, and empty files
    for left in folder.rglob("__pycache__"):
        shutil.rmtree(left)


def use(*words: str, status: int = 0) -> None:
    """Run the program and check its exit status."""
    ended = subprocess.run([*PROGRAM, *words], stdin=subprocess.DEVNULL, check=False).returncode
    if ended != status:
        raise SystemExit(f"{words} ended with {ended}")


def type_at_the_prompt(*lines: str) -> None:
    """Type lines at the prompt, each as soon as the prompt is ready for input, and exit with Ctrl-D."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([*PROGRAM, "--accessible"], stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        for number, keys in enumerate([*(f"{line}\n" for line in lines), "\x04"], start=1):
            said = b""
            while f"{number}> ".encode() not in said:
                said += os.read(ours, 1 << 16)
            os.write(ours, keys.encode())
    os.close(ours)


def stop_in_the_middle() -> None:
    """Kill a script while it waits for input from a pipe, after it has generated an image."""
    os.mkfifo("late.png")
    with subprocess.Popen([*PROGRAM, "--events", "run", "night.inv"], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        for line in program.stdout:
            print(line, end="")
            if '"node_started"' in line and '"load"' in line and '"path": [1]' in line:
                program.send_signal(signal.SIGKILL)
                break
    os.unlink("late.png")
    shutil.copyfile("sheet.png", "late.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
