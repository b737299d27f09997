"""Plug-ins: nodes and recipes from installed distributions and the user's folders, with their metadata cached.

Reading a fresh cache imports no plug-in. If the cache is stale, all plug-ins are imported to rebuild it, by
`invocations.catalog.discovery`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from invocations.spec import InvocationSpec

from .modules import GROUP, PluginProblem
from .snapshot import Specs, pack

FORMAT = 3  # format of the cache file; must be increased whenever the format changes
SUFFIXES = (".py", ".toml")
Folder = str | os.PathLike[str]
Stamp = list[Any]  # for a file: [mtime in ns, size]; for a folder: [mtime in ns, distributions with plug-ins]


class Plugins:
    """The metadata of plug-ins and the problems of rejected ones; empty until `read` is called."""

    def __init__(
        self, nodes_dirs: Sequence[str | os.PathLike[str]] = (), cache_dir: str | os.PathLike[str] | None = None
    ) -> None:
        self.nodes_dirs = tuple(Path(folder).absolute() for folder in nodes_dirs)
        self.specs: Mapping[str, InvocationSpec] = {}
        self.problems: tuple[PluginProblem, ...] = ()
        self._read_stamps: Mapping[str, Stamp] = {}
        self._cache = Path(cache_dir, f"nodes-{self._key():08x}.json") if cache_dir else None

    def read(self, built_in: Mapping[str, InvocationSpec]) -> None:
        """Read the cache or, if it is stale, import all plug-ins; types and unique roles in `built_in` are reserved."""
        self._read_stamps = self._stamps()
        if self._load():
            return
        installed = {folder: [_mtime(folder), _installed(folder)] for folder in _folders()}
        watched: Sequence[Path] = ()
        files = self.files()
        if files or any(named for _, named in installed.values()):
            from .discovery import read_plugins

            self.specs, self.problems, watched = read_plugins(files, built_in)
        self._store(watched, installed)

    @property
    def is_stale(self) -> bool:
        """Whether files in the user's folders were added, removed or changed since they were read."""
        return self._read_stamps != self._stamps()

    def files(self) -> list[Path]:
        """Return the node files in the user's folders, in order; names that begin with `_` or `.` are skipped."""
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
        return crc32(os.fsencode("\n".join(map(str, facts))))

    def _stamps(self) -> dict[str, Stamp]:
        """Return stamps that change whenever the user's files or the built-in nodes change."""
        ours = Path(__file__).with_name("snapshot_data")  # the folder's mtime changes when a file is written into it
        return {str(file): _stamp(file) for file in (ours, *self.files())}

    def _load(self) -> bool:
        """Load the cached metadata; return False if it is incomplete or stale."""
        try:
            data = json.loads(self._cache.read_bytes()) if self._cache else None
            if data is None or not self._fresh(data):
                return False
            specs = Specs(data["specs"])
            problems = tuple(PluginProblem(*problem) for problem in data["problems"])
        except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
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
        """Write the cache atomically; if that fails, the plug-ins are simply imported again next time."""
        if self._cache is None:
            return
        data = {
            "files": self._stamps(),
            "watched": {str(file): _stamp(file) for file in watched},
            "installed": installed,
            "specs": {name: pack(spec) for name, spec in self.specs.items()},
            "problems": [[problem.file, problem.line, problem.reason] for problem in self.problems],
        }
        part = self._cache.with_name(f"{self._cache.name}.{os.getpid()}.part")
        with contextlib.suppress(OSError):
            try:
                self._cache.parent.mkdir(parents=True, exist_ok=True)
                part.write_text(json.dumps(data), encoding="utf-8")
                part.replace(self._cache)
            finally:  # also after Ctrl-C
                part.unlink(missing_ok=True)


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
    return list(dict.fromkeys([folder or os.getcwd() for folder in sys.path]))


def _installed(folder: str) -> list[list[Any]]:
    """Return the distributions in a folder of `sys.path` that have nodes, and when each was installed.

    The files are read directly, because importing `importlib.metadata` takes longer than the rest of the start-up.
    """
    try:
        names = sorted([name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info"))])
    except OSError:
        return []
    found: list[list[Any]] = []
    for name in names:
        with contextlib.suppress(OSError), open(os.path.join(folder, name, "entry_points.txt"), "rb") as entries:
            if f"[{GROUP}]".encode() in entries.read():
                found.append([name, os.fstat(entries.fileno()).st_mtime_ns])
    return found


def _changed(data: Mapping[str, Any]) -> Iterator[tuple[str, list[list[Any]]]]:
    """Yield each folder of `sys.path` that has changed since its stamp was stored, with the plug-ins in it."""
    for folder in _folders():
        if data["installed"].get(folder, [0, []])[0] != _mtime(folder):
            yield folder, _installed(folder)
