"""Kill a sweep of 60 generated images at 20 random journal entries, resume it each time, and check what it did.

    python -m tests.attacks.sweep_kills --kills 20 --seed 1

Each image must be computed and saved once, with the content that it has without a kill, and the first file must exist
before the third image is denoised.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sqlite3
import sys
import tempfile
from collections import Counter
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.attacks.kill_report import Report
from tests.attacks.kills import HEAVY, MODULES, SCRIPT, Fuse, errors_of, files, record_kinds, run_in_child

LINE = (
    "t2i a fox --seed 1..10 --guidance 2..7:1 --steps 2 --width 64 --height 64 "
    "| save '{axis.seed}-{axis.guidance}.png' | grid | save sheet.png"
)
IMAGES = 60


class SweepAttack:
    """Runs the sweep once without a kill, and once with kills in the same folder."""

    def __init__(self, root: Path, dice: random.Random, line: str = LINE) -> None:
        self.root, self.dice, self.line = root, dice, line
        self.report = Report(worlds=1)

    def run(self, kills: int) -> Report:
        """Kill the sweep `kills` times, finish it, and return the report."""
        for name in (*MODULES, *HEAVY):
            import_module(name)
        noted, whole = self.root / "kinds", self.world("whole")
        assert run_in_child(whole, self.root / "home-whole", False, lambda: record_kinds(noted)) == 0
        expected, length = files(whole), len(noted.read_text().split())
        folder, home = self.world("killed"), self.root / "home-killed"
        places = sorted(self.dice.sample(range(length - length // 10), kills))  # a resumed run writes fewer entries
        for before, place in pairwise([-1, *places]):
            self.killed(folder, home, skipped=place - before - 1, resumed=before >= 0)
        self.finish(folder, home, expected)
        self.check_journal(home)
        return self.report

    def world(self, name: str) -> Path:
        """Return a new folder with the script."""
        folder = self.root / name
        folder.mkdir()
        (folder / SCRIPT).write_text(self.line + "\n")
        return folder

    def killed(self, folder: Path, home: Path, *, skipped: int, resumed: bool) -> None:
        """Resume the sweep and kill it just before or after an entry of its journal, after `skipped` other entries."""
        note = self.root / "note"
        fuse = Fuse("", skipped, self.dice.random() < 0.5, note)
        status = run_in_child(folder, home, resumed, fuse.arm)
        self.check_errors(home)
        if status != -signal.SIGKILL:
            self.report.wrong.append(f"exit status {status} instead of a kill")
        else:
            self.report.hits[f"{note.read_text()} {'after' if fuse.after else 'before'}"] += 1

    def finish(self, folder: Path, home: Path, expected: dict[str, bytes]) -> None:
        """Resume the sweep without a kill, and compare its files with those of an uninterrupted run."""
        status = run_in_child(folder, home, True, lambda: None)
        self.check_errors(home)
        if status != 0:
            self.report.wrong.append(f"exit status {status} at the end: {errors_of(home)}")
        found = files(folder)
        for name in sorted(expected.keys() | found.keys()):
            if expected.get(name) != found.get(name):
                self.report.wrong.append(f"`{name}` is different, lost or doubled")

    def check_errors(self, home: Path) -> None:
        if "Traceback" in errors_of(home):
            self.report.wrong.append(f"traceback: {errors_of(home)[-600:]}")

    def check_journal(self, home: Path) -> None:
        """Check that each image was denoised and saved once, and that the first one was saved early.

        A decoded image that was not stored yet when the process was killed is decoded again from its latents.
        """
        entries = journal(home)
        finished = [each for each in entries if each["entry"] == "finished"]
        times = Counter((each["type"], each["node"], *each.get("path", ())) for each in finished)
        for type_, wanted in (("denoise", IMAGES), ("save", IMAGES + 1)):
            found = [count for key, count in times.items() if key[0] == type_]
            if found != [1] * wanted:
                self.report.wrong.append(f"`{type_}` finished {sum(found)} times instead of {wanted}")
        lost = {(node, *path) for each in entries for node, path in each.get("results", ())}
        again = [key for key, count in times.items() if count > 1 and key[1:] not in lost]
        self.report.wrong += [f"{key} finished more than once" for key in again]
        if not saved_before_the_third(entries):
            self.report.wrong.append("no image was saved before the third was denoised")


def journal(home: Path) -> list[dict[str, Any]]:
    """Return the entries of the only session in a home, in the order in which they were written."""
    store = sqlite3.connect(home / "data" / "sessions.sqlite")
    rows = store.execute("select session, data from entries order by session, number").fetchall()
    store.close()
    assert len({session for session, _ in rows}) == 1
    return [json.loads(data) for _, data in rows]


def saved_before_the_third(entries: list[dict[str, Any]]) -> int:
    """Return how many images were saved before denoising the third image began."""
    begun: set[tuple[int, ...]] = set()
    saved = 0
    for each in entries:
        if each["entry"] == "started" and each["type"] == "denoise":
            begun.add(tuple(each.get("path", ())))
        if len(begun) == 3:
            return saved
        saved += each["entry"] == "finished" and each["type"] == "save"
    return saved


def main(words: list[str] | None = None) -> int:
    """Run the attack, print the report, and return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description="Kill a sweep of 60 generated images at random journal entries.")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000), help="default: random")
    asked = parser.parse_args(words)
    print(f"seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory() as root:
        report = SweepAttack(Path(root), random.Random(asked.seed)).run(asked.kills)
    print(report)
    return 1 if report.wrong or report.kills != asked.kills else 0


if __name__ == "__main__":
    sys.exit(main())
