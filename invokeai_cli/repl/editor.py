"""The editor of one's own, from $VISUAL or $EDITOR: a text goes out as a file and comes back changed."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile

from invokeai_cli.environment import Environment

SUFFIX = ".inv"  # by which an editor knows a script of ours
USUAL = ("editor", "nano", "vim", "vi", "notepad")  # tried where no variable names one


class EditorFailed(Exception):
    """The text did not come back; the message says why."""


def command(environment: Environment) -> list[str]:
    """Return the words that start the editor. Raises: EditorFailed."""
    for name in ("VISUAL", "EDITOR"):
        written = environment.variable(name)
        if not written.strip():
            continue
        try:
            words = shlex.split(written)
        except ValueError as error:
            raise EditorFailed(f"${name} is `{written}`, and a quote in it is open") from error
        if words:
            return words
    found = next((path for path in map(shutil.which, USUAL) if path), None)
    if found is None:
        raise EditorFailed("there is no editor: $VISUAL or $EDITOR names it")
    return [found]


def edit(text: str, words: list[str]) -> str:
    """Return the text as the editor leaves it. Raises: EditorFailed, and the text stays as it was."""
    with tempfile.TemporaryDirectory(prefix="invokeai-") as folder:
        path = os.path.join(folder, f"line{SUFFIX}")
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(f"{text}\n")
        try:
            status = subprocess.call([*words, path])
        except OSError as error:
            raise EditorFailed(f"the editor `{words[0]}` cannot be started: {error.strerror}") from error
        if status:
            raise EditorFailed(f"the editor `{words[0]}` ended with status {status}: the line stays as it was")
        try:
            with open(path, encoding="utf-8-sig", errors="replace") as file:
                return file.read().rstrip("\n")
        except OSError as error:
            raise EditorFailed(f"the editor `{words[0]}` left no file: {error.strerror}") from error
