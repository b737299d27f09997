"""Write a file whole or not at all: beside its target under another name, then renamed.

The order is what a power cut cannot break: the bytes reach the disk, then the name appears, then the folder that holds
the name reaches the disk. Whoever notes that the file is there does so after this, so no note is of a file that is not.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .errors import ImageExists, ImageNotWritten

NO_FOLDER_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EROFS)  # what a file system says that knows no syncing of folders


def write_atomically(
    path: Path,
    write: Callable[[BinaryIO], object],
    *,
    overwrite: bool = True,
    durable: bool = True,
    made: Iterable[Path] = (),
) -> None:
    """Let `write` fill a file that then appears as `path`; on failure nothing is left behind.

    durable: the bytes are on the disk, not only on their way, before the name appears, and the name when this returns.
    made: folders that were made for it, whose names shall be there too.

    Raises: ImageExists, ImageNotWritten (folder missing or not writable, disk full).
    """
    partial = path.with_name(f".{os.getpid()}-{secrets.token_hex(8)}.part")
    try:
        with open(partial, "xb") as file:
            write(file)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        _give_name(partial, path, overwrite)
        if durable:
            _sync_folders({path.parent, *(folder.parent for folder in made)})
    except FileExistsError as error:
        raise ImageExists(str(path)) from error
    except OSError as error:
        raise ImageNotWritten(str(path), reason_of(error)) from error
    finally:
        with suppress(OSError):
            partial.unlink()


def sweep(folder: Path) -> None:
    """Remove what processes that have ended left half-written in a folder."""
    if os.name != "posix":  # elsewhere asking for a process may end it
        return
    with suppress(OSError):
        for partial in folder.glob(".*-*.part"):
            number = partial.name[1:].partition("-")[0]
            if number.isascii() and number.isdigit() and not _is_running(int(number)):
                partial.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def reason_of(error: OSError) -> str:
    """Return what the system says of an error, without numbers and paths."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def _give_name(partial: Path, path: Path, overwrite: bool) -> None:
    if overwrite:
        os.replace(partial, path)
        return
    try:
        os.link(partial, path)  # unlike rename, fails where the name is taken
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with open(path, "xb"):
            pass
        os.replace(partial, path)


def _sync_folders(folders: Iterable[Path]) -> None:
    """Wait until the names in some folders are on the disk, where a system can be asked for that."""
    for folder in folders if os.name == "posix" else ():
        try:
            number = os.open(folder, os.O_RDONLY)
        except PermissionError:  # one may write into it and not read it
            continue
        try:
            os.fsync(number)
        except OSError as error:
            if error.errno not in NO_FOLDER_SYNC:
                raise
        finally:
            os.close(number)
