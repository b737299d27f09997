"""Convert the exceptions of nodes to data, and detect that memory is exhausted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from invocations.cache.keys import refs_in
from invocations.catalog.modules import is_exit_signal
from invocations.errors import InvocationError
from invocations.events import NodeError
from invocations.services.errors import ServiceError

OUT_OF_MEMORY: Final = "out_of_memory"
TORCH_ERROR: Final = "OutOfMemoryError"  # compared by name, so that torch need not be imported
ALLOCATOR_MESSAGES: Final = (
    "can't allocate memory",
    "not enough memory",
    "out of memory",
)  # parts of the messages of RuntimeErrors from torch's CPU allocator


def ran_out_of_memory(error: BaseException) -> bool:
    """Return True if an error of any library means that memory ran out."""
    if isinstance(error, InvocationError):
        return error.code == OUT_OF_MEMORY
    if isinstance(error, MemoryError) or type(error).__name__ == TORCH_ERROR:
        return True
    return type(error) is RuntimeError and any(text in str(error).lower() for text in ALLOCATOR_MESSAGES)


def describe(error: BaseException, inputs: Mapping[str, Any]) -> NodeError:
    """Return a node's exception as data: a known error has a code and a hint, any other has a traceback.

    Raises: the exception, if it comes from a signal that ends the program.
    """
    if is_exit_signal(error):
        raise error
    name = _type_of(error)
    if ran_out_of_memory(error):
        return _exhausted(error, inputs)
    if isinstance(error, InvocationError):
        return NodeError(name, error.message, error.code, error.hint, inputs)
    if name == "ValidationError" and hasattr(error, "errors"):
        return NodeError(name, "; ".join(_complaint(each) for each in error.errors()), "bad_value", "", inputs)
    import traceback

    trace = "".join(traceback.format_exception(error))
    message = f"it called `sys.exit({error.code!r})`" if isinstance(error, SystemExit) else str(error) or name
    return NodeError(name, message, "node_failed", "", inputs, trace)


def _type_of(error: BaseException) -> str:
    """Return the name of the error's type as JSON output shows it."""
    return error.type if isinstance(error, ServiceError) else type(error).__name__


def _exhausted(error: BaseException, inputs: Mapping[str, Any]) -> NodeError:
    """Return an out-of-memory error whose hint contains the size of the node's largest image."""
    message, hint = "out of memory", "make the image smaller, or close other programs"
    if isinstance(error, InvocationError):
        message, hint = error.message, error.hint or hint
    refs = [ref for value in inputs.values() for ref in refs_in(value)]
    sizes = [(ref.width, ref.height) for ref in refs if hasattr(ref, "width") and hasattr(ref, "height")]
    if sizes:
        width, height = max(sizes, key=lambda size: size[0] * size[1])
        hint = f"{hint} (it is {width}x{height})"
    return NodeError(_type_of(error), message, OUT_OF_MEMORY, hint, inputs)


def _complaint(data: Mapping[str, Any]) -> str:
    """Return a pydantic validation error as a sentence."""
    place = ".".join(str(part) for part in data["loc"][:1])
    message = str(data["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    return f"`{place}` is {data['input']!r}, but must be {message}" if place else message
