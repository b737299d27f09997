"""Send mutated graphs, nodes and exported sessions to the server: each must be answered without a failure or a leak.

Run it with `python -m tests.attacks.hostile_graphs --count 1000`; it prints the statuses of the answers, the largest
memory and the longest time.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import json
import logging
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from invokeai_web.api_app import create_app
from invokeai_web.options import ServeOptions
from invokeai_web.server import Server

API = "/api/v1"
TOKEN = "token-of-the-attack"
NODES: dict[str, Any] = {
    "g_1": {"id": "g_1", "type": "add", "inputs": {"a": 1, "b": 2}},
    "g_2": {"id": "g_2", "type": "add", "inputs": {"b": 3}},
    "g_3": {"id": "g_3", "type": "div", "inputs": {"a": 6, "b": 3}},
}
EDGES = [{"source": "g_1", "output": "value", "target": "g_2", "input": "a"}]
GRAPH: dict[str, Any] = {"nodes": NODES, "edges": EDGES}
NODE: dict[str, Any] = {"node": {"id": "g_4", "type": "add", "inputs": {"a": 1, "b": 2}}}
VALUES: list[Any] = [
    None, True, "", "../../x", "/etc/shadow", "\0", "\ud800", "x" * 50_000, -1, 2**63, 10**400, 1e308, float("nan"),
    float("inf"), [], {}, [[]], ["1"] * 5000, {"kind": "image", "name": "../../x"}, {"kind": "image", "path": "/etc"},
    {"kind": "no-such-kind"}, {"kind": "model", "name": "x", "path": "/etc"}, {"__class__": "x"}, {"$ref": "file:///etc"},
]  # fmt: skip


def whole_bodies() -> list[bytes]:
    """Return bodies that are malformed as a whole, or far too large."""
    many = {str(at): {"id": str(at), "type": "add", "inputs": {"a": 1, "b": 1}} for at in range(2001)}
    circle = [*EDGES, {"source": "g_2", "output": "value", "target": "g_1", "input": "a"}]
    itself = [{"source": "g_1", "output": "value", "target": "g_1", "input": "a"}]
    graphs = [{"nodes": many}, {"nodes": NODES, "edges": circle}, {"nodes": NODES, "edges": itself},
              {"nodes": NODES, "edges": EDGES * 3000}]  # fmt: skip
    return [
        *[json.dumps(graph).encode() for graph in graphs],
        b"[" * 200_000, b'{"nodes":' * 20_000, b'{"nodes":{"1":{"id":"1","id":"2","type":"add"}}}',
        b'{"nodes":{},"nodes":{"1":{}}}', b'{"nodes":{"1":' + b"[" * 900 + b"]" * 900 + b"}}", b"", b"null", b"\xff",
        b'{"nodes":{"1":{"id":"1","type":"add","inputs":{"a":1e999}}}}',
    ]  # fmt: skip


def mutant(document: Any, numbers: random.Random) -> Any:
    """Return a copy of a JSON document with some of its values, names or members changed."""
    changed = {"whole": copy.deepcopy(document)}
    for _ in range(numbers.choice((1, 1, 2, 4))):
        places = list(_places(changed))
        holder, key = numbers.choice(places)
        kind = numbers.randrange(6)
        if kind == 0 and holder is not changed:
            del holder[key]
        elif kind == 1 and isinstance(holder, dict) and holder is not changed:
            holder[numbers.choice(("", "../../x", "1" * 3000, "__proto__", "\udfff"))] = holder.pop(key)
        elif kind == 2:
            for _ in range(numbers.choice((5, 30, 60))):
                holder[key] = [holder[key]] if numbers.random() < 0.5 else {"inputs": holder[key]}
        elif kind == 3:
            other, name = numbers.choice(places)
            holder[key] = copy.deepcopy(other[name])
        else:
            holder[key] = copy.deepcopy(numbers.choice(VALUES))
    return changed["whole"]


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the containers in a document with each of their keys."""
    waiting = [document]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))[:20]
        for key in keys:
            yield holder, key
            if isinstance(holder[key], dict | list) and holder[key]:
                waiting.append(holder[key])


