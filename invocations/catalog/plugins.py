"""Nodes and recipes from outside: installed plug-ins and the user's folders, read from a cache while nothing changed.

Reading a fresh cache imports none of them; a stale one is rebuilt by `invocations.catalog.discovery`, which does.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import crc32

from invocations.spec import InvocationSpec

GROUP = "invokeai.nodes"
FORMAT = 2  # counted up when what is written into the cache changes
PRIVATE = "_invokeai_guest_"  # how the modules of the user's files are named in this process
SUFFIXES = (".py", ".toml")
Stamp = list[Any]  # [mtime in ns, size], or [mtime in ns, distributions with plug-ins]
CheckExample = Callable[[str], "str | None"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A guest that was left out: where it is and why."""

    file: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.reason}"


class Guests:
    """The guests' metadata and the problems of those that were left out; empty until `read`."""

    def __init__(self, nodes_dirs: Sequence[Path] = (), cache_dir: Path | None = None) -> None:
        self.nodes_dirs = tuple(Path(folder).absolute() for folder in nodes_dirs)
        self.specs: Mapping[str, InvocationSpec] = {}
        self.problems: tuple[Problem, ...] = ()
        self._cache = cache_dir / f"nodes-{self._key():08x}.json" if cache_dir else None

    def read(self, specs: Mapping[str, InvocationSpec], check_example: CheckExample | None) -> None:
        """Read the cache, or look at every guest again; `specs` are all types, the guests' among them."""
        if self._load():
            return
        installed = {folder: [_mtime(folder), _installed(folder)] for folder in _folders()}
        watched: Sequence[Path] = ()
        if self.files() or any(named for _, named in installed.values()):
            from .discovery import read_guests

            watched = read_guests(self, specs, check_example)
        self._store(watched, installed)

    def files(self) -> list[Path]:
        """Return the files in the user's folders, in order; those that begin with `_` or `.` are not nodes."""
        found: list[Path] = []
        for folder in self.nodes_dirs:
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError:
                continue
            found += [
                Path(entry.path)
                for entry in entries
                if entry.name.endswith(SUFFIXES) and entry.name[0] not in "._" and entry.is_file()
            ]
        return found

    def _key(self) -> int:
        facts = (FORMAT, sys.version, sys.prefix, *map(str, self.nodes_dirs))
        return crc32("\n".join(map(str, facts)).encode())

    def _stamps(self) -> dict[str, Stamp]:
        """Return what tells that the user's files, or our own nodes, are others than before."""
        ours = Path(__file__).with_name("snapshot_data.py")
        return {str(file): _stamp(file) for file in (ours, *self.files())}

    def _load(self) -> bool:
        """Take the cached metadata if it is there, whole and fresh, and tell whether it was."""
        from .snapshot import Specs

        try:
            data = json.loads(self._cache.read_bytes()) if self._cache else None
            if data is None or not self._fresh(data):
                return False
            specs = Specs(data["specs"])
            problems = tuple(Problem(*problem) for problem in data["problems"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return False
        self.specs, self.problems = specs, problems
        return True

    def _fresh(self, data: Mapping[str, Any]) -> bool:
        return (
            data["files"] == self._stamps()
            and all(_stamp(Path(file)) == stamp for file, stamp in data["watched"].items())
            and all(installed == data["installed"].get(folder, [0, []])[1] for folder, installed in _changed(data))
        )

    def _store(self, watched: Sequence[Path], installed: Mapping[str, Stamp]) -> None:
        """Write the cache, whole or not at all; a folder that cannot be written costs only time."""
        if self._cache is None:
            return
        from .snapshot import pack

        data = {
            "files": self._stamps(),
            "watched": {str(file): _stamp(file) for file in watched},
            "installed": installed,
            "specs": {name: pack(spec) for name, spec in self.specs.items()},
            "problems": [[problem.file, problem.line, problem.reason] for problem in self.problems],
        }
        part = self._cache.with_name(f"{self._cache.name}.{os.getpid()}.part")
        try:
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(data), encoding="utf-8")
            part.replace(self._cache)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()


def module_name(file: Path) -> str:
    """Return the private name that a user's file has as a module, the same in every process."""
    return f"{PRIVATE}{file.stem}_{crc32(str(file).encode()):08x}"


def import_guest(spec: InvocationSpec) -> ModuleType:
    """Import the module a guest's class is in. Raises: whatever the module raises."""
    if not spec.module.startswith(PRIVATE):
        return importlib.import_module(spec.module)
    return sys.modules.get(spec.module) or import_file(Path(spec.origin))


def import_file(file: Path) -> ModuleType:
    """Import a user's file under its private name. Raises: whatever the file raises."""
    from importlib.util import module_from_spec, spec_from_file_location

    name = module_name(file)
    found = spec_from_file_location(name, file)
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    sys.modules[name] = module  # pydantic looks a class's module up while the class is made
    try:
        found.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _stamp(file: Path) -> Stamp:
    try:
        status = file.stat()
    except OSError:
        return [0, 0]
    return [status.st_mtime_ns, status.st_size]


def _mtime(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0


def _folders() -> list[str]:
    return list(dict.fromkeys(folder or os.getcwd() for folder in sys.path))


def _installed(folder: str) -> list[list[Any]]:
    """Return the distributions in a folder of `sys.path` that name nodes, with the times they were installed at.

    Looks into their files itself: `importlib.metadata` alone costs more than all the rest of a start.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info")))
    except OSError:
        return []
    return [[name, stamp] for name in names if (stamp := _plugged_in(os.path.join(folder, name, "entry_points.txt")))]


def _plugged_in(file: str) -> int:
    """Return when a distribution's entry points were written, if nodes are among them, else 0."""
    try:
        with open(file, "rb") as entries:
            return os.fstat(entries.fileno()).st_mtime_ns if f"[{GROUP}]".encode() in entries.read() else 0
    except OSError:
        return 0


def _changed(data: Mapping[str, Any]) -> Iterator[tuple[str, list[list[Any]]]]:
    """Look into those folders of `sys.path` whose time is another than before."""
    for folder in _folders():
        if data["installed"].get(folder, [0, []])[0] != _mtime(folder):
            yield folder, _installed(folder)
