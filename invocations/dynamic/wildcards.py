"""Find the lines of wildcards in folders of TXT, YAML and JSON files."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Final

from invocations.language.did_you_mean import did_you_mean

from .errors import DynamicError
from .wildcard_files import STRUCTURED, TEXT, WildcardLine, has_suffix, lists_of, text_lines

MAX_FILES: Final = 20_000
MAX_LEVELS: Final = 16  # how many levels of subfolders are searched
MAX_SHOWN: Final = 8  # how many names an error lists
BAD_FOLDER: Final = "name a folder that contains wildcard files"
NO_FOLDER: Final = "name their folder: --wildcards DIR, or the setting `wildcards_dirs`"
NO_WILDCARDS: Final = "`--wildcards` has no effect: the {} contains no wildcard such as `__animal__`"
_SLASHES: Final = re.compile(r"[\\/]+")


class Wildcards:
    """The wildcards in the given folders. A folder is listed, and a file is read, when it is first needed.

    A wildcard is named after its file, with the folders that lead to it: `animals/cats` is `animals/cats.txt`. The
    lists in a YAML or JSON file are named after their keys. If a name exists in several folders, the first one counts.
    """

    def __init__(self, folders: Sequence[str] = ()) -> None:
        self._folders = folders
        self._unreadable: list[DynamicError] = []

    @property
    def are_used(self) -> bool:
        """Whether a wildcard has been looked up so far."""
        return "_paths" in self.__dict__

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of all wildcards, sorted."""
        return tuple(sorted({**self._files, **self._lists}))

    def lines(self, name: str) -> list[WildcardLine]:
        """Return the lines of all wildcards that match a name or pattern, without duplicates. Raises: DynamicError.

        If nothing matches at the top level of the folders, their subfolders are searched as well.
        """
        wanted = _SLASHES.sub("/", name).strip("/")
        for pattern in (wanted, f"**/{wanted}"):
            if matching := self._matching(pattern):
                lines: dict[str, WildcardLine] = {}
                for line in itertools.chain.from_iterable(map(self._lines_of, matching)):
                    lines.setdefault(line.text, line)
                if lines:
                    return list(lines.values())
                raise DynamicError(f"the wildcard `{name}` has no lines", place="")
        raise self._missing(name)

    def _matching(self, pattern: str) -> list[str]:
        if not any(sign in pattern for sign in "*?["):
            return [pattern] if pattern in self._files or pattern in self._lists else []
        return [name for name in self.names if fnmatchcase(name, pattern)]

    def _lines_of(self, name: str) -> list[WildcardLine]:
        return text_lines(self._files[name]) if name in self._files else self._lists[name]

    def _missing(self, name: str) -> DynamicError:
        if not self._folders:
            return DynamicError(f"there are no wildcard files for `__{name}__`", NO_FOLDER, place="")
        if self._unreadable:
            return self._unreadable[0]
        if not self.names:
            folders = ", ".join(f"`{folder}`" for folder in self._folders)
            return DynamicError(
                f"there are no wildcard files in {folders}", "wildcard files are .txt, .yaml and .json files", place=""
            )
        more = f" and {len(self.names) - MAX_SHOWN} more" if len(self.names) > MAX_SHOWN else ""
        known = f"the wildcards are {', '.join(self.names[:MAX_SHOWN])}{more}"
        return DynamicError(f"there is no wildcard named `{name}`", did_you_mean(name, self.names, known) or known)

    @cached_property
    def _paths(self) -> list[tuple[str, str]]:
        """The wildcard files, each as its path and its name without suffix, by folder and name."""
        found: list[tuple[str, str]] = []
        for folder in self._folders:
            found += sorted(_walk(folder), key=lambda pair: pair[1])
        return found

    @cached_property
    def _files(self) -> dict[str, str]:
        """The paths of text files, by name."""
        return {name: path for path, name in reversed(self._paths) if has_suffix(path, TEXT)}

    @cached_property
    def _lists(self) -> dict[str, list[WildcardLine]]:
        """The lists in YAML and JSON files, by name."""
        found: dict[str, list[WildcardLine]] = {}
        for path, name in self._paths:
            if has_suffix(path, *STRUCTURED):
                try:
                    lists = lists_of(path, name)
                except DynamicError as error:
                    self._unreadable.append(error)
                else:
                    found = lists | found
        return found


def _walk(top: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the name of each wildcard file in a folder and its subfolders. Raises: DynamicError."""
    waiting = [(top, "", 0)]
    seen: set[str] = set()
    count = 0
    while waiting:
        folder, prefix, level = waiting.pop()
        real = os.path.realpath(folder)
        if real in seen or level > MAX_LEVELS:
            continue
        seen.add(real)
        for entry in _entries(folder):
            stem, suffix = os.path.splitext(entry.name)
            if entry.is_dir():
                waiting.append((entry.path, f"{prefix}{entry.name}/", level + 1))
            elif suffix.lower() in (TEXT, *STRUCTURED):
                yield entry.path, prefix + stem
                count += 1
            if count > MAX_FILES:
                raise DynamicError(f"`{top}` contains more than {MAX_FILES:,} wildcard files", place="")


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """Return the entries of a folder that are not hidden. Raises: DynamicError."""
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        said = "there is no folder" if isinstance(error, FileNotFoundError) else "cannot read the folder"
        more = "" if isinstance(error, FileNotFoundError) else f": {error.strerror}"
        raise DynamicError(f"{said} `{folder}`{more}", BAD_FOLDER, place="") from error
