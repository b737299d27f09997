"""Errors of the core are translated into errors of `invocations`."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from core import errors as core
from core.imaging import errors as imaging
from invocations.errors import BadValue, Cancelled, InvocationError
from invocations.services.errors import FileExists, SaveFailed, ServiceError
from invocations.services.translate_errors import OVERWRITE, translated

CASES: list[
    tuple[core.CoreError, type[InvocationError], str]
] = [  # an error of the core, and the class and hint of the translated error
    (imaging.ImageUnreadable("a.png", "it is empty"), ServiceError, ""),
    (
        imaging.ImageTooLarge("a.png", 10, 10, 5),
        ServiceError,
        "make it smaller before loading it, or raise the setting `max_megapixels`",
    ),
    (imaging.ImageNotWritten("a.png", "no space left"), SaveFailed, ""),
    (imaging.ImageExists("a.png"), FileExists, OVERWRITE),
    (imaging.UnknownImageFormat("gif", ("png",)), BadValue, "formats: png"),
    (imaging.BadImageInput("no", "try yes"), BadValue, "try yes"),
    (core.ModelMissing("x", [], ["default"]), ServiceError, "known models: `default`"),
    (core.ModelMissing("defualt", [], ["default", "fox"]), ServiceError, "did you mean `default`?"),
    (
        core.ModelMissing("x", [], [f"fox-{n}" for n in range(30)]),
        ServiceError,
        "`models --kind model` lists the known models",
    ),
    (core.ModelMissing("x", [], ["default"], kind="VAE"), ServiceError, "known VAEs and models: `default`"),
    (core.ModelMissing("x", [], []), ServiceError, "give the path of a model"),
    (core.ModelBroken(Path("x"), "cut off"), ServiceError, "download or copy the model again"),
    (core.ModelUnreadable(Path("x"), "it cannot be read: Permission denied"), ServiceError, "change its permissions"),
    (core.PickleRefused(Path("x.bin"), "convert x"), ServiceError, "if you trust it, convert it: convert x"),
    (
        core.ModelUnsupported(Path("x"), "it is FLUX.1"),
        ServiceError,
        "`models --kind model` lists the models that generate images",
    ),
    (core.UnknownScheduler("x", ["ddim"]), ServiceError, "known: `ddim`"),
    (core.UnknownScheduler("dim", ["ddim", "euler"]), ServiceError, "did you mean `ddim`?"),
    (core.BadSize(9, 9, 8, (8, 8)), ServiceError, "try 8x8"),
    (core.BadSetting("steps", 0, "1 or more"), BadValue, ""),
    (core.DeviceRefused("cuda", "there is none", "use cpu"), ServiceError, "use cpu"),
    (core.OutOfMemory(None, "cpu"), ServiceError, "generate smaller or fewer images at once, or free memory"),
    (core.Cancelled(), Cancelled, ""),
]


@pytest.mark.parametrize(("inner", "outer", "hint"), CASES, ids=[str(inner)[:40] for inner, _, _ in CASES])
def test_a_translated_error_keeps_its_message_code_hint_and_cause(
    inner: core.CoreError, outer: type[InvocationError], hint: str
) -> None:
    with pytest.raises(InvocationError) as raised, translated():
        raise inner
    assert type(raised.value) is outer
    assert raised.value.__cause__ is inner
    assert (str(raised.value), raised.value.hint) == (str(inner), hint)
    assert raised.value.code == ("bad_value" if outer is BadValue else inner.code)


def test_a_service_error_has_the_fields_of_the_core_error() -> None:
    with pytest.raises(ServiceError) as raised, translated():
        raise core.BadSize(9, 12, 8, (8, 16))
    assert raised.value.fields == {"width": 9, "height": 12, "multiple": 8, "suggested": (8, 16)}


def test_every_error_of_the_core_is_tested_here() -> None:
    def leaves(cls: type[core.CoreError]) -> set[type[core.CoreError]]:
        below = cls.__subclasses__()
        return {leaf for one in below for leaf in leaves(one)} if below else {cls}

    ours = {core.ModelBroken} | {leaf for leaf in leaves(core.CoreError) if leaf.__module__.startswith("core.")}
    assert ours == {type(inner) for inner, _, _ in CASES}


def test_the_name_of_an_error_in_json_is_derived_from_its_code() -> None:
    assert [ServiceError("no", code=code).type for code in ("out_of_memory", "bad_size")] == ["OutOfMemory", "BadSize"]
    assert [error.type for error in (FileExists("a"), SaveFailed("a", "b"))] == ["FileExists", "SaveFailed"]


def test_a_memory_error_raised_by_python_is_also_translated() -> None:
    with pytest.raises(ServiceError, check=lambda error: error.code == "out_of_memory"), translated():
        raise MemoryError


def test_unexpected_errors_are_not_translated() -> None:
    with pytest.raises(ZeroDivisionError), translated():
        raise ZeroDivisionError


def test_an_error_of_a_file_becomes_a_service_error_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "none"
    with pytest.raises(ServiceError) as raised, translated():
        path.stat()
    assert (str(raised.value), raised.value.code) == (
        f"`{path}` cannot be used: no such file or directory",
        "file_unusable",
    )
    assert raised.value.fields == {"path": str(path), "reason": "no such file or directory"}


@pytest.mark.parametrize(
    "error",
    [BrokenPipeError(errno.EPIPE, "Broken pipe"), InterruptedError(), OSError(errno.ENOSPC, "No space left", "a.png")],
)
def test_an_error_of_a_pipe_or_a_full_disk_is_passed_on(error: OSError) -> None:
    with pytest.raises(type(error)) as raised, translated():
        raise error
    assert raised.value is error
