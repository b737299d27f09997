"""Pickles show their tensors; nothing that they name is imported, called or unpacked."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import ModelBroken, PickleRefused
from core.models.evidence import Evidence, file_evidence
from core.models.kinds.identify import identify
from core.models.opcodes import Machine

STATE = OrderedDict({"a.weight": torch.zeros(1).expand(4, 3), "a.bias": torch.zeros(4, dtype=torch.float16)})


def saved(value: Any, path: Path, *, legacy: bool = False) -> Evidence:
    """Return the evidence of what PyTorch itself writes."""
    torch.save(value, path, _use_new_zipfile_serialization=not legacy)
    return file_evidence(path)


def packed(data: bytes, path: Path) -> Path:
    """Write a zip file as PyTorch does, with this pickle in it."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", data)
    return path


@pytest.mark.parametrize("legacy", [False, True])
def test_tensors_are_found_as_pytorch_writes_them(legacy: bool, tmp_path: Path) -> None:
    found = saved(STATE, tmp_path / "a.pt", legacy=legacy)
    assert found.container == "pickle"
    assert dict(found.shapes) == {"a.weight": (4, 3), "a.bias": (4,)}
    assert dict(found.dtypes) == {"a.weight": "F32", "a.bias": "F16"}


def test_parameters_and_rare_types_are_found(tmp_path: Path) -> None:
    state = {
        "parameter": torch.nn.Parameter(torch.zeros(2)),
        "fp8": torch.zeros(2).to(torch.float8_e4m3fn),
        "bf16": torch.zeros(2, dtype=torch.bfloat16),
        "bool": torch.zeros(2, dtype=torch.bool),
    }
    found = saved(state, tmp_path / "a.pt")
    assert dict(found.dtypes) == {"parameter": "F32", "fp8": "F8_E4M3", "bf16": "BF16", "bool": "BOOL"}


@pytest.mark.parametrize("key", ["state_dict", "params_ema", "params", "model", "model_state_dict"])
def test_tensors_below_the_keys_of_training_programs_are_unwrapped(key: str, tmp_path: Path) -> None:
    found = saved({key: STATE, "global_step": 220000, "callbacks": {"best": 0.5}}, tmp_path / "a.ckpt")
    assert found.names == ("a.weight", "a.bias")
    assert found.metadata["global_step"] == 220000


def test_averaged_weights_win_over_others(tmp_path: Path) -> None:
    found = saved({"params": {"plain": torch.zeros(1)}, "params_ema": STATE}, tmp_path / "a.pth")
    assert found.names == ("a.weight", "a.bias")


def test_an_embedding_of_automatic1111_is_identified(tmp_path: Path) -> None:
    value = {"string_to_token": {"*": 265}, "string_to_param": {"*": torch.zeros(2, 768)}, "name": "fox", "step": 9}
    found = saved(value, tmp_path / "fox.pt")
    assert (identify(found).kind, identify(found).family) == ("embedding", "sd1")
    assert found.metadata == {"name": "fox", "step": 9}


def test_a_hypernetwork_is_identified(tmp_path: Path) -> None:
    layer = {"linear.0.weight": torch.zeros(1).expand(1536, 768), "linear.1.weight": torch.zeros(1).expand(768, 1536)}
    found = saved({768: [layer, layer], "layer_structure": [1, 2, 1], "name": "fox"}, tmp_path / "fox.pt")
    assert found.names[0] == "768.0.linear.0.weight"
    assert (identify(found).kind, identify(found).family) == ("hypernetwork", "sd1")


def test_a_module_of_torchscript_is_marked(tmp_path: Path) -> None:
    path = packed(pickle.dumps({"a": 1}), tmp_path / "a.pt")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("archive/code/__torch__.py", "")
    assert file_evidence(path).metadata == {"a": 1, "torchscript": True}


