"""Kill a coordinator with -9 at random events, start it again, and compare how every item of the queue ends.

    python -m tests.attacks.queue_kills --kills 100 --seed 1 --server

Five sessions wait in the queue: lines with images, loops and a failing item, a retry of what failed, single steps, and
an item that was cancelled. Two slots of a coordinator run them, or a web server with a worker process. Each kill
happens just before or just after an entry is written, an item is claimed or changed, or an event is told. In the end,
the items, the lines, the results and the files must be those of an uninterrupted run, and no image may have been saved
twice.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from PIL import Image

from invocations.events import Event, NodeFinished
from invocations.queueing.base import ENDED, NEXT, RETRY, ItemFilter, QueueItem
from invocations.queueing.coordinator import Coordinator
from invocations.queueing.slot import QueueSlot
from invokeai_web.events.publisher import Publisher
from invokeai_web.options import ServeOptions
from invokeai_web.server import Server
from tests.attacks.kill_report import Report
from tests.attacks.queue_fuse import EARLY, Fuse
from workflows.workspace import Workspace

LINES = {
    "images": (
        "load p.png | blur 1 | save a.png",
        "load p.png | invert as kept",
        "load q.png | blend @kept | save b.png",
    ),
    "loop": ("range 1 4 | iterate as n | load p.png | blur @n | save", "list 1 2 3 | length"),
    "failing": ("list p.png bad.png q.png | iterate as f | load @f | invert | save", "add 1 2 | add 3"),
}  # fmt: skip
LATE = "load late.png | invert | save c.png"  # fails, and is run again once the file is there
STEPS = "add 1 2 | add 3 | add 4 | add 5"
DROPPED = "load p.png | save never.png"
MODULES = ("core.imaging.files", "invocations.nodes.filters", "invocations.nodes.numbers", "invocations.nodes.files")
SLOTS = ("w1", "w2")
ROUNDS = 6  # kills in one folder before the queue is left to end
MOST_EARLY = 2  # kills in a row before anything is recorded; the third would set the item aside
DEADLINE_S = 120.0

Serve = Callable[[Path, Fuse], None]


@contextmanager
def opened(folder: Path) -> Iterator[Workspace]:
    """Open a workspace whose files are in a folder."""
    with Workspace.open(folder, home=folder / "home") as workspace:
        yield workspace


def fill(folder: Path) -> None:
    """Make the sessions and put them into the queue; each is known by its title."""
    with opened(folder) as workspace:
        coordinator = Coordinator(workspace.invoker)
        for title, lines in LINES.items():
            new_session(workspace, title)
            for line in lines:
                enqueue(workspace, coordinator, line)
        new_session(workspace, "late")
        plan = workspace.plan(LATE)
        late = (folder / "late.png").rename(folder / "later.png")
        for _ in workspace.submit(plan):
            pass
        late.rename(folder / "late.png")
        coordinator.enqueue(workspace.session_id, RETRY)
        new_session(workspace, "steps")
        workspace.add(workspace.plan(STEPS))
        coordinator.enqueue(workspace.session_id, NEXT)
        coordinator.enqueue(workspace.session_id, NEXT)
        new_session(workspace, "dropped")
        coordinator.cancel(enqueue(workspace, coordinator, DROPPED).id)
    (folder / "bad.png").write_text("not an image any more")


def new_session(workspace: Workspace, title: str) -> None:
    session = workspace.invoker.create()
    workspace.attach(session)
    workspace.invoker.change(session.id, title=title)


def enqueue(workspace: Workspace, coordinator: Coordinator, line: str) -> QueueItem:
    plan = workspace.plan(line)
    return coordinator.enqueue_line(workspace.session_id, lambda item: workspace.add(plan, item=item))


def serve(folder: Path, fuse: Fuse) -> None:
    """Run the queue with a coordinator until nothing waits or runs."""
    with opened(folder) as workspace:
        fuse.arm()
        coordinator = Coordinator(
            workspace.invoker, slots=[QueueSlot(name) for name in SLOTS],
            on_event=lambda session, event: fuse.pass_by(f"told {event.event}"),
        )  # fmt: skip
        coordinator.start()
        wait_for_all(coordinator)
        coordinator.shutdown()


def serve_web(folder: Path, fuse: Fuse) -> None:
    """Run the queue with a web server until nothing waits or runs."""
    event = Publisher.event

    def told(publisher: Publisher, session: str, each: Event) -> None:
        event(publisher, session, each)
        fuse.pass_by(f"told {each.event}")

    Publisher.event = told  # type: ignore[method-assign] # in a process that ends soon
    fuse.arm()
    server = Server.open(ServeOptions(), folder=folder, home=folder / "home")
    wait_for_all(server.coordinator)
    server.close()


def wait_for_all(coordinator: Coordinator) -> None:
    for item in coordinator.items():
        assert coordinator.wait(item.id, DEADLINE_S).is_ended, item


def state_of(folder: Path) -> dict[str, Any]:
    """Return how the items, lines and results of a folder are, by the titles of the sessions, and its files."""
    note = folder / "state.json"
    assert in_child(folder, lambda: note.write_text(json.dumps(described(folder)))) == 0, errors_of(folder)
    found: dict[str, Any] = json.loads(note.read_text())
    return found


def described(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with opened(folder) as workspace:
        invoker = workspace.invoker
        for info in invoker.sessions():
            session = invoker.open(info.id)
            items = sorted(invoker.queue.items(ItemFilter(session=info.id)), key=lambda item: item.created)
            assert all(item.state in ENDED for item in items)
            ran = Counter((entry.node_id, *entry.path) for entry in session.log if isinstance(entry, NodeFinished))
            found[info.title] = {
                "items": [(item.what, item.state, item.error and item.error.code) for item in items],
                "lines": [line.outcome for line in session.lines],
                "results": sorted(f"{id_}{[*path]}" for id_, path in session.results),
                "ran again": sorted(map(str, ran - Counter(ran.keys()))),
            }
    files = sorted(folder.rglob("*.png"))
    saved = [path for path in files if "home" not in path.relative_to(folder).parts]
    found["files"] = sorted(hashlib.sha256(path.read_bytes()).hexdigest()[:8] for path in saved)
    return found


def in_child(folder: Path, work: Callable[[], object]) -> int:
    """Do some work in a forked process, with all modules loaded; return its exit status, negative for a signal."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 99
    try:
        os.chdir(folder)
        with open(folder / "errors.txt", "w") as err:
            os.dup2(err.fileno(), 2)
            try:
                work()
                status = 0
            except BaseException:
                traceback.print_exc(file=err)
    finally:
        os._exit(status)


