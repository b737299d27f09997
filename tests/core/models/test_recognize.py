"""Files and folders are recognized without being loaded; damaged ones have a problem instead of raising an error."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from core.models import evidence, safetensors_header
from core.models.contents import Contents
from core.models.recognize import recognize, stamp_of
from core.models.recognized import Recognized, from_json, to_json
from core.models.scan import candidate_at
from tests.core.models.headers import header_bytes, write_safetensors
from tests.core.models.published_names import published

LISTS = published()


def found(path: Path, **stated: str) -> Recognized:
    return recognize(candidate_at(path), **stated)


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _deep(path: Path) -> object:
    return path.write_bytes(header_bytes(b'{"a":' * 5000 + b"1" + b"}" * 5000))


def _huge(path: Path) -> object:
    with path.open("wb") as file:
        file.write((100 * 2**20).to_bytes(8, "little") + b"{")
        return file.truncate(101 * 2**20)


def _entry(**entry: object) -> bytes:
    return header_bytes(json.dumps({"a": {"dtype": "F16", "shape": [1], "data_offsets": [0, 2], **entry}}).encode())


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (_bytes(b""), "it is empty"),
    "web page": (_bytes(b"<!DOCTYPE html><html>"), "it is a web page that was saved under the name of a model"),
    "pointer": (
        _bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
        "it is a Git LFS pointer: the weights themselves were not downloaded",
    ),
    "truncated": (_bytes(_entry()), "it has 69 bytes, but its header says 71"),
    "header of 100 MiB": (_huge, "it has a header of 100 MiB; the limit is 64 MiB"),
    "deep": (_deep, "it has a header that is nested deeper than 64 levels"),
    "name with ..": (
        _bytes(header_bytes(b'{"../a": {"dtype": "F16", "shape": [0], "data_offsets": [0, 0]}}')),
        "it has a tensor with an invalid name: '../a'",
    ),
    "infinity": (
        _bytes(header_bytes(b'{"a": {"dtype": "F16", "shape": [Infinity], "data_offsets": [0, 2]}}') + b"\0\0"),
        "it has a header that cannot be read: the entry of `a` is invalid",
    ),
    "pickle that runs code": (
        _bytes(b"\x80\x02cposix\nsystem\nX\x04\x00\x00\x00trueq\x00\x85R."),
        "it is a pickle that calls `posix.system` when it is loaded",
    ),
    "dangling link": (lambda path: path.symlink_to("nowhere"), "it is a link to a file that does not exist"),
}


@pytest.mark.parametrize(("write", "problem"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_recognized_with_a_problem(
    write: Callable[[Path], object], problem: str, tmp_path: Path
) -> None:
    write(tmp_path / "fox.safetensors")
    assert found(tmp_path / "fox.safetensors").problem == problem


def test_a_file_that_cannot_be_opened_is_recognized_with_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_safetensors(tmp_path / "fox.safetensors", LISTS["sd-vae"].shapes)

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(evidence, "open_file", refuse)
    assert found(path).problem == "it cannot be read: Permission denied"


def test_a_damaged_pipeline_is_recognized_with_a_problem(model: Path) -> None:
    assert (found(model).problem, found(model).identity.family) == ("", "sd1")
    (model / "tokenizer" / "vocab.json").unlink()
    assert found(model).problem == "its tokenizer is missing: tokenizer.json, or vocab.json and merges.txt"


def test_the_kind_and_family_that_the_user_states_override_the_tensors(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "fox.safetensors", LISTS["sd-vae"].shapes)
    assert found(path).identity.kind == "vae"
    stated = found(path, family="sdxl").identity
    assert (stated.kind, stated.family, stated.fits) == ("vae", "sdxl", ("sdxl",))
    assert stated.why[0] == "you stated the family sdxl"
    other = found(path, kind="lora", family="flux1").identity
    assert (other.kind, other.family, other.dtype) == ("lora", "flux1", "fp16")
    assert other.why[:2] == ("you stated the kind lora", "you stated the family flux1")


@pytest.mark.parametrize("ident", ["sd1-checkpoint", "sdxl-lokr", "realesrgan-x4", "class-bert"])
def test_a_recognized_model_is_unchanged_by_a_round_trip_through_json(ident: str, tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "fox.safetensors", LISTS[ident].shapes)
    known = found(path)
    assert from_json(path, "fox", json.loads(json.dumps(to_json(known)))) == known


def test_a_problem_is_unchanged_by_a_round_trip_through_json(tmp_path: Path) -> None:
    (tmp_path / "fox.safetensors").write_bytes(b"")
    known = found(tmp_path / "fox.safetensors")
    assert from_json(known.path, "fox", to_json(known)) == known
    assert known.code == "model_broken"


def test_each_header_is_read_only_once(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    real = safetensors_header.read_safetensors

    def count(file: object, size: int) -> Contents:
        read.append(os.fstat(file.fileno()).st_ino)  # type: ignore[attr-defined]
        return real(file, size)  # type: ignore[arg-type]

    monkeypatch.setattr(safetensors_header, "read_safetensors", count)
    found(write_safetensors(tmp_path / "fox.safetensors", LISTS["sd1-checkpoint"].shapes))
    found(model)
    assert len(read) == len(set(read)) == 1 + len(list(model.rglob("*.safetensors")))


def test_the_stamp_changes_with_the_files_and_the_notes_beside_them(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "fox.safetensors", {"a": (1,)})
    stamps = [stamp_of(candidate_at(path))]
    os.utime(path, ns=(1, 1))
    stamps.append(stamp_of(candidate_at(path)))
    (tmp_path / "fox.civitai.info").write_text("{}")
    stamps.append(stamp_of(candidate_at(path)))
    (tmp_path / "fox.civitai.info").write_text('{"id": 1}')
    stamps.append(stamp_of(candidate_at(path)))
    assert len(set(stamps)) == 4


def test_the_stamp_of_a_folder_covers_its_parts(model: Path) -> None:
    before = stamp_of(candidate_at(model))
    assert stamp_of(candidate_at(model)) == before
    (model / "unet" / "config.json").write_text("{}")
    assert stamp_of(candidate_at(model)) != before


def test_the_built_in_model_is_recognized() -> None:
    known = found(DEFAULT_PATH)
    assert (known.identity.kind, known.identity.family, known.problem) == ("model", "sd1", "")
