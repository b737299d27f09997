"""Replace the folders of this machine in texts that leave it, such as error messages."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.settings.resolve import Config

_LETTERS = r"[^\w.-]"  # a folder's name ends before such a character


class PrivatePaths:
    """Replaces known folders by their purpose: `/home/ann/.local/share/invokeai-cli/images` by `<data>/images`."""

    def __init__(self, folders: Mapping[str, str]) -> None:
        """Create it from folders, each with its purpose."""
        known: dict[str, str] = {}
        for folder, purpose in folders.items():
            for path in {os.path.abspath(folder), os.path.realpath(folder)}:
                if path != os.path.dirname(path):  # the root folder would replace every slash
                    known.setdefault(path, f"<{purpose}>")
        longest_first = sorted(known, key=len, reverse=True)
        self._known = known
        self._pattern = re.compile("|".join(f"{re.escape(path)}(?={_LETTERS}|$)" for path in longest_first) or "(?!)")

    def __call__(self, text: str) -> str:
        """Return a text without known folders."""
        return self._pattern.sub(lambda match: self._known[match[0]], text)


def private_paths(settings: Config, folder: str) -> PrivatePaths:
    """Return what replaces the program's own folders, the folders in the settings and the user's home."""
    own = settings.folders
    folders = {
        own.config: "config",
        own.data: "data",
        own.state: "state",
        own.cache: "cache",
        settings.output_dir: "output",
        folder: "folder",
    }
    named = {"models": settings.models_dirs, "nodes": settings.nodes_dirs, "wildcards": settings.wildcards_dirs}
    for purpose, paths in named.items():
        folders |= dict.fromkeys(paths, purpose)
    for path, purpose in (
        (os.path.expanduser("~"), "home"),
        (tempfile.gettempdir(), "temporary"),
        (sysconfig.get_paths()["purelib"], "packages"),
        (sys.prefix, "python"),
        (sys.base_prefix, "python"),
        (os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "program"),
    ):
        folders.setdefault(path, purpose)
    return PrivatePaths(folders)
