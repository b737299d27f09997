"""Write files atomically: write each under a temporary name in the same folder, then rename it.

A power cut cannot leave a half-written file: first the bytes reach the disk, then the file gets its name, then the
folder's entry reaches the disk. Records of the file, such as journal entries, are written afterwards, so
no record refers to a missing file.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .errors import ImageExists, ImageNotWritten

NO_FOLDER_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EROFS)  # raised by file systems that cannot sync folders


def write_atomically(
    path: Path,
    write: Callable[[BinaryIO], object],
    *,
    overwrite: bool = True,
    durable: bool = True,
    made: Iterable[Path] = (),
) -> None:
    """Let `write` fill a temporary file, then rename it to `path`; on failure, remove the temporary file.

    A symbolic link is kept: the file that it points to is replaced.
    durable: flush the bytes to disk before the name appears, and the name before returning.
    made: folders that were created for the file; their names are flushed to disk too.

    Raises: ImageExists, ImageNotWritten (folder missing or not writable, disk full).
    """
    if overwrite and path.is_symlink():
        path = Path(os.path.realpath(path))
    partial = path.with_name(f".{os.getpid()}-{os.urandom(8).hex()}.part")
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
    """Remove the partial files in a folder that were left by processes that are no longer running."""
    if os.name != "posix":  # on other systems, os.kill with signal 0 might end the process
        return
    with suppress(OSError), os.scandir(folder) as entries:
        for partial in [entry for entry in entries if entry.name.startswith(".") and entry.name.endswith(".part")]:
            number, dash, _ = partial.name[1:].partition("-")
            if dash and number.isascii() and number.isdigit() and not _is_running(int(number)):
                with suppress(FileNotFoundError):
                    os.unlink(partial)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def reason_of(error: OSError) -> str:
    """Return the system's message for an error, without the error number and the path."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def _give_name(partial: Path, path: Path, overwrite: bool) -> None:
    if overwrite:
        os.replace(partial, path)
        return
    try:
        os.link(partial, path)  # unlike rename, fails if the name exists
    except FileExistsError:
        raise
    except OSError:  # the file system has no hard links
        with open(path, "xb"):
            pass
        os.replace(partial, path)


def _sync_folders(folders: Iterable[Path]) -> None:
    """Flush the entries of these folders to disk, if the system supports it."""
    for folder in folders if os.name == "posix" else ():
        try:
            number = os.open(folder, os.O_RDONLY)
        except PermissionError:  # a folder may be writable but not readable
            continue
        try:
            os.fsync(number)
        except OSError as error:
            if error.errno not in NO_FOLDER_SYNC:
                raise
        finally:
            os.close(number)
