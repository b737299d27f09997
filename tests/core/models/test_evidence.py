"""What a file shows follows from its first bytes; damaged and hostile files are refused with the reason."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from core.errors import ModelBroken, ModelMissing, ModelUnsupported
from core.models import evidence as evidence_module
from core.models.evidence import file_evidence
from core.models.kinds.identify import identify
from tests.core.models.headers import gguf_entry, gguf_start, header_bytes, write_gguf, write_safetensors, write_sparse

SHAPES = {"a.weight": (4, 3), "a.bias": (4,)}
ENTRY = '{"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}'


def refusal(path: Path) -> str:
    """Return the reason for which a file is refused."""
    with pytest.raises(ModelBroken) as caught:
        file_evidence(path)
    assert str(caught.value) == f"the model at {path} is broken: {caught.value.reason}"
    return caught.value.reason


def test_a_safetensors_file_shows_names_shapes_types_metadata_and_size(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "a.safetensors", SHAPES, "BF16", {"modelspec.title": "Fox"})
    found = file_evidence(path)
    assert (found.container, found.names, found.size_bytes) == ("safetensors", tuple(SHAPES), path.stat().st_size)
    assert dict(found.shapes) == SHAPES
    assert dict(found.dtypes) == dict.fromkeys(SHAPES, "BF16")
    assert dict(found.metadata) == {"modelspec.title": "Fox"}
    assert found.contents.size_of("a.weight") == 24


@pytest.mark.parametrize("name", ["a.safetensors", "a.ckpt", "a.bin", "a.sft", "a"])
def test_a_safetensors_file_may_have_any_name(name: str, tmp_path: Path) -> None:
    assert file_evidence(write_safetensors(tmp_path / name, SHAPES)).container == "safetensors"


def test_a_gguf_file_may_be_named_safetensors(tmp_path: Path) -> None:
    assert file_evidence(write_gguf(tmp_path / "a.safetensors", SHAPES)).container == "gguf"


def test_the_start_of_a_file_is_read_once_and_no_tensor_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_safetensors(tmp_path / "a.safetensors", {"a": (1000, 1000, 1000)})
    opened = []
    real = evidence_module.open_file
    monkeypatch.setattr(evidence_module, "open_file", lambda path: opened.append(path) or real(path))
    assert file_evidence(path).shapes["a"] == (1000, 1000, 1000)
    assert opened == [path]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"\x08", "it is not a safetensors file, or it is truncated"),
        (b"<!DOCTYPE html><html>", "it is a web page that was saved under the name of a model"),
        (b"\n  <html lang='en'>Sign in", "it is a web page that was saved under the name of a model"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 108625\n",
            "it is a Git LFS pointer: the weights themselves were not downloaded",
        ),
        (b"Entry not found", "it is not a safetensors file, or it is truncated"),
        (b"\0" * 257 + b"ustar\x0000" + b"\0" * 200, "it is a tar archive, as PyTorch wrote them before 2017"),
        (header_bytes(b'{"a": ' + b"[" * 500 + b"]" * 500 + b"}"), "a header that is nested deeper than 64 levels"),
        (header_bytes(b'{"a": {"dtype": "F32", "shape": [Infinity], "data_offsets": [0, 8]}}'), "`a` is invalid"),
        (header_bytes(b'{"a": {"dtype": "F32", "shape": [NaN], "data_offsets": [0, 8]}}'), "`a` is invalid"),
        (header_bytes(b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}'), "`a` is invalid"),
        (header_bytes(b'{"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}'), "`a` is invalid"),
        (header_bytes(b'{"a": {"dtype": "F32", "shape": [true], "data_offsets": [0, 8]}}'), "`a` is invalid"),
        (header_bytes(b'{"a": {"dtype": 32, "shape": [2], "data_offsets": [0, 8]}}'), "`a` is invalid"),
        (header_bytes(b'{"a": {"dtype": "F32", "shape": [1e999], "data_offsets": [0, 8]}}'), "too large: 1e999"),
        (header_bytes(b'{"a": 7}'), "the entry of `a` is invalid"),
        (header_bytes(b"[1, 2]"), "it has a header that is not a JSON object"),
        (header_bytes(b"{'a'}"), "it has a header that is not valid JSON"),
        (header_bytes(b"\xff\xff"), "a header that is not text in UTF-8"),
        (
            header_bytes(b'{"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 8]}}'),
            "`a` is not as long as its shape",
        ),
        (
            header_bytes(f'{{"../../etc/passwd": {ENTRY}}}'.encode()),
            "a tensor with an invalid name: '../../etc/passwd'",
        ),
        (header_bytes(f'{{"..": {ENTRY}}}'.encode()), "it has a tensor with an invalid name: '..'"),
        (header_bytes(f'{{"a\\\\..\\\\b": {ENTRY}}}'.encode()), "it has a tensor with an invalid name: 'a\\\\..\\\\b'"),
        (header_bytes(f'{{"a\\u001b[2J": {ENTRY}}}'.encode()), "it has a tensor with an invalid name: 'a\\x1b[2J'"),
        (header_bytes(f'{{"": {ENTRY}}}'.encode()), "it has a tensor with an invalid name: ''"),
        (b"GGUF\x03\0\0\0", "it has a GGUF header that is truncated or too large"),
        (gguf_start(0, {}, version=1), "it is a GGUF file of version 1; versions 2 and 3 are supported"),
        (gguf_start(2**60, {}), f"it has a GGUF header with {2**60} entries; the limit is 200000"),
        (gguf_start(1, {}) + gguf_entry("a/../b", (4,), 0, 0), "it has a tensor with an invalid name: 'a/../b'"),
        (gguf_start(1, {}) + gguf_entry("a", (2**62, 2**62), 12, 0), "bytes, but its header says"),
        (gguf_start(1, {}) + gguf_entry("a", (4,), 0, 0), "it has 57 bytes, but its header says 80"),
        (gguf_start(0, {"general.alignment": 0}), "it has a GGUF header with an invalid alignment"),
        (b"PK\x03\x04" + b"\0" * 60, "it is a zip file that is damaged or truncated"),
        (b"\x80\x02not a pickle", "it has a pickle that is damaged or truncated"),
    ],
)
def test_a_hostile_or_damaged_file_is_refused_with_the_reason(content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "evil.safetensors"
    path.write_bytes(content)
    assert why in refusal(path)


def test_a_truncated_file_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "a.safetensors", SHAPES)
    size = path.stat().st_size
    os.truncate(path, size - 1)
    assert refusal(path) == f"it has {size - 1} bytes, but its header says {size}"


def test_tensors_outside_the_file_are_refused(tmp_path: Path) -> None:
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [2**62, 2**62 + 8]}}).encode()
    path = write_sparse(tmp_path / "a.safetensors", header_bytes(header), 8)
    assert f"but its header says {8 + len(header) + 2**62 + 8}" in refusal(path)


def test_a_header_of_100_mb_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = write_sparse(tmp_path / "a.safetensors", (100_000_000).to_bytes(8, "little"), 100_000_000)
    assert refusal(path) == "it has a header of 95 MiB; the limit is 64 MiB"


def test_a_file_that_is_no_model_is_not_called_a_safetensors_file(tmp_path: Path) -> None:
    (tmp_path / "notes.bin").write_bytes(b"not a model at all")
    assert refusal(tmp_path / "notes.bin") == "it is not a model file, or it is truncated"


def test_a_zip_file_without_tensors_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
        archive.writestr("notes.txt", "hello")
    assert refusal(tmp_path / "a.pt") == "it is a zip file, but not one that PyTorch has written"


def test_a_missing_file_and_a_device_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        file_evidence(tmp_path / "none.safetensors")
    os.mkfifo(tmp_path / "pipe.safetensors")
    assert refusal(tmp_path / "pipe.safetensors") == "it is not a regular file"


@pytest.mark.parametrize(
    ("names", "container"),
    [
        (["a.onnx"], "onnx"),
        (["a.engine"], "tensorrt"),
        (["a.bin", "a.xml"], "openvino"),
        (["a.mlmodel"], "coreml"),
        (["a.bin", "a.param"], "ncnn"),
    ],
)
def test_formats_of_other_runtimes_are_named_and_not_read(names: list[str], container: str, tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"\x08\x07 not read")
    found = file_evidence(tmp_path / names[0])
    assert (found.container, found.size_bytes) == (container, 11)
    assert identify(found).kind == "other"


def test_a_file_without_tensors_is_whole_and_unknown(tmp_path: Path) -> None:
    found = identify(file_evidence(write_safetensors(tmp_path / "a.safetensors", {})))
    assert (found.kind, found.why) == ("unknown", ("it holds no tensors",))


@pytest.mark.parametrize("name", ["notes.txt", "model.YAML", "fox.png"])
def test_a_file_of_another_kind_is_no_model_and_need_not_be_downloaded_again(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("a note about a fox\n" * 20)
    with pytest.raises(ModelUnsupported) as refused:
        file_evidence(tmp_path / name)
    assert str(refused.value) == f"{tmp_path / name} cannot be used: it is not a model file"
    assert refused.value.hint == "`models --kind model` lists the models that generate images"
