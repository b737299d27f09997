"""Lets worker processes wait while they start or import libraries, and lets their disk be full."""

from __future__ import annotations

import os
from pathlib import Path

SITE = '''
import builtins
import errno
import io
import os
import sys
import time

FOLDER = {folder!r}


def hold(name):
    """Log the process, and wait while a file exists."""
    open(os.path.join(FOLDER, f"{{name}}-{{os.getpid()}}"), "w").close()
    while os.path.exists(os.path.join(FOLDER, f"hold-{{name}}")):
        time.sleep(0.001)


class Imports:
    """Waits when a node imports the modules that load models, before torch."""

    def find_spec(self, name, path=None, target=None):
        if name == "core.models.load_text":
            hold("import")


class Half(io.BytesIO):
    """A file that takes only half of the bytes that are written."""

    def __init__(self, file):
        super().__init__()
        self.file = file

    def write(self, data):
        self.file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self):
        self.file.close()
        super().close()


def opened(path, mode="r", *words, **how):
    file = real_open(path, mode, *words, **how)
    is_full = "x" in mode and f"{{os.sep}}images{{os.sep}}" in str(path)
    return Half(file) if is_full and os.path.exists(os.path.join(FOLDER, "full")) else file


if "invocations.run_worker" in sys.orig_argv:
    import socket

    real_name, real_open = socket.gethostname, open
    socket.gethostname = lambda: hold("start") or real_name()
    sys.meta_path.insert(0, Imports())
    builtins.open = opened
'''


class HeldWorkers:
    """The folder through which a test controls the worker processes that start with these variables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = folder / "site"
        self.site.mkdir()
        (self.site / "sitecustomize.py").write_text(SITE.format(folder=str(folder)))
        self.variables = {"PYTHONPATH": os.pathsep.join(filter(None, [str(self.site), os.environ.get("PYTHONPATH")]))}

    def hold(self, name: str) -> None:
        """Let workers wait: `start` while they start, `import` while they import what loads models."""
        (self.folder / f"hold-{name}").touch()

    def release(self, name: str) -> None:
        """Let workers go on."""
        (self.folder / f"hold-{name}").unlink()

    def processes(self, name: str) -> list[int]:
        """Return the ids of the workers that have come to this place."""
        return sorted(int(path.name.rpartition("-")[2]) for path in self.folder.glob(f"{name}-*"))

    def fill_disk(self) -> None:
        """Let the folder of images be full for workers."""
        (self.folder / "full").touch()

    def empty_disk(self) -> None:
        """Let workers write images again."""
        (self.folder / "full").unlink()
