"""Change documents of every format at random; the program must respond with a result or an error, not a traceback.

    python -m tests.attacks.mutations --count 10000 --seed 1

A case depends only on the seed, the format and its number, so `--only FORMAT --first N --count 1` repeats it.
"""

from __future__ import annotations

import argparse
import io
import random
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from invokeai_cli.environment import Environment
from invokeai_cli.main import run
from tests.attacks.documents import FORMATS, Format

CASE_S = 30  # a reader that takes longer is considered to hang
UNEXPECTED = "run with -v for the traceback"
FRESH_EVERY = 100  # number of cases before the home folder is replaced, so that sessions do not accumulate
TOKENS = (
    b"1" + b"0" * 400, b"9" * 5000, b"1e999", b"-1e999", b"NaN", b"Infinity", b"-1", b"0", b"null", b"true", b'""',
    b"[]", b"{}", b"[" * 5000, b'{"a":' * 2000, b'{"kind": "image"}', b'{"kind": "image", "name": 5}', b"\x00", b"\xff",
    b"\xed\xa0\x80", b'"\\ud800"', b"\x1b[31m", b"\xe2\x80\xae", b"../../../etc/passwd", b"/dev/zero", b"~nobody/x",
    b"\r", b"\n", b'"', b"'", b"|", b"@-1", b"${x}", b"{index:999999999}", b"%s", b"((((((((", b"<lora:x:1>",
)  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """One case that went wrong."""

    format: str
    number: int
    what: str

    def __str__(self) -> str:
        return f"{self.format} {self.number}: {self.what}"


def mutated(document: bytes, dice: random.Random) -> bytes:
    """Return a document with one to four changes."""
    for _ in range(dice.randint(1, 4)):
        document = dice.choice(CHANGES)(document, dice)
    return document


def _flip(data: bytes, dice: random.Random) -> bytes:
    if not data:
        return data
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]


def _cut(data: bytes, dice: random.Random) -> bytes:
    start = dice.randint(0, len(data))
    return data[:start] + data[start + dice.randint(0, 200) :]


def _end(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randint(0, len(data))]


def _repeat(data: bytes, dice: random.Random) -> bytes:
    start = dice.randint(0, len(data))
    part = data[start : start + dice.randint(1, 200)]
    return data[:start] + part * dice.choice((2, 3, 50)) + data[start:]


def _insert(data: bytes, dice: random.Random) -> bytes:
    at = dice.randint(0, len(data))
    return data[:at] + dice.choice(TOKENS) + data[at:]


def _replace(data: bytes, dice: random.Random) -> bytes:
    """Replace a number or a quoted string with a token."""
    places = [at for at, byte in enumerate(data) if byte in b'0123456789"']
    if not places:
        return _insert(data, dice)
    start = dice.choice(places)
    end = data.find(b'"', start + 1) + 1 if data[start] == 34 else start + 1
    while end < len(data) and data[start] != 34 and data[end] in b"0123456789.":
        end += 1
    return data[:start] + dice.choice(TOKENS) + data[max(end, start + 1) :]


CHANGES: Sequence[Callable[[bytes, random.Random], bytes]] = (_flip, _cut, _end, _repeat, _insert, _replace, _replace)


def attack(format_: Format, numbers: range, seed: int, root: Path) -> Iterator[Failure]:
    """Run the cases of one format, and yield those that went wrong."""
    folder = home = root
    for number in numbers:
        if number == numbers.start or number % FRESH_EVERY == 0:
            folder, home = _fresh(root, format_)
        dice = random.Random(f"{seed} {format_.name} {number}")
        document = dice.choice(format_.documents())
        changed = format_.rebuilt(document, partial(mutated, dice=dice), dice)
        (folder / format_.file.format(home=home)).write_bytes(changed)
        for words in format_.words:
            what = _typed(words, folder, home, changed if format_.is_input else b"")
            if what:
                yield Failure(format_.name, number, f"{' '.join(words)}: {what}")


def _fresh(root: Path, format_: Format) -> tuple[Path, Path]:
    shutil.rmtree(root, ignore_errors=True)
    folder, home = root / "folder", root / "home"
    folder.mkdir(parents=True)
    home.mkdir()
    format_.prepare(folder, home, partial(_typed, folder=folder, home=home, data=b""))
    return folder, home


def _typed(words: Sequence[str], folder: Path, home: Path, data: bytes) -> str:
    """Run the program with these arguments; return what went wrong, or ""."""
    out, err = io.StringIO(), io.StringIO()
    given = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="surrogateescape")
    environment = Environment(given, out, err, {"INVOKEAI_HOME": str(home)}, str(folder), home=str(home))
    try:
        with _limited():
            run(list(words), environment)
    except BaseException:  # any exception that ends the program is a finding
        return traceback.format_exc()[-1500:]
    return err.getvalue()[-1500:] if UNEXPECTED in err.getvalue() else ""


@contextmanager
def _limited() -> Iterator[None]:
    """Raise TimeoutError inside this block after CASE_S seconds, if the system supports it."""

    def late(*_: object) -> None:
        raise TimeoutError(f"took longer than {CASE_S} s")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, CASE_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def main(words: Sequence[str] | None = None) -> int:
    """Attack every format, print what went wrong, and return 1 if anything did."""
    parser = argparse.ArgumentParser(description="Give the program documents that were changed at random.")
    parser.add_argument("--count", type=int, default=10_000, help="documents of each format")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=[each.name for each in FORMATS])
    asked = parser.parse_args(words)
    failures = 0
    with tempfile.TemporaryDirectory() as root:
        for format_ in FORMATS:
            if asked.only in (None, format_.name):
                found = list(
                    attack(format_, range(asked.first, asked.first + asked.count), asked.seed, Path(root, "w"))
                )
                failures += len(found)
                print(f"{format_.name}: {asked.count} documents, {len(found)} wrong", flush=True)
                for each in found[:5]:
                    print(each)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