def errors_of(folder: Path) -> str:
    return (folder / "errors.txt").read_text()[-600:]


class Attack:
    """Runs the queue repeatedly in temporary folders and kills whoever runs it."""

    def __init__(self, root: Path, dice: random.Random, serve: Serve = serve) -> None:
        self.root = root
        self.dice = dice
        self.serve = serve
        self.report = Report()
        self.kinds: Counter[str] = Counter()

    def run(self, kills: int) -> Report:
        """Kill the coordinator `kills` times, and return the report."""
        for name in MODULES:
            import_module(name)
        whole = self.world("whole")
        note = self.root / "kinds"
        in_child(whole, lambda: self.serve(whole, Fuse("", 0, note)))
        expected = state_of(whole)
        self.kinds.update(note.read_text().splitlines())
        while self.report.kills < kills and len(self.report.wrong) < 20:
            self.report.worlds += 1
            folder = self.world(f"killed-{self.report.worlds}")
            early = 0
            for _ in range(min(ROUNDS, kills - self.report.kills)):
                kind = self.choose({EARLY} if early >= MOST_EARLY else set())
                early = early + 1 if kind == EARLY else 0
                self.kill(folder, kind)
            self.finish(folder, expected)
            shutil.rmtree(folder)
        return self.report

    def world(self, name: str) -> Path:
        """Return a new folder with images, sessions and a queue."""
        folder = self.root / name
        folder.mkdir()
        for name in ("p.png", "q.png", "bad.png", "late.png"):
            Image.frombytes("RGB", (16, 16), random.Random(name).randbytes(768)).save(folder / name)
        assert in_child(folder, lambda: fill(folder)) == 0, errors_of(folder)
        return folder

    def choose(self, left_out: set[str]) -> str:
        """Return the kind of event that was hit least, or a random kind."""
        kinds = sorted({*self.kinds} - left_out)
        return (
            min(kinds, key=lambda kind: self.report.hits[kind]) if self.dice.random() < 0.5 else self.dice.choice(kinds)
        )

    def kill(self, folder: Path, kind: str) -> None:
        """Run the queue with a fuse, which kills the process unless the queue is empty before that."""
        skipped = self.dice.randrange(max(self.kinds[kind] // ROUNDS, 1))
        status = in_child(folder, lambda: self.serve(folder, Fuse(kind, skipped, self.root / "note")))
        if status == -signal.SIGKILL:
            self.report.hits[kind] += 1
        elif status:
            self.report.wrong.append(f"{folder.name}: exit status {status}: {errors_of(folder)}")

    def finish(self, folder: Path, expected: dict[str, Any]) -> None:
        """Run the queue without a kill, and compare everything with the uninterrupted run."""
        status = in_child(folder, lambda: self.serve(folder, Fuse("nothing", 0, self.root / "note")))
        if status:
            self.report.wrong.append(f"{folder.name}: exit status {status}: {errors_of(folder)}")
            return
        found = state_of(folder)
        for name in expected:
            if found[name] != expected[name]:
                self.report.wrong.append(f"{folder.name}: {name}: {found[name]} instead of {expected[name]}")


def main(words: list[str] | None = None) -> int:
    """Run the attack, print the report, and return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description="Kill a coordinator at random events.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", action="store_true", help="let a web server run the queue")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as root:
        attack = Attack(Path(root), random.Random(asked.seed), serve_web if asked.server else serve)
        report = attack.run(asked.kills)
    missed = sorted({*attack.kinds} - {*report.hits})
    print(report)
    print(f"never hit: {', '.join(missed) or 'none'}")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