def sound_documents(session: str, exported: Any) -> list[tuple[str, Any]]:
    """Return the addresses with a document that each of them accepts."""
    return [
        (f"/sessions/{session}/graph", GRAPH), ("/line/from-graph", GRAPH), ("/sessions", {"graph": GRAPH}),
        (f"/sessions/{session}/nodes", NODE), ("/sessions/import", exported),
    ]  # fmt: skip


def hostile_requests(count: int, seed: int, session: str, exported: Any) -> Iterator[tuple[str, bytes]]:
    """Yield addresses and bodies: malformed bodies first, then mutants of valid documents."""
    numbers = random.Random(seed)
    sound = sound_documents(session, exported)
    fixed = whole_bodies()
    for number in range(count):
        path, document = sound[number % len(sound)]
        if number < len(fixed) * 2:
            yield path, fixed[number % len(fixed)]
        else:
            text = json.dumps(mutant(document, numbers))
            yield path, text.replace("g_", f"g{number}_").encode()


class Failures(logging.Handler):
    """Log records with a traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Store a record that has a traceback."""
        if record.exc_info or "Traceback" in record.getMessage():
            self.found.append(self.format(record))


def files_of(folder: Path) -> set[Path]:
    """Return the files in a folder and below it."""
    return {path for path in folder.rglob("*") if path.is_file()}


async def attack(server: Server, token: str, count: int, seed: int, secrets: list[str]) -> tuple[Counter[int], float]:
    """Send requests and return how often each status occurred, and the longest time in seconds.

    Raises: AssertionError, if an answer is a failure of the server or contains one of the secrets.
    """
    statuses: Counter[int] = Counter()
    longest = 0.0
    failures = Failures()
    logging.getLogger().addHandler(failures)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    transport = httpx.ASGITransport(create_app(server))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9090", headers=headers) as client:
            session = (await client.post(f"{API}/sessions", json={"line": "add 1 2"})).json()["id"]
            other = f"{API}/sessions/" + (await client.post(f"{API}/sessions", json={"graph": GRAPH})).json()["id"]
            exported = (await client.get(f"{other}/export")).json()
            await client.delete(other)
            for path, document in sound_documents(session, exported):
                sound = await client.post(API + path, json=document)
                assert sound.is_success, (path, sound.text)
            for path, body in hostile_requests(count, seed, session, exported):
                if path.endswith("/import"):
                    await client.delete(other)  # so that its name is free
                start = time.perf_counter()
                answer = await client.post(API + path, content=body)
                longest = max(longest, time.perf_counter() - start)
                statuses[answer.status_code] += 1
                about = (path, body[:600], answer.text[:600])
                assert answer.status_code < 500, about
                if answer.status_code >= 400:
                    assert answer.headers["content-type"] == "application/problem+json", about
                assert "Traceback" not in answer.text, about
                assert [each for each in secrets if each in answer.text] == [], about
    finally:
        logging.getLogger().removeHandler(failures)
    assert failures.found == [], failures.found[0]
    return statuses, longest


def main() -> int:
    """Run the attack in a home of its own and print its outcomes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    how = parser.parse_args()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as name:
        folder = Path(os.path.realpath(name))
        home = folder / "home"
        home.mkdir()
        os.environ["INVOKEAI_HOME"] = str(home)
        server = Server.open(ServeOptions(in_process=True, requests_per_second=0), folder=folder, token=TOKEN)
        try:
            statuses, longest = asyncio.run(attack(server, TOKEN, how.count, how.seed, [str(folder), os.getcwd()]))
        finally:
            server.close()
        outside = {path for path in files_of(folder) if home not in path.parents}
        assert outside == set(), outside
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{how.count} requests: " + ", ".join(f"{status} {count}" for status, count in statuses.most_common()))
    print(f"memory grew by {grown:.0f} MiB, the longest took {longest:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
