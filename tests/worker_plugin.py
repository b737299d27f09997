"""A plug-in that draws images in steps, logs its process, and waits or crashes while certain files exist."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PLUGIN = '''
import os
import time
from pathlib import Path

from PIL import Image

from invocations.errors import Cancelled
from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput

FOLDER = Path({folder!r})


@invocation("sketch", title="Sketch", category="test", version="1.0.0")
class Sketch(Invocation):
    """Draw a number. It waits while `hold` or `hold-NUMBER` exists, and ends its process if `crash-NUMBER` exists.

    While `deaf` exists, it goes on waiting after it was cancelled.
    """

    number: int = input_field(primary=True, description="number")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        with open(FOLDER / f"ran-{{self.number}}", "a") as file:
            file.write(f"{{os.getpid()}}\\n")
        if (FOLDER / f"crash-{{self.number}}").exists():
            os.kill(os.getpid(), 9)
        context.progress(1, 2)
        while (FOLDER / "hold").exists() or (FOLDER / f"hold-{{self.number}}").exists():
            time.sleep(0.001)
            if context.cancelled() and not (FOLDER / "deaf").exists():
                raise Cancelled
        context.progress(2, 2)
        return ImageOutput(image=context.images.put(Image.new("RGB", (8, 8), (self.number, 2 * self.number, 77))))
'''


class Sketches:
    """The folder through which a test controls the node `sketch`, and sees in which processes it ran."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        nodes = home / "config" / "nodes"
        nodes.mkdir(parents=True, exist_ok=True)
        (nodes / "sketch.py").write_text(PLUGIN.format(folder=str(folder)))

    def hold(self, number: int | None = None) -> None:
        """Let each sketch, or that of a number, wait after its first step."""
        self._held(number).touch()

    def release(self, number: int | None = None) -> None:
        """Let the sketches, or that of a number, go on."""
        self._held(number).unlink()

    def _held(self, number: int | None) -> Path:
        return self.folder / ("hold" if number is None else f"hold-{number}")

    def ignore_cancels(self) -> None:
        """Let sketches that wait go on waiting after they were cancelled."""
        (self.folder / "deaf").touch()

    def crash(self, number: int) -> None:
        """Let the sketch of a number end its process."""
        (self.folder / f"crash-{number}").touch()

    def processes(self, number: int) -> list[int]:
        """Return the ids of the processes that have begun to draw a number."""
        with suppress(FileNotFoundError):
            return [int(line) for line in (self.folder / f"ran-{number}").read_text().splitlines()]
        return []


def when_ended(pid: int) -> Callable[[], bool]:
    """Return a function that waits for the end of a process, which may be another one's child; False after a minute."""
    number = os.pidfd_open(pid)

    def wait() -> bool:
        try:
            return bool(select.select([number], [], [], 60)[0])
        finally:
            os.close(number)

    return wait
