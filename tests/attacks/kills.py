"""Kill a script at random journal entries, resume it, and compare its files with those of an uninterrupted run.

    python -m tests.attacks.kills --kills 300 --seed 1

The script has loops, images, a generated image and an item that fails. Each kill happens just before or just after an
entry is written; the kind of entry that was hit least is chosen most often, so that all kinds occur.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from PIL import Image

from invocations.sessions.journal import JournalEntry
from invocations.storing.entries import entry_to_json
from invocations.storing.local import LocalStore
from invokeai_cli.environment import Environment
from invokeai_cli.main import run
from tests.attacks.kill_report import Report

SCRIPT = "night.inv"
LINES = """
load p.png | blur 1.5 | save first.png
range 1 5 | iterate as n | load p.png | blur @n | rotate @n | save
list p.png bad.png q.png p.png | iterate as f | load @f | blur 2 | invert | save
range 1 4 | iterate as n | load q.png | rotate @n | collect | grid --columns 2 | save sheet.png
load p.png | invert as kept
load q.png | blend @kept | save "{index:03}-x.png"
range 1 3 | iterate as n | load q.png | blur @n | save "loop-{seed}.png"
load p.png as p | blur 1 as a | invert --image @p as b | if yes --then @a --otherwise @b | save chosen.png
load '[pq].png' | grid --columns 2 | save both.png
load q.png | invert as lost
load p.png | blend @lost | save blended.png
"""
GENERATED = "range 1 2 | iterate as s | t2i a red house --seed @s --steps 2 --width 64 --height 64 | save\n"
MODULES = ("core.imaging.files", "invocations.nodes.filters", "invokeai_cli.app", "invokeai_cli.render.human")
HEAVY = ("diffusers", "torch")
ROUNDS = 8  # number of runs in one folder that may be killed before one is left to finish
NAMED = ("first.png", "chosen.png", "blended.png", "sheet.png")
LOST = 0.1  # probability that the stored images are lost between two rounds
FORGOTTEN = "forgotten"  # the kind of entry that is only written if results are lost
RESUMED = {"retried", FORGOTTEN}  # kinds of entries that are only written if a script is resumed
FAILED = 3  # exit status: some lines failed, with --keep-going


def kind_of(entry: JournalEntry) -> str:
    """Return the kind of a journal entry, as it is named in the stored journal."""
    data = entry_to_json(entry)
    return str(data["event"] if data["entry"] == "event" else data["entry"])


@dataclass
class Fuse:
    """Kills the current process just before or after it writes a journal entry of one kind ("": of any kind)."""

    kind: str
    skipped: int
    after: bool
    note: Path

    def arm(self) -> None:
        """Kill this process when it appends the chosen entry to the journal."""
        append = LocalStore.append

        def watched(store: LocalStore, session_id: str, *entries: JournalEntry) -> None:
            hit = next((entry for entry in entries if self.burns(entry)), None)
            if hit is not None and not self.after:
                self.kill(kind_of(hit))
            append(store, session_id, *entries)
            if hit is not None:
                self.kill(kind_of(hit))

        LocalStore.append = watched  # type: ignore[method-assign] # in a process that ends soon

    def burns(self, entry: JournalEntry) -> bool:
        self.skipped -= self.kind in ("", kind_of(entry))
        return self.skipped < 0

    def kill(self, kind: str) -> None:
        self.note.write_text(kind)
        os.kill(os.getpid(), signal.SIGKILL)


class Attack:
    """Runs the script repeatedly in temporary folders and kills it."""

    def __init__(self, root: Path, dice: random.Random, *, generated: bool) -> None:
        self.root = root
        self.dice = dice
        self.text = LINES + (GENERATED if generated else "")
        self.report = Report()
        self.kinds: Counter[str] = Counter()

    def world(self, name: str) -> Path:
        """Return a new folder with the script and its images."""
        folder = self.root / name
        folder.mkdir()
        for name, seed in (("p.png", 1), ("q.png", 2)):
            Image.frombytes("RGB", (16, 16), random.Random(seed).randbytes(768)).save(folder / name)
        (folder / "bad.png").write_text("not an image")
        (folder / SCRIPT).write_text(self.text)
        return folder

    def warm_up(self) -> None:
        """Import what the script needs, so that the child processes do not have to."""
        for name in MODULES + (HEAVY if GENERATED in self.text else ()):
            import_module(name)

    def undisturbed(self) -> dict[str, bytes]:
        """Run the script once without a kill, record the kinds of entries, and return the files."""
        folder = self.world("whole")
        noted = self.root / "kinds"
        status = run_in_child(folder, self.root / "home-whole", False, lambda: record_kinds(noted))
        assert status == FAILED, (self.root / "home-whole.err").read_text()
        lose_images(folder, self.root / "home-whole")
        status = run_in_child(folder, self.root / "home-whole", True, lambda: record_kinds(noted))
        assert status == FAILED
        self.kinds.update(noted.read_text().split())
        return files(folder)

    def run(self, kills: int) -> Report:
        """Kill the script `kills` times, and return the report."""
        self.warm_up()
        expected = self.undisturbed()
        while self.report.kills < kills and len(self.report.wrong) < 20:
            self.report.worlds += 1
            name = f"killed-{self.report.worlds}"
            folder, home = self.world(name), self.root / f"home-{name}"
            for number in range(ROUNDS):
                if self.report.kills < kills:
                    self.killed(folder, home, resumed=number > 0)
            self.finish(folder, home, expected)
            shutil.rmtree(folder)
            shutil.rmtree(home)
        return self.report

    def killed(self, folder: Path, home: Path, *, resumed: bool) -> None:
        """Run the script with a fuse, which kills it at a chosen journal entry unless the script ends before that."""
        fuse = self.fuse(resumed=resumed)
        if resumed and (fuse.kind == FORGOTTEN or self.dice.random() < LOST):
            lose_images(folder, home)
        status = run_in_child(folder, home, resumed, fuse.arm)
        self.check_errors(home)
        if status not in (FAILED, -signal.SIGKILL):
            self.report.wrong.append(f"{folder.name}: exit status {status}")
        if status != -signal.SIGKILL:
            return
        self.report.hits[f"{fuse.kind} {'after' if fuse.after else 'before'}"] += 1
        self.check_images(folder)

    def fuse(self, *, resumed: bool) -> Fuse:
        """Return a fuse for the kind of entry that was hit least, or for a random kind."""

        def hit(kind: str) -> int:
            return self.report.hits[f"{kind} before"] + self.report.hits[f"{kind} after"]

        kinds = sorted(self.kinds if resumed else {*self.kinds} - RESUMED)
        kind = min(kinds, key=hit) if self.dice.random() < 0.4 else self.dice.choice(kinds)
        most = max(self.kinds[kind] // (2 * ROUNDS), 1)
        return Fuse(kind, self.dice.randrange(most), self.dice.random() < 0.5, self.root / "note")

    def finish(self, folder: Path, home: Path, expected: dict[str, bytes]) -> None:
        """Resume the script without a kill, and check that its status and files are those of an uninterrupted run."""
        status = run_in_child(folder, home, True, lambda: None)
        self.check_errors(home)
        if status != FAILED:
            self.report.wrong.append(f"{folder.name}: needs a person: exit status {status}: {errors_of(home)}")
        found = files(folder)
        for name in sorted(expected.keys() | found.keys()):
            if expected.get(name) != found.get(name):
                how = "lost" if name not in found else "doubled" if name not in expected else "different"
                self.report.wrong.append(f"{folder.name}: `{name}` is {how}")

    def check_errors(self, home: Path) -> None:
        text = errors_of(home)
        if "Traceback" in text or "unexpected" in text:
            self.report.wrong.append(f"{home.name}: traceback: {text[-600:]}")

    def check_images(self, folder: Path) -> None:
        for path in folder.glob("*.png"):
            if path.name != "bad.png":
                try:
                    with Image.open(path) as image:
                        image.load()
                except OSError as error:
                    self.report.wrong.append(f"{folder.name}: `{path.name}` is corrupt: {error}")


def run_in_child(folder: Path, home: Path, resumed: bool, prepare: Any) -> int:
    """Run the script in a forked process, with all modules loaded; return its exit status, negative for a signal."""
    home.mkdir(exist_ok=True)
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 99
    try:
        os.chdir(folder)
        os.environ["INVOKEAI_HOME"] = str(home)
        with errors_to(home) as err:
            environment = Environment(
                io.StringIO(), io.StringIO(), err, {"INVOKEAI_HOME": str(home)}, str(folder), home=str(home)
            )
            prepare()
            words = ["run", SCRIPT, "--keep-going", *(["--resume"] if resumed else [])]
            status = run(words, environment)
    finally:
        os._exit(status)


@contextmanager
def errors_to(home: Path) -> Iterator[Any]:
    """Open the file for the errors of a run; an exception that ends the run is also written to it."""
    import traceback

    with open(home.with_suffix(".err"), "w") as err:
        os.dup2(err.fileno(), 2)
        try:
            yield err
        except BaseException:
            traceback.print_exc(file=err)
            raise


def record_kinds(note: Path) -> None:
    """Write the kind of each entry in the journal to a file."""
    append = LocalStore.append

    def watched(store: LocalStore, session_id: str, *entries: JournalEntry) -> None:
        with note.open("a") as file:
            file.writelines(kind_of(entry) + "\n" for entry in entries)
        append(store, session_id, *entries)

    LocalStore.append = watched  # type: ignore[method-assign] # in a process that ends soon


def lose_images(folder: Path, home: Path) -> None:
    """Remove the images that are stored between nodes, and the saved images that have fixed names."""
    shutil.rmtree(home / "data" / "images", ignore_errors=True)
    for name in NAMED:
        (folder / name).unlink(missing_ok=True)


def errors_of(home: Path) -> str:
    path = home.with_suffix(".err")
    return path.read_text() if path.exists() else ""


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def main(words: list[str] | None = None) -> int:
    """Run the attack, print the report, and return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description="Kill a script at random entries of its journal.")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-model", action="store_true", help="leave out the lines that generate images")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as root:
        attack = Attack(Path(root), random.Random(asked.seed), generated=not asked.no_model)
        report = attack.run(asked.kills)
    missed = [kind for kind in attack.kinds if not any(hit.startswith(f"{kind} ") for hit in report.hits)]
    print(report)
    print(f"never hit: {', '.join(missed) or 'none'}")
    return 1 if report.wrong or missed else 0


if __name__ == "__main__":
    sys.exit(main())
