"""Edit a line or a recipe in the user's own editor, $VISUAL or $EDITOR, in a temporary file."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile

from invokeai_cli.environment import Environment

SUFFIX = ".inv"  # suffix of the temporary file, so that editors recognize it as a script
FALLBACKS = ("editor", "nano", "vim", "vi", "notepad")  # tried if neither variable is set


class EditorFailed(Exception):
    """The editor did not return any text; the message states the reason."""


def command(environment: Environment) -> list[str]:
    """Return the command that starts the editor. Raises: EditorFailed."""
    for name in ("VISUAL", "EDITOR"):
        written = environment.variable(name)
        if not written.strip():
            continue
        try:
            words = shlex.split(written)
        except ValueError as error:
            raise EditorFailed(f"${name} is `{written}`, which has an unclosed quote") from error
        if words:
            return words
    found = next((path for path in map(shutil.which, FALLBACKS) if path), None)
    if found is None:
        raise EditorFailed("no editor found; set $VISUAL or $EDITOR")
    return [found]


def edit(text: str, words: list[str], *, suffix: str = SUFFIX) -> str:
    """Open the text in the editor and return the edited text. Raises: EditorFailed."""
    with tempfile.TemporaryDirectory(prefix="invokeai-") as folder:
        path = os.path.join(folder, f"line{suffix}")
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text if text.endswith("\n") else f"{text}\n")
        try:
            status = subprocess.call([*words, path])
        except OSError as error:
            raise EditorFailed(f"the editor `{words[0]}` cannot be started: {error.strerror}") from error
        if status:
            raise EditorFailed(f"the editor `{words[0]}` exited with status {status}; the line is unchanged")
        try:
            with open(path, encoding="utf-8-sig", errors="replace") as file:
                return file.read().rstrip("\n")
        except OSError as error:
            raise EditorFailed(f"the line edited with `{words[0]}` cannot be read: {error.strerror}") from error
