"""Two processes use one folder at the same time, and no line, result, image or tensor of either is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PIL import Image

from invocations.graph.graph import Edge, Node
from invocations.invoker import Invoker
from invocations.local import LocalSettings, local_invoker
from invocations.sessions.session import Extension

RESULTS, PICTURES = 500, 4
WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_two_processes import opened, run
folder, first = Path(sys.argv[2]), int(sys.argv[3])
invoker = opened(folder)
sys.stdin.readline()  # both begin at once
print(run(invoker, folder, first))
invoker.close()
"""


def opened(folder: Path) -> Invoker:
    return local_invoker(LocalSettings(folder / "data", folder / "cache", folder / "out"))


def lines(folder: Path, first: int) -> list[Extension]:
    """Return a line with many sums, and lines that edit and save images; half are the same in both processes."""
    found = [Extension(tuple(Node(str(at), "add", {"a": at, "b": 1}) for at in range(first, first + RESULTS)))]
    source = {"source": str(folder / "p.png")}
    for at in range(first, first + PICTURES):
        nodes = (
            Node(f"load {at}", "load", source), Node(f"turn {at}", "rotate", {"degrees": float(at)}),
            Node(f"save {at}", "save", {}),
        )  # fmt: skip
        edges = tuple(Edge(f"{a} {at}", "image", f"{b} {at}", "image") for a, b in (("load", "turn"), ("turn", "save")))
        found.append(Extension(nodes, edges))
    return found


def run(invoker: Invoker, folder: Path, first: int) -> str:
    """Run the lines one by one in a new session, and return the id of the session."""
    session = invoker.create().id
    for extension in lines(folder, first):
        invoker.extend(session, extension)
        list(invoker.run(session, only=[node.id for node in extension.nodes]))
    return session


def test_two_processes_that_write_five_hundred_results_each_lose_none(tmp_path: Path) -> None:
    Image.linear_gradient("L").resize((24, 16)).convert("RGB").save(tmp_path / "p.png")
    starts = (0, RESULTS // 2)
    both = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(Path(__file__).parent), str(tmp_path), str(first)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for first in starts
    ]  # fmt: skip
    outputs = [process.communicate("go\n") for process in both]
    assert [err for _, err in outputs] == ["", ""]
    invoker = opened(tmp_path)
    for first, (out, _) in zip(starts, outputs, strict=True):
        session = invoker.open(out.strip())
        assert {line.outcome for line in session.lines} == {"done"}
        assert len(session.lines) == 1 + PICTURES
        assert [session.values(str(at), "value") for at in range(first, first + RESULTS)] == [
            [at + 1] for at in range(first, first + RESULTS)
        ]
    assert len(list((tmp_path / "out").glob("*.png"))) == 2 * PICTURES
    again = invoker.create().id
    invoker.extend(again, Extension(tuple(Node(str(at), "add", {"a": at, "b": 1}) for at in range(RESULTS * 3 // 2))))
    reused = [event.reused for event in invoker.run(again) if event.event == "node_finished"]
    assert reused == [True] * (RESULTS * 3 // 2)
    invoker.close()
