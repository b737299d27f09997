"""The file of the token: made once, and readable by its user only."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Mapping
from typing import Final

from workflows.problems import ConfigError, FileError

VARIABLE: Final = "INVOKEAI_TOKEN"
NAME: Final = "token"  # of the file in the config folder
BYTES: Final = 32
SHORTEST: Final = 20  # characters; a shorter token could be guessed
ALLOWED: Final = re.compile(r"[!-~]+")  # what a header can carry


def find_token(variables: Mapping[str, str], path: str) -> str:
    """Return the token: of the variable INVOKEAI_TOKEN, or of the file, which is created if it does not exist.

    Raises: ConfigError, FileError.
    """
    found = variables.get(VARIABLE, "")
    if found:
        return checked(found, f"the variable {VARIABLE}")
    return _read(path) if os.path.exists(path) else _created(path)


def checked(token: str, place: str) -> str:
    """Return a token that is long enough and can be sent in a header. Raises: ConfigError."""
    if not ALLOWED.fullmatch(token):
        raise ConfigError(f"{place}: a token has only letters, digits and punctuation, no spaces", MAKE_ONE)
    if len(token) < SHORTEST:
        raise ConfigError(
            f"{place}: a token has at least {SHORTEST} characters, and this one has {len(token)}", MAKE_ONE
        )
    return token


MAKE_ONE: Final = "this command prints a good one: python -c 'import secrets; print(secrets.token_urlsafe(32))'"


def _created(path: str) -> str:
    token = secrets.token_urlsafe(BYTES)
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:  # also if another process has created it in the meantime
        raise FileError(f"the token file `{path}` cannot be created: {error.strerror}", INSTEAD) from error
    try:
        with open(number, "w", encoding="ascii") as file:
            file.write(token + "\n")
    except OSError as error:
        os.unlink(path)  # an empty file would be refused at the next start
        raise FileError(f"the token file `{path}` cannot be written: {error.strerror}", INSTEAD) from error
    return token


INSTEAD: Final = f"name another file with `--token-file`, or set the variable {VARIABLE}"


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(10_000)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise FileError(f"the token file `{path}` cannot be read: {reason}", INSTEAD) from error
    if os.name != "nt" and stat.S_IMODE(mode) & 0o077:
        raise ConfigError(f"other users can read the token file `{path}`", f"chmod 600 '{path}'")
    return checked(text.strip(), f"the token file `{path}`")
