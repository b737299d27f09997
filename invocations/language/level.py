"""The first line of a script may state the level of the language: `# invokeai-script 1`.

After the level, `save-all` means that images which later lines use are saved too, as at the interactive prompt.
"""

from __future__ import annotations

from typing import Final

from .errors import LanguageError, Refusal
from .source import Source, Span

LEVEL: Final = 1  # must be raised by every change that alters the meaning of existing lines
MARK: Final = "# invokeai-script"
HEADER: Final = f"{MARK} {LEVEL}"
SAVE_ALL: Final = "save-all"


def stated_level(first_line: str, name: str) -> int | None:
    """Return the language level that a script states, or None. Raises: Refusal, if it is malformed or too high.

    name: the name of the script in errors
    """
    line = first_line.removeprefix("\ufeff").rstrip()
    if not (line + " ").startswith(MARK + " "):
        return None
    words = line[len(MARK) :].split()
    if not words or not (words[0].isascii() and words[0].isdigit() and len(words[0]) < 7):
        raise _refusal(line, name, "the level of the language must be a number", f"write `{HEADER}`")
    level = int(words[0])
    if level > LEVEL:
        message = f"the script is written for level {level} of the language, but this version supports level {LEVEL}"
        raise _refusal(line, name, message, "update invokeai-cli to run it")
    return level


def saves_all(text: str) -> bool:
    """Return True if the first line of a script says that images which later lines use are saved too."""
    line = text.partition("\n")[0].removeprefix("\ufeff")
    return line.startswith(MARK + " ") and SAVE_ALL in line.split()[3:]


def _refusal(line: str, name: str, message: str, hint: str) -> Refusal:
    start = min(len(MARK) + 1, len(line))
    return Refusal([LanguageError("wrong_level", message, Span(start, len(line)), hint)], Source(name, line))
