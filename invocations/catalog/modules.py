"""Import the modules of plug-ins and of the user's files, and describe problems with them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from threading import RLock
from types import ModuleType
from zlib import crc32

from invocations.frozen import frozen
from invocations.spec import InvocationSpec

GROUP = "invokeai.nodes"  # entry-point group of installed plug-ins
PRIVATE = "_invokeai_plugin_"  # prefix of the module names of the user's files
_IMPORTING = RLock()  # held while a file is imported, because no other thread may use a part of it


@frozen
class PluginProblem:
    """A plug-in that was left out: where it is and what is wrong with it."""

    file: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.reason}"


def is_exit_signal(error: BaseException) -> bool:
    """Whether an error comes from a signal that ends the program, and not from a plug-in that calls `sys.exit`."""
    return isinstance(error, SystemExit) and type(error) is not SystemExit


def module_name(file: Path) -> str:
    """Return the private name under which a user's file is imported, which is the same in every process."""
    return f"{PRIVATE}{file.stem}_{crc32(str(file).encode()):08x}"


def import_plugin(spec: InvocationSpec) -> ModuleType:
    """Import the module that holds a plug-in's class. Raises: whatever the module raises."""
    if not spec.module.startswith(PRIVATE):
        return importlib.import_module(spec.module)
    with _IMPORTING:
        return sys.modules.get(spec.module) or import_file(Path(spec.origin))


def import_file(file: Path) -> ModuleType:
    """Import a user's file under its private name. Raises: whatever the file raises."""
    from importlib.util import module_from_spec, spec_from_file_location

    name = module_name(file)
    found = spec_from_file_location(name, file)
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    with _IMPORTING:
        sys.modules[name] = module  # pydantic looks up the module of a class while it creates the class
        try:
            found.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return module
