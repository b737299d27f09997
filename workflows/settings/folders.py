"""Where the program keeps its own things: config, data, state, cache; all under INVOKEAI_HOME where that is set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from invokeai_cli.environment import Environment

NAME = "invokeai-cli"
HOME = "INVOKEAI_HOME"


@dataclass(frozen=True, slots=True)
class Folders:
    """The four places of the XDG rules."""

    config: str
    data: str
    state: str
    cache: str

    @property
    def user_file(self) -> str:
        """Return the user's own settings file."""
        return os.path.join(self.config, "config.toml")

    @property
    def nodes(self) -> str:
        """Return the folder of the user's own nodes and recipes."""
        return os.path.join(self.config, "nodes")

    @property
    def models(self) -> str:
        """Return the folder of the user's own models."""
        return os.path.join(self.data, "models")


def find_folders(environment: Environment) -> Folders:
    """Return the folders of this user on this system; nothing is made."""
    home = environment.variable(HOME)
    if home:
        home = os.path.join(environment.folder, os.path.expanduser(home))
        return Folders(*(os.path.join(home, part) for part in ("config", "data", "state", "cache")))
    import platformdirs  # costs 10 ms: not where INVOKEAI_HOME answers

    places = platformdirs.PlatformDirs(NAME, appauthor=False)
    return Folders(places.user_config_dir, places.user_data_dir, places.user_state_dir, places.user_cache_dir)


def make_usable(folders: Folders) -> tuple[Folders, tuple[str, ...]]:
    """Make the folders that are written to; one that cannot be is replaced by a temporary one, with a warning."""
    warnings = []
    for part in ("data", "cache"):
        path = getattr(folders, part)
        reason = _why_unusable(path)
        if reason:
            import tempfile

            instead = tempfile.mkdtemp(prefix=f"{NAME}-")
            folders = replace(folders, **{part: instead})
            warnings.append(f"the {part} folder `{path}` cannot be used ({reason}): using `{instead}` for this run")
    return folders, tuple(warnings)


@contextmanager
def written_atomically(path: str) -> Iterator[str]:
    """Give a temporary name beside a file, and put it in the file's place when all went well."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.{os.getpid()}.new"
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def _why_unusable(path: str) -> str:
    if not os.path.isabs(path):
        return "there is no home folder"
    try:
        os.makedirs(path, exist_ok=True)
        probe = os.path.join(path, f".{os.getpid()}.probe")
        os.close(os.open(probe, os.O_CREAT | os.O_WRONLY, 0o600))
        os.unlink(probe)
    except OSError as error:
        return error.strerror or str(error)
    return ""
