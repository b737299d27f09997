"""How much memory is available: to this process, within the limits of its control groups, and on graphics cards.

Does not import torch before a graphics card is asked about.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

from .devices import Device

PROC, GROUPS = Path("/proc"), Path("/sys/fs/cgroup")
KB: Final = 1024
USAGE: Final = {"memory.max": "memory.current", "memory.limit_in_bytes": "memory.usage_in_bytes"}
TOTAL_PAGES: Final = re.compile(r"^total_(?:in)?active_file (\d+)$", re.MULTILINE)
OWN_PAGES: Final = re.compile(r"^(?:in)?active_file (\d+)$", re.MULTILINE)
"""Cached pages of files, which can be dropped. Only version 1 of control groups has totals with the inner groups."""


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a machine's memory that one of several processes with models may use.

    processes: how many share the RAM. on_card: how many share the graphics card of this process. ram_bytes: the RAM
    for this process, None for everything that is available
    """

    processes: int = 1
    on_card: int = 1
    ram_bytes: int | None = None

    def count(self, device: Device) -> int:
        """Return how many processes share the memory of a device."""
        return self.on_card if device.kind == "cuda" else self.processes

    def of(self, device: Device, free_bytes: int) -> int:
        """Return how much of what is free, and of what this process holds already, it may use."""
        if device.kind != "cuda":
            return free_bytes if self.ram_bytes is None else min(free_bytes, self.ram_bytes)
        return free_bytes if self.on_card == 1 else min(free_bytes, total_vram(device) // self.on_card)


ALL: Final = Share()


def available_ram(proc: Path = PROC, groups: Path = GROUPS) -> int | None:
    """Return how many bytes this process can still allocate without swapping, or None if that is not known."""
    found = [_mem_available(proc), *_in_groups(proc, groups)]
    known = [max(size, 0) for size in found if size is not None]
    return min(known) if known else _half_of_all()


def available_vram(device: Device) -> int:
    """Return how many bytes torch can still allocate on a graphics card."""
    import torch

    free, _ = torch.cuda.mem_get_info(device.index)
    return int(free + torch.cuda.memory_reserved(device.index) - torch.cuda.memory_allocated(device.index))


def total_vram(device: Device) -> int:
    """Return the memory of a graphics card in bytes."""
    import torch

    return int(torch.cuda.mem_get_info(device.index)[1])


def _mem_available(proc: Path) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in (proc / "meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * KB
    return None


def _in_groups(proc: Path, groups: Path) -> list[int]:
    """Return what is left in each control group with a limit."""
    found = []
    for group, (limit, usage) in product(_groups_of(proc, groups), USAGE.items()):
        with suppress(OSError, ValueError):  # the group has no such file, or the limit is "max"
            allowed = int((group / limit).read_text())
            found.append(allowed - int((group / usage).read_text()) + _reclaimable(group))
    return found


def _groups_of(proc: Path, groups: Path) -> list[Path]:
    """Return the control group of this process and the groups around it."""
    found = []
    with suppress(OSError):
        for line in (proc / "self" / "cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in ("", "memory"):
                folder = groups / controllers / path.lstrip("/")
                found += [each for each in (folder, *folder.parents) if each.is_relative_to(groups)]
    return found


def _reclaimable(group: Path) -> int:
    with suppress(OSError):
        text = (group / "memory.stat").read_text()
        return sum(map(int, TOTAL_PAGES.findall(text) or OWN_PAGES.findall(text)))
    return 0


def _half_of_all() -> int | None:
    """Return one half of the installed memory, for systems other than Linux."""
    with suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return None
