"""The versions of the program and of what it is built on, from distribution metadata: nothing is imported for it."""

from __future__ import annotations

import platform

from .render.answer import Answer

PROGRAM = "invokeai-cli"
BUILT_ON = ("torch", "diffusers", "safetensors", "pillow", "pydantic", "typer")


def versions() -> Answer:
    """Return the program's version first, then Python's and those of the libraries."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in (PROGRAM, *BUILT_ON):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    lines = [f"{PROGRAM} {found[PROGRAM]}", f"python {platform.python_version()}"]
    lines += [f"{name} {found[name]}" for name in BUILT_ON]
    return Answer("versions/1", {"versions": {**found, "python": platform.python_version()}}, text="\n".join(lines))
