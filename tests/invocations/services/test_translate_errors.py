"""Errors of the core as errors of this floor."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import errors as core
from core.imaging import errors as imaging
from invocations import errors
from invocations.services import errors as service
from invocations.services.translate_errors import translated

CASES: list[tuple[core.CoreError, type[errors.InvocationError]]] = [
    (imaging.ImageUnreadable("a.png", "it is empty"), service.ImageUnreadable),
    (imaging.ImageTooLarge("a.png", 10, 10, 5), service.ImageTooLarge),
    (imaging.ImageNotWritten("a.png", "no space left"), service.SaveFailed),
    (imaging.ImageExists("a.png"), service.FileExists),
    (imaging.UnknownImageFormat("gif", ("png",)), errors.BadValue),
    (imaging.BadImageInput("no", "try yes"), errors.BadValue),
    (core.ModelMissing("x", [], ["default"]), service.ModelMissing),
    (core.ModelBroken(Path("x"), "cut off"), service.ModelBroken),
    (core.PickleRefused(Path("x.bin"), "convert x"), service.PickleRefused),
    (core.ModelUnsupported(Path("x"), "Flux"), service.ModelUnsupported),
    (core.UnknownScheduler("x", ["ddim"]), service.UnknownScheduler),
    (core.BadSize(9, 9, 8, (8, 8)), service.BadSize),
    (core.BadSetting("steps", 0, "1 or more"), errors.BadValue),
    (core.DeviceRefused("cuda", "there is none", "use cpu"), service.DeviceRefused),
    (core.OutOfMemory(None, "cpu"), service.OutOfMemory),
    (core.Cancelled(), errors.Cancelled),
]


@pytest.mark.parametrize(("inner", "outer"), CASES, ids=lambda case: getattr(case, "__name__", type(case).__name__))
def test_each_error_keeps_its_words_its_hint_and_its_cause(
    inner: core.CoreError, outer: type[errors.InvocationError]
) -> None:
    with pytest.raises(outer) as raised, translated():
        raise inner
    assert raised.value.__cause__ is inner
    assert raised.value.hint == (inner.hint or raised.value.hint)
    if outer is not errors.BadValue:
        assert raised.value.code == inner.code


def test_every_error_of_the_core_has_its_own_here() -> None:
    def leaves(cls: type[core.CoreError]) -> set[type[core.CoreError]]:
        below = cls.__subclasses__()
        return {leaf for one in below for leaf in leaves(one)} if below else {cls}

    ours = {leaf for leaf in leaves(core.CoreError) if leaf.__module__.startswith("core.")}
    assert ours == {type(inner) for inner, _ in CASES}


def test_python_running_out_of_memory_is_ours_too() -> None:
    with pytest.raises(service.OutOfMemory), translated():
        raise MemoryError


def test_a_bug_stays_a_bug() -> None:
    with pytest.raises(ZeroDivisionError), translated():
        raise ZeroDivisionError
