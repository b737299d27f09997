"""The program's own folders: config, data, state and cache. If INVOKEAI_HOME is set, all of them are in that folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from invocations.frozen import frozen

from .place import Place

NAME = "invokeai-cli"
HOME = "INVOKEAI_HOME"


@frozen
class Folders:
    """The program's own folders, divided as in the XDG base directory specification."""

    config: str
    data: str
    state: str
    cache: str

    @property
    def user_file(self) -> str:
        """The user's settings file."""
        return os.path.join(self.config, "config.toml")

    @property
    def nodes(self) -> str:
        """The folder with the user's own nodes and recipes."""
        return os.path.join(self.config, "nodes")

    @property
    def models(self) -> str:
        """The folder with the user's own models."""
        return os.path.join(self.data, "models")


def find_folders(place: Place) -> Folders:
    """Return the folders of this user on this system, without creating them."""
    home = place.variable(HOME)
    if home:
        home = os.path.join(place.folder, os.path.expanduser(home))
        return Folders(*(os.path.join(home, part) for part in ("config", "data", "state", "cache")))
    import platformdirs  # takes 10 ms to import, and is not needed if INVOKEAI_HOME is set

    dirs = platformdirs.PlatformDirs(NAME, appauthor=False)
    return Folders(dirs.user_config_dir, dirs.user_data_dir, dirs.user_state_dir, dirs.user_cache_dir)


def make_usable(folders: Folders) -> tuple[Folders, tuple[str, ...]]:
    """Create the data and cache folders; return the folders to use, and warnings.

    A folder that is not writable is replaced by a temporary one, with a warning.
    """
    warnings = []
    for part in ("data", "cache"):
        path = getattr(folders, part)
        reason = why_unusable(path)
        if reason:
            instead = _temporary(part)
            folders = replace(folders, **{part: instead})
            warnings.append(f"the {part} folder `{path}` cannot be used ({reason}): using `{instead}` for this run")
    return folders, tuple(warnings)


def _temporary(part: str) -> str:
    """Return a temporary folder for this user, the same in each run, or a new one if another user could write into it.

    The folder is kept, because a program at the other end of a pipe may still read images from it.
    """
    import tempfile

    own = os.path.join(tempfile.gettempdir(), f"{NAME}-{os.getuid() if hasattr(os, 'getuid') else 'user'}")
    try:
        os.makedirs(own, mode=0o700, exist_ok=True)
        found = os.lstat(own)
        if stat.S_ISDIR(found.st_mode) and (
            os.name == "nt" or (found.st_uid, found.st_mode & 0o077) == (os.getuid(), 0)
        ):
            os.makedirs(os.path.join(own, part), exist_ok=True)
            return os.path.join(own, part)
    except OSError:
        pass
    return tempfile.mkdtemp(prefix=f"{NAME}-")


def _is_private(found: os.stat_result) -> bool:
    """Return True for a folder that only this user can write into."""
    if not stat.S_ISDIR(found.st_mode):
        return False
    return os.name == "nt" or (found.st_uid == os.getuid() and not found.st_mode & 0o077)


@contextmanager
def written_atomically(path: str) -> Iterator[str]:
    """Yield a temporary path to write to, which then replaces the file; symbolic links and the mode are kept."""
    path = os.path.realpath(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.{os.getpid()}.new"
    try:
        yield temporary
        if os.path.exists(path):
            import shutil  # imported here because it imports the compression libraries

            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def why_unusable(path: str) -> str:
    if not os.path.isabs(path):
        return "no home folder is known"
    try:
        os.makedirs(path, exist_ok=True)
        probe = os.path.join(path, f".{os.getpid()}.probe")
        os.close(os.open(probe, os.O_CREAT | os.O_WRONLY, 0o600))
        os.unlink(probe)
    except OSError as error:
        return error.strerror or str(error)
    return ""