class Payload:
    """An object that creates a file if it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_runs_code_is_refused_and_does_not_run(protocol: int, tmp_path: Path) -> None:
    data = pickle.dumps({"state_dict": {}, "evil": Payload(tmp_path / "run")}, protocol)
    with pytest.raises(PickleRefused) as caught:
        file_evidence(packed(data, tmp_path / "evil.ckpt"))
    assert caught.value.reason == f"it is a pickle that calls `{os.system.__module__}.system` when it is loaded"
    assert not (tmp_path / "run").exists()


CALLS = [b"cbuiltins\neval\n(S'1'\ntR.", b"csubprocess\nrun\n(tR.", b"(S'x'\niposix\nsystem\n."]


@pytest.mark.parametrize("call", CALLS)
def test_calls_that_run_code_are_refused_in_every_spelling(call: bytes, tmp_path: Path) -> None:
    with pytest.raises(PickleRefused, match="it is a pickle that calls"):
        file_evidence(packed(call, tmp_path / "evil.pt"))


def test_objects_of_other_classes_are_ignored(tmp_path: Path) -> None:
    data = b"}(X\x01\0\0\0acpytorch_lightning.callbacks\nCheckpoint\n)\x81}bX\x01\0\0\0bK\x07u."
    assert file_evidence(packed(data, tmp_path / "a.ckpt")).metadata == {"b": 7}


DAMAGED = "it has a pickle that is damaged or truncated"
REFUSED = {
    "an empty stack": (b"R.", DAMAGED),
    "no stop": (b"K\x01", DAMAGED),
    "a memo that is not there": (b"h\x07.", DAMAGED),
    "an extension": (b"\x82\x01.", DAMAGED),
    "a huge number": (b"I" + b"9" * 5000 + b"\n.", DAMAGED),
    "a string that is too long": (b"X\xff\xff\xff\x7fa.", DAMAGED),
    "a storage that is none": (b"K\x01Q.", DAMAGED),
    "a tensor without a shape": (b"ctorch._utils\n_rebuild_tensor_v2\n(tR.", DAMAGED),
    "too many instructions": (b"K\x010" * 500_001 + b".", "it has a pickle of more than 1000000 instructions"),
    "lists that multiply": (
        b"]q\x01" + b"".join([b"](" + b"h%c" % level * 100 + b"eq%c" % (level + 1) for level in range(1, 6)]) + b".",
        "it has a pickle of more than 500000 values",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_pickle_is_refused(name: str, tmp_path: Path) -> None:
    data, why = REFUSED[name]
    with pytest.raises(ModelBroken, match=why):
        file_evidence(packed(data, tmp_path / "evil.pt"))


HARMLESS = {
    "deep tuples as a key": b"}" + b")" + b"\x85" * 200_000 + b"K\x01s.",
    "tuples that double as a key": b"})" + b"\x85q\x002\x86" * 60 + b"K\x01s.",
    "lists in lists": b"]" * 300_000 + b"a" * 299_999 + b".",
    "a dict that holds itself": b"}q\x00X\x01\0\0\0ah\x00s.",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_pickle_that_would_exhaust_a_recursive_reader_is_read(name: str, tmp_path: Path) -> None:
    assert file_evidence(packed(HARMLESS[name], tmp_path / "odd.pt")).names == ()


def test_a_pickle_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\0" * (17 * 2**20))
    with pytest.raises(ModelBroken, match="it has a pickle of more than 16 MiB"):
        file_evidence(tmp_path / "bomb.pt")


def test_the_machine_reads_one_pickle_after_the_other() -> None:
    machine = Machine(io.BytesIO(pickle.dumps(1) + pickle.dumps({"a": (2.5, None, True)})))
    assert (machine.load(), machine.load()) == (1, {"a": (2.5, None, True)})


def test_a_zip_file_whose_names_are_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ckpt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archivé/data.pkl", pickle.dumps({}))
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xe9\xe9"))
    with pytest.raises(ModelBroken, match="it is a zip file that is damaged or truncated"):
        file_evidence(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_zip_file_with_another_compression_is_refused_unread(method: int, tmp_path: Path) -> None:
    path = tmp_path / "a.ckpt"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}) * 100)
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10  # also if its data are damaged
    path.write_bytes(data)
    with pytest.raises(ModelBroken, match="it is a zip file that is compressed in a way that PyTorch cannot read"):
        file_evidence(path)
