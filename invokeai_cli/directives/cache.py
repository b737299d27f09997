"""`cache [stats | clear]`: how large what can be made again is, and removing it."""

from __future__ import annotations

import os
import shutil

from invokeai_cli.errors import FileError, UsageError
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table

from .call import Call

UNITS = ("B", "kB", "MB", "GB", "TB")


def run(call: Call) -> Answer:
    """Tell the size of the cache folder by what lies in it, or remove all of that."""
    (word,) = call.expect(0, 1) or ("stats",)
    folder = call.shell.config.folders.cache
    if word == "stats":
        return _stats(folder)
    if word != "clear":
        raise UsageError(f"`cache` has no `{word}`", "usage: cache [stats | clear]")
    entries = _entries(folder)
    try:
        for path, _, _ in entries:
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
    except OSError as error:
        raise FileError(f"`{error.filename}` cannot be removed: {error.strerror}", None) from error
    freed = sum(size for _, _, size in entries)
    return Answer("cache_cleared/1", {"bytes": freed}, text=f"{readable(freed)} removed from {folder}")


def _stats(folder: str) -> Answer:
    entries = _entries(folder)
    rows = [(os.path.basename(path), str(files), readable(size)) for path, files, size in entries]
    total = sum(size for _, _, size in entries)
    data = {
        "folder": folder,
        "bytes": total,
        "parts": {os.path.basename(p): {"files": f, "bytes": s} for p, f, s in entries},
    }
    tables = (Table(("kept", "files", "size"), tuple(rows)),) if rows else ()
    return Answer("cache/1", data, tables, f"{readable(total)} in {folder}")


def _entries(folder: str) -> list[tuple[str, int, int]]:
    """Return what lies in the folder: path, files, bytes."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [(path, *_size(path)) for path in (os.path.join(folder, name) for name in names)]


def _size(path: str) -> tuple[int, int]:
    if not os.path.isdir(path) or os.path.islink(path):
        return 1, os.lstat(path).st_size
    files = [os.path.join(top, name) for top, _, names in os.walk(path) for name in names]
    return len(files), sum(os.lstat(file).st_size for file in files)


def readable(size: int) -> str:
    """Return a number of bytes as people say it."""
    power = min((len(str(size)) - 1) // 3, len(UNITS) - 1)
    amount = size / 1000**power
    return f"{amount:.0f} {UNITS[power]}" if power == 0 or amount >= 100 else f"{amount:.1f} {UNITS[power]}"
