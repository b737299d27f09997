"""The store of tensors that nodes pass to each other."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from invocations.services.errors import SaveFailed, ServiceError
from invocations.services.tensors.local import LocalTensors, content_name
from tests.invocations.refusals import coded


@pytest.fixture
def tensors(tmp_path: Path) -> LocalTensors:
    return LocalTensors(tmp_path / "store")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.bool])
def test_105_stored_tensors_are_read_back_unchanged(dtype: torch.dtype, tensors: LocalTensors, tmp_path: Path) -> None:
    given = {"latents": torch.arange(24).reshape(1, 4, 2, 3).to(dtype), "scalar": torch.tensor(1).to(dtype)}
    name = tensors.put(given)
    for service in (tensors, LocalTensors(tmp_path / "store")):
        back = service.get(name)
        assert set(back) == set(given)
        assert all(back[key].dtype == dtype and torch.equal(back[key], given[key]) for key in given)


def test_105_tensors_are_stored_in_a_safetensors_file(tensors: LocalTensors, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    name = tensors.put({"a": torch.ones(2)})
    (file,) = (path for path in (tmp_path / "store").rglob("*") if path.is_file())
    assert file.name == f"{name}.safetensors"
    assert torch.equal(load_file(file)["a"], torch.ones(2))


def test_the_name_of_stored_tensors_depends_only_on_the_content(tensors: LocalTensors) -> None:
    tensor = torch.arange(6.0).reshape(2, 3)
    turned = tensor.T.contiguous().T
    assert tensors.put({"a": tensor, "b": tensor}) == tensors.put({"b": turned, "a": turned})
    names = {
        content_name({"a": tensor}),
        content_name({"b": tensor}),
        content_name({"a": tensor.reshape(3, 2)}),
        content_name({"a": tensor.half()}),
        content_name({"a": tensor + 1}),
    }
    assert len(names) == 5


def test_changing_a_returned_object_does_not_change_the_store(tensors: LocalTensors) -> None:
    given = torch.zeros(3)
    name = tensors.put({"a": given})
    given += 1
    tensors.get(name)["a"].add_(1)
    assert torch.equal(tensors.get(name)["a"], torch.zeros(3))


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x" * 64, "0" * 63 + "/", "ab" * 32])
def test_106_a_tensor_with_a_malformed_name_is_treated_as_missing(name: str, tensors: LocalTensors) -> None:
    assert name not in tensors
    with pytest.raises(ServiceError, check=coded("tensors_gone")):
        tensors.get(name)


@pytest.mark.parametrize("damage", [lambda data: data[:20], lambda data: b"", lambda data: data[:-1] + b"\xff"])
def test_a_damaged_file_is_treated_as_missing(damage: object, tensors: LocalTensors, tmp_path: Path) -> None:
    name = tensors.put({"a": torch.ones(8)})
    assert name in tensors
    (file,) = (path for path in (tmp_path / "store").rglob("*") if path.is_file())
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    with pytest.raises(ServiceError, check=coded("tensors_gone")):
        LocalTensors(tmp_path / "store").get(name)


def test_writing_to_a_store_in_an_impossible_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(SaveFailed, match="a file exists where a folder is needed"):
        LocalTensors(tmp_path / "file" / "store").put({"a": torch.ones(1)})
